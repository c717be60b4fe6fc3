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
the opening, or times consumer prices over those of that month: its level is that of the day it is
paid on. In a pause and after the stop, by that day, the sum is 0 and is not made up for; what else
falls on a payment (a rebalancing) still does. A dated sum is paid beside all that, on the first
common session from its date on; the opening takes those dated since the window's first day.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from data.arrays import Days, Flags, Floats, Ints, month_of
from data.errors import BadPlan
from data.language import say
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
        usd = usd * _grown(days, opened, schedule)
    if schedule.stop:
        usd = np.where(days <= np.datetime64(schedule.stop), usd, 0.0)
    for first, last in schedule.pauses:
        usd = np.where((days >= np.datetime64(first)) & (days <= np.datetime64(last)), 0.0, usd)
    return usd


def _grown(days: Days, opened: Days, schedule: Schedule) -> Floats:
    """Return what a sum of 1 on the day of the opening has become."""
    if schedule.growth != "cpi":
        return np.asarray((1.0 + schedule.growth) ** ((month_of(days) - month_of(opened)) // 12))
    if schedule.consumer_prices is None:
        raise BadPlan(
            say(
                "these prices have no consumer prices to grow with; give growth a fraction (the "
                "embedded ones are in dollars, and end with history)"
            )
        )
    now, then = schedule.consumer_prices.at(days), schedule.consumer_prices.at(opened)
    if np.isnan(then).any():
        first = str(opened.min())
        raise BadPlan(say("consumer prices begin after {day}; give growth a fraction", day=first))
    return np.asarray(now / then)


def dated_usd(since: Days, until: Days, schedule: Schedule) -> Floats:
    """Return the dollars of the sums dated from one day to another, both included."""
    if not schedule.payments:
        return np.zeros(until.shape)
    days, usd = schedule.dated
    first, after = np.searchsorted(days, since), np.searchsorted(days, until, side="right")
    spans = zip(np.ravel(first).tolist(), np.ravel(after).tolist(), strict=True)
    return np.array([usd[a:b].sum() for a, b in spans]).reshape(until.shape)


def opening_usd(days: Days, terms: Terms) -> Floats:
    """Return the dollars that open runs on `days`, beside dated ones."""
    if terms.initial_usd is not None:
        return np.full(days.shape, terms.initial_usd)
    come = due_days(days, terms.schedule, days)[1]
    return due_usd(come.astype(np.int64), days, days, terms)


def waiting_usd(day: Days, opened: Days, terms: Terms) -> Floats:
    """Return how much of the initial sum still waits after `day`, in runs that opened on `opened`.

    One of its parts is put to work on the opening and one with each calendar month's first payment.
    """
    if terms.parts == 1:
        return np.zeros(opened.shape)
    left = np.maximum(terms.parts - 1 - (month_of(day) - month_of(opened)), 0)
    return np.asarray((terms.initial_usd or 0.0) * left / terms.parts)


class Payer:
    """One saver, who is told one common session after another what to pay in.

    `opened` is the first of them, which takes every sum dated before it; `new_year`: the last
    payment was in another year than the one before it. `waiting_usd` of the initial sum are not to
    be put to work yet.
    """

    def __init__(self, terms: Terms) -> None:
        self.terms, self.new_year, self.waiting_usd = terms, False, 0.0
        self.opened: Days | None = None
        self._next = np.array(date.min, dtype="datetime64[D]")
        self._due = self._year = 0

    def due(self, today: date) -> float | None:
        """Return the dollars to pay in on a common session; None: nothing falls due."""
        day, schedule = np.array(today, dtype="datetime64[D]"), self.terms.schedule
        opens = self.opened is None
        opened = day if self.opened is None else self.opened
        due = int(due_days(day, schedule, opened)[0])
        dated = float(dated_usd(self._next, day, schedule)) if schedule.payments else 0.0
        periods, self._due, self.opened, self._next = due - self._due, due, opened, day + 1
        if not (opens or periods or dated):
            return None
        self.new_year, self._year = not opens and today.year != self._year, today.year
        self.waiting_usd = float(waiting_usd(day, opened, self.terms))
        return dated + float(
            opening_usd(day, self.terms) if opens else due_usd(periods, day, opened, self.terms)
        )


@dataclass(frozen=True)
class Calendar:
    """What dates and the presence of prices decide; arrays of one entry a bar.

    `sessions` marks the common sessions, `periods` counts those that fall due on each bar (0:
    none) and `dated` the dollars dated since the session before; `pays` marks the first session and
    those on which either is paid, `new_year` those in another year than the one before, and
    `before` is the common session before each bar (-1: none). A window that opens on a common
    session pays `opening_usd` and `dated_usd` there, whatever is said here, and begins no new year.
    """

    dates: Days
    sessions: Flags
    periods: Ints
    dated: Floats
    pays: Flags
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
        periods, dated = np.zeros(len(dates), dtype=np.int64), np.zeros(len(dates))
        periods[bars] = np.diff(number, prepend=number[:1] - come[:1])
        if schedule.payments:
            days, usd = schedule.dated
            on = np.searchsorted(dates[bars], days)
            np.add.at(dated, bars[on[on < len(bars)]], usd[on < len(bars)])
        pays = (periods > 0) | (dated > 0)
        pays[bars[:1]] = True
        years = (month_of(dates) // 12)[pays]
        new_year = np.zeros(len(dates), dtype=np.bool_)
        new_year[pays] = np.diff(years, prepend=years[:1]) > 0
        seen = np.maximum.accumulate(np.where(sessions, np.arange(len(dates)), -1))
        before = np.concatenate([[-1], seen[:-1]])
        return cls(dates, sessions, periods, dated, pays, new_year, before)

    def invests(self, terms: Terms) -> Flags:
        """Mark the bars on which what was paid in is invested."""
        if terms.fill == "close":
            return self.pays
        return self.sessions & (self.before >= 0) & self.pays[self.before]

    def payments(
        self, first: Ints, last: Ints, terms: Terms, since: Days | None = None
    ) -> tuple[Ints, Floats]:
        """Return the bars and dollars of each window's payments, shape (payments, windows).

        Windows run from `first` to `last` and take dated sums from `since` on, each of shape
        (windows,). A window with fewer payments than the most repeats a bar with 0 dollars.
        """
        pays = np.flatnonzero(self.pays)
        after = np.searchsorted(pays, first, side="right")
        count = np.searchsorted(pays, last, side="right") - after
        step = np.arange(int(count.max(initial=0)))[:, None]
        bars = pays[np.minimum(after + step, len(pays) - 1)]
        opened = self.dates[first]
        due = due_usd(self.periods[bars], self.dates[bars], opened, terms)
        usd = np.where(step < count, due + self.dated[bars], 0.0)
        begun = opened if since is None else since
        opening = opening_usd(opened, terms) + dated_usd(begun, opened, terms.schedule)
        return np.vstack([first, bars]), np.vstack([opening[None], usd])


def last_priced(priced: Flags, ends: Ints) -> Ints:
    """Return for each bar the newest bar on which a live symbol that lacks a price there had one.

    `priced` has shape (bars, symbols); `ends` gives each symbol's end bar, -1 where none is known.
    A bar is a common session of every window that opens after the bar returned; -1: of all.
    """
    bar = np.arange(len(priced))[:, None]
    seen = np.maximum.accumulate(np.where(priced, bar, -1), axis=0)
    ended = (ends >= 0) & (bar >= ends)
    return np.asarray(np.where(priced | ended, -1, seen).max(axis=1))
