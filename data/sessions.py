"""Which days an exchange was open, New York's above all: what a daily series must have a bar on."""

import warnings
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np

from data.arrays import Days, to_date
from data.language import say

NEW_YORK = ZoneInfo("America/New_York")
NEW_YORKS, ALWAYS = "XNYS", "24/7"
# exchange_calendars reaches 20 years back unless told; 1990 is where its XNYS is verified.
_FIRST = date(1990, 1, 1)
# Tokyo, Shanghai, Hong Kong, Taipei and Istanbul close for more than a week at a time.
_LONG_HOLIDAYS = ("XTKS", "XSHG", "XHKG", "XTAI", "XIST")
_MARGIN = timedelta(days=14)


def sessions(first: np.datetime64, last: np.datetime64) -> Days:
    """Return the sessions from `first` to `last`, none before 1990."""
    # One calendar serves a decade; building it is what costs.
    days = _all(max(_FIRST.year, to_date(last).year) // 10 * 10 + 11)
    return days[(days >= first) & (days <= last)]


def newest_complete(now: datetime, place: "Place | None" = None) -> date:
    """Return the newest session whose day has ended at its place, New York, at `now` (aware).

    A whole day is waited for: funds publish their price in the evening, not at the close.
    """
    place = place or IN_NEW_YORK
    today = np.datetime64(now.astimezone(ZoneInfo(place.zone)).date())
    before = place.sessions(today - np.timedelta64(21, "D"), today - np.timedelta64(1, "D"))
    return to_date(before[-1])


@dataclass(frozen=True)
class Place:
    """Where something trades: a calendar of exchange_calendars, empty where none is known."""

    exchange: str = NEW_YORKS
    zone: str = NEW_YORK.key

    @property
    def name(self) -> str:
        """What the exchange is called in a sentence."""
        return say("New York") if self.exchange == NEW_YORKS else self.exchange

    def sessions(self, first: np.datetime64, last: np.datetime64) -> Days:
        """Return the sessions from `first` to `last`, as far as the calendar reaches.

        They are weekdays where no calendar is known or it ends, and all days of what never closes.
        """
        days = np.arange(first, last + np.timedelta64(1, "D"))
        if self.exchange == ALWAYS:
            return days
        if not self.exchange:
            return days[np.is_busday(days)]
        if self.exchange == NEW_YORKS:
            return sessions(first, last)
        found = _reaching(self.exchange, to_date(last).year // 10 * 10 + 11)
        beyond = days[np.is_busday(days) & (days > found[-1] + np.timedelta64(_MARGIN.days, "D"))]
        return np.concatenate([found[(found >= first) & (found <= last)], beyond])


def now() -> datetime:
    """Return this moment, with its zone."""
    return datetime.now(UTC)


IN_NEW_YORK = Place()


def closed_elsewhere(days: Days) -> bool:
    """Say whether one of the exchanges with the longest holidays was closed on all of `days`."""
    return any(not len(sessions_of(exchange, days[0], days[-1])) for exchange in _LONG_HOLIDAYS)


def sessions_of(exchange: str, first: np.datetime64, last: np.datetime64) -> Days:
    """Return an exchange's sessions from `first` to `last`; all weekdays where none are known."""
    try:
        days = _calendar(exchange, to_date(first) - _MARGIN, to_date(last) + _MARGIN)
    except ValueError:
        # The calendar reaches neither so far back nor so far ahead.
        days = np.arange(first, last + np.timedelta64(1, "D"))
    return days[(days >= first) & (days <= last)]


@cache
def _reaching(exchange: str, until_year: int) -> Days:
    """Return all the sessions that a calendar knows of, since 1990 at most."""
    last = date(until_year, 12, 31)
    for span in ((_FIRST, last), (date(2000, 1, 1), last), (None, None)):
        try:
            return _calendar(exchange, *span)
        except ValueError:
            # Some holidays are recorded for fewer years.
            continue
    raise ValueError(exchange)


@cache
def _all(until_year: int) -> Days:
    return _calendar("XNYS", _FIRST, date(until_year, 12, 31))


def _calendar(exchange: str, first: date | None, last: date | None) -> Days:
    with warnings.catch_warnings():
        # Its own warnings about pandas to come; nobody running this program can act on them.
        warnings.simplefilter("ignore", DeprecationWarning)
        from exchange_calendars import get_calendar

        calendar = get_calendar(exchange, start=first, end=last)
        stamps = calendar.sessions.tz_localize(None).to_numpy()
    return np.asarray(stamps.astype("datetime64[D]"))
