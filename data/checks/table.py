"""Check a price table before a run: every finding is an error or a warning by a written rule.

Dates that do not increase and prices that are not positive and finite never become a table at all
(data/prices.py). An error keeps its days from every window that holds them; elsewhere it is a note.
Beside the rules of data/checks/series.py and data/checks/embedded.py:

future     A bar of a day that has not come: an error.
calendar   Sessions of New York without a bar, for what is known to trade there: an error from six
           in a row, else a warning; so are bars of days on which it was closed. Two weeks or two
           months without a bar: an error. Bars that other symbols have: a warning.
tail       A symbol that stops more than five bars before the table does, its end not declared.
months     Monthly bars that all fall on a month's first days: a warning.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date, datetime

import numpy as np

from data.arrays import Days, Flags, Series, listing, longest_run, steps, to_date
from data.catalog import trades_in_new_york
from data.checks import series as series_checks
from data.checks.embedded import embedded
from data.checks.series import Finding
from data.errors import BadPrices
from data.holes import on_weekdays_of
from data.language import say
from data.notes import Fault, Note
from data.prices import BARS_SAID, PriceTable
from data.sessions import IN_NEW_YORK, Place

_TAIL_BARS = 5
_LONGEST_STEP_DAYS = {"weekly": (10, 17), "monthly": (31, 62)}
_FIRST_DAYS = 4
# Accrued or computed, not traded: the rules of traded prices do not fit them.
_COMPUTED = {"CASH", "UST10"}


def check(
    table: PriceTable, now: datetime | None = None, accepted: Collection[date] = ()
) -> list[Finding]:
    """Return everything the rules find in a table, errors first.

    `accepted` are days whose jumps are right.
    """
    found = _future(table, now)
    if not found:
        found = [*_sessions(table), *_steps(table), *_first_days(table)]
        for symbol in table.symbols:
            if symbol not in _COMPUTED:
                found += _symbol(table, symbol, accepted)
    return sorted(found, key=lambda f: f.severity)


def passed(
    table: PriceTable, now: datetime | None = None, accepted: Collection[date] = ()
) -> PriceTable:
    """Return the table with all that was found written into it.

    Raises:
        BadPrices: an error that concerns every window.

    """
    found = check(table, now, accepted)
    for finding in found:
        if finding.severity == "error" and finding.days is None:
            raise BadPrices(say("{finding}; correct the dates", finding=str(finding)))
    return noted(table, found)


def noted(table: PriceTable, found: list[Finding]) -> PriceTable:
    """Write errors into the table's faults, and warnings into the notes of their symbols."""
    notes, faults = dict(table.notes), []
    for finding in found:
        if finding.severity == "error" and finding.days:
            advice = finding.advice or say("correct the prices, or choose another window")
            faults.append(Fault(finding.symbol, *finding.days, finding.text, advice))
            continue
        said = Note("jump" if finding.rule == "jump" else "data", finding.symbol, finding.text)
        notes[finding.symbol] = (*notes.get(finding.symbol, ()), said)
    common = notes.pop("", ())
    return replace(
        table,
        notes=notes,
        warnings=(*table.warnings, *common),
        faults=(*table.faults, *faults),
    )


def _symbol(table: PriceTable, symbol: str, accepted: Collection[date]) -> list[Finding]:
    column = table.column(symbol)
    priced = np.isfinite(column)
    series = Series(symbol, table.dates[priced], column[priced])
    found = [*_tail(table, symbol), *series_checks.constant(series)]
    found += series_checks.jumps(series, own=True, accepted=accepted)
    if table.bars == "daily":
        found += series_checks.spikes(series) + series_checks.flats(series)
        found += _holes(table, symbol, priced)
    if table.source != "snapshot":
        found += embedded(series, table.bars)
    return found


def _future(table: PriceTable, now: datetime | None) -> list[Finding]:
    from data import sessions

    today = np.datetime64((now or sessions.now()).astimezone(sessions.NEW_YORK).date())
    later = table.dates[table.dates > today]
    if not later.size:
        return []
    text = say("bars of days to come: {days}", days=listing(later))
    return [Finding("error", "", "future", text)]


