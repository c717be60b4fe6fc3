"""Take a fund's own yearly cost (its ter) from the prices of what has no such cost, as an index."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial

import numpy as np

from data.arrays import Floats
from data.language import say
from data.notes import Note
from data.options import Tables
from data.prices import PriceTable
from data.splices import Own

YEAR_DAYS = 365.0


def charged(offered: Tables, own: Own) -> Tables:
    """Return the loaders of tables from whose prices the declared yearly costs are taken."""
    if not any(one.ter for one in own.values()):
        return offered
    return {bars: cache(partial(_charge, load, own)) for bars, load in offered.items()}


def _charge(load: Callable[[], PriceTable], own: Own) -> PriceTable:
    table = load()
    costs = {s: own[s].ter for s in table.symbols if s in own and own[s].ter}
    said = {
        s: (
            *table.notes.get(s, ()),
            Note("data", s, say("{ter:.4g} % a year is taken from its prices", ter=100 * ter)),
        )
        for s, ter in costs.items()
    }
    return replace(_scaled(table, costs, 1.0), notes={**table.notes, **said}, ter=costs)


def uncharged(table: PriceTable) -> PriceTable:
    """Return a table as it was before any yearly cost was taken."""
    return replace(_scaled(table, table.ter, -1.0), ter={})


def _scaled(table: PriceTable, costs: Mapping[str, float], power: float) -> PriceTable:
    """Multiply each price by (1 - ter)^(days/365) from its symbol's first day on."""
    closes, last = table.closes.copy(), dict(table.last_prices)
    for symbol, ter in costs.items():
        column = table.column(symbol)
        priced = np.flatnonzero(np.isfinite(column))
        if not priced.size:
            continue
        days = (table.dates - table.dates[priced[0]]).astype("timedelta64[D]")
        factor: Floats = (1.0 - ter) ** (power * days.astype(np.float64) / YEAR_DAYS)
        closes[:, table.symbols.index(symbol)] = column * factor
        if symbol in last:
            last[symbol] *= float(factor[priced[-1]])
    return replace(table, closes=closes, last_prices=last)
