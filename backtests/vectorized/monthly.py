"""The short way for monthly paths: holdings in dollars grow by the drawn ratios, month by month.

No share is counted, so it serves fractional shares bought at the close with every contribution
above its fixed fees; fast.play serves the rest. A cell of paths stays in the processor's cache.
"""

from dataclasses import dataclass

import numpy as np

from backtests.measures.series import ROUNDING, money_weighted_rate
from backtests.vectorized.bootstrap import CELL, Blocks, Design, History, calendar, repeated
from backtests.vectorized.measured import CORE, Figures, cagr, snapped
from data.prices import Days, Floats
from strategies.dca import trading
from strategies.dca.terms import Costs, Rebalance, Terms


def applies(assets: int, rule: Rebalance, terms: Terms) -> bool:
    """Tell whether dollars say all: no whole shares, no waiting, no cash left over."""
    if rule.kind in ("annual", "band") and terms.costs.per_order_usd:
        return False  # fees are set aside for orders that may turn out too small to be sent
    fixed = assets * terms.costs.per_order_usd
    due = [
        usd for usd in (terms.deposit_usd(first=True), terms.monthly_usd or None) if usd is not None
    ]
    return not terms.whole_shares and terms.fill == "close" and all(usd > fixed for usd in due)


@dataclass(frozen=True)
class Saver:
    """How a path's money is put to work: weights of shape (assets,), the rule and the terms."""

    weights: Floats
    rule: Rebalance
    terms: Terms


class Tally:
    """Running figures of a cell, each (CELL,), updated in place."""

    def __init__(self, value: Floats, put_in: float) -> None:
        self.value = value
        self.put_in = put_in
        self.unit = value / put_in
        # The unit value over its high, which is at least 1.
        self._level = np.minimum(self.unit, 1.0)
        self._account_high = value.copy()
        self._low, self._multiple_low = self._level.copy(), self._level.copy()
        self._account_low = np.ones_like(value)
        self._work = self.unit.copy()
        self._flags = np.zeros(len(value), dtype=np.bool_)
        self._below = np.zeros(len(value), dtype=np.int16)
        self._months = np.zeros((3, len(value)), dtype=np.int16)
        self._count()

    def carry(self, value: Floats, paid: float) -> None:
        """Take a month in: `value` before the contribution, fees off; it is kept and changed."""
        work = self._work
        np.divide(value, self.value, out=work)
        self.unit *= work
        self._level *= work
        np.minimum(self._level, 1.0, out=self._level)
        np.minimum(self._low, self._level, out=self._low)
        value += paid
        self.value, self.put_in = value, self.put_in + paid
        np.maximum(self._account_high, value, out=self._account_high)
        np.divide(value, self._account_high, out=work)
        np.minimum(self._account_low, work, out=self._account_low)
        np.multiply(value, 1.0 / self.put_in, out=work)
        np.minimum(self._multiple_low, work, out=self._multiple_low)
        self._count()

    def _count(self) -> None:
        """Count the months in which value over money put in is below 1, and the longest run."""
        below, (count, run, longest) = self._below, self._months
        np.less_equal(self._work, 1.0 - ROUNDING, out=self._flags)
        np.copyto(below, self._flags)
        count += below
        run += 1
        run *= below
        np.maximum(longest, run, out=longest)

    def figures(self) -> Figures:
        """Return what needs no dates."""
        falls = snapped(np.array([self._low, self._account_low, self._multiple_low]) - 1.0)
        return {
            "contributed": np.full(len(self.value), self.put_in),
            "final_value": self.value,
            "multiple": self.value / self.put_in,
            "twr": snapped(self.unit - 1.0),
            "max_drawdown": falls[0],
            "account_max_drawdown": falls[1],
            "worst_shortfall": falls[2],
            "months_below_money_in": self._months[0].astype(np.float64),
            "longest_months_below_money_in": self._months[2].astype(np.float64),
        }


