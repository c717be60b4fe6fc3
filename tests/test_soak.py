"""Some seconds of the soak, with other cases each day; `make soak` takes longer."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest

from strategies.dca import trading
from tests.soak import plans, writes
from tests.soak.kinds import prices

ROOT = Path(__file__).resolve().parent.parent


def test_some_cases_of_the_day_find_no_fault():
    """What is printed ends with the seed, and how to have a case again."""
    words = ["--minutes", "0.25", "--only", "plans", "--only", "hostile"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.soak", *words, "--seed", f"{date.today():%Y%m%d}"],
        cwd=ROOT,
        # Before whatever an installed package may call tests.
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "three paths" in done.stdout


def test_the_plain_loop_uses_nothing_but_python():
    code = (ROOT / "tests" / "soak" / "naive.py").read_text()
    named = {line.split()[1] for line in code.splitlines() if line.startswith(("from ", "import "))}
    assert {name.split(".")[0] for name in named} <= sys.stdlib_module_names


def test_a_planted_fault_is_found_made_small_and_found_again(monkeypatch):
    """Fees are a thousandth too high: batch 3 names the world, and names it again."""
    charged = trading.fees
    monkeypatch.setattr(trading, "fees", lambda usd, costs: 1.001 * charged(usd, costs))
    once, again = (plans.soak(7, [3]) for _ in range(2))
    assert str(once).endswith(": 1 disagree")
    assert once.kept == again.kept
    (said,) = once.kept
    assert said.startswith("batch 3: ")
    assert "World(" in said


def test_a_write_that_is_not_whole_is_found(monkeypatch):
    """Its third step is to open the second of two files, when the first is new."""

    def halves(place: Path, version: float) -> None:
        place.mkdir(exist_ok=True)
        for name in "ab":
            (place / name).write_text(str(version))

    drawn = SimpleNamespace(choice=lambda among: "halves" if "halves" in among else among[0])
    monkeypatch.setattr(writes, "quicken", lambda: None)
    monkeypatch.setattr(writes, "WRITES", {"halves": halves})
    monkeypatch.setattr(writes, "Random", lambda _: drawn)
    tally = writes.soak(0, [0])
    assert "walk 0, halves: kill at step 3 over an old one: neither old nor new" in tally.kept


@pytest.mark.parametrize("what", writes.COMMANDS)
def test_every_command_that_is_interrupted_writes_with_any_options(what, tmp_path, monkeypatch):
    for name, rows in (("1", 36), ("2", 30)):
        (tmp_path / f"{name}.csv").write_text(prices(rows))
    monkeypatch.setattr(writes, "_some", lambda _, options: [w for o in options for w in o])
    monkeypatch.setattr(sys, "argv", sys.argv)
    monkeypatch.chdir(tmp_path)
    for version in (1.0, 2.0):
        writes.commanded(what, Random(0), tmp_path)(tmp_path / "place", version)
    assert list((tmp_path / "place").iterdir())
