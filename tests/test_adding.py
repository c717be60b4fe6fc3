"""Adding is cheap: one file or one entry, nothing else edited, and everything follows."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
STRATEGIES = {
    "weighted.py": '''\
"""Three quarters in stocks."""
from strategies.dca.base import DcaStrategy

class Weighted(DcaStrategy):
    name = "weighted"
    weights = {"SP500": 0.75, "BOND": 0.25}
    rebalance = "annual"
''',
    "trend_follower.py": '''\
"""Stocks while they stand above where they stood six payments ago, else bonds."""
from strategies.dca.base import DcaStrategy

class TrendFollower(DcaStrategy):
    name = "trend-follower"
    weights = {"SP500": 0.5, "BOND": 0.5}
    rebalance = "annual"

    def targets(self):
        stocks = self.datas[self.symbols.index("SP500")].close
        up = len(stocks) < 7 or stocks[0] > stocks[-6]
        return {"SP500": 1.0} if up else {"BOND": 1.0}
''',
    "watcher.py": '''\
"""Bonds after a bar on which stocks fell by 2 % or more, else stocks."""
from strategies.dca.base import DcaStrategy

class Watcher(DcaStrategy):
    name = "watcher"
    weights = {"SP500": 0.9, "BOND": 0.1}
    every_bar = True
    bars_seen = 0

    def next(self):
        self.bars_seen += 1
        super().next()

    def targets(self):
        stocks = self.datas[self.symbols.index("SP500")].close
        fell = self.bars_seen > 1 and stocks[0] < 0.98 * stocks[-1]
        return {"BOND": 1.0} if fell else {"SP500": 1.0}
''',
    "helper_of_mine.py": '''\
"""No strategy: what two of mine share."""
from strategies.dca.base import DcaStrategy

class HalfDone(DcaStrategy):
    """A base of my own, without a name."""

NUMBERS = [1, 2, 3]
''',
}
NAMES = ("weighted", "trend-follower", "watcher")


MEASURE = """
CATALOGUE = (*CATALOGUE, Measure(
    "best_bar", "Best bar of all", "percent", lambda c: float(c.returns.max()), headline=True,
    term="Best bar", meaning="The largest return from one bar to the next, as a reader asked.",
    series=lambda c: c.value - c.contributed,
))
"""
ERA = 'Era("recent", "Recent years", date(2015, 1, 1), date(2019, 12, 31)),'
SYMBOL = 'Asset("TECH", "technology shares", ("QQQ",), ("QQQ", "QQQ"), date(1999, 3, 10)),'


@pytest.fixture(scope="session")
def stranger(tmp_path_factory) -> Path:
    """Copy the packages, so that this checkout is not littered, and add one of everything."""
    folder = tmp_path_factory.mktemp("stranger")
    for package in ("data", "strategies", "backtests"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, folder / package, ignore=ignored)
    for name, text in STRATEGIES.items():
        (folder / "strategies" / name).write_text(text)
    insert(folder / "backtests" / "eras.py", "_ALL = (", ERA)
    insert(folder / "data" / "catalog.py", "_ASSETS = (", SYMBOL)
    with (folder / "backtests" / "measures" / "catalogue.py").open("a") as catalogue:
        catalogue.write(MEASURE)
    return folder


def insert(file: Path, after: str, entry: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(after) == 1
    file.write_text(text.replace(after, f"{after}\n    {entry}"), encoding="utf-8")


def python(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def command(folder: Path, *words: str) -> str:
    return python(folder, "-m", "backtests.cli", *words)


@pytest.fixture(scope="session")
def report(stranger) -> Path:
    """Run the three beside the index fund through the new era."""
    chosen = [word for name in (*NAMES, "index-fund") for word in ("--strategy", name)]
    command(stranger, "compare", "--era", "recent", "--bars", "monthly", *chosen, "--out", "report")
    return stranger / "report"


@pytest.fixture(scope="session")
def runs(report) -> dict[str, dict[str, Any]]:
    found = json.loads((report / "results.json").read_text())["runs"]
    assert {run["era"] for run in found} == {"recent"}
    return {run["strategy"]: run for run in found}


def test_a_strategy_runs_in_compare(runs):
    assert set(runs) == {*NAMES, "index-fund"}
    assert len({run["metrics"]["final_value"] for run in runs.values()}) == 4


def test_a_strategy_is_listed_and_a_helper_is_not(stranger):
    listed = command(stranger, "list", "strategies")
    assert all(name in listed for name in NAMES)
    assert "helper" not in listed


@pytest.mark.parametrize("name", NAMES)
def test_a_strategy_runs_in_run(name, stranger, runs):
    code = f"""
from backtests import run
saver = run({name!r}, era="recent", bars="monthly")
print(saver.value.iloc[-1])
"""
    worth = runs[name]["metrics"]["final_value"]
    assert float(python(stranger, "-c", code)) == pytest.approx(worth, rel=1e-11)


@pytest.mark.parametrize("name", NAMES)
def test_a_strategy_runs_in_sweep(name, stranger, runs):
    window = ("--from", "2015-01", "--to", "2019-12", "--years", "5", "--bars", "monthly")
    command(stranger, "sweep", "--strategy", name, *window, "--out", f"sweep-{name}")
    rows = (stranger / f"sweep-{name}" / "rows.csv").read_text().splitlines()
    (row,) = csv.DictReader(rows)
    worth = runs[name]["metrics"]["final_value"]
    assert float(row["final_value"]) == pytest.approx(worth, rel=1e-9)


def test_a_measure_is_in_every_output(report, runs):
    page = (report / "report.html").read_text()
    assert all("best_bar" in run["metrics"] for run in runs.values())
    assert page.count("Best bar of all") >= 1
    assert "The largest return from one bar to the next, as a reader asked." in page
    for ledger in (report / "ledgers").iterdir():
        (row, *_) = csv.DictReader(ledger.read_text().splitlines())
        gain = float(row["value"]) - float(row["contributed"])
        assert float(row["best_bar"]) == pytest.approx(gain)


def test_a_symbol_is_bought_like_any_other(stranger):
    window = ("--from", "2015-01-01", "--to", "2019-12-31", "--json")
    worth = {
        symbol: json.loads(command(stranger, "run", "--weights", f"{symbol}=1", *window))
        for symbol in ("TECH", "QQQ")
    }
    assert worth["TECH"]["runs"][0]["metrics"] == worth["QQQ"]["runs"][0]["metrics"]
    assert "technology shares" in command(stranger, "list", "symbols")
