"""A sweep killed at any moment and resumed ends with the bytes of an unbroken one."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers import heed_interrupts

ROOT = Path(__file__).parents[1]
PARTS = 8
OPTIONS = (
    "--bootstrap", str(PARTS * 10_000), "--years", "6", "--strategy", "diversified", "--seed", "7",
)  # fmt: skip
COMMAND = "from backtests.cli.main import main; main()"


def start(out: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, "sweep", "--out", str(out), *OPTIONS, *options],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=heed_interrupts,
    )


def finish(out: Path, *options: str) -> str:
    process = start(out, *options)
    told, wrong = process.communicate(timeout=120)
    assert process.returncode == 0, wrong
    return told


def parts(out: Path) -> int:
    return len(list((out / "parts").glob("[0-9]*.part")))


def until(process: subprocess.Popen[str], reached: Callable[[], bool]) -> None:
    """Wait for a moment of a run; it must not be over before."""
    limit = time.monotonic() + 60
    while not reached():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < limit
        time.sleep(0.002)


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("unbroken") / "out"
    finish(out)
    return out


def same(one: Path, other: Path) -> None:
    assert {p.name for p in one.iterdir()} == {p.name for p in other.iterdir()}
    for path in one.iterdir():
        assert path.read_bytes() == (other / path.name).read_bytes(), path.name


@pytest.mark.parametrize("at", [1, PARTS // 2, PARTS])
def test_killed_and_resumed_equals_unbroken(at: int, unbroken: Path, tmp_path: Path) -> None:
    """After the first part, in the middle, and after the last, while the sweep is summed up."""
    out = tmp_path / "out"
    process = start(out)
    until(process, lambda: parts(out) >= at)
    process.kill()
    process.communicate(timeout=60)  # its processes end too, and let go of its streams
    assert process.returncode == -signal.SIGKILL
    assert not (out / "summary.json").exists()
    held = parts(out)
    finish(out, "--resume")
    assert held >= at
    same(unbroken, out)


def test_processes_give_the_same_bytes(unbroken: Path, tmp_path: Path) -> None:
    finish(tmp_path / "out", "--workers", "2")
    same(unbroken, tmp_path / "out")


def test_ctrl_c_leaves_what_is_done_readable(tmp_path: Path) -> None:
    out = tmp_path / "out"
    process = start(out)
    until(process, lambda: parts(out) >= 2)
    process.send_signal(signal.SIGINT)
    told, wrong = process.communicate(timeout=60)
    assert process.returncode == 130
    assert told == ""
    assert wrong.startswith("dca: stopped; ")
    assert wrong.count("\n") == 1
    assert f"{parts(out)} of {PARTS} parts" in wrong


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    process = start(tmp_path / "file" / "out")
    _, wrong = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "cannot write" in wrong
