"""The money of many paths at once, and who of them loses heart and comes back."""

from dataclasses import dataclass, field, replace

import numpy as np

from backtests.measures.running import Running, Who
from backtests.vectorized.market import Market
from data.arrays import Floats, Ints, month_of
from strategies.dca.terms import Quit
from strategies.dca.trading import Bar, Gains, Saver, invest, settle, sheltered


@dataclass
class Book:
    """The money of all paths: shares (assets, paths), cash and taxes paid so far (paths,)."""

    market: Market
    saver: Saver
    paths: int
    shares: Floats = field(init=False)
    cash: Floats = field(init=False)
    gains: Gains | None = field(init=False)
    taxes: Floats = field(init=False)

    def __post_init__(self) -> None:
        symbols = self.market.symbols
        # The order in which strategies/dca/base.py sends orders; it matters to the last bit.
        self._order = sorted(range(len(symbols)), key=lambda asset: symbols[asset])
        self.shares, self.cash = np.zeros((len(symbols), self.paths)), np.zeros(self.paths)
        self.gains = Gains.none(self.shares.shape) if self.saver.terms.costs.tax else None
        self.taxes = np.zeros(self.paths)

    def invest(self, who: Who, bar: Bar, waiting: Floats) -> Floats:
        """Trade to what the rule asks, but for what waits; return the fees of each path."""
        return self._trade(self.saver, who, bar, waiting)

    def turn(self, bar: int, who: Ints) -> None:
        """Hear that those who opened before have a payment on `bar`; nobody leaves."""

    def _trade(self, saver: Saver, who: Who, bar: Bar, waiting: Floats) -> Floats:
        # Targets sum to 1 here, or to 0, so nothing else is kept in cash on purpose.
        cash = np.maximum(self.cash[who] - waiting, 0.0)
        kept, gains = np.zeros_like(cash), self.gains.of(who) if self.gains else None
        traded, _ = invest(saver, bar, self.shares[:, who], cash, kept, gains)
        return self.settle(who, traded, bar.prices)

    def settle(self, who: Who, traded: Floats, prices: Floats) -> Floats:
        """Book trades; return the fees of each path."""
        costs = self.saver.terms.costs
        self.cash[who], fees = settle(traded, prices, costs, self._order, self.cash[who])
        if self.gains:
            held = self.shares[:, who] * prices
            tax, left = self.gains.of(who).realise(traded * prices, held, costs.tax)
            self.gains.cost[:, who], self.gains.losses[who] = left.cost, left.losses
            self.cash[who] -= tax
            self.taxes[who] += tax
        self.shares[:, who] += traded
        return np.asarray(fees.sum(axis=0))


class Leaving(Book):
    """The book of savers who sell all at a fall and may come back (terms.Quit).

    `running` follows the same paths: before a payment it knows the drawdown of the bar before.
    """

    def __init__(self, market: Market, saver: Saver, quit_: Quit, running: Running) -> None:
        super().__init__(market, saver, len(running.value))
        self._quit, self._running = quit_, running
        self._months = month_of(market.dates)
        self._shelter = sheltered(market.symbols)
        self._left = np.full(self.paths, -1, dtype=np.int64)
        self._out, self._turned = np.zeros((2, self.paths), dtype=np.bool_)

    def turn(self, bar: int, who: Ints) -> None:
        """Let those leave who have fallen so far, once, and those come back whose time is over."""
        month, months = self._months[bar], self._quit.months
        leaves = (self._left[who] < 0) & self._quit.reached(self._running.fall[who])
        over = month - self._left[who] >= (months or np.inf)
        turned = leaves | (self._out[who] & over)
        self._left[who[leaves]] = month
        self._out[who[turned]] ^= True
        self._turned[who[turned]] ^= True

    def invest(self, who: Who, bar: Bar, waiting: Floats) -> Floats:
        """Trade to the targets of each path: its own, or those of who has left."""
        turned = self._turned[who].copy()
        self._turned[who] = False
        weights = np.where(self._out[who], self._shelter, self.saver.weights)
        now = replace(bar, turned=turned) if turned.any() else bar
        return self._trade(replace(self.saver, weights=weights), who, now, waiting)


def book_of(market: Market, saver: Saver, running: Running) -> Book:
    """Return the book of the paths that `running` follows."""
    quit_ = saver.terms.quit
    if quit_ is None:
        return Book(market, saver, len(running.value))
    return Leaving(market, saver, quit_, running)
