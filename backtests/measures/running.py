"""Reduce many paths to their figures while they are walked: the one reducer of all replays.

Between two decisions a path's holdings stand still, so its unit value moves with its value. With
c the running high inside such a stretch and h the high before it, the deepest fall is
min V / max(h, c) = min(min V / h, min V / c): one running high serves both the strategy's and the
account's drawdown, and no daily series is kept.
"""

from dataclasses import dataclass

import numpy as np

from backtests.measures.rates import YEAR_DAYS, cagr, growth_rate, mwr, xirr
from backtests.measures.series import ROUNDING, Flows, growth, ratio, snapped
from data.arrays import Flags, Floats, Ints

# Paths that act together: a slice where they lie side by side, which spares a copy.
Who = slice | Ints
Figures = dict[str, Floats]

# What every path is reduced to, in the order of a sweep's columns.
KEPT = (
    "contributed",
    "final_value",
    "multiple",
    "xirr",
    "mwr",
    "twr",
    "cagr",
    "max_drawdown",
    "account_max_drawdown",
    "worst_shortfall",
    "months_below_money_in",
    "longest_months_below_money_in",
    "fees_paid",
    "cushion",
)


@dataclass(frozen=True)
class Shape:
    """The values of consecutive stretches in brief, each of shape (stretches, paths).

    `inner` is the lowest ratio of a value to the highest before it within the stretch.
    """

    first: Floats
    last: Floats
    low: Floats
    high: Floats
    inner: Floats

    @classmethod
    def of(cls, value: Floats) -> "Shape":
        """Shorten the values of one stretch, of shape (bars, paths)."""
        first, last = value[:1], value[-1:]
        if len(value) == 1:
            return cls(first, last, first, first, np.ones_like(first))
        high = np.maximum.accumulate(value, axis=0)
        inner = ratio(value, high).min(axis=0, keepdims=True)
        return cls(first, last, value.min(axis=0, keepdims=True), high[-1:], inner)


