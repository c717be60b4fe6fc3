"""Time whole processes: what a person waits for, against the imports it stands on."""

import subprocess
import sys
import time as clock
from collections.abc import Mapping
from pathlib import Path

from benchmarks import synthetic
from benchmarks.peers.harness import Prices
from benchmarks.tables import Bar, Section, Table, median, ratio, time, times
from benchmarks.workers import ROOT, environment

IMPORTS = "imports of backtrader, pandas, pyplot"
HELP, COMPARE, FILE = "dca --help", "dca compare", "dca compare --data FILE"
BARS, SYMBOLS = 7560, ("AAA", "BBB", "CCC", "DDD")

PLAN = """\
eras = ["thirty-years"]
strategies = ["one", "even", "yearly"]
[era.thirty-years]
start = {start}
end = {end}
[strategy.one]
weights = {{ AAA = 1.0 }}
[strategy.even]
weights = {{ AAA = 0.25, BBB = 0.25, CCC = 0.25, DDD = 0.25 }}
[strategy.yearly]
weights = {{ AAA = 0.4, BBB = 0.3, CCC = 0.2, DDD = 0.1 }}
rebalance = "annual"
"""


def commands(folder: Path) -> dict[str, list[str]]:
    """Return what is timed; the file and its plan are written into `folder`."""
    made = synthetic.prices(BARS, len(SYMBOLS))
    plan, prices = folder / "plan.toml", folder / "prices.csv"
    plan.write_text(PLAN.format(start=made.dates[0], end=made.dates[-1]))
    prices.write_text(csv(made))
    options = ["--plan", str(plan), "--data", str(prices)]
    dca = [sys.executable, "-m", "backtests.cli"]
    return {
        IMPORTS: [sys.executable, "-c", "import backtrader, pandas, matplotlib.pyplot"],
        HELP: [*dca, "--help"],
        COMPARE: [*dca, "compare", "--out", str(folder / "snapshot")],
        FILE: [*dca, "compare", *options, "--out", str(folder / "file")],
    }


def csv(made: Prices) -> str:
    """Write prices as a wide file: date, then one column a symbol."""
    rows = [",".join(("date", *SYMBOLS))]
    for day, closes in zip(made.dates, made.closes, strict=True):
        rows.append(",".join((str(day), *(f"{close:.6f}" for close in closes))))
    return "\n".join(rows) + "\n"


def measure(folder: Path, rounds: int) -> Section:
    """Run all commands in turns, once uncounted; medians and ratios to the imports."""
    asked = commands(folder)
    taken: dict[str, list[float]] = {name: [] for name in asked}
    failed: dict[str, str] = {}
    for turn in range(rounds + 1):
        for name, command in asked.items():
            seconds, error = run(command, folder)
            if error:
                failed[name] = error
            elif turn:
                taken[name].append(seconds)
    return Section([_table(taken, failed)], _bars(taken))


def run(command: list[str], folder: Path) -> tuple[float, str]:
    """Run a command in `folder`; return its wall time, and what it complained of if it failed."""
    env = environment() | {"PYTHONPATH": str(ROOT)}
    start = clock.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=env)
    seconds = clock.perf_counter() - start
    said = done.stderr.strip().splitlines() or ["failed"]
    return seconds, "" if done.returncode == 0 else said[-1]


def _table(taken: Mapping[str, list[float]], failed: Mapping[str, str]) -> Table:
    columns = ("whole process", "seconds, median", "least", "over the imports")
    table = Table("Whole processes", columns)
    for name, seconds in taken.items():
        least = min(seconds, default=None)
        over = times(ratio(seconds, taken[IMPORTS]))
        table.rows.append((name, time(median(seconds)), time(least), over))
    table.notes += [f"{name}: {error}" for name, error in failed.items()]
    table.notes.append(
        f"FILE: a CSV of {BARS:,} synthetic days, {len(SYMBOLS)} assets, three strategies; "
        "dca compare: the embedded figures, all default eras; both to the finished report."
    )
    return table


def _bars(taken: Mapping[str, list[float]]) -> list[Bar]:
    allowed = [1.5 * seconds + 1.0 for seconds in taken[COMPARE]]
    return [
        _at_most("start-up of dca --help over the imports", 0.4, taken[HELP], taken[IMPORTS]),
        _at_most("dca compare over the imports", 3.2, taken[COMPARE], taken[IMPORTS]),
        _at_most(
            "dca compare --data FILE over 1.5 times the snapshot's time plus 1 s",
            1,
            taken[FILE],
            allowed,
        ),
    ]


def _at_most(what: str, wanted: float, above: list[float], below: list[float]) -> Bar:
    return Bar(what, wanted, ratio(above, below), at_least=False)
