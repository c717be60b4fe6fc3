"""Bring results to one resolution and few enough points to draw."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backtests.measures.series import (
    Drawdown,
    account_drawdown,
    drawdown,
    drawdowns,
    shortfall,
)
from backtests.result import Result
from data.arrays import MONTH_DAYS, Days, Flags, Floats, Ints, month_lasts
from data.prices import Bars

# More points than this an inch cannot be seen.
BUCKETS_AN_INCH = 30


@dataclass(frozen=True)
class Series:
    """A result's lines on some of its bars; drawdowns are those seen on these bars alone."""

    dates: Days
    unit: Floats
    value: Floats
    contributed: Floats

    @cached_property
    def drawdown(self) -> Floats:
        """Drawdown of the unit value."""
        return drawdown(self.unit)

    @cached_property
    def deepest(self) -> Drawdown | None:
        """The deepest fall of the unit value, None where it never fell."""
        found = drawdowns(self.unit, self.drawdown, self.dates)
        return found[0] if found else None

    @cached_property
    def three(self) -> tuple[float, float, float]:
        """Worst strategy drawdown, account drawdown and loss against money put in."""
        account = account_drawdown(self.value)
        short = shortfall(self.value, self.contributed)
        return float(self.drawdown.min()), float(account.min()), float(short.min())


def series(result: Result, bars: Bars) -> Series:
    """Sample a result at the last bar of each week or month, or leave it on its own bars."""
    course = result.course
    dates = course.dates
    keep = _lasts(dates, bars) if bars != result.bars else np.full(len(dates), True)
    return Series(
        dates[keep], course.unit_value[keep], course.value[keep], course.contributed[keep]
    )


def thin(line: Floats, width_in: float) -> Ints:
    """Return the bars to draw: the lowest and highest of each bucket, the first and the last.

    The deepest and the highest point of all are always among them.
    """
    buckets = min(int(width_in * BUCKETS_AN_INCH), 240)
    if len(line) <= 2 * buckets:
        return np.arange(len(line))
    size = -(-len(line) // buckets)
    padded = np.pad(line, (0, -len(line) % size), mode="edge").reshape(-1, size)
    starts = np.arange(len(padded)) * size
    found = np.concatenate([[0], starts + padded.argmin(1), starts + padded.argmax(1)])
    return np.unique(np.minimum(np.append(found, len(line) - 1), len(line) - 1))


def years(dates: Days) -> Floats:
    """Return days as years on an axis, 1970-01-01 being 1970."""
    days = dates.astype("datetime64[D]").astype(np.float64)
    return np.asarray(1970.0 + days / 365.2425)


def months(dates: Days, start: np.datetime64) -> Floats:
    """Return the months of mean length passed since `start`."""
    days = (dates - start).astype("timedelta64[D]").astype(np.float64)
    return np.asarray(days / MONTH_DAYS)


def _lasts(dates: Days, bars: Bars) -> Flags:
    if bars == "monthly":
        return month_lasts(dates)
    # 1970-01-01 was a Thursday; weeks end on Sunday.
    weeks = (dates.astype("datetime64[D]").astype(np.int64) + 3) // 7
    return np.concatenate([weeks[1:] != weeks[:-1], [True]])
