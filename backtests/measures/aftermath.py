"""How an account stood where history ended, and what a scenario then did to it."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from backtests.measures.course import Course
from backtests.measures.series import cushion
from data.arrays import Days, Flags, to_date


@dataclass(frozen=True)
class Aftermath:
    """What a scenario came to; money is USD, rates are fractions.

    `value`, `contributed` and `cushion` (1 - M/V: how far prices may fall before the account is
    below the money put in) are those on `history_end`. All else is of the bars after it: the worst
    against money put in; the first bar from which on the account stays at or above it, None where
    it is below on the last bar; and the bar on which the unit value is back at the high that it
    fell deepest from, None where it never is. Where there was no fall both are `history_end`.
    """

    history_end: date
    value: float
    contributed: float
    cushion: float | None
    worst_shortfall: float
    worst_shortfall_date: date | None
    above_money_for_good: date | None
    high_again: date | None

    @classmethod
    def of(cls, course: Course, history_end: date) -> "Aftermath":
        """Measure a course; it must have bars on both sides of `history_end`."""
        at = int(np.searchsorted(course.dates, np.datetime64(history_end), side="right")) - 1
        value, put_in = float(course.value[at]), float(course.contributed[at])
        dates = course.dates[at + 1 :]
        short, fall = course.shortfall[at + 1 :], course.drawdown[at + 1 :]
        worst, deepest = int(short.argmin()), int(fall.argmin())
        return cls(
            history_end,
            value,
            put_in,
            cushion(value, put_in),
            float(short[worst]),
            to_date(dates[worst]) if short[worst] < 0 else None,
            _after_last(dates, short < 0, history_end),
            _first(dates[deepest:], fall[deepest:] == 0) if fall[deepest] < 0 else history_end,
        )


def _after_last(dates: Days, marks: Flags, never: date) -> date | None:
    marked = np.flatnonzero(marks)
    if not marked.size:
        return never
    return to_date(dates[marked[-1] + 1]) if marked[-1] + 1 < len(dates) else None


def _first(dates: Days, marks: Flags) -> date | None:
    return to_date(dates[marks.argmax()]) if marks.any() else None
