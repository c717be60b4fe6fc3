"""Say when and how much is paid in: one rule for the Backtrader base and for the vectorised replay.

A common session is a bar on which every live symbol has a price of its own. A symbol is live from
its first price in the window until its declared end is known. Money falls due once a calendar
month, on the month's first common session; a month without one pays on the next, beside that
month's own. The first common session opens the run with one payment, whatever came before.
"""

from dataclasses import dataclass

import numpy as np

from data.arrays import Days, Flags, Floats, Ints, month_of
from strategies.dca.terms import Terms


def due_usd(months: Ints | int, terms: Terms) -> Floats:
    """Return the dollars due on a common session so many months after the one before."""
    return np.asarray(months * terms.monthly_usd)


def opening_usd(terms: Terms) -> float:
    """Return the dollars that open a run."""
    return terms.monthly_usd if terms.initial_usd is None else terms.initial_usd


@dataclass(frozen=True)
class Calendar:
    """What dates and the presence of prices decide; arrays of one entry a bar.

    `sessions` marks the common sessions, `months` counts the months that fall due on each bar (0:
    none), `new_year` marks payments in another year than the payment before, and `before` is the
    common session before each bar (-1: none). A window that opens on a common session pays
    `opening_usd` there, whatever `months` says, and begins no new year.
    """

    sessions: Flags
    months: Ints
    new_year: Flags
    before: Ints

    @classmethod
    def of(cls, dates: Days, sessions: Flags) -> "Calendar":
        """Derive the calendar of a window from its common sessions."""
        bars = np.flatnonzero(sessions)
        month = month_of(dates[bars])
        steps = np.diff(month, prepend=month[:1] - 1)
        months = np.zeros(len(dates), dtype=np.int64)
        months[bars] = steps
        years = (month // 12)[steps > 0]
        new_year = np.zeros(len(dates), dtype=np.bool_)
        new_year[bars[steps > 0]] = np.diff(years, prepend=years[:1]) > 0
        seen = np.maximum.accumulate(np.where(sessions, np.arange(len(dates)), -1))
        return cls(sessions, months, new_year, np.concatenate([[-1], seen[:-1]]))

    def invests(self, terms: Terms) -> Flags:
        """Mark the bars on which what was paid in is invested."""
        pays = self.months > 0
        if terms.fill == "close":
            return pays
        return self.sessions & (self.before >= 0) & pays[self.before]

    def payments(self, first: Ints, last: Ints, terms: Terms) -> tuple[Ints, Floats]:
        """Return the bars and dollars of each window's payments, shape (payments, windows).

        Windows run from `first` to `last`, both of shape (windows,). A window with fewer payments
        than the most repeats a bar with 0 dollars.
        """
        pays = np.flatnonzero(self.months > 0)
        after = np.searchsorted(pays, first, side="right")
        count = np.searchsorted(pays, last, side="right") - after
        step = np.arange(int(count.max(initial=0)))[:, None]
        bars = pays[np.minimum(after + step, len(pays) - 1)]
        usd = np.where(step < count, due_usd(self.months[bars], terms), 0.0)
        opening = np.full((1, len(first)), opening_usd(terms))
        return np.vstack([first, bars]), np.vstack([opening, usd])


def last_priced(priced: Flags, ends: Ints) -> Ints:
    """Return for each bar the newest bar on which a live symbol that lacks a price there had one.

    `priced` has shape (bars, symbols); `ends` gives each symbol's end bar, -1 where none is known.
    A bar is a common session of every window that opens after the bar returned; -1: of all.
    """
    bar = np.arange(len(priced))[:, None]
    seen = np.maximum.accumulate(np.where(priced, bar, -1), axis=0)
    ended = (ends >= 0) & (bar >= ends)
    return np.asarray(np.where(priced | ended, -1, seen).max(axis=1))
