"""Cut a window out of a price table, and refuse one whose prices are missing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from data.arrays import Days, Flags, Floats, listing, steps, to_date
from data.errors import BadPrices, NoPrices
from data.holes import LONGEST_HOLE, Rhythm, carry, check_holes, rhythm_of
from data.language import say, say_all, say_each
from data.notes import Note
from data.prices import BARS_SAID, Bars, PriceTable, after

# A window may begin or end this many days from the nearest bar: the longest holidays, two weeks, a
# month.
EDGE_DAYS: Mapping[str, int] = {"daily": 11, "weekly": 13, "monthly": 31}
# More days than this between two bars is a hole in all of a window's symbols at once.
GAP_DAYS: Mapping[str, int] = {"daily": 14, "weekly": 21, "monthly": 62}
# Prices that begin later than this after the listing are missing, not "not yet listed".
LISTING_DAYS = 62


@dataclass(frozen=True)
class Window:
    """Prices of the chosen symbols inside a window, holes carried forward, nothing guessed.

    `closes` is 0 before a symbol's listing (never NaN, which would poison a broker's valuation) and
    its declared last price, which may be 0, from its end on; `priced` says where a symbol really
    has a price on that bar; `ends` gives the bar on which a declared end is first known, or none.
    `since` is the first day that was asked for.
    """

    dates: Days
    symbols: tuple[str, ...]
    closes: Floats
    priced: Flags
    ends: Mapping[str, int]
    bars: Bars
    notes: tuple[Note, ...]
    since: date | None = None


def window(
    table: PriceTable,
    symbols: Sequence[str],
    start: date,
    end: date | None,
    late_listings: bool = False,
) -> Window:
    """Cut the bars of `symbols` from `start` to `end` (None: the newest bar) out of `table`.

    It opens on the first bar on which all have a price, which must be near the start. With
    `late_listings` it opens at the start, and a symbol enters when it is listed.

    Raises:
        BadPrices: prices inside it cannot be right.
        NoPrices: prices are missing at either edge, or over more bars in a row than are carried.

    """
    chosen = table.select(symbols)
    inside = _inside(chosen, start, end)
    _check_edges(chosen, start, end or max(start, to_date(table.dates[-1])), inside)
    _check_gaps(chosen, inside)
    if late_listings:
        _check_listings(chosen, chosen.dates[inside][0])
    else:
        inside &= chosen.dates >= _opening(chosen, inside)
    outside = list(_faults(chosen, chosen.dates[inside]))
    dates, priced = chosen.dates[inside], np.isfinite(chosen.closes)[inside]
    carried, seen = carry(chosen.closes)
    rhythm = rhythm_of(chosen, seen)
    for column, symbol in enumerate(symbols):
        check_holes(chosen, symbol, inside, rhythm.trades[:, column], rhythm.stale[:, column])
    ends = dict(_end_bars(chosen, dates, priced))
    closes = np.nan_to_num(carried[inside], nan=0.0)
    for symbol in ends.keys() & chosen.last_prices.keys():
        closes[ends[symbol] :, symbols.index(symbol)] = chosen.last_prices[symbol]
    notes = (*outside, *_carried_notes(chosen, inside, rhythm))
    return Window(dates, tuple(symbols), closes, priced, ends, table.bars, notes, start)


def _inside(table: PriceTable, start: date, end: date | None) -> Flags:
    inside = table.dates >= np.datetime64(start)
    if end is not None:
        inside &= table.dates <= np.datetime64(end)
    return inside


def _check_edges(table: PriceTable, start: date, end: date, inside: Flags) -> None:
    """Refuse a window that begins or ends far from its bars."""
    if end < start:
        raise NoPrices(
            say(
                "the window ends on {last}, before it starts on {first}; swap the two",
                last=end,
                first=start,
            )
        )
    told, edge = _told(table), EDGE_DAYS[table.bars]
    if not len(table.dates):
        raise NoPrices(say("{symbols}: no {bars} price at all; choose other symbols", **told))
    first, last = to_date(table.dates[0]), to_date(table.dates[-1])
    if (first - start).days > edge:
        raise NoPrices(
            say(
                "{symbols}: no {bars} prices before {first}, asked from {start}; start on {first} "
                "or later",
                **told,
                first=first,
                start=start,
            )
        )
    if start > last or (end - last).days > edge:
        raise NoPrices(
            say(
                "{symbols}: {bars} prices end on {last}, asked to {end}; end on {last} or earlier",
                **told,
                last=last,
                end=end,
            )
        )
    if not inside.any():
        raise NoPrices(
            say(
                "{symbols}: no {bars} bar between {start} and {end}; widen the window",
                **told,
                start=start,
                end=end,
            )
        )
    for day, bar in ((start, table.dates[inside][0]), (end, table.dates[inside][-1])):
        if abs((to_date(bar) - day).days) > edge:
            raise NoPrices(
                say(
                    "{symbols}: no {bars} prices from {first} to {last}; avoid the hole",
                    **told,
                    first=day,
                    last=bar,
                )
            )


def _told(table: PriceTable) -> dict[str, str]:
    return {"symbols": say_each(table.symbols), "bars": BARS_SAID[table.bars]}


def _check_gaps(table: PriceTable, inside: Flags) -> None:
    """Refuse a window in which no symbol at all has a price for too long."""
    dates = table.dates[inside]
    wide = steps(dates) > GAP_DAYS[table.bars]
    if wide.any():
        at = int(np.argmax(wide))
        raise NoPrices(
            say(
                "{symbols}: no {bars} prices between {first} and {last}; choose a window without "
                "the hole, or other bars",
                **_told(table),
                first=dates[at],
                last=dates[at + 1],
            )
        )


def _check_listings(table: PriceTable, opening: np.datetime64) -> None:
    """Refuse symbols whose prices begin after the opening, and long after their listing."""
    for symbol in table.symbols:
        first, listed = table.first(symbol), table.listed.get(symbol)
        if first > to_date(opening) and listed and (first - listed).days > LISTING_DAYS:
            raise NoPrices(
                say(
                    "{symbol} was listed on {listed}, but its {bars} prices begin on {first}; "
                    "start on {first} or later",
                    symbol=symbol,
                    listed=listed,
                    bars=BARS_SAID[table.bars],
                    first=first,
                )
            )


def _opening(table: PriceTable, inside: Flags) -> np.datetime64:
    """Return the first bar on which every symbol that has not ended has a price of its own."""
    dates, ready = table.dates[inside], np.isfinite(table.closes)[inside]
    for column, symbol in enumerate(table.symbols):
        if symbol in table.ended:
            ready[:, column] |= after(dates, table.ended[symbol], table.bars)
    near = LONGEST_HOLE[table.bars] + 1
    common = np.flatnonzero(ready[:near].all(axis=1))
    if common.size:
        return np.datetime64(dates[common[0]])
    _check_listings(table, dates[0])
    for symbol in table.symbols:
        if table.first(symbol) > to_date(dates[0]):
            raise NoPrices(
                say(
                    "{symbol} has no price before {first}; start on {first} or later, or let it "
                    "enter when it is listed (--late-listings)",
                    symbol=symbol,
                    first=table.first(symbol),
                )
            )
    raise NoPrices(
        say(
            "{symbols}: none of the first {n} bars from {first} on has a price of all; start where "
            "they trade on the same days",
            symbols=say_each(table.symbols),
            n=near,
            first=dates[0],
        )
    )


def _faults(table: PriceTable, dates: Days) -> Iterator[Note]:
    """Refuse what is wrong inside a window; note what is wrong outside it."""
    for fault in table.faults:
        if fault.symbol not in ("", *table.symbols):
            continue
        if dates[0] < np.datetime64(fault.last) and np.datetime64(fault.first) <= dates[-1]:
            raise BadPrices(say_all([str(fault), fault.advice]))
        text = say("{text} (outside this window)", text=fault.text)
        yield Note("data", fault.symbol, text)


def _end_bars(table: PriceTable, dates: Days, priced: Flags) -> Iterator[tuple[str, int]]:
    """Find the first bar on which a declared end has passed and no price came any more.

    Deciding by the declared date alone, never by the table's last row, keeps a run on a table cut
    at any bar equal to the run on the whole table up to that bar.
    """
    for column, symbol in enumerate(table.symbols):
        if symbol in table.ended:
            gone = after(dates, table.ended[symbol], table.bars) & ~priced[:, column]
            if gone.any():
                yield symbol, int(np.argmax(gone))


def _carried_notes(table: PriceTable, inside: Flags, rhythm: Rhythm) -> Iterator[Note]:
    for column, symbol in enumerate(table.symbols):
        lacking = np.isnan(table.column(symbol)) & rhythm.trades[:, column]
        carried = table.dates[inside & lacking & (rhythm.stale[:, column] > 0)]
        if symbol in table.ended:
            carried = carried[carried <= np.datetime64(table.ended[symbol])]
        if carried.size:
            text = say(
                "no price on {days}; the price before is carried for valuation",
                days=listing(carried),
            )
            yield Note("data", symbol, text)
