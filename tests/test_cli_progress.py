"""Progress: on a terminal and gone at the end, a line now and then elsewhere, else nothing."""

import io
import sys
import time

import pytest

from backtests.cli import progress as module
from backtests.cli.progress import Pace, progress


class Terminal(io.StringIO):
    """A standard error that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_it_and_it_is_gone_at_the_end(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    with progress("reading prices") as told:
        told("fetching PLTR", 1, 2)
        time.sleep(0.25)
    text = sys.stderr.getvalue()
    assert "fetching PLTR: 1 of 2" in text
    # The last thing written erases the line on which it stood.
    assert text.endswith("\x1b[2K")


def test_a_pipe_sees_nothing_unless_it_is_asked_for(monkeypatch, capsys):
    monkeypatch.setattr(module, "EVERY_SECONDS", 0.05)
    with progress("reading prices") as told:
        told("reading prices", 1, 2)
        time.sleep(0.12)
    assert capsys.readouterr().err == ""
    with progress("fetching", piped=True) as told:
        told("fetching PLTR", 1, 2)
        time.sleep(0.12)
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["dca: fetching PLTR: 1 of 2"] * len(lines)
    assert lines


@pytest.mark.parametrize("stream", [None, io.StringIO()])
def test_no_standard_error_is_no_trouble(stream, monkeypatch):
    monkeypatch.setattr(sys, "stderr", stream)
    with progress("reading prices", piped=True) as told:
        told("x", 1, 2)


def test_rate_and_time_left_by_hand(monkeypatch):
    """30 rows were there; 20 more took 4 seconds, so 50 more take 10."""
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    pace = Pace("starting")
    assert str(pace) == "starting"
    pace.tell("computing rows", 30, 100)
    assert str(pace) == "computing rows: 30 of 100"
    now[0] = 104.0
    pace.tell("computing rows", 50, 100)
    assert str(pace) == "computing rows: 50 of 100, 5 a second, 10 s left"
    pace.tell("drawing the report")
    assert str(pace) == "drawing the report"
