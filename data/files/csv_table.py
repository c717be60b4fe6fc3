"""Read CSV files of prices: a wide one, or Yahoo's one a symbol; every refusal names its line.

Lines of nothing but plain numbers, as nearly all are, are split and converted at once; every other
line goes cell by cell through data/files/cells.py, which says what is wrong with it.
"""

import csv
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np

from data.arrays import Floats
from data.catalog import as_symbol
from data.errors import BadPrices, printable
from data.files.cells import SWAPPED, day, number, three_digits
from data.files.columns import RATES, Columns, check_names, check_once, in_order, is_price, no_price
from data.files.raw import file_lines
from data.options import Dialect
from data.progress import Told, untold

_SEPARATORS = (b",", b";", b"\t")
# What Yahoo's own downloads write on a day without a price.
_EMPTY = {b"", b"null"}
_TOLD_EVERY = 200


@dataclass(frozen=True)
class _Sheet:
    """A file's lines below its header, and which of their cells are wanted under which names."""

    name: str
    lines: Sequence[bytes]
    first_line: int
    separator: bytes
    width: int
    at: Sequence[int]
    names: tuple[str, ...]
    dialect: Dialect

    @cached_property
    def whole(self) -> bool:
        """Say whether every column is wanted, as they stand."""
        return list(self.at) == list(range(1, self.width))

    def cells(self, line: int, text: bytes) -> list[bytes]:
        """Split a line into its wanted cells, the day first; raises BadPrices."""
        cells = _split(self.name, line, text, self.separator)
        if len(cells) != self.width:
            raise BadPrices(
                f"{self.name}, line {line}: {len(cells)} cells where the header has {self.width}; "
                "quote numbers that hold the separator"
            )
        return [cells[0], *(cells[i] for i in self.at)]


def read_wide(
    path: Path, dialect: Dialect, wanted: Collection[str] = (), told: Told = untold
) -> Columns:
    """Read a table of `date` and one column a symbol; raises BadPrices naming file and line.

    Of a file with `wanted` symbols only these and its rates are read, else all.
    """

    def choose(where: str, header: list[str]) -> list[int]:
        symbols = check_names(where, header[1:])
        kept = {*wanted, *RATES} if wanted else set(symbols)
        return [at for at, symbol in enumerate(symbols, start=1) if symbol in kept]

    return _read(path, dialect, choose, told)


def read_yahoo_style(path: Path, dialect: Dialect, wanted: Sequence[str]) -> Columns:
    """Read the columns `wanted` (as named in the file, any case) of one symbol's own file.

    Raises BadPrices where one is missing.
    """

    def choose(where: str, header: list[str]) -> list[int]:
        known = [cell.casefold() for cell in header]
        check_once(where, [cell for cell in known if cell])
        for column in wanted:
            if column.casefold() not in known:
                raise BadPrices(
                    f"{where}: no column {column!r}; the prices with splits and dividends in must "
                    "stand in 'Adj Close'"
                )
        return [known.index(column.casefold()) for column in wanted]

    return _read(path, dialect, choose, untold)


def _read(
    path: Path, dialect: Dialect, choose: Callable[[str, list[str]], list[int]], told: Told
) -> Columns:
    sheet, unread = _sheet(path, dialect, choose)
    lines: list[int] = []
    days: list[date] = []
    values = np.full((len(sheet.lines), len(sheet.at)), np.nan)
    suspects: Sequence[int] = range(len(sheet.at)) if dialect.decimal is None else ()
    for line, text in enumerate(sheet.lines, start=sheet.first_line):
        if not text:
            continue
        if not len(days) % _TOLD_EVERY:
            told(f"reading {sheet.name}", len(days), len(sheet.lines))
        plain = _plain(sheet, text)
        cells = sheet.cells(line, text) if plain is None else plain
        values[len(days)] = _numbers(sheet, line, cells, plain is not None)
        days.append(_day(sheet.name, line, cells[0], dialect))
        lines.append(line)
        if suspects and b"." in text:
            suspects = [i for i in suspects if three_digits(cells[i + 1])]
    _check_points(sheet, suspects)
    values = values[: len(days)]
    _check_values(sheet, lines, values)
    dates = np.array(days, dtype="datetime64[D]")
    return in_order(Columns(sheet.name, dates, sheet.names, values, unread), lines)


def _sheet(
    path: Path, dialect: Dialect, choose: Callable[[str, list[str]], list[int]]
) -> tuple[_Sheet, tuple[str, ...]]:
    """Read a file and its header; return its lines and the names of what is not wanted."""
    name, lines = printable(path.name), file_lines(path)
    top = next((i for i, line in enumerate(lines) if line.strip()), None)
    if top is None:
        raise BadPrices(f"{name} is empty; its first line must be a header: date,SYMBOL,...")
    separator = _separator(name, lines[top])
    header = [cell.decode() for cell in _split(name, top + 1, lines[top], separator)]
    at = choose(f"{name}, line {top + 1}", header)
    header = [as_symbol(cell) or cell for cell in header]
    kept = dict.fromkeys(header[i] for i in at)
    unread = tuple(cell for cell in header[1:] if cell not in kept)
    below, width = lines[top + 1 :], len(header)
    return _Sheet(name, below, top + 2, separator, width, at, tuple(kept), dialect), unread


