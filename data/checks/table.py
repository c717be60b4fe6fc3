"""Check a price table before a run: every finding is an error or a warning by a written rule.

Dates that do not increase and prices that are not positive and finite never become a table at all
(data/prices.py). Beside the rules of data/series_checks.py:

future     A bar of a day that has not come: an error.
calendar   Days on which the table has no bar at all: an error from six sessions (daily), two weeks
           or two months in a row, else a warning. Where other symbols have a bar and one has not,
           a warning: a window that needs it refuses it by itself. Bars of closed days: a warning.
tail       A symbol that stops more than five bars before the table does, its end not declared.
months     Monthly bars that all fall on a first of the month: Yahoo dates a month's close so.
embedded   One-bar returns that differ by over 0.5 % from the embedded figures of that ticker: a
           warning; the same figures from two downloads differ by less than 0.05 %.
"""

from dataclasses import replace
from datetime import datetime

import numpy as np

from data.arrays import Days, Floats, Series, listing, longest_run, steps
from data.checks import series as series_checks
from data.checks.series import Finding, Severity
from data.errors import BadPrices
from data.notes import Note, NoteKind
from data.prices import PriceTable

_TAIL_BARS = 5
_DIFFERS, _ANOTHER = 0.005, 0.2
_LONGEST_STEP_DAYS = {"weekly": (10, 17), "monthly": (31, 62)}
# Accrued or computed, not traded: the rules of traded prices do not fit them.
_COMPUTED = {"CASH", "UST10"}


def check(table: PriceTable, now: datetime | None = None) -> list[Finding]:
    """Return everything the rules find in a table, errors first."""
    found = [*_future(table, now), *_bars(table), *_first_days(table)]
    for symbol in table.symbols:
        if symbol not in _COMPUTED:
            found += _symbol(table, symbol)
    return sorted(found, key=lambda f: f.severity)


def passed(table: PriceTable, now: datetime | None = None) -> PriceTable:
    """Return the table with its warnings written into it; raises BadPrices for an error."""
    found = check(table, now)
    errors = [f for f in found if f.severity == "error"]
    if errors:
        more = f" (and {len(errors) - 1} more errors: dca data verify)" if len(errors) > 1 else ""
        raise BadPrices(f"{errors[0]}{more}; correct the figures or leave them out")
    return noted(table, found)


def noted(table: PriceTable, found: list[Finding]) -> PriceTable:
    """Write findings of a symbol into its notes, those of the whole table into the warnings."""
    notes = dict(table.notes)
    for finding in found:
        if finding.symbol:
            kind: NoteKind = "jump" if finding.rule == "jump" else "data"
            said = Note(kind, finding.symbol, finding.text)
            notes[finding.symbol] = (*notes.get(finding.symbol, ()), said)
    common = tuple(Note("data", "", f.text) for f in found if not f.symbol)
    return replace(table, notes=notes, warnings=(*table.warnings, *common))


def _symbol(table: PriceTable, symbol: str) -> list[Finding]:
    column = table.column(symbol)
    priced = np.isfinite(column)
    series = Series(symbol, table.dates[priced], column[priced])
    found = _tail(table, symbol)
    if table.bars == "daily":
        found += series_checks.jumps(series, own=True)
        found += series_checks.spikes(series) + series_checks.flats(series)
        found += _holes(table, series)
        if table.source != "snapshot":
            found += embedded(series)
    return found


def _future(table: PriceTable, now: datetime | None) -> list[Finding]:
    from data import sessions

    today = np.datetime64((now or sessions.now()).astimezone(sessions.NEW_YORK).date())
    later = table.dates[table.dates > today]
    if not later.size:
        return []
    return [Finding("error", "", "future", f"bars of days to come: {listing(later)}")]


def _bars(table: PriceTable) -> list[Finding]:
    if table.bars != "daily":
        return _steps(table)
    from data.sessions import sessions

    wanted = sessions(table.dates[0], table.dates[-1])
    covered = table.dates[table.dates >= wanted[0]] if wanted.size else wanted
    closed = covered[~np.isin(covered, wanted)]
    found = series_checks.missing("", table.dates, wanted)
    if closed.size:
        text = f"{closed.size} bars of days New York was closed: {listing(closed)}"
        found.append(Finding("warning", "", "calendar", text))
    return found


