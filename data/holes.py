"""Bars on which a symbol has no price: carried where they are few, refused where they are not."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from data.arrays import Days, Flags, Floats, Ints
from data.catalog import trades_in_new_york
from data.errors import NoPrices
from data.language import say
from data.prices import BARS_SAID, PriceTable

LONGEST_HOLE: Mapping[str, int] = {"daily": 5, "weekly": 1, "monthly": 1}
# What has so many of its prices on Saturdays and Sundays trades at weekends.
_AT_WEEKENDS = 0.05


@dataclass(frozen=True)
class Rhythm:
    """How long each price has been carried, counted in bars on which its symbol trades at all."""

    trades: Flags
    stale: Ints


def carry(closes: Floats) -> tuple[Floats, Ints]:
    """Carry the last price forward; return also the bar each price is from, -1 before the first."""
    bar = np.arange(len(closes))[:, None]
    seen = np.maximum.accumulate(np.where(np.isfinite(closes), bar, -1), axis=0)
    carried = np.take_along_axis(closes, np.maximum(seen, 0), axis=0)
    return np.where(seen >= 0, carried, np.nan), seen


def rhythm_of(table: PriceTable, seen: Ints) -> Rhythm:
    """Count carried bars; a weekend is none for a symbol that never trades at weekends."""
    trades = np.isfinite(table.closes)
    for column in range(trades.shape[1]):
        usual = on_weekdays_of(table.dates[trades[:, column]], table.dates)
        trades[:, column] |= usual | (table.bars != "daily")
    count = np.cumsum(trades, axis=0)
    since = np.take_along_axis(count, np.maximum(seen, 0), axis=0)
    return Rhythm(trades, np.where(seen >= 0, count - since, 0))


def on_weekdays_of(own: Days, dates: Days) -> Flags:
    """Mark the `dates` that are weekdays, or all where `own` has days at weekends."""
    weekdays = np.is_busday(dates.astype("datetime64[D]"))
    at_weekends = (~np.is_busday(own.astype("datetime64[D]"))).mean() > _AT_WEEKENDS
    return weekdays | bool(at_weekends)


def check_holes(table: PriceTable, symbol: str, inside: Flags, trades: Flags, stale: Ints) -> None:
    """Refuse more carried bars in a row than allowed, but for those after a declared end."""
    too_long = inside & (stale > LONGEST_HOLE[table.bars])
    if symbol in table.ended:
        too_long &= table.dates <= np.datetime64(table.last(symbol))
    priced = np.flatnonzero(np.isfinite(table.column(symbol)))
    for following in np.unique(np.searchsorted(priced, np.flatnonzero(too_long))):
        since = priced[following - 1]
        until = priced[following] if following < len(priced) else None
        missing = table.dates[since + 1 : until][trades[since + 1 : until]]
        if until is not None and _on_holiday(table, symbol, missing):
            continue
        raise NoPrices(_hole(table, symbol, since, until))


def _on_holiday(table: PriceTable, symbol: str, missing: Days) -> bool:
    """Say whether an exchange on which `symbol` may be listed was closed on these days."""
    if table.bars != "daily" or trades_in_new_york(symbol):
        return False
    from data.sessions import closed_elsewhere

    return closed_elsewhere(missing)


def _hole(table: PriceTable, symbol: str, since: int, until: int | None) -> str:
    """Say where prices are missing, and what to do about it."""
    told = {"symbol": symbol, "bars": BARS_SAID[table.bars], "first": table.dates[since]}
    if until is None:
        return say(
            "{symbol} has no {bars} price after {first} and then stops; end the window there, or "
            "declare its end in a plan or in a symbols.toml beside the file: [symbol.{symbol}] "
            "ended = {first}, and last_price = 0 for a total loss",
            **told,
        )
    return say(
        "{symbol} has no {bars} price after {first} until {last}; choose a window without the "
        "hole, other bars, or leave the symbol out",
        **told,
        last=table.dates[until],
    )
