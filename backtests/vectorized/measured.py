"""Measure many paths at once: the figures of CONTRACT section 3 that a sweep keeps of each.

Between two decisions a path's holdings stand still, so its unit value moves with its value. With
c the running high inside such a stretch and h the high before it, the deepest fall is
min V / max(h, c) = min(min V / h, min V / c): one running high serves both the strategy's and the
account's drawdown, and no daily series is kept.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from backtests.measures.series import ROUNDING, money_weighted_rate
from backtests.vectorized.walk import Book, Flags, Ints, Spans, Stretch, Who
from data.prices import Days, Floats, month_firsts
from strategies.dca.terms import Terms

# What every path is reduced to, in the order of a sweep's columns.
CORE = (
    "contributed",
    "final_value",
    "multiple",
    "xirr",
    "twr",
    "cagr",
    "max_drawdown",
    "account_max_drawdown",
    "worst_shortfall",
    "months_below_money_in",
    "longest_months_below_money_in",
    "fees_paid",
)

Figures = dict[str, Floats]
Divide = Callable[[Floats, Floats], Floats]


@dataclass(frozen=True)
class Shape:
    """A stretch's values in brief, each of shape (paths,).

    `inner` is the lowest ratio of a value to the highest before it within the stretch.
    """

    first: Floats
    last: Floats
    low: Floats
    high: Floats
    inner: Floats

    @classmethod
    def of(cls, value: Floats) -> "Shape":
        """Shorten values of shape (bars, paths)."""
        first, last = value[0], value[-1]
        if len(value) == 1:
            return cls(first, last, first, first, np.ones_like(first))
        high = np.maximum.accumulate(value, axis=0)
        inner = ratio(value, high).min(axis=0)
        return cls(first, last, value.min(axis=0), high[-1], inner)


class Extremes:
    """Running value, unit value and the three drawdowns of all paths, each of shape (paths,)."""

    def __init__(self, paths: int) -> None:
        self.value = np.zeros(paths)
        self.unit = np.ones(paths)
        self._unit_high = np.ones(paths)
        self._account_high = np.zeros(paths)
        self._lowest = np.ones((3, paths))
        self._below = np.zeros((3, paths), dtype=np.int64)

    def see(self, stretch: Stretch) -> None:
        """Take a stretch in."""
        shape = Shape.of(stretch.value)
        self.take(stretch.who, shape, stretch.flow, stretch.contributed, stretch.month_ends)

    def take(
        self, who: Who, shape: Shape, flow: Floats, contributed: Floats, month_ends: Flags
    ) -> None:
        """Carry every figure on by one stretch (metrics.unit_value, drawdown and shortfall)."""
        before = self.value[who]
        # Once money is at work nothing is divided by 0, and a plain division is quicker.
        at_work = before.min() > 0 and shape.first.min() > 0
        over: Divide = np.divide if at_work else ratio
        gain = over(shape.first - flow, before)
        if not at_work:
            gain = np.where(before > 0, gain, ratio(shape.first, flow))
        unit = self.unit[who] * gain
        high, account_high = self._unit_high[who], self._account_high[who]
        lowest = self._lowest[:, who]
        lowest[0] = np.minimum(lowest[0], unit * over(shape.low, shape.first) / high)
        lowest[1] = np.minimum(lowest[1], over(shape.low, account_high))
        np.minimum(lowest[:2], shape.inner, out=lowest[:2])
        lowest[2] = np.minimum(lowest[2], over(shape.low, contributed))
        self._lowest[:, who] = lowest
        self._unit_high[who] = np.maximum(high, unit * over(shape.high, shape.first))
        self._account_high[who] = np.maximum(account_high, shape.high)
        self.unit[who] = unit * over(shape.last, shape.first)
        self.value[who] = shape.last
        self._count_below(who, over(shape.last, contributed), month_ends)

    def _count_below(self, who: Who, level: Floats, month_ends: Flags) -> None:
        count, run, longest = self._below[:, who]
        below = month_ends & (level - 1.0 <= -ROUNDING)
        run = np.where(month_ends, (run + 1) * below, run)
        self._below[:, who] = count + below, run, np.maximum(longest, run)

    @property
    def drawdowns(self) -> Floats:
        """Deepest falls of strategy, account and against money put in, shape (3, paths)."""
        return snapped(self._lowest - 1.0)

    def figures(self) -> Figures:
        """Return the figures that need no dates."""
        deepest = self.drawdowns
        return {
            "final_value": self.value,
            "twr": snapped(self.unit - 1.0),
            "max_drawdown": deepest[0],
            "account_max_drawdown": deepest[1],
            "worst_shortfall": deepest[2],
            "months_below_money_in": self._below[0].astype(np.float64),
            "longest_months_below_money_in": self._below[2].astype(np.float64),
        }


def figures(dates: Days, spans: Spans, terms: Terms, book: Book, extremes: Extremes) -> Figures:
    """Return CORE, each of shape (paths,); NaN where a figure cannot be computed."""
    found = extremes.figures()
    found["contributed"], found["fees_paid"] = book.contributed, book.fees_paid
    return complete(found, dates, spans, terms)


def complete(found: Figures, dates: Days, spans: Spans, terms: Terms) -> Figures:
    """Add the rates to what is known, in the order of CORE."""
    put_in = found["contributed"]
    paid, days = payments(dates, spans, terms)
    found["multiple"] = np.divide(
        found["final_value"], put_in, out=np.full_like(put_in, np.nan), where=put_in > 0
    )
    found["xirr"] = xirr(paid, days / 365.0, found["final_value"])
    found["cagr"] = cagr(found["twr"], np.where(paid > 0, days, 0.0).max(axis=0))
    return {name: found[name] for name in CORE}


def contribution_bars(dates: Days, spans: Spans) -> tuple[Ints, Ints]:
    """Return the bars on which each path pays in, shape (payments, paths), and how many are its.

    The places of a path with fewer than the most repeat a bar.
    """
    firsts = np.flatnonzero(month_firsts(dates))
    after = np.searchsorted(firsts, spans.first, side="right")
    more = np.searchsorted(firsts, spans.last, side="right") - after
    step = np.arange(int(more.max(initial=0)))[:, None]
    place = np.minimum(after + step, len(firsts) - 1)
    return np.vstack([spans.first, firsts[place]]), more + 1


def payments(dates: Days, spans: Spans, terms: Terms) -> tuple[Floats, Floats]:
    """Return each path's contributions and the days from each to its last bar.

    Both have shape (payments, paths); a path with fewer has 0 in the places left.
    """
    bars, count = contribution_bars(dates, spans)
    paid = np.full(bars.shape, terms.deposit_usd(first=False))
    paid[0] = terms.deposit_usd(first=True)
    paid[np.arange(len(paid))[:, None] >= count] = 0.0
    days = (dates[spans.last] - dates[bars]).astype("timedelta64[D]").astype(np.float64)
    return paid, np.where(paid > 0, days, 0.0)


def xirr(paid: Floats, years: Floats, final: Floats) -> Floats:
    """Return the yearly money-weighted rates, actual/365; NaN where metrics.xirr has None."""
    last_day = np.where(years == 0, paid, 0.0).sum(axis=0)
    solvable = (years.max(axis=0) > 0) & (final > last_day)
    found = np.full(len(final), np.nan)
    if solvable.any():
        kept = (paid > 0).any(axis=1)
        chosen = np.ix_(kept, solvable)
        rate = money_weighted_rate(paid[chosen], years[chosen], final[solvable])
        found[solvable] = snapped(rate)
    return found


def cagr(twr: Floats, days: Floats) -> Floats:
    """Return (1 + twr)^(365.25/days) - 1; NaN for no days (metrics.cagr)."""
    yearly = (1.0 + twr) ** (365.25 / np.where(days > 0, days, 1.0)) - 1.0
    return np.where(days > 0, snapped(yearly), np.nan)


def ratio(level: Floats, reference: Floats) -> Floats:
    """Divide, 1 where there is nothing to divide by."""
    return np.divide(level, reference, out=np.ones_like(level), where=reference > 0)


def snapped(values: Floats) -> Floats:
    """Call what is within rounding of 0 zero, as metrics does."""
    return np.where(np.abs(values) < ROUNDING, 0.0, values)
