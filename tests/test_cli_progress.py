"""Progress: on a terminal and gone at the end, a line now and then elsewhere, else nothing."""

import io
import os
import re
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from backtests.cli import progress as module
from backtests.cli.progress import Pace, progress
from data.language import say, speaking

ROOT = Path(__file__).resolve().parent.parent


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


def screen(text: str) -> list[str]:
    """Return what a terminal of 100 columns shows after it was sent `text`."""
    lines, row, column = [""], 0, 0
    for mark, letters in re.findall(r"(\x1b\[[?\d;]*[A-Za-z]|[\r\n])|([^\x1b\r\n]+)", text):
        if letters:
            before = lines[row].ljust(column)
            lines[row] = before[:column] + letters + before[column + len(letters) :]
            column += len(letters)
        elif mark == "\r":
            column = 0
        elif mark == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif mark == "\x1b[2K":
            lines[row] = ""
        elif mark.endswith("A"):
            row -= int(mark[2:-1] or 1)
    return lines


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of this kind is POSIX'")
def test_the_spinner_is_gone_before_the_table_begins(tmp_path):
    """Both streams go to one terminal; what it shows at the end is what a pipe is sent."""
    import pty

    words = [sys.executable, "-m", "backtests.cli", "compare", "--era", "gfc"]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100", "TERM": "xterm"}
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        words, cwd=tmp_path, env=env, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    sent = b""
    with suppress(OSError):
        while chunk := os.read(ours, 65_536):
            sent += chunk
    os.close(ours)
    assert running.wait() == 0
    text = sent.decode().replace("\r\n", "\n")
    assert "reading prices" in text
    assert "gfc: " in text
    shown = [
        line.rstrip() for line in screen(re.sub(r"\x1b\[[\d;]*m", "", text.replace("\n", "\r\n")))
    ]
    piped = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
    assert piped.stderr == ""
    wanted = [line.rstrip() for line in piped.stdout.splitlines()]
    assert [line for line in shown if line] == [line for line in wanted if line]


def test_a_thread_shows_it_in_the_language(monkeypatch, capsys):
    monkeypatch.setattr(module, "EVERY_SECONDS", 0.05)
    with speaking("zh-Hant"), progress(say("fetching"), piped=True) as told:
        told(say("reading prices"), 1, 2)
        time.sleep(0.12)
    lines = capsys.readouterr().err.splitlines()
    assert lines
    assert set(lines) == {"dca: 讀取價格：1 / 2"}
