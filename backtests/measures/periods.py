"""Cut a run into calendar years and months: what the strategy and the account returned in each.

The strategy's return is time-weighted: the unit value at the period's last bar over that at the
last bar before it, so that the periods chain to the whole run's `twr`. The account's is
money-weighted: the rate, not made yearly, at which its value before the period and what was paid in
during it, each from its day on, grow to its value at the end. The gain is the change of its value
less what was paid in; the periods' gains add up to the whole run's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import isfinite
from typing import Literal

import numpy as np

from backtests.measures import series
from backtests.measures.course import Course
from backtests.measures.rates import YEAR_DAYS, growth_rate, mwr
from data.arrays import Floats, Ints, to_date
from data.sessions import sessions

Unit = Literal["Y", "M"]
# More weekdays than these in a row are no holiday of New York's.
_LONGEST_HOLIDAY = 3


@dataclass(frozen=True)
class Period:
    """A calendar year (`2000`) or month (`2000-03`) of a run; rates are fractions, None for none.

    `whole`: the run was under way before it began and went on to its last session. `assumed`: it
    ends in a scenario. Without a day on which money could grow there is no `account_return`.
    """

    period: str
    whole: bool
    assumed: bool
    strategy_return: float | None
    account_return: float | None
    gain: float | None


def periods(course: Course, unit: Unit, history_end: date | None = None) -> list[Period]:
    """Return a run's calendar years or months that have a bar; a scenario follows `history_end`."""
    stamps = course.dates.astype(f"datetime64[{unit}]")
    ends = np.flatnonzero(np.append(stamps[1:] != stamps[:-1], True))
    whole = np.ones(len(ends), dtype=np.bool_)
    whole[0], whole[-1] = False, len(ends) > 1 and _is_over(course, unit)
    # What overflows is told apart below, by what came out.
    with np.errstate(all="ignore"):
        found = [_strategy(course, ends), _account(course, ends), _gain(course, ends)]
    assumed = course.dates[ends] > np.datetime64(history_end or date.max)
    names = np.datetime_as_string(stamps[ends]).tolist()
    figures = [map(_known, one.tolist()) for one in found]
    return list(map(Period, names, whole.tolist(), assumed.tolist(), *figures))


def _known(figure: float) -> float | None:
    return figure if isfinite(figure) else None


def _strategy(course: Course, ends: Ints) -> Floats:
    unit_value = np.concatenate([[1.0], course.unit_value[ends]])
    return series.snapped(series.returns(unit_value))


def _gain(course: Course, ends: Ints) -> Floats:
    worth, put_in = course.value[ends], course.contributed[ends]
    gain = np.diff(worth, prepend=0.0) - np.diff(put_in, prepend=0.0)
    return np.where(np.abs(gain) <= series.ROUNDING * (worth + put_in), 0.0, gain)


def _account(course: Course, ends: Ints) -> Floats:
    pieces = list(_flows(course, ends))
    longest = max(len(usd) for usd, _ in pieces)
    paid, days = np.zeros((2, longest, len(pieces)))
    for column, (usd, left) in enumerate(pieces):
        paid[: len(usd), column], days[: len(usd), column] = usd, left
    rate = growth_rate(paid, days / YEAR_DAYS, course.value[ends])
    return mwr(rate, np.where(paid > 0, days, 0.0).max(axis=0))


def _flows(course: Course, ends: Ints) -> Iterator[tuple[Floats, Floats]]:
    """Yield each period's value before it and payments, in dollars, and their days to its end."""
    dates = course.dates.astype("datetime64[D]")
    for before, end in pairwise([-1, *ends.tolist()]):
        usd = course.flow[before + 1 : end + 1]
        bars = before + 1 + np.flatnonzero(usd)
        usd = usd[usd != 0]
        if before >= 0:
            bars, usd = np.append(before, bars), np.append(course.value[before], usd)
        yield usd, (dates[end] - dates[bars]).astype(np.float64)


def _is_over(course: Course, unit: Unit) -> bool:
    """Say whether the run's last bar is the last of its year or month."""
    last = course.dates[-1].astype("datetime64[D]")
    if course.resolution == "monthly":
        return unit == "M" or to_date(last).month == 12
    following = (last.astype(f"datetime64[{unit}]") + 1).astype("datetime64[D]")
    left = int(np.busday_count(last + 1, following))
    if course.resolution == "weekly":
        return left < 5
    return left == 0 or (left <= _LONGEST_HOLIDAY and not len(sessions(last + 1, following - 1)))
