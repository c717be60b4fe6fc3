"""Every step of every write, interrupted in every way: the old is whole, or the new."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from data.errors import BadFolder
from tests.helpers import holding
from tests.tools.interrupt import WRITES, held

ROOT = Path(__file__).parents[1]


@pytest.mark.skipif(os.name != "posix", reason="the walk forks a process a step")
@pytest.mark.parametrize("what", ["report", "freeze", "sweep", "fetch"])
def test_interrupted_at_any_step_old_or_new_is_whole(what: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.tools.interrupt", what, str(tmp_path)],
        cwd=ROOT,
        # Before whatever an installed package may call tests.
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *faults, told = done.stdout.splitlines()
    assert not faults
    assert int(told.removesuffix(" interruptions")) > 30


@pytest.mark.parametrize("what", ["report", "freeze", "sweep"])
def test_a_second_run_is_refused_and_leaves_the_first_alone(what: str, tmp_path: Path) -> None:
    write, place = WRITES[what], tmp_path / "place"
    write(place, 1.0)
    before = held(place)
    with holding(place), pytest.raises(BadFolder, match="another run is writing"):
        write(place, 2.0)
    assert held(place) == before
    write(place, 2.0)
    assert held(place) != before
    assert [path.name for path in tmp_path.iterdir()] == ["place"]
