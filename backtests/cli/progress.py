"""Show on standard error how far a command has come; nothing else in the house draws."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import click

from data.language import say, shown, speaking, spoken
from data.progress import Told, untold

# Without a terminal a line is enough from time to time.
EVERY_SECONDS = 10.0


class Pace:
    """What is being done, how much of it, how fast, and how long the rest will take."""

    def __init__(self, what: str) -> None:
        self.what, self._done, self._of = what, 0.0, 0.0
        # Threads that show it have a language of their own.
        self._language = spoken()
        self._since, self._begun_at = time.monotonic(), 0.0

    def tell(self, what: str, done: float = 0, of: float = 0) -> None:
        """Take note; another `of` is another piece of work, with a pace of its own."""
        if of != self._of:
            self._since, self._begun_at = time.monotonic(), done
        self.what, self._done, self._of = what, done, of

    def __str__(self) -> str:
        with speaking(self._language):
            return shown(self._said())

    def _said(self) -> str:
        if not self._of:
            return self.what
        far = {"what": self.what, "done": self._done, "all": self._of}
        done, seconds = self._done - self._begun_at, time.monotonic() - self._since
        if done <= 0 or seconds < 1:
            return say("{what}: {done:,.0f} of {all:,.0f}", **far)
        left = (self._of - self._done) * seconds / done
        return say(
            "{what}: {done:,.0f} of {all:,.0f}, {rate:,.3g} a second, {left:,.0f} s left",
            **far, rate=done / seconds, left=left,
        )  # fmt: skip


@contextmanager
def progress(what: str, piped: bool = False) -> Iterator[Told]:
    """Lend a function to tell how far it is: shown on a terminal and gone at the end.

    With `piped`, another standard error gets a line every ten seconds.
    """
    pace, out = Pace(what), sys.stderr
    if out is not None and out.isatty():
        with _drawn(pace):
            yield pace.tell
    elif out is not None and piped:
        with _lines(pace):
            yield pace.tell
    else:
        yield untold


@contextmanager
def _drawn(pace: Pace) -> Iterator[None]:
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn
    from rich.text import Text

    class Words(TextColumn):
        def render(self, _: object) -> Text:
            return Text(str(pace))

    columns = SpinnerColumn(), Words("")
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        shown.add_task("", total=None)
        yield


@contextmanager
def _lines(pace: Pace) -> Iterator[None]:
    over = Event()

    def tell() -> None:
        while not over.wait(EVERY_SECONDS):
            click.echo(f"dca: {pace}", err=True)

    teller = Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()
