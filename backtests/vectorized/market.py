"""What many windows or price paths are replayed on: prices, and the windows' bars."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from data.arrays import Days, Flags, Floats, Ints
from data.window import Window
from strategies.dca.schedule import Calendar, last_priced, phase
from strategies.dca.terms import Schedule


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

    @cached_property
    def lacking(self) -> Ints:
        """For each bar, the newest bar on which a live asset without a price there had one."""
        return last_priced(self.priced, self.ends)

    @cached_property
    def calendar(self) -> Calendar:
        """A monthly saver's in every window that opens when all live assets have prices."""
        return Calendar.of(self.dates, self.lacking < 0)

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
    """First and last bar of each path's window, shape (paths,).

    `since` are the days from which on dated sums are paid in; None: those of the first bars.
    """

    first: Ints
    last: Ints
    since: Days | None = None

    @property
    def paths(self) -> int:
        """Count the windows."""
        return len(self.first)

    @classmethod
    def whole(cls, bars: int, paths: int) -> "Spans":
        """Let every path have all bars."""
        return cls(np.zeros(paths, dtype=np.int64), np.full(paths, bars - 1, dtype=np.int64))

    def part(self, who: Ints) -> "Spans":
        """Keep some of the windows."""
        since = None if self.since is None else self.since[who]
        return Spans(self.first[who], self.last[who], since)


def alike(market: Market, spans: Spans, schedule: Schedule) -> Iterator[tuple[Ints, Calendar]]:
    """Group windows by the calendar they follow: nearly always one group.

    A window that opens while an asset lacks a price does not wait for it: there the asset is live
    from its next price on (late listings).
    """
    lacking, opened = market.lacking, market.dates[spans.first]
    waits = np.where(lacking[spans.first] >= 0, spans.first, 0)
    key = np.stack([waits, phase(opened, schedule)])
    for first, turn in np.unique(key, axis=1).T.tolist():
        who = np.flatnonzero((key[0] == first) & (key[1] == turn))
        if schedule.plain and not first:
            yield who, market.calendar
            continue
        sessions = (lacking < first) & (np.arange(len(market.dates)) >= first)
        yield who, Calendar.of(market.dates, sessions, schedule, opened[who[:1]])
