"""Replay many windows or price paths at once: the twin of the Backtrader base, bar for bar.

What happens on a bar is said by strategies/dca (schedule, trading); here the bars are walked. It is
decided from that bar's date and from prices up to it, never from later ones. Arrays of assets have
shape (assets, paths); money is USD.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from backtests.measures.running import Figures, Running, Shape, Who
from backtests.measures.series import Flows
from backtests.vectorized.book import Book, book_of
from backtests.vectorized.market import Market, Spans, alike
from data.arrays import Flags, Floats, Ints, month_firsts, month_of
from strategies.dca.schedule import Calendar, dated_usd, due_usd, opening_usd, waiting_usd
from strategies.dca.trading import Bar, Saver, ended_sale


@dataclass(frozen=True)
class Stretch:
    """What some paths lived through from one decision to the next.

    `value` (bars, paths) begins with the bar of the decision, on which `flows` (paths,) fell;
    `month_ends` marks the paths for which its last bar ends a month.
    """

    who: Who
    start: int
    value: Floats
    flows: Flows
    month_ends: Flags


class Watcher(Protocol):
    """Someone who measures: hears of every stretch in order of time."""

    def see(self, stretch: Stretch) -> None:
        """Take one stretch in."""


@dataclass
class Measuring:
    """Reduce every path to its figures."""

    running: Running

    def see(self, stretch: Stretch) -> None:
        """Take one stretch in."""
        one = stretch.flows
        taxes = None if one.taxes is None else one.taxes[None]
        flows = Flows(one.before[None], one.usd[None], one.fees[None], taxes)
        self.running.take(stretch.who, Shape.of(stretch.value), flows, stretch.month_ends[None])


def figures(market: Market, spans: Spans, saver: Saver) -> Figures:
    """Replay windows and measure them: KEPT, each of shape (paths,)."""
    found: Figures = {}
    for who, calendar in alike(market, spans, saver.terms.schedule):
        part, running = spans.part(who), Running(len(who))
        play(market, part, calendar, book_of(market, saver, running), [Measuring(running)])
        part_found = running.figures(*payments(market, part, calendar, saver))
        for name, values in part_found.items():
            found.setdefault(name, np.empty(spans.paths))[who] = values
    return found


def payments(
    market: Market, spans: Spans, calendar: Calendar, saver: Saver
) -> tuple[Floats, Floats]:
    """Return payments and the days from each to its window's end, shape (payments, paths)."""
    bars, paid = calendar.payments(spans.first, spans.last, saver.terms, spans.since)
    days = (market.dates[spans.last] - market.dates[bars]).astype("timedelta64[D]")
    return paid, np.where(paid > 0, days.astype(np.float64), 0.0)


def play(
    market: Market, spans: Spans, calendar: Calendar, book: Book, watchers: list[Watcher]
) -> None:
    """Walk through the bars once, all windows together; the watchers hear of every stretch."""
    walker = _Walker(market, spans, calendar, book)
    cuts = walker.cuts()
    for bar, stop in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        who = np.flatnonzero((spans.first <= bar) & (bar <= spans.last))
        if len(who):
            flows = walker.decide(bar, who)
            together = _compact(who)
            value = market.worth(bar, stop, book.shares[:, together]) + book.cash[together]
            ends = walker.month_ends(who, stop)
            for watcher in watchers:
                watcher.see(Stretch(together, bar, value, flows, ends))


