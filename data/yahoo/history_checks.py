"""Check what came for one ticker before it is kept or used.

Beside the rules for any series:

values     A close or adjusted close that is missing, or, for a price, not positive: rows without
           a close are dropped (the calendar then misses them), anything else is an error.
closed     Bars of days its exchange was closed are dropped with a warning, unless they are over a
           twentieth of all: then the ticker follows another calendar.
tail       Prices that end before the newest complete session: a warning, an error from six.
total      Returns rebuilt from closes and dividends against those of the adjusted closes: over
           0.1 % on a day is a warning; over 5 % in all is an error: dividends lost or doubled.
rewritten  One-day returns over 1e-5 away from the copy kept before, and days gone from it: a
           warning (Yahoo does both, and corrects them); over five days in a row gone: an error.
"""

from dataclasses import replace
from datetime import datetime

import numpy as np

from data.arrays import Floats, Series, listing, longest_run
from data.checks import series as series_checks
from data.checks.embedded import embedded
from data.checks.series import LONGEST_MISSING, Finding
from data.errors import BadHistory
from data.language import say, say_in
from data.notes import of
from data.quotes import Quote
from data.sessions import newest_complete
from data.yahoo.history import History

_A_DAY, _IN_ALL = 1e-3, 0.05
_SAME = 1e-5
_OTHER_CALENDAR = 0.05
# No exchange is closed for longer; what is later is beyond its calendar.
_CLOSED = np.timedelta64(14, "D")


def accepted(history: History, now: datetime, before: History | None) -> History:
    """Return the history fit to be kept, its warnings written into it; raises BadHistory."""
    cleaned, found = clean(history)
    found += check_history(cleaned, now, before)
    errors = [f for f in found if f.severity == "error"]
    if errors:
        raise BadHistory(
            say("{finding}; nothing was kept, try again later", finding=str(errors[0]))
        )
    return replace(cleaned, warnings=tuple(f.text for f in found))


def clean(history: History) -> tuple[History, list[Finding]]:
    """Drop rows without a close and closed days; raises BadHistory for impossible values."""
    priced = np.isfinite(history.close) | np.isinf(history.close)
    history = history.keep(priced)
    if not len(history.dates):
        raise BadHistory(of(history.ticker, say("no close in what came; nothing was kept")))
    _check_values(history)
    if history.is_rate:
        return history, []
    return _without_closed_days(history)


def check_history(history: History, now: datetime, before: History | None) -> list[Finding]:
    """Return everything the rules find in a cleaned history."""
    found = _tail(history, now)
    if before is not None:
        found += rewritten(history, before)
    if history.is_rate:
        return found
    closes = Series(history.ticker, history.dates, history.close)
    adjusted = Series(history.ticker, history.dates, history.adj_close)
    if history.place.exchange:
        wanted = history.place.sessions(history.dates[0], history.dates[-1])
        name = history.place.name
        found += series_checks.missing(history.ticker, history.dates, wanted, name)
    found += jumps(history)
    found += series_checks.spikes(adjusted) + series_checks.flats(closes)
    return found + total_return(history) + embedded(adjusted)


def jumps(history: History) -> list[Finding]:
    """Find jumps of the closes, or of the adjusted ones where those have none."""
    closes = Series(history.ticker, history.dates, history.close, history.splits)
    adjusted = Series(history.ticker, history.dates, history.adj_close)
    return series_checks.jumps(closes, own=False) or series_checks.jumps(adjusted, own=False)


def total_return(history: History) -> list[Finding]:
    """Rebuild the adjusted returns from closes, dividends and, if they are not in these, gains.

    Yahoo's convention: a day's adjusted return is close / (close before - dividend).
    """
    paid = [history.dividends, history.dividends + history.capital_gains]
    if Quote(history.unit).size != 1:
        # Of prices in pence Yahoo tells some dividends in pounds.
        paid.append(history.dividends / Quote(history.unit).size)
    off = min((_off(history, p) for p in paid), key=lambda o: float(np.abs(o).sum()))
    days = np.abs(off) > np.log1p(_A_DAY)
    if not days.any():
        return []
    in_all = float(np.expm1(np.abs(np.cumsum(off)).max()))
    text = say(
        "adjusted closes do not follow from closes and dividends on {n} days, {total:.1%} in all: "
        "{days}",
        n=days.sum(),
        total=in_all,
        days=listing(history.dates[1:][days]),
    )
    return [Finding("error" if in_all > _IN_ALL else "warning", history.ticker, "total", text)]


