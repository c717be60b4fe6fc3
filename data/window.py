"""Cut a window out of a price table, and refuse one whose figures are missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from data.arrays import Days, Floats, Marks, listing, steps, to_date
from data.errors import NoPrices
from data.notes import Note
from data.prices import Bars, PriceTable

LONGEST_HOLE: Mapping[str, int] = {"daily": 5, "weekly": 1, "monthly": 1}
# A window may begin or end this many days from the nearest bar: a long weekend, a week, a month.
EDGE_DAYS: Mapping[str, int] = {"daily": 7, "weekly": 13, "monthly": 31}
# More days than this between two bars is a hole in all of a window's symbols at once.
GAP_DAYS: Mapping[str, int] = {"daily": 14, "weekly": 21, "monthly": 62}
# Figures that begin later than this after the listing are missing, not "not yet listed".
LISTING_DAYS = 62


@dataclass(frozen=True)
class Window:
    """Prices of the chosen symbols inside a window, holes carried forward, nothing guessed.

    `closes` is 0 before a symbol's listing (never NaN, which would poison a broker's valuation);
    `priced` says where a symbol really has a price on that bar; `ends` gives the bar on which a
    declared delisting is first known, or none.
    """

    dates: Days
    symbols: tuple[str, ...]
    closes: Floats
    priced: Marks
    ends: Mapping[str, int]
    bars: Bars
    carried: tuple[Note, ...]


def window(
    table: PriceTable,
    symbols: Sequence[str],
    start: date,
    end: date | None,
    late_listings: bool = False,
) -> Window:
    """Cut the bars of `symbols` from `start` to `end` (None: the newest bar) out of `table`.

    Raises NoPrices where a symbol's figures are missing at either edge or over more bars in a row
    than may be carried. With `late_listings` a symbol may enter when it is listed.
    """
    chosen = table.select(symbols)
    newest = to_date(table.dates[-1])
    inside = _inside(chosen, start, end)
    _check_edges(chosen, start, end or max(start, newest), inside)
    _check_gaps(chosen, inside)
    dates = chosen.dates[inside]
    ends = {s: chosen.ended[s] for s in symbols if s in chosen.ended}
    carried, stale = _carry(chosen.closes)
    priced = np.isfinite(chosen.closes)[inside]
    for column, symbol in enumerate(symbols):
        _check_start(chosen, symbol, dates[0], late_listings)
        _check_holes(chosen, symbol, inside, stale[:, column], ends.get(symbol))
    return Window(
        dates,
        tuple(symbols),
        np.nan_to_num(carried[inside], nan=0.0),
        priced,
        _end_bars(dates, symbols, priced, ends, table.bars),
        table.bars,
        _carried_notes(dates, symbols, priced, stale[inside], ends),
    )


def _inside(table: PriceTable, start: date, end: date | None) -> Marks:
    inside = table.dates >= np.datetime64(start)
    if end is not None:
        inside &= table.dates <= np.datetime64(end)
    return inside


def _check_edges(table: PriceTable, start: date, end: date, inside: Marks) -> None:
    """Refuse a window that begins or ends far from its bars."""
    if end < start:
        raise NoPrices(f"the window ends on {end}, before it starts on {start}; swap the two")
    names, edge = ", ".join(table.symbols), EDGE_DAYS[table.bars]
    first, last = to_date(table.dates[0]), to_date(table.dates[-1])
    if (first - start).days > edge:
        raise NoPrices(
            f"{names}: no {table.bars} prices before {first}, asked from {start}; "
            f"start on {first} or later"
        )
    if start > last or (end - last).days > edge:
        raise NoPrices(
            f"{names}: {table.bars} prices end on {last}, asked to {end}; end on {last} or earlier"
        )
    if not inside.any():
        raise NoPrices(f"{names}: no {table.bars} bar between {start} and {end}; widen the window")
    for day, bar in ((start, table.dates[inside][0]), (end, table.dates[inside][-1])):
        if abs((to_date(bar) - day).days) > edge:
            raise NoPrices(f"{names}: no {table.bars} prices from {day} to {bar}; avoid the hole")


def _check_gaps(table: PriceTable, inside: Marks) -> None:
    """Refuse a window in which no symbol at all has a price for too long."""
    dates = table.dates[inside]
    days = steps(dates)
    if (days > GAP_DAYS[table.bars]).any():
        at = int(np.argmax(days > GAP_DAYS[table.bars]))
        raise NoPrices(
            f"{', '.join(table.symbols)}: no {table.bars} prices between {dates[at]} and "
            f"{dates[at + 1]}; choose a window without the hole, or other bars"
        )


def _check_start(table: PriceTable, symbol: str, opening: np.datetime64, late: bool) -> None:
    first = table.first(symbol)
    if first <= to_date(opening):
        return
    listed = table.listed.get(symbol)
    if listed is not None and (first - listed).days > LISTING_DAYS:
        raise NoPrices(
            f"{symbol} was listed on {listed}, but its {table.bars} prices begin on {first}; "
            f"start on {first} or later"
        )
    if not late:
        raise NoPrices(
            f"{symbol} has no price before {first}; start on {first} or later, "
            "or let it enter when it is listed (--late-listings)"
        )


def _check_holes(
    table: PriceTable,
    symbol: str,
    inside: Marks,
    stale: NDArray[np.int64],
    ended: date | None,
) -> None:
    """Refuse more carried bars in a row than allowed, but for those after a declared end."""
    too_long = inside & (stale > LONGEST_HOLE[table.bars])
    if ended is not None:
        too_long &= ~_after(table.dates, ended, table.bars) | (table.dates <= _last(table, symbol))
    if too_long.any():
        at = int(np.argmax(too_long))
        since = to_date(table.dates[at - int(stale[at])])
        later = np.flatnonzero(np.isfinite(table.column(symbol))[at:])
        until = f"until {table.dates[at + later[0]]}" if later.size else "and then stops"
        raise NoPrices(
            f"{symbol} has no {table.bars} price after {since} {until}; choose a window without "
            "the hole, other bars, or declare the symbol ended there"
        )


def _last(table: PriceTable, symbol: str) -> np.datetime64:
    return np.datetime64(table.last(symbol))


def _after(dates: Days, ended: date, bars: Bars) -> Marks:
    """Mark the bars after a declared end; a month-end bar belongs to its whole month."""
    unit = "datetime64[M]" if bars == "monthly" else "datetime64[D]"
    return np.asarray(dates.astype(unit) > np.datetime64(ended).astype(unit))


def _end_bars(
    dates: Days,
    symbols: Sequence[str],
    priced: Marks,
    ends: Mapping[str, date],
    bars: Bars,
) -> dict[str, int]:
    """Find the first bar on which a declared end has passed and no price came any more.

    Deciding by the declared date alone, never by the table's last row, keeps a run on a table cut
    at any bar equal to the run on the whole table up to that bar.
    """
    found = {}
    for column, symbol in enumerate(symbols):
        if symbol in ends:
            gone = _after(dates, ends[symbol], bars) & ~priced[:, column]
            if gone.any():
                found[symbol] = int(np.argmax(gone))
    return found


def _carry(closes: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Carry the last price forward; count for how many bars each price has been carried."""
    bar = np.arange(len(closes))[:, None]
    seen = np.maximum.accumulate(np.where(np.isfinite(closes), bar, -1), axis=0)
    carried = np.take_along_axis(closes, np.maximum(seen, 0), axis=0)
    return np.where(seen >= 0, carried, np.nan), np.where(seen >= 0, bar - seen, 0)


def _carried_notes(
    dates: Days,
    symbols: Sequence[str],
    priced: Marks,
    stale: NDArray[np.int64],
    ends: Mapping[str, date],
) -> tuple[Note, ...]:
    notes = []
    for column, symbol in enumerate(symbols):
        carried = dates[~priced[:, column] & (stale[:, column] > 0)]
        if symbol in ends:
            carried = carried[carried <= np.datetime64(ends[symbol])]
        if carried.size:
            days = listing(carried)
            text = f"no price on {days}; the price before is carried for valuation"
            notes.append(Note("data", symbol, text))
    return tuple(notes)
