"""Read CSV files of prices: a wide one, or Yahoo's one a symbol; every refusal names its line."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from itertools import pairwise
from pathlib import Path

import numpy as np

from data.arrays import Days, Floats
from data.catalog import is_symbol
from data.errors import BadPrices, printable
from data.files.cells import day, number
from data.files.raw import file_text
from data.options import Dialect

# Columns that are yields in percent or an index of prices: carried forward, never bought.
RATES = ("TBILL", "CPI")
_SEPARATORS = (",", ";", "\t")
# What Yahoo's own downloads write on a day without a price.
_YAHOO_EMPTY = {"", "null"}


@dataclass(frozen=True)
class Columns:
    """Figures as a file has them: dates (rows,), names, values (rows, names), NaN where empty."""

    file: str
    dates: Days
    names: tuple[str, ...]
    values: Floats


@dataclass(frozen=True)
class DatedLine:
    """Where in its file a day stands."""

    line: int
    day: date


@dataclass(frozen=True)
class _Row:
    line: int
    cells: list[str]


def read_wide(path: Path, dialect: Dialect) -> Columns:
    """Read a table of `date` and one column a symbol; raises BadPrices naming file and line."""
    name, rows = _rows(path)
    header = next(rows)
    names = _symbols(name, header)
    days, values = [], []
    for row in rows:
        _check_width(name, row, len(names) + 1)
        days.append(DatedLine(row.line, _day(name, row.line, row.cells[0], dialect)))
        values.append(
            [
                _price(name, row.line, symbol, cell, dialect) if cell else np.nan
                for symbol, cell in zip(names, row.cells[1:], strict=True)
            ]
        )
    return in_order(name, names, days, values)


def read_yahoo_style(path: Path, symbol: str, dialect: Dialect, wanted: Sequence[str]) -> Columns:
    """Read the columns `wanted` (as named in the file, any case) of one symbol's own file.

    Raises BadPrices where one is missing; `wanted` become the names of the result.
    """
    name, rows = _rows(path)
    header = next(rows)
    at = _positions(name, header, wanted)
    days, values = [], []
    for row in rows:
        _check_width(name, row, len(header.cells))
        days.append(DatedLine(row.line, _day(name, row.line, row.cells[0], dialect)))
        cells = [row.cells[i] for i in at]
        values.append(
            [
                np.nan if cell in _YAHOO_EMPTY else _price(name, row.line, symbol, cell, dialect)
                for cell in cells
            ]
        )
    return in_order(name, tuple(wanted), days, values)


def in_order(
    name: str,
    names: tuple[str, ...],
    days: Sequence[DatedLine],
    values: Sequence[Sequence[float]] | Floats,
    unit: str = "line",
) -> Columns:
    """Put rows in order; raises BadPrices for too few rows, a repeated day or a jumbled order."""
    if len(days) < 2:
        raise BadPrices(f"{name} has {len(days)} rows of prices; a table needs two or more")
    newest_first = days[0].day > days[-1].day
    ordered = list(reversed(days)) if newest_first else list(days)
    for before, after in pairwise(ordered):
        first, second = sorted((before.line, after.line))
        if after.day == before.day:
            raise BadPrices(
                f"{name}, {unit} {second}: {after.day} stands on {unit} {first} already; "
                "keep one row a day"
            )
        if after.day < before.day:
            raise BadPrices(
                f"{name}, {unit} {second}: its date is out of order; sort the rows by date"
            )
    table = np.array(values, dtype=np.float64).reshape(len(days), len(names))
    dates = np.array([d.day for d in ordered], dtype="datetime64[D]")
    return Columns(name, dates, names, table[::-1].copy() if newest_first else table)


def _rows(path: Path) -> tuple[str, Iterator[_Row]]:
    """Split a file into rows of stripped cells, the header first; raises BadPrices."""
    name, text = printable(path.name), file_text(path)
    if not text.strip():
        raise BadPrices(f"{name} is empty; its first line must be a header: date,SYMBOL,...")
    separator = _separator(name, text)
    return name, _split(
        name, csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    )


def _split(name: str, reader: Iterable[list[str]]) -> Iterator[_Row]:
    rows = iter(reader)
    while True:
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            line = getattr(reader, "line_num", 0)
            raise BadPrices(f"{name}, line {line}: {error}; mend the quotes") from error
        line = getattr(reader, "line_num", 0)
        if any("\n" in cell or "\r" in cell for cell in cells):
            raise BadPrices(f"{name}, line {line}: a line break inside a cell; mend the quotes")
        if cells:
            yield _Row(line, [cell.strip() for cell in cells])


def _separator(name: str, text: str) -> str:
    """Return what stands behind the header's first word, which must be `date`."""
    header = text.lstrip("\r\n").split("\n", 1)[0].rstrip("\r")
    word = header.strip()[:6].strip('"')
    for separator in _SEPARATORS:
        if header.split(separator)[0].strip().strip('"').casefold() == "date":
            return separator
    raise BadPrices(
        f"{name}, line 1: the header begins with {printable(word, 20)!r}, not with date; "
        "write date,SYMBOL,..."
    )


def _symbols(name: str, header: _Row) -> tuple[str, ...]:
    names = tuple(header.cells[1:])
    if not names:
        raise BadPrices(f"{name}, line {header.line}: no column beside date; add one a symbol")
    for at, symbol in enumerate(names, start=2):
        if not is_symbol(symbol):
            raise BadPrices(
                f"{name}, line {header.line}: column {at} is {printable(symbol, 30)!r}, "
                f"not a symbol; {_hint(symbol)}"
            )
    _check_once(name, header.line, names)
    return names


def _hint(symbol: str) -> str:
    if is_symbol(symbol.upper()):
        return f"write {symbol.upper()}"
    return "use capital letters and digits, like SPY, BRK-B or ^IXIC"


def _check_once(name: str, line: int, names: Sequence[str]) -> None:
    for symbol in names:
        if names.count(symbol) > 1:
            raise BadPrices(f"{name}, line {line}: {symbol} names two columns; keep one")


def _positions(name: str, header: _Row, wanted: Sequence[str]) -> list[int]:
    known = [cell.casefold() for cell in header.cells]
    _check_once(name, header.line, [cell for cell in known if cell])
    for column in wanted:
        if column.casefold() not in known:
            raise BadPrices(
                f"{name}, line {header.line}: no column {column!r}; the prices with splits and "
                "dividends in must stand in 'Adj Close'"
            )
    return [known.index(column.casefold()) for column in wanted]


def _check_width(name: str, row: _Row, wanted: int) -> None:
    if len(row.cells) != wanted:
        raise BadPrices(
            f"{name}, line {row.line}: {len(row.cells)} cells where the header has {wanted}; "
            "quote numbers that hold the separator"
        )


def _day(name: str, line: int, cell: str, dialect: Dialect) -> date:
    try:
        return day(cell, dialect)
    except ValueError as error:
        raise BadPrices(f"{name}, line {line}: {error}") from error


def _price(name: str, line: int, symbol: str, cell: str, dialect: Dialect) -> float:
    try:
        value = number(cell, dialect)
    except ValueError as error:
        raise BadPrices(f"{name}, line {line}, column {symbol}: {error}") from error
    if not np.isfinite(value) or (value <= 0 and symbol != "TBILL"):
        raise BadPrices(
            f"{name}, line {line}, column {symbol}: {printable(cell, 30)} is no price; it must be "
            "positive and finite (leave the cell empty where there is none)"
        )
    return value
