"""Reduce many paths to their figures while they are walked: the one reducer of all replays.

Between two decisions a path's holdings stand still, so its unit value moves with its value. With
c the running high inside such a stretch and h the high before it, the deepest fall is
min V / max(h, c) = min(min V / h, min V / c): one running high serves both the strategy's and the
account's drawdown, and no daily series is kept.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backtests.measures.rates import YEAR_DAYS, cagr, growth_rate, mwr, xirr
from backtests.measures.series import ROUNDING, Flows, growth, ratio, snapped
from data.arrays import Floats

Flags = NDArray[np.bool_]
Who = slice | NDArray[np.int64]
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
)


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
        return cls(first, last, value.min(axis=0), high[-1], ratio(value, high).min(axis=0))


class Running:
    """Value, unit value, the three drawdowns and months below of all paths, each (paths,).

    `stretch` takes in any stretch of bars of some paths; `month` does the same in place for a
    stretch of one month-end bar of all of them.
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

    def stretch(self, who: Who, shape: Shape, flows: Flows, ends: Flags) -> None:
        """Carry some paths on; `flows` fell on the first bar, `ends` marks month ends."""
        gain = growth(self.value[who], shape.first, flows)
        level = np.minimum(self._level[who] * gain, 1.0)
        high = np.maximum(self._account_high[who], shape.first)
        contributed = self.contributed[who] + flows.usd
        self.contributed[who], self.value[who] = contributed, shape.last
        self.fees_paid[who] += flows.fees
        lowest = self._lowest[:, who]
        lowest[0] = np.minimum(lowest[0], level * ratio(shape.low, shape.first))
        lowest[1] = np.minimum(lowest[1], ratio(shape.low, high))
        np.minimum(lowest[:2], shape.inner, out=lowest[:2])
        lowest[2] = np.minimum(lowest[2], ratio(shape.low, contributed))
        self._lowest[:, who] = lowest
        rise = np.maximum(level * ratio(shape.high, shape.first), 1.0)
        inside = ratio(shape.last, shape.first)
        self._level[who] = level * inside / rise
        self._account_high[who] = np.maximum(high, shape.high)
        self.unit[who] *= gain * inside
        self._count(who, ratio(shape.last, contributed) <= 1.0 - ROUNDING, ends)

    def _count(self, who: Who, below: Flags, ends: Flags) -> None:
        """Count the months that ended below money put in, and the longest run of them."""
        count, run, longest = self._months[:, who]
        run = np.where(ends, (run + 1) * below, run)
        self._months[:, who] = count + (ends & below), run, np.maximum(longest, run)

    def open(self, value: Floats, paid: float, fees: float) -> None:
        """Take in all paths' first month end; `value` is kept and changed."""
        whole, nothing = slice(None), np.zeros_like(value)
        self._account_high[:] = value
        flows = Flows(nothing, nothing + paid, nothing + fees)
        self.stretch(whole, Shape.of(value[None]), flows, value >= 0)
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
    def drawdowns(self) -> Floats:
        """Deepest falls of strategy, account and against money put in, shape (3, paths)."""
        return snapped(self._lowest - 1.0)

    def figures(self, paid: Floats, days: Floats, rate: Floats | None = None) -> Figures:
        """Return KEPT, NaN where there is none; payments and days to the end (payments, paths).

        `rate` is the `growth_rate` where the caller has it.
        """
        deepest, put_in = self.drawdowns, self.contributed
        twr = snapped(self.unit - 1.0)
        multiple = np.full_like(put_in, np.nan)
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
        }
        return {name: found[name] for name in KEPT}