class _Walker:
    """Decide on a bar for all windows at once, in the order of strategies/dca/base.py."""

    def __init__(self, market: Market, spans: Spans, calendar: Calendar, book: Book) -> None:
        self.market, self.spans, self.calendar, self.book = market, spans, calendar, book
        self.terms = book.saver.terms
        self.waits = self.terms.fill == "next"
        self.month_firsts = month_firsts(market.dates)
        self._opened = market.dates[spans.first]
        self._years = month_of(market.dates) // 12

    def cuts(self) -> Ints:
        """Return every bar on which something may change for some window, in order."""
        wanted = np.zeros(len(self.month_firsts) + 1, dtype=np.bool_)
        opens = np.zeros(len(self.month_firsts), dtype=np.bool_)
        opens[self.spans.first] = True
        pays = opens | self.calendar.pays
        wanted[:-1] = self.month_firsts | pays
        if self.waits:
            before = self.calendar.before
            wanted[:-1] |= self.calendar.sessions & (before >= 0) & pays[before]
        wanted[self.market.ends[self.market.ends >= 0]] = True
        wanted[self.spans.last + 1] = True
        found = np.flatnonzero(wanted)
        inside = (found >= self.spans.first.min()) & (found <= self.spans.last.max() + 1)
        return np.asarray(found[inside])

    def decide(self, bar: int, who: Ints) -> Flows:
        """Do what a bar asks for; return what came of it, shape (windows,)."""
        together = _compact(who)
        before = self.market.worth(bar, bar + 1, self.book.shares[:, together])[0]
        before = before + self.book.cash[together]
        taxed = self.book.taxes[together].copy() if self.book.gains else None
        prices, fees = self.market.at(bar), np.zeros(len(who))
        ended = (self.market.ends >= 0) & (bar >= self.market.ends)
        if ended.any():
            fees += self._sell_ended(together, ended, prices)
        if self.waits and self.calendar.sessions[bar] and self.calendar.before[bar] >= 0:
            fees += self._invest(bar, int(self.calendar.before[bar]), who, prices)
        if self.calendar.pays[bar]:
            self.book.turn(bar, who[self.spans.first[who] < bar])
        flow = self._due(bar, who)
        self.book.cash[together] += flow
        if not self.waits:
            fees += self._invest(bar, bar, who, prices)
        taxes = None if taxed is None else self.book.taxes[together] - taxed
        return Flows(before, flow, fees, taxes)

    def month_ends(self, who: Ints, stop: int) -> Flags:
        """Mark the windows whose month ends on the bar before `stop`."""
        over = stop >= len(self.month_firsts) or bool(self.month_firsts[stop])
        return np.asarray(over | (self.spans.last[who] == stop - 1))

    def _opens(self, bar: int, who: Ints) -> Flags:
        return np.asarray(self.spans.first[who] == bar)

    def _due(self, bar: int, who: Ints) -> Floats:
        day, opened = self.market.dates[bar], self._opened[_compact(who)]
        due = due_usd(int(self.calendar.periods[bar]), day, opened, self.terms)
        due = due + self.calendar.dated[bar]
        opens = self._opens(bar, who)
        if not opens.any():
            return np.broadcast_to(due, opened.shape)
        begun = opened if self.spans.since is None else self.spans.since[who]
        opening = opening_usd(opened, self.terms) + dated_usd(begun, opened, self.terms.schedule)
        return np.where(opens, opening, due)

    def _sell_ended(self, who: Who, ended: Flags, prices: Floats) -> Floats | float:
        gains = self.book.gains.of(who) if self.book.gains else None
        sale = ended_sale(self.book.shares[:, who], prices, ended, self.terms.costs, gains)
        return self.book.settle(who, sale, prices) if sale.any() else 0.0

    def _invest(self, bar: int, paid_on: int, who: Ints, prices: Floats) -> Floats:
        """Trade what was paid in on `paid_on`; a window's first payment begins no new year."""
        opening, fees = self._opens(paid_on, who), np.zeros(len(who))
        later = (self.spans.first[who] < paid_on) & bool(self.calendar.pays[paid_on])
        groups: tuple[tuple[Flags, bool], ...] = ((later | opening, False),)
        if self.calendar.new_year[paid_on]:
            # A window that opened this year, before a payment that fell due later, has its year.
            turned = self._years[self.spans.first[who]] < self._years[paid_on]
            groups = ((later & turned, True), (opening | (later & ~turned), False))
        dates = self.market.dates
        waiting = waiting_usd(dates[paid_on], dates[self.spans.first[who]], self.terms)
        for chosen, new_year in groups:
            if chosen.any():
                now = Bar(prices, self.market.priced[bar], new_year)
                fees[chosen] = self.book.invest(_compact(who[chosen]), now, waiting[chosen])
        return fees


def _compact(who: Ints) -> Who:
    low, high = int(who[0]), int(who[-1])
    return slice(low, high + 1) if high - low + 1 == len(who) else who
