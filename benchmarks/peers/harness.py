"""Answer the runner's questions, one JSON line each: the common end of every engine measured.

A worker is a process of its own, started once and asked again and again, so that imports and first
compilations fall outside the clock and the engines can take turns. It needs numpy alone.
"""

import gc
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MONTHLY_USD = 1000.0
FEE = 0.001
# Three ways to put the same money in; each runs over one asset in the sweep.
SCHEMES = ("monthly", "fee", "lump")
# Fractional orders are cut by this much, lest rounding ask for more than there is.
SHAVE = 1.0 - 1e-12

Question = Mapping[str, Any]
Timed = Callable[[], Floats]


@dataclass(frozen=True)
class Prices:
    """Daily closes, shape (bars, assets), with their dates."""

    dates: NDArray[np.datetime64]
    closes: Floats

    @property
    def firsts(self) -> Ints:
        """Return the bars that open a calendar month."""
        months = self.dates.astype("datetime64[M]")
        return np.flatnonzero(np.concatenate([[True], months[1:] != months[:-1]]))

    def windows(self, months: int) -> tuple[Ints, Ints]:
        """Return the first and last bar of every window of so many whole months."""
        edges = np.append(self.firsts, len(self.dates))
        return edges[:-months], edges[months:] - 1

    def part(self, first: int, last: int, assets: list[int]) -> "Prices":
        """Cut out the bars from first to last of some assets."""
        inside = slice(first, last + 1)
        return Prices(self.dates[inside], np.ascontiguousarray(self.closes[inside][:, assets]))


def read(path: str) -> Prices:
    """Read what the runner wrote."""
    with np.load(path) as stored:
        return Prices(stored["dates"], stored["closes"])


def asked(question: Question) -> Prices:
    """Return the part of the prices that a question is about."""
    prices = read(question["prices"])
    last = question.get("last", len(prices.dates) - 1)
    assets = question.get("assets", list(range(prices.closes.shape[1])))
    return prices.part(question.get("first", 0), last, assets)


def payments(scheme: str, months: int) -> Floats:
    """Return the dollars paid in at each month's first bar."""
    paid = np.full(months, MONTHLY_USD)
    if scheme == "lump":
        paid[1:], paid[0] = 0.0, MONTHLY_USD * months
    return paid


def fee_of(scheme: str) -> float:
    """Return the fee as a fraction of the dollars traded."""
    return FEE if scheme == "fee" else 0.0


def serve(version: str, tasks: Mapping[str, Callable[[Question], Timed]]) -> None:
    """Answer until standard input ends.

    A task prepares what a user of the engine would already hold (prices in the engine's shape) and
    returns the work to be timed, which returns final values. `peak_mb` is how far the process's
    resident size rises above where it began.
    """
    # The engines may print; only answers go where the runner listens.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    _say(answers, {"version": version})
    for line in sys.stdin:
        question = json.loads(line)
        work = tasks[question["task"]](question)
        gc.collect()
        _forget_peak()
        before, start = _largest_mb(), time.perf_counter()
        finals = work()
        seconds = time.perf_counter() - start
        answer = {"seconds": seconds, "peak_mb": _largest_mb() - before}
        _say(answers, answer | {"finals": np.asarray(finals).ravel().tolist()})


def _say(answers: TextIO, what: dict[str, Any]) -> None:
    answers.write(json.dumps(what) + "\n")
    answers.flush()


def _forget_peak() -> None:
    """Let the largest resident size begin at the present one, where the system can (Linux)."""
    switch = Path("/proc/self/clear_refs")
    if os.access(switch, os.W_OK):
        switch.write_text("5")


def _largest_mb() -> float:
    """Return the largest resident size so far.

    The system's own count of it begins, on Linux, with the size of the process that started this
    one, so it is the second choice.
    """
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    peaks = [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
    if peaks:
        return peaks[0] / 1024
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return largest / 1e6 if sys.platform == "darwin" else largest / 1024
