"""Columns of a user's file, whatever its format: their names, their prices and their order."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from data.arrays import Days, Floats
from data.catalog import as_symbol
from data.errors import BadPrices, printable
from data.notes import Note
from data.prices import LEAST, MOST

# Columns that are yields in percent or an index of prices: carried forward, never bought.
RATES = ("TBILL", "CPI")


@dataclass(frozen=True)
class Columns:
    """What was read of a file: dates (rows,), names, values (rows, names), NaN where empty.

    `unread` are the names of the columns it has beside them, `notes` what was taken for what.
    """

    file: str
    dates: Days
    names: tuple[str, ...]
    values: Floats
    unread: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()

    def column(self, name: str) -> Floats:
        """Return one column's values, shape (rows,)."""
        return self.values[:, self.names.index(name)]


def check_names(where: str, names: Sequence[str]) -> tuple[str, ...]:
    """Return the symbols that columns are called by; raises BadPrices for other names, or twice."""
    if not names:
        raise BadPrices(f"{where}: no column beside date; add one a symbol")
    symbols = tuple(map(as_symbol, names))
    if "" in symbols:
        at = symbols.index("")
        raise BadPrices(
            f"{where}: column {at + 2} is {printable(names[at], 30)!r}, not a symbol; "
            "call it like SPY, BRK-B or ^IXIC, or declare it: [symbol.NAME] column = ..."
        )
    check_once(where, symbols)
    return symbols


def check_once(where: str, names: Sequence[str]) -> None:
    """Raise BadPrices for a name that stands twice."""
    name, times = Counter(names).most_common(1)[0] if names else ("", 0)
    if times > 1:
        raise BadPrices(f"{where}: {printable(name, 30)} names {times} columns; keep one")


def is_price(symbol: str, values: Floats) -> Any:
    """Mark values that may be prices (of TBILL yields in percent), and NaN."""
    low, high = (-100.0, 1000.0) if symbol == "TBILL" else (LEAST, MOST)
    return np.isnan(values) | ((values >= low) & (values <= high))


def no_price(where: str, symbol: str, text: str) -> BadPrices:
    """Return the refusal of a value that is no price."""
    wanted = "a price; it must be positive and finite (leave the cell empty where there is none)"
    if symbol == "TBILL":
        wanted = "a yield in percent"
    return BadPrices(f"{where}, column {symbol}: {printable(text, 30)} is not {wanted}")


def in_order(columns: Columns, lines: Sequence[int], unit: str = "line") -> Columns:
    """Put rows in order; `lines` say where in the file each stands.

    Raises BadPrices for too few rows, a repeated day or a jumbled order.
    """
    name, dates = columns.file, columns.dates
    if len(dates) < 2:
        raise BadPrices(f"{name} has {len(dates)} rows of prices; a table needs two or more")
    if dates[0] > dates[-1]:
        columns = replace(columns, dates=dates[::-1], values=columns.values[::-1].copy())
        return in_order(columns, lines[::-1], unit)
    wrong = np.flatnonzero(np.diff(dates).astype(np.int64) <= 0)
    if wrong.size:
        day, before = dates[wrong[0] + 1], dates[wrong[0]]
        first, second = sorted((lines[wrong[0]], lines[wrong[0] + 1]))
        if day == before:
            raise BadPrices(
                f"{name}, {unit} {second}: {day} stands on {unit} {first} already; "
                "keep one row a day"
            )
        raise BadPrices(f"{name}, {unit} {second}: its date is out of order; sort the rows by date")
    return columns
