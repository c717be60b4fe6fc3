"""Every ten-year window of thirty years: 229 windows x 3 ways to pay in x 4 assets."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import reference, synthetic
from benchmarks.peers.harness import SCHEMES, Prices
from benchmarks.single import NAIVE, OWN, TWIN
from benchmarks.tables import Bar, Section, Table, median, off, ratio, time, times
from benchmarks.workers import Worker, in_turns

BARS, ASSETS, MONTHS = 7560, 4, 120
VECTORBT = "vectorbt, final values alone"
NOTES = (
    "Ways to pay in: monthly, monthly with a fee of 0.1 %, the same total on the first day. "
    "Synthetic prices, 7,560 weekdays, 2,610 a window.",
    "What was sampled is extrapolated: mean seconds a run times all runs, with its standard error.",
    "The twin's time includes value, unit value, all three drawdowns, XIRR and months below money "
    "put in of every run; vectorbt's leaves out the laying out of prices and orders.",
)


@dataclass
class Sampled:
    """Some runs of an engine that is too slow for all: seconds and worst difference of a value."""

    seconds: list[float]
    worst: float

    def all_runs(self, runs: int) -> float:
        """Return what all runs would have taken."""
        return float(np.mean(self.seconds)) * runs

    def error(self, runs: int) -> float:
        """Return the standard error of that."""
        return float(np.std(self.seconds, ddof=1) / len(self.seconds) ** 0.5) * runs


def measure(
    own: Worker, naive: Worker, peers: Mapping[str, Worker], folder: Path, sample: int
) -> Section:
    """Time a random sample of runs between rounds of the whole sweep."""
    made = synthetic.prices(BARS, ASSETS)
    path = synthetic.write(made, folder / "sweep.npz")
    wanted = reference.sweep(made, MONTHS)
    chosen = np.random.default_rng(3).permutation(wanted.size)[:sample]
    question = {"task": "sweep", "prices": path, "months": MONTHS}
    asked = [(TWIN, own)] + [(VECTORBT, w) for n, w in peers.items() if n == "vectorbt"]
    in_turns(asked, question, 1)
    sampled = {NAIVE: Sampled([], 0.0), OWN: Sampled([], 0.0)}
    whole = {name: Whole([], 0.0) for name, _ in asked}
    for batch in np.array_split(chosen, 3):
        _sample(sampled, {NAIVE: naive, OWN: own}, batch, (made, wanted, path))
        for name, answers in in_turns(asked, question, 3).items():
            for answer in answers:
                away = _worst(np.array(answer.finals), wanted.ravel())
                whole[name].seconds.append(answer.seconds)
                whole[name].worst = max(whole[name].worst, away)
    return _section(sampled, whole, wanted.size)


def _sample(
    sampled: dict[str, Sampled],
    workers: Mapping[str, Worker],
    batch: np.ndarray,
    about: tuple[Prices, np.ndarray, str],
) -> None:
    made, wanted, path = about
    first, last = made.windows(MONTHS)
    for run in batch:
        scheme, asset, window = np.unravel_index(run, wanted.shape)
        question: dict[str, Any] = {
            "task": "saver",
            "prices": path,
            "scheme": SCHEMES[scheme],
            "assets": [int(asset)],
            "first": int(first[window]),
            "last": int(last[window]),
        }
        for name, worker in workers.items():
            answer = worker.ask(question)
            if answer:
                sampled[name].seconds.append(answer.seconds)
                away = abs(answer.finals[0] / wanted[scheme, asset, window] - 1)
                sampled[name].worst = max(sampled[name].worst, away)


def _worst(came: np.ndarray, wanted: np.ndarray) -> float:
    return float(np.abs(came / wanted - 1).max())


@dataclass
class Whole:
    """All runs at once: seconds of each round and worst difference of a value."""

    seconds: list[float]
    worst: float


def _section(sampled: Mapping[str, Sampled], whole: Mapping[str, Whole], runs: int) -> Section:
    slow = sampled[NAIVE].all_runs(runs) if len(sampled[NAIVE].seconds) > 1 else None
    table = Table(
        f"{runs:,} runs: 229 ten-year windows x 3 ways to pay in x 4 assets",
        ("engine", "all runs", "basis", "usual script / it", "worst difference"),
    )
    for name, some in sampled.items():
        if len(some.seconds) > 1:
            basis = f"{len(some.seconds)} random runs, +- {time(some.error(runs))}"
            table.rows.append(_row(name, some.all_runs(runs), basis, slow, some.worst))
    for name, all_of_it in whole.items():
        middle = median(all_of_it.seconds)
        basis = f"in full, median of {len(all_of_it.seconds)}"
        table.rows.append(_row(name, middle, basis, slow, all_of_it.worst))
    table.notes += NOTES
    return Section([table], _bars(slow, whole))


def _row(
    name: str, seconds: float | None, basis: str, slow: float | None, worst: float
) -> tuple[str, ...]:
    faster = times(slow / seconds if slow and seconds else None)
    return name, time(seconds), basis, faster, off(1 + worst, 1)


def _bars(slow: float | None, whole: Mapping[str, Whole]) -> list[Bar]:
    middle = median(whole[TWIN].seconds)
    peer = whole[VECTORBT].seconds if VECTORBT in whole else []
    return [
        Bar(
            "the sweep against the usual Backtrader script",
            3000,
            slow / middle if slow and middle else None,
        ),
        Bar(
            "the sweep against vectorbt's final values alone",
            8,
            ratio(peer, whole[TWIN].seconds),
        ),
    ]
