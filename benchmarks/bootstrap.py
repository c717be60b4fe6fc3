"""Ten thousand possible savings lives: 300 months, four assets, rebalanced yearly."""

from typing import Any

import numpy as np

from benchmarks import reference, twin
from benchmarks.single import TWIN, fitted
from benchmarks.tables import Bar, Section, Table, median, number, off, time
from benchmarks.workers import Answer, Worker, in_turns, own

PATHS, MONTHS, ASSETS = 10_000, 300, 4
MANY = 1_000_000
CHECKED = 20
NOTE = (
    "Stationary bootstrap, mean block twelve months, from 360 synthetic months, all assets "
    "together; contributions, value, multiple, XIRR, unit value, all three drawdowns and months "
    f"below money put in of every path, not saved. {CHECKED} paths are worked out by plain loops."
)
GROWING = (1_000, 3_000, 10_000, 30_000)


def question(paths: int) -> dict[str, Any]:
    """Return what the worker is asked."""
    return {"task": "bootstrap", "paths": paths, "months": MONTHS}


def measure(worker: Worker, rounds: int, many: int = MANY) -> Section:
    """Time the usual number of paths in turns; see the memory of both in fresh processes."""
    in_turns([(TWIN, worker)], question(1_000), 1)
    heard = in_turns([(TWIN, worker)], question(PATHS), rounds)[TWIN]
    middle = median([answer.seconds for answer in heard])
    few, more = _fresh(PATHS), _fresh(many)
    columns = ("paths", "seconds", "paths a second", "extra memory", "off by")
    table = Table(f"Bootstrap of {MONTHS} months x {ASSETS} assets, yearly rebalancing", columns)
    if middle and few:
        table.rows.append(_row(PATHS, middle, few))
    if more:
        table.rows.append(_row(many, more.seconds, more))
    table.notes.append(NOTE)
    what = f"extra memory of a bootstrap of {many:,} paths"
    peak = more.peak_mb if more else None
    bars = [
        Bar("bootstrap, paths a second", 100_000, PATHS / middle if middle else None, "/s"),
        Bar(what, 200, peak, "MB", at_least=False),
    ]
    return Section([table], bars)


def _fresh(paths: int) -> Answer | None:
    """Run paths in a process that has done nothing yet, so that all memory above is theirs."""
    worker = own()
    try:
        return worker.ask(question(paths))
    finally:
        worker.stop()


def _row(paths: int, seconds: float, answer: Answer) -> tuple[str, ...]:
    speed, peak = f"{paths / seconds:,.0f}", f"{number(answer.peak_mb)} MB"
    return f"{paths:,}", time(seconds), speed, peak, _away(answer.finals)


def _away(finals: list[float]) -> str:
    wanted = reference.bootstrap(twin.drawn_returns(twin.layout(CHECKED, MONTHS), CHECKED))
    return off(1 + float(np.abs(np.array(finals[:CHECKED]) / wanted - 1).max()), 1)


def growth(worker: Worker, rounds: int) -> tuple[str, str, str, str]:
    """Fit how the cost grows with the number of paths."""
    least = [
        min(a.seconds for a in in_turns([(TWIN, worker)], question(paths), rounds)[TWIN])
        for paths in GROWING
    ]
    return fitted(f"{TWIN}: bootstrap paths", list(GROWING), least)