def rewritten(history: History, before: History) -> list[Finding]:
    """Compare with the copy kept before, which adjusts for fewer dividends but returns the same."""
    old_days = before.dates[before.dates <= history.dates[-1]]
    gone = ~np.isin(old_days, history.dates)
    found = []
    if gone.any():
        severe = longest_run(gone) > LONGEST_MISSING
        text = say(
            "{n} days of the copy kept before are gone: {days}",
            n=gone.sum(),
            days=listing(old_days[gone]),
        )
        found.append(Finding("error" if severe else "warning", history.ticker, "rewritten", text))
    _, new, old = np.intersect1d(history.dates, before.dates, return_indices=True)
    if len(new) < 2 or history.is_rate:
        return found
    ratio = _returns(history.adj_close[new]) / _returns(before.adj_close[old])
    differs = np.abs(ratio - 1) > _SAME
    if differs.any():
        at = int(np.argmax(np.abs(ratio - 1)))
        days = history.dates[new][1:]
        text = say(
            "the source has rewritten {n} returns since the copy kept before, most on {day} "
            "({most:+.2%}): {days}",
            n=differs.sum(),
            day=days[at],
            most=ratio[at] - 1,
            days=listing(days[differs]),
        )
        found.append(Finding("warning", history.ticker, "rewritten", text))
    return found


def _check_values(history: History) -> None:
    floor = -np.inf if history.is_rate else 0.0
    told = {say_in("price", "close"): history.close, say("adjusted close"): history.adj_close}
    for name, values in told.items():
        bad = ~(np.isfinite(values) & (values > floor))
        if bad.any():
            at = int(np.argmax(bad))
            text = say(
                "the {name} is {price:g} on {day}, which is no price; nothing was kept, try again "
                "later",
                name=name,
                price=values[at],
                day=history.dates[at],
            )
            raise BadHistory(of(history.ticker, text))


def _without_closed_days(history: History) -> tuple[History, list[Finding]]:
    open_days = history.place.sessions(history.dates[0], history.dates[-1])
    if not history.place.exchange or not open_days.size:
        return history, []
    known = (history.dates >= open_days[0]) & (history.dates <= open_days[-1] + _CLOSED)
    closed = known & ~np.isin(history.dates, open_days)
    if not closed.any():
        return history, []
    days, name = listing(history.dates[closed]), history.place.name
    if closed.mean() > _OTHER_CALENDAR:
        text = say(
            "follows another calendar than {place}'s: {n} bars of closed days",
            place=name,
            n=closed.sum(),
        )
        return history, [Finding("warning", history.ticker, "closed", text)]
    text = say(
        "{n} bars of days {place} was closed were left out: {days}",
        n=closed.sum(),
        place=name,
        days=days,
    )
    return history.keep(~closed), [Finding("warning", history.ticker, "closed", text)]


def _tail(history: History, now: datetime) -> list[Finding]:
    newest = np.datetime64(newest_complete(now, history.place))
    behind = len(history.place.sessions(history.dates[-1] + np.timedelta64(1, "D"), newest))
    if not behind:
        return []
    text = say(
        "prices end on {day}, {n} sessions before the newest, {newest}",
        day=history.last,
        n=behind,
        newest=newest,
    )
    severe = behind > LONGEST_MISSING
    return [Finding("error" if severe else "warning", history.ticker, "tail", text)]


def _off(history: History, paid: Floats) -> Floats:
    """Return each day's log of adjusted return over the rebuilt one; 9 where nothing is left."""
    left = history.close[:-1] - paid[1:]
    rebuilt = np.log(history.close[1:] / np.where(left > 0, left, np.nan))
    off: Floats = np.log(_returns(history.adj_close)) - rebuilt
    return np.where(np.isfinite(off), off, 9.0)


def _returns(values: Floats) -> Floats:
    ratio: Floats = values[1:] / values[:-1]
    return ratio
