"""The course of one run: what every measure is computed from."""

from dataclasses import dataclass
from functools import cached_property
from math import fsum

import numpy as np

from backtests.measures import series
from backtests.measures.rates import YEAR_DAYS, cagr, growth_rate, mwr, xirr
from backtests.measures.series import Drawdown, Flows
from data.arrays import Days, Floats
from data.prices import BARS_A_YEAR, Bars

DEEPEST = 10


@dataclass(frozen=True)
class Course:
    """A saver's account bar by bar; arrays of one entry a bar, money in dollars.

    `value` is that after the bar's `flow` (dollars paid in) and `fees`, and its `taxes`
    on gains (None: no such tax); `without_ter` is what the last value would be if no yearly cost
    were taken from prices (None: none is); `before` is what the old
    holdings and cash are worth at the bar's prices. `bill` is a T-bill index over the same bars,
    `consumer_prices` a price index; None where the data has none.
    """

    dates: Days
    value: Floats
    flow: Floats
    fees: Floats
    before: Floats
    resolution: Bars
    bill: Floats | None = None
    consumer_prices: Floats | None = None
    taxes: Floats | None = None
    without_ter: float | None = None

    @cached_property
    def contributed(self) -> Floats:
        """Money put in so far, M."""
        return np.cumsum(self.flow)

    @cached_property
    def unit_value(self) -> Floats:
        """Time-weighted unit value, U."""
        return series.unit_value(self.value, Flows(self.before, self.flow, self.fees, self.taxes))

    @cached_property
    def drawdown(self) -> Floats:
        """Drawdown of the unit value: the strategy's."""
        return series.drawdown(self.unit_value)

    @cached_property
    def account_drawdown(self) -> Floats:
        """Drawdown of the account's value, contributions and all."""
        return series.account_drawdown(self.value)

    @cached_property
    def shortfall(self) -> Floats:
        """Loss against money put in, 0 where there is none."""
        return series.shortfall(self.value, self.contributed)

    @cached_property
    def returns(self) -> Floats:
        """Simple returns of the unit value after the first bar, shape (bars - 1,)."""
        return series.returns(self.unit_value)

    @cached_property
    def excess(self) -> Floats:
        """Returns above those of T-bills, or above 0 where the data has none."""
        return self.returns if self.bill is None else self.returns - series.returns(self.bill)

    @cached_property
    def drawdowns(self) -> list[Drawdown]:
        """The strategy's falls, deepest first."""
        return series.drawdowns(self.unit_value, self.drawdown, self.dates, DEEPEST)

    @cached_property
    def account_fall(self) -> Drawdown | None:
        """The account's deepest fall; None where it never fell."""
        found = series.drawdowns(self.value, self.account_drawdown, self.dates, most=1)
        return found[0] if found else None

    @cached_property
    def months_below(self) -> tuple[int, int]:
        """Months that ended below money put in, and the longest run of them."""
        return series.months_below(self.shortfall, self.dates)

    @property
    def fees_paid(self) -> float:
        """All fees, in dollars."""
        return fsum(self.fees)

    @property
    def taxes_paid(self) -> float:
        """All taxes on gains, in dollars."""
        return 0.0 if self.taxes is None else fsum(self.taxes)

    @property
    def ter_cost(self) -> float:
        """What the funds' yearly costs took from the final value, in dollars."""
        return 0.0 if self.without_ter is None else self.without_ter - float(self.value[-1])

    @property
    def bars_a_year(self) -> int:
        """Bars a year, to scale returns by: 12, 52, 252, or 365 where weekends are among them."""
        if (
            self.resolution == "daily"
            and not np.is_busday(self.dates.astype("datetime64[D]")).all()
        ):
            return 365
        return BARS_A_YEAR[self.resolution]

    @property
    def twr(self) -> float:
        """Growth of the unit value over the whole run."""
        return series.snap(float(self.unit_value[-1] - 1.0))

    @cached_property
    def days(self) -> int:
        """Calendar days from the first payment to the last bar."""
        paid = np.flatnonzero(self.flow > 0)
        return int((self.dates[-1] - self.dates[paid[0]]).astype(int)) if paid.size else 0

    @cached_property
    def _rate(self) -> Floats:
        """Logarithm of the yearly money-weighted growth, shape (1,)."""
        return self._growth_of(self.flow)

    def _growth_of(self, flow: Floats) -> Floats:
        paid = flow > 0
        days = (self.dates[-1] - self.dates[paid]).astype("timedelta64[D]").astype(np.float64)
        return growth_rate(flow[paid, None], days[:, None] / YEAR_DAYS, self.value[-1:])

    @property
    def _days(self) -> Floats:
        return np.array([float(self.days)])

    @cached_property
    def _to_last(self) -> Floats | None:
        """What a dollar of each bar buys at the last bar's consumer prices; None without them."""
        levels = self.consumer_prices
        return levels[-1] / levels if levels is not None and np.isfinite(levels).all() else None

    @property
    def real_flow(self) -> Floats | None:
        """Dollars paid in, as dollars of the last bar."""
        return None if self._to_last is None else self.flow * self._to_last

    @property
    def real_xirr(self) -> float | None:
        """XIRR of flows at the last bar's consumer prices; None as for `xirr`, or without them."""
        flow = self.real_flow
        return None if flow is None else _known(xirr(self._growth_of(flow), self._days))

    @property
    def real_drawdown(self) -> Floats | None:
        """Drawdown of the unit value over consumer prices, from the first payment on."""
        if self._to_last is None:
            return None
        first = int((self.flow > 0).argmax())
        worth = self._to_last[np.maximum(np.arange(len(self.dates)), first)]
        return series.drawdown(self.unit_value * worth / worth[0])

    @property
    def xirr(self) -> float | None:
        """Yearly money-weighted rate, actual/365; None in a window of under a year."""
        return _known(xirr(self._rate, self._days))

    @property
    def mwr(self) -> float | None:
        """Money-weighted return over the whole window."""
        return _known(mwr(self._rate, self._days))

    @property
    def cagr(self) -> float | None:
        """Yearly growth of the unit value; None in a window of under a year."""
        return _known(cagr(self.unit_value[-1:] - 1.0, self._days))


def _known(values: Floats) -> float | None:
    return None if np.isnan(values[0]) else float(values[0])
