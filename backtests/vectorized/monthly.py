"""The short way for monthly paths: holdings in dollars grow by the drawn ratios, month by month.

No share is counted, so it serves fractional shares bought at the close with every contribution
above its fixed fees; the walk serves the rest. A cell of paths stays in the processor's cache.
"""

from collections.abc import Callable

import numpy as np

from backtests.measures.rates import RateCurve
from backtests.measures.running import Figures, Running
from backtests.vectorized.bootstrap import CELL, Blocks, Design, History, calendar, repeated
from data.arrays import Floats
from strategies.dca.schedule import Calendar
from strategies.dca.terms import Rebalance, Terms
from strategies.dca.trading import Bar, Saver, fees, split, trades


def applies(assets: int, rule: Rebalance, terms: Terms) -> bool:
    """Tell whether dollars say all: no whole shares, no waiting, no cash left over."""
    costs = terms.costs
    fixed, monthly = assets * max(costs.per_order_usd, costs.least_usd), terms.monthly_usd
    if rule.rule in ("annual", "band") and (fixed or costs.tax):
        return False  # fees are set aside for orders that may turn out too small to be sent
    enough = terms.first_usd > fixed and (not monthly or monthly > fixed)
    return (
        (terms.schedule.plain or not fixed)
        and terms.parts == 1
        and terms.quit is None
        and not terms.whole_shares
        and terms.fill == "close"
        and enough
    )


class Machine:
    """Play cell after cell of one saver over one history; what all cells share is made once."""

    def __init__(self, history: History, design: Design, saver: Saver) -> None:
        self.design, self.saver = design, saver
        self.dates = calendar(history, design.months)
        self._length = len(history.ratios)
        self._ratios = repeated(history, design.months)
        sessions = np.ones(design.months, dtype=np.bool_)
        every = Calendar.of(self.dates, sessions, saver.terms.schedule)
        self._new_year, self._pays = every.new_year.tolist(), every.pays.tolist()
        whole = np.array([0]), np.array([design.months - 1])
        bars, self._paid = every.payments(*whole, saver.terms)
        self._bars = bars[:, 0]
        self._days = (self.dates[-1] - self.dates[bars]).astype("timedelta64[D]").astype(np.float64)
        paid = self._paid[:, 0] > 0
        self._curve = RateCurve(self._paid[paid, 0], self._days[paid, 0] / 365.0)

    def play(self, cell: int, watch: Callable[[Running], None] | None = None) -> Figures:
        """Return the figures of a cell's paths; `watch` is shown every month's end."""
        usd = np.zeros(self.design.months)
        usd[self._bars] = self._paid[:, 0]
        paid: list[float] = usd.tolist()
        blocks, running = Blocks(self.design, cell, self._length), Running(CELL)
        opening, fee = self._plain(paid[0])
        held = np.repeat(opening, CELL, axis=1)
        running.open(held.sum(axis=0), paid[0], fee)
        if watch:
            watch(running)
        plains = {usd: self._plain(usd) for usd in set(paid[1:])}
        grown = np.empty_like(held)
        for month in range(1, self.design.months):
            offsets = blocks.turn(month - 1)
            self._ratios[:, month - 1 :].take(offsets, axis=1, out=grown, mode="clip")
            held *= grown
            value = np.add.reduce(held, axis=0)
            taken: Floats | float
            if self._is_plain(month):
                plain, taken = plains[paid[month]]
                held += plain
            else:
                taken = self._rebalance(month, held, np.full(CELL, paid[month]))
            running.month(value, paid[month], taken)
            if watch:
                watch(running)
        return running.figures(self._paid, self._days, self._curve.rates(running.value))

    def _is_plain(self, month: int) -> bool:
        rule = self.saver.rule.rule
        turns = rule != "annual" or self._new_year[month]
        return rule == "none" or not (turns and self._pays[month])

    def _plain(self, usd: float) -> tuple[Floats, float]:
        """Split one contribution by the targets: dollars an asset, shape (assets, 1), and fees."""
        dollars = split(np.array([usd]), self.saver.weights, self.saver.terms.costs)
        return dollars, float(fees(dollars, self.saver.terms.costs).sum())

    def _rebalance(self, month: int, held: Floats, cash: Floats) -> Floats:
        """Trade to what the rule asks; return the fees. What is too little to trade stays in."""
        targets, costs = self.saver.weights, self.saver.terms.costs
        bar = Bar(held, held[:, 0] >= 0, self._new_year[month])
        dollars, _ = trades(self.saver, bar, held, targets, cash, np.zeros_like(cash))
        taken = np.asarray(fees(dollars, costs).sum(axis=0))
        held += dollars
        held += targets * (cash - taken - dollars.sum(axis=0))
        return taken