class Machine:
    """Play cell after cell of one saver over one history; what all cells share is made once."""

    def __init__(self, history: History, design: Design, saver: Saver) -> None:
        self.design = design
        self.saver = saver
        self.dates = calendar(history, design.months)
        self._length = len(history.ratios)
        self._ratios = repeated(history, design.months)
        years = self.dates.astype("datetime64[Y]")
        self._new_year = [False, *(years[1:] != years[:-1]).tolist()]
        self._targets = saver.weights[:, None]
        self._cash = np.full(CELL, saver.terms.monthly_usd)
        paid, years = flows(self.dates, saver.terms)
        self._days = np.full(CELL, years[0] * 365.0)
        self.curve = RateCurve(paid, years)

    def play(self, cell: int) -> Figures:
        """Return the figures of a cell's paths but for what the dates alone decide."""
        terms, blocks = self.saver.terms, Blocks(self.design, cell, self._length)
        opening = self._plain(terms.deposit_usd(first=True))
        held = np.repeat(opening, CELL, axis=1)
        fees_paid = np.full(CELL, float(self._fees(opening)[0]))
        tally = Tally(held.sum(axis=0), terms.deposit_usd(first=True))
        plain = self._plain(terms.monthly_usd)
        plain_fee = float(self._fees(plain)[0])
        grown = np.empty_like(held)
        for month in range(1, self.design.months):
            offsets = blocks.turn(month - 1)
            self._ratios[:, month - 1 :].take(offsets, axis=1, out=grown, mode="clip")
            held *= grown
            value = np.add.reduce(held, axis=0)
            if self._is_plain(month):
                held += plain
                fee: Floats | float = plain_fee
            else:
                fee = self._rebalance(month, held)
            if terms.costs != FREE:
                value -= fee
                fees_paid += fee
            tally.carry(value, terms.monthly_usd)
        found = tally.figures() | {"fees_paid": fees_paid}
        found["xirr"] = self.curve.rates(found["final_value"])
        found["cagr"] = cagr(found["twr"], self._days)
        return {name: found[name] for name in CORE}

    def _is_plain(self, month: int) -> bool:
        kind = self.saver.rule.kind
        return kind == "none" or (kind == "annual" and not self._new_year[month])

    def _plain(self, usd: float) -> Floats:
        """Split one contribution by the targets: dollars an asset, shape (assets, 1)."""
        return trading.split(np.array([usd]), self._targets, self.saver.terms.costs)

    def _fees(self, dollars: Floats) -> Floats:
        return np.asarray(trading.fees(dollars, self.saver.terms.costs).sum(axis=0))

    def _rebalance(self, month: int, held: Floats) -> Floats:
        """Trade to what the rule asks; return the fees. What is too little to trade stays in."""
        terms, cash = self.saver.terms, self._cash
        new_year = self._new_year[month]
        dollars = trading.trades(self.saver.rule, new_year, held, cash, self._targets, terms.costs)
        fees = self._fees(dollars)
        held += dollars
        held += self._targets * (cash - fees - dollars.sum(axis=0))
        return fees


FREE = Costs()


def flows(dates: Days, terms: Terms) -> tuple[Floats, Floats]:
    """Return a path's contributions and the years from each to the last bar."""
    paid = np.full(len(dates), terms.monthly_usd)
    paid[0] = terms.deposit_usd(first=True)
    years = (dates[-1] - dates).astype("timedelta64[D]").astype(np.float64) / 365.0
    return paid[paid > 0], years[paid > 0]


class RateCurve:
    """XIRR of many paths with the same payments, which differ in the final value alone.

    What the payments grow to is then one function of the rate; it is tabled once, and each path
    reads its rate off by cubic Hermite interpolation, to 1e-13 over 25 years. Beyond the table,
    yearly rates of -63 % and +172 %, Newton's method does as for a single saver.
    """

    def __init__(self, paid: Floats, years: Floats) -> None:
        self._paid, self._years = paid, years
        self._growth = np.linspace(-1.0, 1.0, 4_097)
        total, moment = np.zeros_like(self._growth), np.zeros_like(self._growth)
        for usd, span in zip(paid, years, strict=True):
            worth = usd * np.exp(span * self._growth)
            total += worth
            moment += span * worth
        self._level = np.log(total)
        self._slope = total / moment if years[0] > 0 else np.zeros_like(total)

    def rates(self, final: Floats) -> Floats:
        """Return the yearly rate of each path; NaN where metrics.xirr has None."""
        last_day = float(self._paid[self._years == 0].sum())
        found = np.full(len(final), np.nan)
        solvable = (final > last_day) & (self._years[0] > 0)
        level = np.log(np.where(solvable, final, 1.0))
        tabled = solvable & (level > self._level[0]) & (level < self._level[-1])
        found[tabled] = np.expm1(self._read(level[tabled]))
        beyond = solvable & ~tabled
        if beyond.any():
            found[beyond] = money_weighted_rate(
                self._paid[:, None], self._years[:, None], final[beyond]
            )
        return snapped(found)

    def _read(self, level: Floats) -> Floats:
        right = np.searchsorted(self._level, level)
        left = right - 1
        width = self._level[right] - self._level[left]
        t = (level - self._level[left]) / width
        rest = 1.0 - t
        step = self._growth[right] - self._growth[left]
        bend = self._slope[left] * width * rest - self._slope[right] * width * t
        return np.asarray(self._growth[left] + step * t * t * (3.0 - 2.0 * t) + t * rest * bend)
