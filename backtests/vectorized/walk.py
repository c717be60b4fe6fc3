"""Replay many windows or price paths at once: the arithmetic of strategies/trading.py in numpy.

It is the twin of the Backtrader path (strategies/base.py and engine.py), bar for bar: tests hold
the two equal to 1e-9. What happens on a bar is decided from that bar's date and from prices up to
it, never from later ones. Arrays of assets have shape (assets, paths); money is USD.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from data.prices import Days, Floats, month_firsts
from data.window import Window
from strategies.dca import trading
from strategies.dca.terms import Rebalance, Terms

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
# Paths that act together: a slice where they lie side by side, which spares a copy.
Who = slice | Ints


@dataclass(frozen=True)
class Market:
    """Prices to replay: `closes` has shape (bars, assets), or (bars, assets, paths).

    With prices of its own each path has all bars (Spans.whole). As in a Window, closes are 0
    before a listing, `priced` (bars, assets) says where an asset has a price on that very bar,
    and `ends` gives the bar on which its declared end is known, else -1.
    """

    dates: Days
    symbols: tuple[str, ...]
    closes: Floats
    priced: Flags
    ends: Ints

    @classmethod
    def of(cls, view: Window) -> "Market":
        """Take the prices of a window."""
        ends = np.array([view.ends.get(s, -1) for s in view.symbols], dtype=np.int64)
        return cls(view.dates, view.symbols, view.closes, view.priced, ends)

    def at(self, bar: int) -> Floats:
        """Return a bar's prices, shape (assets, 1) or (assets, paths)."""
        prices = self.closes[bar]
        return np.asarray(prices[:, None] if prices.ndim == 1 else prices)

    def worth(self, start: int, stop: int, shares: Floats) -> Floats:
        """Value unchanged holdings on the bars from start to stop, shape (bars, paths)."""
        closes = self.closes[start:stop]
        if closes.ndim == 2:
            return np.asarray(closes @ shares)
        return np.asarray((closes * shares).sum(axis=1))


@dataclass(frozen=True)
class Spans:
    """First and last bar of each path's window, shape (paths,)."""

    first: Ints
    last: Ints

    @property
    def paths(self) -> int:
        """Count the windows."""
        return len(self.first)

    @classmethod
    def whole(cls, bars: int, paths: int) -> "Spans":
        """Let every path have all bars."""
        return cls(np.zeros(paths, dtype=np.int64), np.full(paths, bars - 1, dtype=np.int64))


@dataclass(frozen=True)
class Stretch:
    """What some paths lived through from one decision to the next.

    `value` (bars, paths) begins with the bar of the decision, on which `flow` (paths,) was paid
    in and all trades were done; `month_ends` marks the paths for which its last bar ends a month.
    """

    who: Who
    start: int
    value: Floats
    flow: Floats
    contributed: Floats
    month_ends: Flags


class Watcher(Protocol):
    """Someone who measures: hears of every stretch in order of time."""

    def see(self, stretch: Stretch) -> None:
        """Take one stretch in."""


class Book:
    """The money of all paths: shares (assets, paths), cash, contributions and fees (paths,)."""

    def __init__(
        self, market: Market, paths: int, weights: Floats, rule: Rebalance, terms: Terms
    ) -> None:
        """Start empty; `weights` has shape (assets, 1) or (assets, paths)."""
        self.weights = weights
        self.rule = rule
        self.terms = terms
        # The order in which strategies/base.py sends orders; it matters to the last bit.
        self.order = sorted(range(len(market.symbols)), key=lambda a: market.symbols[a])
        self.shares = np.zeros((len(market.symbols), paths))
        self.cash = np.zeros(paths)
        self.contributed = np.zeros(paths)
        self.fees_paid = np.zeros(paths)

    def pay_in(self, who: Who, usd: Floats) -> None:
        """Add a contribution to the cash."""
        self.cash[who] += usd
        self.contributed[who] += usd

    def invest(self, who: Who, new_year: bool, prices: Floats, priced: Flags) -> None:
        """Trade to what the rule asks."""
        shares, cash = self.shares[:, who], self.cash[who]
        weights = self.weights if self.weights.shape[1] == 1 else self.weights[:, who]
        targets = trading.renormalise(weights, priced[:, None])
        if not targets.any():
            return
        held = shares * np.where(priced[:, None], prices, 0.0)
        dollars = trading.trades(self.rule, new_year, held, cash, targets, self.terms.costs)
        self._settle(who, trading.sizes(dollars, shares, prices, self.terms.whole_shares), prices)

    def sell_ended(self, who: Who, ended: Flags, prices: Floats) -> None:
        """Sell what has ended at its last price."""
        sale = trading.ended_sale(self.shares[:, who], prices, self.terms.costs)
        sizes = np.where(ended[:, None], sale, 0.0)
        if sizes.any():
            self._settle(who, sizes, prices)

    def _settle(self, who: Who, sizes: Floats, prices: Floats) -> None:
        traded = sizes * prices
        fees = trading.fees(traded, self.terms.costs)
        spent = traded + fees
        selling = traded < 0
        cash = self.cash[who]
        if selling.any():
            for asset in self.order:
                cash = cash - np.where(selling[asset], spent[asset], 0.0)
            spent = np.where(selling, 0.0, spent)
        for asset in self.order:
            cash = cash - spent[asset]
        self.cash[who] = cash
        self.shares[:, who] += sizes
        self.fees_paid[who] += fees.sum(axis=0)