def _sessions(table: PriceTable) -> Iterator[Finding]:
    """Hold daily bars of what trades in New York against its calendar, all at once or each."""
    if table.bars != "daily":
        return
    elsewhere = {s: Place(code) for s, code in table.exchanges.items()}
    for symbol, place in elsewhere.items():
        if place.exchange:
            days = table.dates[np.isfinite(table.column(symbol))]
            yield from _against_sessions(symbol, days, place)
    of_yahoo = [s for s in table.symbols if table.source == "yahoo" and s not in elsewhere]
    known = [s for s in table.symbols if s in of_yahoo or trades_in_new_york(s)]
    if known and len(known) == len(table.symbols):
        yield from _against_sessions("", table.dates[np.isfinite(table.closes).any(axis=1)])
    else:
        for symbol in known:
            yield from _against_sessions(symbol, table.dates[np.isfinite(table.column(symbol))])


def _against_sessions(symbol: str, dates: Days, place: Place = IN_NEW_YORK) -> Iterator[Finding]:
    wanted = place.sessions(dates[0], dates[-1])
    yield from series_checks.missing(symbol, dates, wanted, place.name)
    covered = dates[dates >= wanted[0]] if wanted.size else wanted
    closed = covered[~np.isin(covered, wanted)]
    if closed.size:
        text = say(
            "{n} bars of days {place} was closed: {days}",
            n=closed.size,
            place=place.name,
            days=listing(closed),
        )
        yield Finding("warning", symbol, "calendar", text)


def _steps(table: PriceTable) -> Iterator[Finding]:
    """Find weeks or months without a bar."""
    if table.bars == "daily":
        return
    usual, longest = _LONGEST_STEP_DAYS[table.bars]
    dates = table.dates
    if table.bars == "monthly":
        dates = dates.astype("datetime64[M]").astype("datetime64[D]")
    wide = steps(dates) > usual
    for at in np.flatnonzero(steps(dates) > longest):
        wide[at] = False
        span = to_date(table.dates[at]), to_date(table.dates[at + 1])
        yield Finding("error", "", "calendar", _no_bar(table, str(span[0])), span)
    if wide.any():
        text = _no_bar(table, listing(table.dates[:-1][wide]))
        yield Finding("warning", "", "calendar", text)


def _no_bar(table: PriceTable, days: str) -> str:
    return say("no {bars} bar for a while after {days}", bars=BARS_SAID[table.bars], days=days)


def _first_days(table: PriceTable) -> Iterator[Finding]:
    months = table.dates.astype("datetime64[M]").astype("datetime64[D]")
    if table.bars == "monthly" and ((table.dates - months).astype(int) < _FIRST_DAYS).all():
        text = say(
            "every bar is dated on its month's first days; if the prices are those of the months' "
            "ends, all is dated a month early"
        )
        yield Finding("warning", "", "months", text)


def _holes(table: PriceTable, symbol: str, priced: Flags) -> Iterator[Finding]:
    """Find bars of the table, between a symbol's first and last, on which it has no price."""
    first, last = np.flatnonzero(priced)[[0, -1]]
    if priced[first : last + 1].all():
        return
    days, absent = table.dates[first : last + 1], ~priced[first : last + 1]
    trades = on_weekdays_of(table.dates[priced], days)
    if trades_in_new_york(symbol):
        from data.sessions import sessions

        trades &= np.isin(days, sessions(days[0], days[-1])) | (days < np.datetime64("1990-01-01"))
    days, absent = days[trades], absent[trades]
    if absent.any():
        run = longest_run(absent)
        text = say(
            "no price on {n} bars, up to {run} in a row: {days}",
            n=absent.sum(),
            run=run,
            days=listing(days[absent]),
        )
        yield Finding("warning", symbol, "calendar", text)


def _tail(table: PriceTable, symbol: str) -> Iterator[Finding]:
    last = table.last(symbol)
    behind = int((table.dates > np.datetime64(last)).sum())
    limit = _TAIL_BARS if table.bars == "daily" else 1
    if behind > limit and symbol not in table.ended:
        text = say("stops on {day}, {n} bars before the others", day=last, n=behind)
        yield Finding("warning", symbol, "tail", text)
