"""Cut a result into its era's phases: how each part went, taken by itself."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from backtests.eras import Phase
from backtests.measures.series import drawdown, snap
from backtests.result import Result
from data.arrays import to_date


@dataclass(frozen=True)
class PhaseFigures:
    """One phase of one result; `start` and `end` are bars, rates are fractions, money is USD.

    `change` is that of the unit value from the last bar before the phase (1 where there is none, as
    before the first purchase), so the changes of phases without gaps chain to the whole period's.
    `max_drawdown` is the deepest fall from a high inside the phase, the bar before it included.
    """

    name: str
    start: date
    end: date
    change: float
    max_drawdown: float
    trough: date | None
    value: float
    contributed: float


def phases(result: Result) -> list[PhaseFigures]:
    """Measure each of the era's phases that has bars in the window, in the era's order."""
    figures = (_figures(result, phase) for phase in result.era.phases)
    return [found for found in figures if found is not None]


def _figures(result: Result, phase: Phase) -> PhaseFigures | None:
    course = result.course
    inside = course.dates >= np.datetime64(phase.start)
    if phase.end is not None:
        inside &= course.dates <= np.datetime64(phase.end)
    bars = np.flatnonzero(inside)
    if not bars.size:
        return None
    first, last = int(bars[0]), int(bars[-1])
    before = float(course.unit_value[first - 1]) if first else 1.0
    unit = course.unit_value[first : last + 1] / before
    fall = drawdown(unit)
    low = int(np.argmin(fall))
    return PhaseFigures(
        name=phase.name,
        start=to_date(course.dates[first]),
        end=to_date(course.dates[last]),
        change=snap(float(unit[-1] - 1.0)),
        max_drawdown=float(fall[low]),
        trough=to_date(course.dates[first + low]) if fall[low] < 0 else None,
        value=float(course.value[last]),
        contributed=float(course.contributed[last]),
    )
