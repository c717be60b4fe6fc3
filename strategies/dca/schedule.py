"""Say when and how much is paid in: one rule for the Backtrader base and for the vectorised replay.

A common session is a bar on which every live symbol has a price of its own. A symbol is live from
its first price in the window until its declared end is known. The first common session opens the
run.

Periods (weeks from Monday on, two of them, calendar months, 3, 12) are counted from the week or
the month of the opening, so that every window of so many years has as many quarters and years.
A period's due day is its first, or the `day` of its first month (its last where it has fewer). It
is paid on the first common session from its due day on, `initial` in its place on the opening. A
run that opens after the due day of its period pays there at once; one that opens before it pays
nothing yet. A period without a common session is paid on the next, beside that one's own.

The sum is `monthly_usd`, times 1 + `growth` for every twelve calendar months since the month of
the opening: its level is that of the day it is paid on. In a pause and after the stop, by that
day, the sum is 0 and is not made up for; what else falls on a payment (a rebalancing) still does.
"""

from dataclasses import dataclass

import numpy as np

from data.arrays import Days, Flags, Floats, Ints, month_of
from strategies.dca.terms import MONTHLY, Schedule, Terms

_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_WEEKS = {"week": 1, "two-weeks": 2}


def phase(opened: Days, schedule: Schedule) -> Ints:
    """Return what runs share whose periods fall on the same days."""
    if schedule.every in _WEEKS:
        return _week_of(opened) % _WEEKS[schedule.every]
    return month_of(opened) % _MONTHS[schedule.every]


def due_days(days: Days, schedule: Schedule, opened: Days) -> tuple[Ints, Flags]:
    """Return the newest period whose due day has come by each day, and whether its own has."""
    come = np.ones(days.shape, dtype=np.bool_)
    if schedule.every in _WEEKS:
        return (_week_of(days) - _week_of(opened)) // _WEEKS[schedule.every], come
    months, first = _MONTHS[schedule.every], month_of(opened)
    period = (month_of(days) - first) // months
    if schedule.day > 1:
        month = (first + period * months).astype("datetime64[M]")
        last = (month + 1).astype("datetime64[D]") - 1
        come = days >= np.minimum(month.astype("datetime64[D]") + (schedule.day - 1), last)
    return period - ~come, come


def _week_of(days: Days) -> Ints:
    """Count weeks from Monday 1969-12-29 on."""
    return (days.astype("datetime64[D]").astype(np.int64) + 3) // 7


def due_usd(periods: Ints | int, days: Days, opened: Days, terms: Terms) -> Floats:
    """Return the dollars that so many periods bring on `days` to runs that opened on `opened`."""
    usd, schedule = np.asarray(periods * terms.monthly_usd), terms.schedule
    if schedule.growth:
        years = (month_of(days) - month_of(opened)) // 12
        usd = usd * (1.0 + schedule.growth) ** years
    if schedule.stop:
        usd = np.where(days <= np.datetime64(schedule.stop), usd, 0.0)
    for first, last in schedule.pauses:
        usd = np.where((days >= np.datetime64(first)) & (days <= np.datetime64(last)), 0.0, usd)
    return usd


def opening_usd(days: Days, terms: Terms) -> Floats:
    """Return the dollars that open runs on `days`."""
    if terms.initial_usd is not None:
        return np.full(days.shape, terms.initial_usd)
    come = due_days(days, terms.schedule, days)[1]
    return due_usd(come.astype(np.int64), days, days, terms)


@dataclass(frozen=True)
class Calendar:
    """What dates and the presence of prices decide; arrays of one entry a bar.

    `sessions` marks the common sessions, `periods` counts those that fall due on each bar (0:
    none), `new_year` marks payments in another year than the payment before, and `before` is the
    common session before each bar (-1: none). A window that opens on a common session pays
    `opening_usd` there, whatever `periods` says, and begins no new year.
    """

    dates: Days
    sessions: Flags
    periods: Ints
    new_year: Flags
    before: Ints

    @classmethod
    def of(
        cls,
        dates: Days,
        sessions: Flags,
        schedule: Schedule = MONTHLY,
        opened: Days | None = None,
    ) -> "Calendar":
        """Derive the calendar of the windows in phase with `opened`, or with the first session."""
        bars = np.flatnonzero(sessions)
        number, come = due_days(
            dates[bars], schedule, dates[bars[:1]] if opened is None else opened
        )
        steps = np.diff(number, prepend=number[:1] - come[:1])
        periods = np.zeros(len(dates), dtype=np.int64)
        periods[bars] = steps
        years = (month_of(dates[bars]) // 12)[steps > 0]
        new_year = np.zeros(len(dates), dtype=np.bool_)
        new_year[bars[steps > 0]] = np.diff(years, prepend=years[:1]) > 0
        seen = np.maximum.accumulate(np.where(sessions, np.arange(len(dates)), -1))
        return cls(dates, sessions, periods, new_year, np.concatenate([[-1], seen[:-1]]))

    @property
    def pays(self) -> Flags:
        """Mark the bars on which something falls due, and the opening."""
        return (self.periods > 0) | (self.sessions & (self.before < 0))

    def invests(self, terms: Terms) -> Flags:
        """Mark the bars on which what was paid in is invested."""
        pays = self.pays
        if terms.fill == "close":
            return pays
        return self.sessions & (self.before >= 0) & pays[self.before]

    def payments(self, first: Ints, last: Ints, terms: Terms) -> tuple[Ints, Floats]:
        """Return the bars and dollars of each window's payments, shape (payments, windows).

        Windows run from `first` to `last`, both of shape (windows,). A window with fewer payments
        than the most repeats a bar with 0 dollars.
        """
        pays = np.flatnonzero(self.periods > 0)
        after = np.searchsorted(pays, first, side="right")
        count = np.searchsorted(pays, last, side="right") - after
        step = np.arange(int(count.max(initial=0)))[:, None]
        bars = pays[np.minimum(after + step, len(pays) - 1)]
        opened = self.dates[first]
        due = due_usd(self.periods[bars], self.dates[bars], opened, terms)
        usd = np.where(step < count, due, 0.0)
        return np.vstack([first, bars]), np.vstack([opening_usd(opened, terms)[None], usd])


def last_priced(priced: Flags, ends: Ints) -> Ints:
    """Return for each bar the newest bar on which a live symbol that lacks a price there had one.

    `priced` has shape (bars, symbols); `ends` gives each symbol's end bar, -1 where none is known.
    A bar is a common session of every window that opens after the bar returned; -1: of all.
    """
    bar = np.arange(len(priced))[:, None]
    seen = np.maximum.accumulate(np.where(priced, bar, -1), axis=0)
    ended = (ends >= 0) & (bar >= ends)
    return np.asarray(np.where(priced | ended, -1, seen).max(axis=1))