class Running:
    """Value, unit value, the three drawdowns and months below of all paths, each (paths,).

    `take` takes in consecutive stretches of bars of some paths; `month` does the same in place for
    a stretch of one month-end bar of all of them.
    """

    def __init__(self, paths: int) -> None:
        self.value = np.zeros(paths)
        self.unit = np.ones(paths)
        self.contributed = np.zeros(paths)
        self.fees_paid = np.zeros(paths)
        # The unit value over its high, which is at least 1.
        self._level = np.ones(paths)
        self._account_high = np.zeros(paths)
        self._lowest = np.ones((3, paths))
        self._months = np.zeros((3, paths), dtype=np.int16)
        self._work, self._flags = np.empty(paths), np.empty(paths, dtype=np.bool_)

    def take(self, who: Who, shape: Shape, flows: Flows, ends: Flags) -> None:
        """Carry some paths on; `flows` fell on the first bars, `ends` marks last bars of months."""
        last = np.concatenate([self.value[who][None], shape.last[:-1]])
        gain, inside = growth(last, shape.first, flows), ratio(shape.last, shape.first)
        steps = gain.copy()
        steps[1:] *= inside[:-1]
        # Unit values on the first bars, over the high before all of them.
        unit = np.cumprod(steps, axis=0)
        level = self._level[who] * unit
        highs = _highs(np.ones_like(level[:1]), level * ratio(shape.high, shape.first))
        accounts = _highs(self._account_high[who][None], shape.high)
        contributed = self.contributed[who] + np.cumsum(flows.usd, axis=0)
        inner = shape.inner.min(axis=0)
        lowest = self._lowest[:, who]
        fell = (level * ratio(shape.low, shape.first) / highs[:-1]).min(axis=0)
        lowest[0] = np.minimum(np.minimum(lowest[0], fell), inner)
        fell = ratio(shape.low, accounts[:-1]).min(axis=0)
        lowest[1] = np.minimum(np.minimum(lowest[1], fell), inner)
        lowest[2] = np.minimum(lowest[2], ratio(shape.low, contributed).min(axis=0))
        self._lowest[:, who] = lowest
        self._level[who] = level[-1] * inside[-1] / highs[-1]
        self._account_high[who] = accounts[-1]
        self.unit[who] *= unit[-1] * inside[-1]
        self.value[who], self.contributed[who] = shape.last[-1], contributed[-1]
        self.fees_paid[who] += flows.fees.sum(axis=0)
        self._count(who, ratio(shape.last, contributed) <= 1.0 - ROUNDING, ends)

    def _count(self, who: Who, below: Flags, ends: Flags) -> None:
        """Count the months that ended below money put in, and the longest run of them."""
        count, run, longest = self._months[:, who]
        months = np.cumsum(ends, axis=0, dtype=np.int16)
        above = np.maximum.accumulate(np.where(below, np.int16(0), months * ends), axis=0)
        runs = months - above + np.where(above, np.int16(0), run)
        count = count + (ends & below).sum(axis=0, dtype=np.int16)
        self._months[:, who] = count, runs[-1], np.maximum(longest, runs.max(axis=0))

    def open(self, value: Floats, paid: float, fees: float) -> None:
        """Take in all paths' first month end; `value` is kept and changed."""
        whole, nothing = slice(None), np.zeros_like(value[None])
        flows = Flows(nothing, nothing + paid, nothing + fees)
        self.take(whole, Shape.of(value[None]), flows, value[None] >= 0)
        self.value = value

    def month(self, value: Floats, paid: float, fees: Floats | float) -> None:
        """Take in a month end: `value` before the contribution and fees; it is kept and changed."""
        work, put_in = self._work, self.contributed
        np.divide(value, self.value, out=work)
        value += paid
        if np.any(fees):
            work *= (value - fees) / value
            value -= fees
        self.unit *= work
        self._level *= work
        np.minimum(self._level, 1.0, out=self._level)
        np.minimum(self._lowest[0], self._level, out=self._lowest[0])
        put_in += paid
        self.fees_paid += fees
        self.value = value
        np.maximum(self._account_high, value, out=self._account_high)
        np.divide(value, self._account_high, out=work)
        np.minimum(self._lowest[1], work, out=self._lowest[1])
        np.multiply(value, 1.0 / put_in[0], out=work)
        np.minimum(self._lowest[2], work, out=self._lowest[2])
        count, run, longest = self._months
        np.less_equal(work, 1.0 - ROUNDING, out=self._flags)
        count += self._flags
        run += 1
        run *= self._flags
        np.maximum(longest, run, out=longest)

    @property
    def fall(self) -> Floats:
        """The unit value's drawdown on the last bar, (paths,)."""
        return snapped(self._level - 1.0)

    @property
    def drawdowns(self) -> Floats:
        """Deepest falls of strategy, account and against money put in, shape (3, paths)."""
        return snapped(self._lowest - 1.0)

    def figures(self, paid: Floats, days: Floats, rate: Floats | None = None) -> Figures:
        """Return KEPT, NaN where there is none; payments and days to the end (payments, paths).

        `rate` is the `growth_rate` where the caller has it.
        """
        deepest, put_in = self.drawdowns, self.contributed
        twr = snapped(self.unit - 1.0)
        multiple, cushion = np.full((2, *put_in.shape), np.nan)
        np.divide(put_in, self.value, out=cushion, where=self.value > 0)
        if rate is None:
            rate = growth_rate(paid, days / YEAR_DAYS, self.value)
        longest = np.where(paid > 0, days, 0.0).max(axis=0, initial=0.0)
        found = {
            "contributed": put_in,
            "final_value": self.value,
            "multiple": np.divide(self.value, put_in, out=multiple, where=put_in > 0),
            "xirr": xirr(rate, longest),
            "mwr": mwr(rate, longest),
            "twr": twr,
            "cagr": cagr(twr, longest),
            "max_drawdown": deepest[0],
            "account_max_drawdown": deepest[1],
            "worst_shortfall": deepest[2],
            "months_below_money_in": self._months[0].astype(np.float64),
            "longest_months_below_money_in": self._months[2].astype(np.float64),
            "fees_paid": self.fees_paid,
            "cushion": snapped(1.0 - cushion),
        }
        return {name: found[name] for name in KEPT}


def _highs(before: Floats, high: Floats) -> Floats:
    """Return the highest value before each stretch and after the last, (stretches + 1, paths)."""
    return np.asarray(np.maximum.accumulate(np.concatenate([before, high]), axis=0))