def _steps(table: PriceTable) -> list[Finding]:
    """Find weeks or months without a bar."""
    usual, longest = _LONGEST_STEP_DAYS[table.bars]
    dates = table.dates
    if table.bars == "monthly":
        dates = dates.astype("datetime64[M]").astype("datetime64[D]")
    days = steps(dates)
    wide = days > usual
    if not wide.any():
        return []
    severity: Severity = "error" if days.max() > longest else "warning"
    text = f"no {table.bars} bar for a while after {listing(table.dates[:-1][wide])}"
    return [Finding(severity, "", "calendar", text)]


def _first_days(table: PriceTable) -> list[Finding]:
    months = table.dates.astype("datetime64[M]")
    if table.bars != "monthly" or (table.dates > months.astype("datetime64[D]")).any():
        return []
    text = (
        "every bar is dated the first of its month; if the prices are those of the month's end, "
        "as in Yahoo's monthly downloads, all is dated a month early"
    )
    return [Finding("warning", "", "months", text)]


def _holes(table: PriceTable, series: Series) -> list[Finding]:
    """Find bars of the table, between a symbol's first and last, on which it has no price."""
    inside = table.dates[(table.dates >= series.dates[0]) & (table.dates <= series.dates[-1])]
    absent = ~np.isin(inside, series.dates)
    if not absent.any():
        return []
    run = longest_run(absent)
    text = f"no price on {absent.sum()} bars, up to {run} in a row: {listing(inside[absent])}"
    return [Finding("warning", series.symbol, "calendar", text)]


def _tail(table: PriceTable, symbol: str) -> list[Finding]:
    last = table.last(symbol)
    behind = int((table.dates > np.datetime64(last)).sum())
    limit = _TAIL_BARS if table.bars == "daily" else 1
    if behind <= limit or symbol in table.ended:
        return []
    return [Finding("warning", symbol, "tail", f"stops on {last}, {behind} bars before the others")]


def embedded(series: Series) -> list[Finding]:
    """Compare one-bar returns with the embedded figures of the same ticker."""
    known = _embedded_part(series.symbol)
    if known is None:
        return []
    common, ours, theirs = np.intersect1d(series.dates, known.dates, return_indices=True)
    if len(common) < 2:
        return []
    mine, embedded_closes = series.closes[ours], known.closes[theirs]
    ratio = (mine[1:] / mine[:-1]) / (embedded_closes[1:] / embedded_closes[:-1])
    differs = (np.abs(ratio - 1) > _DIFFERS) & (steps(common) <= 7)
    if not differs.any():
        return []
    days = common[1:][differs]
    if differs.mean() > _ANOTHER:
        text = (
            f"not the series embedded under that name: {differs.mean():.0%} of the returns differ"
        )
    else:
        at = int(np.argmax(np.abs(ratio - 1) * differs))
        text = (
            f"{differs.sum()} one-day returns differ from the embedded figures, most on "
            f"{common[1:][at]} ({ratio[at] - 1:+.1%}): {listing(days)}"
        )
    return [Finding("warning", series.symbol, "embedded", text)]


def _embedded_part(ticker: str) -> Series | None:
    """Return the embedded figures of a ticker over the span for which it stands for a symbol."""
    from data import snapshot

    table = snapshot.load("daily")
    for symbol, parts in table.parts.items():
        for part in parts:
            if part.name == ticker and symbol not in _COMPUTED:
                return _span(table, symbol, np.datetime64(part.first), np.datetime64(part.last))
    return None


def _span(table: PriceTable, symbol: str, first: np.datetime64, last: np.datetime64) -> Series:
    column: Floats = table.column(symbol)
    dates: Days = table.dates
    inside = (dates >= first) & (dates <= last) & np.isfinite(column)
    return Series(symbol, dates[inside], column[inside])