@dataclass(frozen=True)
class _Calendar:
    """What the dates alone decide: month firsts, new years, and each window's own first bar."""

    firsts: Flags
    new_years: Flags
    spans: Spans
    fill_next: bool

    @classmethod
    def of(cls, dates: Days, spans: Spans, terms: Terms) -> "_Calendar":
        years = dates.astype("datetime64[Y]")
        turns = np.concatenate([[False], years[1:] != years[:-1]])
        return cls(month_firsts(dates), turns, spans, terms.fill == "next")

    def pays(self, bar: int, who: Ints) -> Flags:
        """Mark the windows into which a contribution is paid on this bar."""
        return np.asarray(self.firsts[bar] | (self.spans.first[who] == bar))

    def invests(self, bar: int, who: Ints) -> tuple[int, Flags]:
        """Return the contribution bar that is traded on this bar, and the windows that do so."""
        if not self.fill_next:
            return bar, self.pays(bar, who)
        if bar == 0:
            return bar, np.zeros(len(who), dtype=np.bool_)
        return bar - 1, self.pays(bar - 1, who) & (self.spans.first[who] < bar)

    def cuts(self, ends: Ints) -> Ints:
        """Return every bar on which something may change for some window, in order."""
        wanted = np.zeros(len(self.firsts) + 2, dtype=np.bool_)
        wanted[:-2] = self.firsts
        wanted[self.spans.first] = True
        if self.fill_next:
            wanted[1:] |= wanted[:-1]
        wanted[ends[ends >= 0]] = True
        wanted[self.spans.last + 1] = True
        lowest, highest = int(self.spans.first.min()), int(self.spans.last.max())
        found = np.flatnonzero(wanted)
        return found[(found >= lowest) & (found <= highest + 1)]


def play(market: Market, spans: Spans, book: Book, watchers: list[Watcher]) -> Book:
    """Walk through the bars once, all windows together; the watchers hear of every stretch."""
    calendar = _Calendar.of(market.dates, spans, book.terms)
    cuts = calendar.cuts(market.ends)
    for bar, stop in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        who = np.flatnonzero((spans.first <= bar) & (bar <= spans.last))
        if len(who):
            flow = _decide(market, calendar, book, bar, who)
            together = _compact(who)
            stretch = Stretch(
                together,
                bar,
                market.worth(bar, stop, book.shares[:, together]) + book.cash[together],
                flow,
                book.contributed[together],
                _month_ends(calendar, spans, who, stop),
            )
            for watcher in watchers:
                watcher.see(stretch)
    return book


def _decide(market: Market, calendar: _Calendar, book: Book, bar: int, who: Ints) -> Floats:
    """Do what a bar asks for, in the order of strategies/base.py; return what was paid in."""
    prices, priced = market.at(bar), market.priced[bar]
    ended = (market.ends >= 0) & (bar >= market.ends)
    if ended.any():
        book.sell_ended(_compact(who), ended, prices)
    if calendar.fill_next:
        _invest(calendar, book, bar, who, prices, priced)
    flow = np.where(calendar.pays(bar, who), book.terms.deposit_usd(first=False), 0.0)
    flow[calendar.spans.first[who] == bar] = book.terms.deposit_usd(first=True)
    book.pay_in(_compact(who), flow)
    if not calendar.fill_next:
        _invest(calendar, book, bar, who, prices, priced)
    return flow


def _invest(
    calendar: _Calendar, book: Book, bar: int, who: Ints, prices: Floats, priced: Flags
) -> None:
    """Trade for the windows whose turn it is; a window's first contribution begins no new year."""
    paid_on, investing = calendar.invests(bar, who)
    turn = bool(calendar.new_years[paid_on])
    opening = calendar.spans.first[who] == paid_on
    groups = ((investing & ~opening, True), (investing & opening, False))
    for chosen, new_year in groups if turn else ((investing, False),):
        if chosen.any():
            book.invest(_compact(who[chosen]), new_year, prices, priced)


def _month_ends(calendar: _Calendar, spans: Spans, who: Ints, stop: int) -> Flags:
    over = stop >= len(calendar.firsts) or bool(calendar.firsts[stop])
    return np.asarray(over | (spans.last[who] == stop - 1))


def _compact(who: Ints) -> Who:
    low, high = int(who[0]), int(who[-1])
    return slice(low, high + 1) if high - low + 1 == len(who) else who
