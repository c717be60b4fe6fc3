"""Columns of a user's file, whatever its format: their names, their prices and their order."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from data.arrays import Days, Floats
from data.catalog import as_symbol
from data.errors import BadPrices, printable
from data.language import say
from data.notes import Note, of
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


# Said of a table without a column of prices.
NO_COLUMN = say("no column beside date; add one a symbol")


def check_names(where: str, names: Sequence[str]) -> tuple[str, ...]:
    """Return the symbols that columns are called by; raises BadPrices for other names, or twice."""
    if not names:
        raise BadPrices(of(where, NO_COLUMN))
    symbols = tuple(map(as_symbol, names))
    if "" in symbols:
        at = symbols.index("")
        text = say(
            "column {n} is {name!r}, not a symbol; call it like SPY, BRK-B or ^IXIC, or declare "
            "it: [symbol.NAME] column = ...",
            n=at + 2,
            name=printable(names[at], 30),
        )
        raise BadPrices(of(where, text))
    check_once(where, symbols)
    return symbols


def check_once(where: str, names: Sequence[str]) -> None:
    """Raise BadPrices for a name that stands twice."""
    name, times = Counter(names).most_common(1)[0] if names else ("", 0)
    if times > 1:
        text = say("{name} names {n} columns; keep one", name=printable(name, 30), n=times)
        raise BadPrices(of(where, text))


def is_price(symbol: str, values: Floats) -> Any:
    """Mark values that may be prices (of TBILL yields in percent), and NaN."""
    low, high = (-100.0, 1000.0) if symbol == "TBILL" else (LEAST, MOST)
    return np.isnan(values) | ((values >= low) & (values <= high))


def no_price(where: str, symbol: str, text: str) -> BadPrices:
    """Return the refusal of a value that is no price."""
    cell = printable(text, 30)
    if symbol == "TBILL":
        return BadPrices(
            of(in_column(where, symbol), say("{cell} is not a yield in percent", cell=cell))
        )
    text = say(
        "{cell} is not a price; it must be positive and finite (leave the cell empty where there "
        "is none)",
        cell=cell,
    )
    return BadPrices(of(in_column(where, symbol), text))


def on_line(file: str, line: int) -> str:
    """Say in which line of a file."""
    return say("{file}, line {n}", file=file, n=line)


def on_row(file: str, row: int) -> str:
    """Say in which row of a file that has no lines."""
    return say("{file}, row {n}", file=file, n=row)


def in_column(where: str, column: str) -> str:
    """Say in which column of a line."""
    return say("{where}, column {column}", where=where, column=column)


def in_order(columns: Columns, lines: Sequence[int], rows: bool = False) -> Columns:
    """Put rows in order; `lines` say where in the file each stands, or `rows` where it has none.

    Raises BadPrices for too few rows, a repeated day or a jumbled order.
    """
    name, dates = columns.file, columns.dates
    if len(dates) < 2:
        raise BadPrices(too_few(name, len(dates)))
    if dates[0] > dates[-1]:
        columns = replace(columns, dates=dates[::-1], values=columns.values[::-1].copy())
        return in_order(columns, lines[::-1], rows)
    wrong = np.flatnonzero(np.diff(dates).astype(np.int64) <= 0)
    if wrong.size:
        day, before = dates[wrong[0] + 1], dates[wrong[0]]
        first, second = sorted((lines[wrong[0]], lines[wrong[0] + 1]))
        where = (on_row if rows else on_line)(name, second)
        if day == before:
            raise BadPrices(of(where, _twice(day, first, rows)))
        raise BadPrices(of(where, say("its date is out of order; sort the rows by date")))
    return columns


def too_few(name: str, rows: int) -> str:
    """Say that a table has too few rows."""
    return say("{file} has {n} rows of prices; a table needs two or more", file=name, n=rows)


def _twice(day: np.datetime64, first: int, rows: bool) -> str:
    if rows:
        return say("{day} stands on row {n} already; keep one row a day", day=day, n=first)
    return say("{day} stands on line {n} already; keep one row a day", day=day, n=first)
