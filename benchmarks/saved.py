"""A bootstrap as a person runs it: `dca sweep`, every path saved, checked and summed up."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks import synthetic
from benchmarks.processes import BARS, SYMBOLS, csv
from benchmarks.tables import NONE, Bar, Section, Table, number, time
from benchmarks.workers import ROOT, environment

FEW = 1_000
# A process this small starts the command, for on Linux a child's largest size counts from its
# parent's.
LAUNCHER = """\
import json, resource, subprocess, sys, time
start = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
seconds = time.perf_counter() - start
largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
said = done.stderr.strip().splitlines() or ["failed"]
print(json.dumps([seconds, largest, said[-1] if done.returncode else ""]))
"""


@dataclass(frozen=True)
class Process:
    """What a whole process took, its largest resident size, and why it failed if it did."""

    seconds: float
    peak_mb: float
    error: str


def measure(folder: Path, many: int) -> Section:
    """Run few paths and many; what the many take above the few is their own memory."""
    prices = folder / "sweep.csv"
    prices.write_text(csv(synthetic.prices(BARS, len(SYMBOLS))))
    few, more = (_run(prices, paths) for paths in (FEW, many))
    columns = ("paths", "seconds", "paths a second", "largest size")
    table = Table("The same saved to disk: dca sweep --bootstrap, one process", columns)
    for paths, process in ((FEW, few), (many, more)):
        table.rows.append(_row(paths, process))
    table.notes += [process.error for process in (few, more) if process.error]
    table.notes.append(
        "25 years, four assets, yearly rebalancing, every path's figures in a CSV file, twenty of "
        "them replayed by Backtrader, start-up and summary included."
    )
    extra = None if few.error or more.error else more.peak_mb - few.peak_mb
    what = f"extra memory of dca sweep --bootstrap {many:,} over {FEW:,}"
    return Section([table], [Bar(what, 200, extra, "MB", at_least=False)])


def _run(prices: Path, paths: int) -> Process:
    weights = ",".join(f"{symbol}={1 / len(SYMBOLS):g}" for symbol in SYMBOLS)
    asked = ["--data", str(prices), "--weights", weights, "--rebalance", "annual", "--years", "25"]
    where = ["--workers", "0", "--out", str(prices.parent / f"paths-{paths}")]
    command = [sys.executable, "-m", "backtests.cli", "sweep", *asked, *where]
    done = subprocess.run(
        [sys.executable, "-c", LAUNCHER, *command, "--bootstrap", str(paths)],
        cwd=prices.parent,
        env=environment() | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, largest, error = json.loads(done.stdout)
    return Process(seconds, largest / (1e6 if sys.platform == "darwin" else 1024), error)


def _row(paths: int, process: Process) -> tuple[str, ...]:
    if process.error:
        return f"{paths:,}", NONE, NONE, NONE
    speed = f"{paths / process.seconds:,.0f}"
    return f"{paths:,}", time(process.seconds), speed, f"{number(process.peak_mb)} MB"