def _split(name: str, line: int, text: bytes, separator: bytes) -> list[bytes]:
    if b'"' not in text:
        return [cell.strip() for cell in text.split(separator)]
    try:
        (cells,) = csv.reader([text.decode()], delimiter=separator.decode(), strict=True)
    except csv.Error as error:
        raise BadPrices(f"{name}, line {line}: {error}; correct the quotes") from error
    return [cell.strip().encode() for cell in cells]


def _plain(sheet: _Sheet, text: bytes) -> list[bytes] | None:
    """Return the wanted cells of a line of plain numbers, None for any other line."""
    cells = text.split(sheet.separator)
    if len(cells) != sheet.width:
        return None
    if not sheet.whole:
        cells = [cells[0], *(cells[i] for i in sheet.at)]
    numbers = b" ".join(cells[1:])
    if sheet.dialect.decimal == "comma":
        numbers = numbers.translate(SWAPPED)
        cells[1:] = numbers.split(b" ")
    if len(cells) != len(sheet.at) + 1 or numbers.translate(None, b"0123456789.- "):
        return None
    return cells


def _numbers(sheet: _Sheet, line: int, cells: list[bytes], plain: bool) -> Floats:
    """Convert a line's cells, NaN where empty; raises BadPrices naming line and column."""
    if plain:
        full = b"" not in cells
        read = map(float, cells[1:]) if full else (float(c) if c else np.nan for c in cells[1:])
        try:
            return np.fromiter(read, np.float64, len(cells) - 1)
        except ValueError:
            # 1-2 and the like.
            cells = sheet.cells(line, sheet.lines[line - sheet.first_line])
    return np.array(
        [
            np.nan if cell in _EMPTY else _price(sheet, line, symbol, cell)
            for symbol, cell in zip(sheet.names, cells[1:], strict=True)
        ]
    )


def _price(sheet: _Sheet, line: int, symbol: str, cell: bytes) -> float:
    where = f"{sheet.name}, line {line}, column {symbol}"
    try:
        value = number(cell.decode(), sheet.dialect)
    except ValueError as error:
        raise BadPrices(f"{where}: {error}") from error
    if not is_price(symbol, np.array(value)):
        raise no_price(f"{sheet.name}, line {line}", symbol, cell.decode())
    return value


def _check_values(sheet: _Sheet, lines: Sequence[int], values: Floats) -> None:
    """Refuse plain numbers that are no prices, in the words of the first line with one."""
    for column, symbol in enumerate(sheet.names):
        bad = ~is_price(symbol, values[:, column])
        if bad.any():
            line = lines[int(np.argmax(bad))]
            cell = sheet.cells(line, sheet.lines[line - sheet.first_line])[column + 1]
            _price(sheet, line, symbol, cell)


def _check_points(sheet: _Sheet, suspects: Sequence[int]) -> None:
    """Refuse columns in which every point stands before three digits and some cells have none.

    998 and then 1.000 is a thousand with a point, or one.
    """
    seen: dict[int, dict[bool, bytes]] = {column: {} for column in suspects}
    if not any(b"." in line for line in sheet.lines):
        return
    for line, text in enumerate(sheet.lines, start=sheet.first_line):
        cells = sheet.cells(line, text) if text and seen else []
        for column, forms in seen.items():
            cell = cells[column + 1] if cells else b""
            if cell not in _EMPTY:
                forms.setdefault(b"." in cell, cell)
            if len(forms) == 2:
                raise BadPrices(
                    f"{sheet.name}, line {line}, column {sheet.names[column]}: "
                    f"{forms[True].decode()} beside {forms[False].decode()} may be read in two "
                    "ways; say --decimal point or --decimal comma"
                )


def _separator(name: str, line: bytes) -> bytes:
    """Return what stands behind the header's first word, which must be `date`."""
    for separator in _SEPARATORS:
        if line.split(separator)[0].strip().strip(b'"').lower() == b"date":
            return separator
    word = line.strip()[:6].decode(errors="replace").strip('"')
    raise BadPrices(
        f"{name}, line 1: the header begins with {printable(word, 20)!r}, not with date; "
        "write date,SYMBOL,..."
    )


def _day(name: str, line: int, cell: bytes, dialect: Dialect) -> date:
    try:
        return day(cell.decode().strip(), dialect)
    except ValueError as error:
        raise BadPrices(f"{name}, line {line}: {error}") from error
