"""Lay an earlier era and the newest one on one another by age: which, and what they show."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from backtests.comparison import Chapter, Comparison
from backtests.report.charts.sampled import Series, months, series
from backtests.report.names import named
from backtests.report.wording import listed, months_between, short_title
from backtests.result import Result
from data.arrays import to_date

# A range wider than this is drawn on a ratio scale, where equal steps are equal percentages.
RATIO_SCALE_FROM = 6.0
LOWEST = 1e-6


@dataclass(frozen=True)
class Pair:
    """One strategy in the earlier and in the newer era."""

    then: Result
    now: Result
    earlier: Series
    newer: Series

    @property
    def top(self) -> date | None:
        """The earlier era's high before its deepest fall."""
        return self.earlier.deepest.peak if self.earlier.deepest else None

    @property
    def top_month(self) -> int | None:
        """Whole months from the earlier era's start to its high."""
        return months_between(to_date(self.then.course.dates[0]), self.top) if self.top else None

    @property
    def at_age(self) -> float:
        """The earlier era's unit value when it was as old as the newer one is."""
        passed = months(self.earlier.dates, self.then.course.dates[0])
        age = months(self.newer.dates, self.now.course.dates[0])[-1]
        at = int(np.searchsorted(passed, age, side="right")) - 1
        return float(self.earlier.unit[max(at, 0)])


@dataclass(frozen=True)
class Overlay:
    """The two eras that are laid on one another; `age` is the newer one's in whole months."""

    older: str
    newer: str
    until: date
    age: int
    pairs: tuple[Pair, ...]

    @property
    def ratio_scale(self) -> bool:
        """Whether any line's range asks for a ratio scale."""
        ranges = (p.earlier.unit.max() / max(p.earlier.unit.min(), LOWEST) for p in self.pairs)
        return any(wide > RATIO_SCALE_FROM for wide in ranges)


def overlay(comparison: Comparison) -> Overlay | None:
    """Choose the eras: the first and the one that starts last; None where there is no pair."""
    newer = max(comparison.chapters, key=lambda c: c.start)
    older = next((c for c in comparison.chapters if c.start < newer.start), None)
    if older is None:
        return None
    pairs = _pairs(older, newer, comparison)
    if not pairs:
        return None
    names = short_title(older.era, newer.era), short_title(newer.era, older.era)
    return Overlay(*names, newer.end, months_between(newer.start, newer.end), pairs)


def age_sentence(laid: Overlay) -> str:
    """Say how old the newer era is and when the earlier one was at its top."""
    by_month: dict[int, list[str]] = {}
    for pair in laid.pairs:
        if pair.top_month is not None:
            by_month.setdefault(pair.top_month, []).append(named(pair.then))
    tops = [f"in month {month} for {listed(by_month[month])}" for month in sorted(by_month)]
    topped = f"; in {laid.older} the high before the deepest fall came {'; '.join(tops)}"
    return f"{laid.newer} is {laid.age} months old on {laid.until}{topped if tops else ''}."


def _pairs(older: Chapter, newer: Chapter, comparison: Comparison) -> tuple[Pair, ...]:
    bars = comparison.coarsest
    then = {r.strategy: r for r in older.results}
    shared = [(then[now.strategy], now) for now in newer.results if now.strategy in then]
    return tuple(Pair(old, now, series(old, bars), series(now, bars)) for old, now in shared)
