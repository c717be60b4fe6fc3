"""Which days New York's stock exchange was open: what a daily series must have a bar on."""

import warnings
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np

from data.arrays import Days, to_date

NEW_YORK = ZoneInfo("America/New_York")
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


def newest_complete(now: datetime) -> date:
    """Return the newest session whose day has ended in New York at `now` (aware).

    A whole day is waited for: funds publish their price in the evening, not at the close.
    """
    today = np.datetime64(now.astimezone(NEW_YORK).date())
    before = sessions(today - np.timedelta64(14, "D"), today - np.timedelta64(1, "D"))
    return to_date(before[-1])


def now() -> datetime:
    """Return this moment, with its zone."""
    return datetime.now(UTC)


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
def _all(until_year: int) -> Days:
    return _calendar("XNYS", _FIRST, date(until_year, 12, 31))


def _calendar(exchange: str, first: date, last: date) -> Days:
    with warnings.catch_warnings():
        # Its own warnings about pandas to come; nobody running this program can act on them.
        warnings.simplefilter("ignore", DeprecationWarning)
        from exchange_calendars import get_calendar

        calendar = get_calendar(exchange, start=first, end=last)
        stamps = calendar.sessions.tz_localize(None).to_numpy()
    return np.asarray(stamps.astype("datetime64[D]"))
