"""The wheel, installed where no checkout is in sight: what a user's own script meets."""

import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]
SCRIPT = '''\
"""A user's script: everything public, as the README shows it."""

from datetime import date

import matplotlib.axes
import pandas as pd

from backtests import Comparison, Era, Plan, Result, compare, run, sweep
from strategies.dca.base import DcaStrategy


class Mine(DcaStrategy):
    name = "mine"
    weights = {"A": 0.5, "B": 0.5}


closes = pd.DataFrame(
    {"A": [10.0, 20.0, 10.0, 20.0], "B": [50.0, 50.0, 50.0, 50.0]},
    index=pd.to_datetime(["2020-01-31", "2020-02-29", "2020-03-31", "2020-04-30"]),
)
spring = Era("spring", "a spring", date(2020, 1, 1), date(2020, 4, 30))
saver: Result = run({"A": 1.0}, closes, spring, monthly=100.0)
own: Result = run(Mine, closes, fee_bps=10.0)
value: pd.Series = saver.value
falls: pd.Series = saver.drawdown
ledger: pd.DataFrame = own.frame()
axes: matplotlib.axes.Axes = saver.plot("value")
sides: Comparison = compare(Plan(eras=("gfc",)))
table: pd.DataFrame = sides.frame()
rows: pd.DataFrame = sweep({"SP500": 1.0}, years=(10,))
print(saver.measures["xirr"], float(value.iloc[-1]), len(table), len(rows))
'''


@pytest.fixture(scope="session")
def installed(tmp_path_factory) -> Path:
    """Build the wheel and lay it into a fresh environment; return that environment's Python.

    Its libraries are those of the environment that tests, so that no network is needed.
    """
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    kept = shutil.ignore_patterns(
        ".*", "build", "*.egg-info", "reports", "tests", "examples", "node_modules"
    )
    shutil.copytree(ROOT, source, ignore=kept)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run([*build, str(source)], check=True, capture_output=True)
    venv.create(folder / "venv", symlinks=sys.platform != "win32")
    context = {"base": str(folder / "venv"), "platbase": str(folder / "venv")}
    packages = Path(sysconfig.get_path("purelib", "venv", context))
    (wheel,) = folder.glob("*.whl")
    ZipFile(wheel).extractall(packages)
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    return Path(sysconfig.get_path("scripts", "venv", context)) / "python"


def python(installed: Path, folder: Path, *words: str) -> str:
    done = subprocess.run(
        [str(installed), *words], cwd=folder, env={"PATH": ""}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_command_replays_without_the_checkout(installed, tmp_path):
    where = python(installed, tmp_path, "-c", "import backtests; print(backtests.__file__)")
    assert str(installed.parents[1]) in where
    assert Path(where.strip()).with_name("report").joinpath("results.schema.json").exists()
    words = ("run", "--weights", "SP500=1", "--from", "2000-01-03", "--to", "2001-12-31")
    python(installed, tmp_path, "-m", "backtests.cli", *words)
    assert (tmp_path / "reports" / "run" / "report.html").exists()


def test_a_users_script_runs_and_is_typed(installed, tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    python(installed, tmp_path, "script.py")
    python(installed, tmp_path, "-m", "mypy", "--strict", "script.py")


def test_the_public_names_come_light(installed, tmp_path):
    """Nothing heavy is loaded before it is used."""
    heavy = ("pandas", "matplotlib", "backtrader", "yfinance", "scipy", "pyarrow", "joblib")
    names = "run, compare, sweep, Plan, Era, Result, Comparison"
    code = f"from backtests import {names}; import sys; print(*set({heavy}) & set(sys.modules))"
    assert python(installed, tmp_path, "-c", code).split() == []
