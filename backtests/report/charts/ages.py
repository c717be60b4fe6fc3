"""Lay earlier eras and the newest one on one another by age: which, and what they show."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from backtests.comparison import Chapter, Comparison
from backtests.report.charts.sampled import Series, months, series
from backtests.report.names import named
from backtests.report.summary import SUBJECT
from backtests.report.wording import listed, months_between, short_title
from backtests.result import Result
from data.arrays import Floats, to_date
from data.language import say, say_all, tr

# A range wider than this is drawn on a ratio scale, where equal steps are equal percentages.
RATIO_SCALE_FROM = 6.0
LOWEST = 1e-6
MOST_OTHERS = 6


@dataclass(frozen=True)
class Line:
    """A strategy in one era by months from `zero`, where a unit was worth `level`."""

    name: str
    result: Result
    series: Series
    zero: date
    level: float = 1.0

    @cached_property
    def months(self) -> Floats:
        """Months from zero, negative before it."""
        return months(self.series.dates, np.datetime64(self.zero))

    @cached_property
    def unit(self) -> Floats:
        """What one dollar of month 0 was worth."""
        return np.asarray(self.series.unit / self.level)

    @property
    def top(self) -> date | None:
        """The high before the deepest fall."""
        return self.series.deepest.peak if self.series.deepest else None

    @property
    def top_month(self) -> int | None:
        """Whole months from zero to that high."""
        return months_between(self.zero, self.top) if self.top else None

    def at(self, month: float) -> float | None:
        """Return the unit in a month; None before the line begins or after it ends."""
        if not self.months[0] - 1.0 <= month <= self.months[-1]:
            return None
        bar = int(np.searchsorted(self.months, month, side="right")) - 1
        return float(self.unit[max(bar, 0)])


@dataclass(frozen=True)
class Group:
    """One strategy in the newest era and in the others."""

    now: Line
    others: tuple[Line, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every line, the newest last."""
        return (*self.others, self.now)


@dataclass(frozen=True)
class Overlay:
    """The eras that are laid on one another; `age` is the newest one's in whole months."""

    at_peak: bool
    older: tuple[str, ...]
    newer: str
    until: date
    age: int
    groups: tuple[Group, ...]

    @property
    def ratio_scale(self) -> bool:
        """Whether any line's range asks for a ratio scale."""
        lines = (line.unit for group in self.groups for line in group.lines)
        return any(unit.max() / max(unit.min(), LOWEST) > RATIO_SCALE_FROM for unit in lines)


def overlay(comparison: Comparison) -> Overlay | None:
    """Lay the eras on the one that starts last; None where there is nothing to lay.

    Without `align` it is the first era alone, from the start of each.
    """
    newer = max(comparison.chapters, key=lambda c: c.start)
    older = [c for c in comparison.chapters if c.start < newer.start]
    at_peak = comparison.plan.align == "peak"
    # An era inside another has the same high.
    older = [c for c in older if not (at_peak and any(_inside(c, other) for other in older))]
    older = older[:MOST_OTHERS] if comparison.plan.align else older[:1]
    groups = tuple(_groups(older, newer, comparison, at_peak))
    if not groups:
        return None
    names = tuple(dict.fromkeys(line.name for group in groups for line in group.others))
    age = months_between(newer.start, newer.end)
    return Overlay(at_peak, names, groups[0].now.name, newer.end, age, groups)


def age_sentence(laid: Overlay) -> str:
    """Say how old the newer era is and when the earlier one was at its top."""
    if laid.at_peak:
        return ""
    tops = _tops(laid, laid.older[0]) if len(laid.older) == 1 else ""
    now = {"era": laid.newer, "n": laid.age, "day": laid.until}
    if not tops:
        return tr("{era} is {n} months old on {day}.", **now)
    return tr(
        "{era} is {n} months old on {day}; in {older} the high before the deepest fall came "
        "{tops}.",
        older=laid.older[0],
        tops=tops,
        **now,
    )


def _tops(laid: Overlay, name: str) -> str:
    """Say in which months an era's strategies were at the high before their deepest fall."""
    by_month: dict[int, list[str]] = {}
    for line in (line for group in laid.groups for line in group.others if line.name == name):
        if line.top_month is not None:
            by_month.setdefault(line.top_month, []).append(named(line.result))
    return say_all(
        say("in month {n} for {strategies}", n=month, strategies=listed(by_month[month]))
        for month in sorted(by_month)
    )


def _groups(
    older: list[Chapter], newer: Chapter, comparison: Comparison, at_peak: bool
) -> list[Group]:
    now_name = short_title(newer.era, older[0].era) if older else newer.era.title
    names = [_name(chapter, older, newer) for chapter in older]
    found = []
    for now in newer.results:
        pairs = zip(names, older, strict=True)
        shared = [(n, r) for n, c in pairs for r in c.results if _lies_on(now, r, c)]
        others = tuple(_line(name, result, comparison, at_peak) for name, result in shared)
        if others:
            found.append(Group(_line(now_name, now, comparison, at_peak, newest=True), others))
    return found


def _lies_on(now: Result, result: Result, chapter: Chapter) -> bool:
    """Tell whether two runs are of one strategy, or an index fund and an era's own index."""
    own = now.strategy == SUBJECT and result.strategy in chapter.era.strategies
    return result.strategy == now.strategy or own


def _inside(chapter: Chapter, other: Chapter) -> bool:
    """Tell whether an era's bars are a part of another's."""
    alike = (chapter.start, chapter.end) == (other.start, other.end)
    return other.start <= chapter.start and chapter.end <= other.end and not alike


def _name(chapter: Chapter, older: list[Chapter], newer: Chapter) -> str:
    """Return an era's short title, its whole one where another's is alike."""
    others = [other.era for other in (*older, newer) if other is not chapter]
    shorts = {short_title(chapter.era, other) for other in others}
    return shorts.pop() if len(shorts) == 1 else chapter.era.title


def _line(
    name: str, result: Result, comparison: Comparison, at_peak: bool, newest: bool = False
) -> Line:
    """Lay a result at its start, or at the high before its deepest fall, the newest at its high."""
    found = series(result, comparison.coarsest)
    if not at_peak:
        return Line(name, result, found, to_date(result.course.dates[0]))
    deepest = None if newest else found.deepest
    high = np.datetime64(deepest.peak) if deepest else found.dates[int(found.unit.argmax())]
    bar = int(np.searchsorted(found.dates, high))
    return Line(name, result, found, to_date(high), float(found.unit[bar]))
