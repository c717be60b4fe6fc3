"""Read CSV files of prices, as people have them; every refusal names its line.

Lines of nothing but plain numbers, as nearly all are, are split and converted at once; every other
line goes cell by cell through data/files/cells.py, which says what is wrong with it. What a file
leaves open (which of two numbers is the month, whether a comma parts thousands) is settled by
those of its own cells that have one reading, and by nothing else.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from data.arrays import Flags, Floats, Ints, Series, align
from data.errors import BadPrices, printable
from data.files.cells import SWAPPED, day, number, three_digits
from data.files.choice import Ask, choose, served
from data.files.columns import Columns, in_column, in_order, is_price, no_price, on_line
from data.files.header import find
from data.files.presets import symbol_of_cell
from data.files.raw import file_lines
from data.files.sheet import Sheet, settled, without_events, without_footer
from data.language import say, say_many
from data.notes import of, taken
from data.options import Dialect

_TOLD_EVERY = 200
_BLANK = b",;\t| "


def read_csv(path: Path, ask: Ask) -> Columns:
    """Read an export, or a table of `date` and one column a symbol.

    Raises BadPrices naming file and line.
    """
    return read_lines(printable(path.name), file_lines(path), ask)


def read_lines(name: str, lines: Sequence[bytes], ask: Ask) -> Columns:
    """Read the lines of a file; raises BadPrices."""
    header = find(name, lines)
    choice = choose(header, ask)
    rows = [
        (at, text) for at, text in enumerate(lines[header.below :], header.below + 1)
        if text.strip(_BLANK)
    ]  # fmt: skip
    sheet, said = Sheet(header, choice, rows, ask.dialect), list(choice.said)
    if ask.exact:
        return _read(sheet, ask, said)
    if header.above:
        n = header.above
        said.append(
            say_many(
                "{n:,} line above its header left out", "{n:,} lines above its header left out", n
            )
        )
    sheet = without_footer(without_events(sheet, said), said)
    money = sheet.currency()
    said += [say("prices are written in {currency}", currency=money)] if money else []
    sheet = settled(sheet, said)
    return _read(sheet, ask, said)


def _read(sheet: Sheet, ask: Ask, said: list[str]) -> Columns:
    """Read every row, then put them in order."""
    lines: list[int] = []
    days: list[date] = []
    keys: list[list[str]] = []
    choice, dialect, width = sheet.choice, sheet.dialect, len(sheet.choice.at)
    values = np.full((len(sheet.rows), width), np.nan)
    suspects: Sequence[int] = range(width) if ask.dialect.decimal is None else ()
    for done, (line, text) in enumerate(sheet.rows):
        if not done % _TOLD_EVERY:
            ask.told(say("reading {file}", file=sheet.name), done, len(sheet.rows))
        plain = _plain(sheet, text)
        cells = sheet.cells(line, text) if plain is None else plain
        values[done] = _numbers(sheet, line, cells, text, plain is not None)
        days.append(_day(sheet.name, line, cells[0], dialect))
        lines.append(line)
        if choice.keys:
            keys.append([cell.decode() for cell in cells[-len(choice.keys) :]])
        if suspects and b"." in text:
            suspects = [i for i in suspects if _may_part(cells[i + 1])]
    _check_points(sheet, suspects)
    _check_values(sheet, values)
    dates = np.array(days, dtype="datetime64[D]")
    read = Columns(sheet.name, dates, choice.symbols, values, choice.unread, choice.notes)
    if ask.exact:
        return in_order(read, lines)
    return _ordered(read, lines, keys, ask, said)


def _ordered(
    read: Columns, lines: Sequence[int], keys: Sequence[Sequence[str]], ask: Ask, said: list[str]
) -> Columns:
    """Leave out rows without a price and a repeated last one; part the symbols of a long table."""
    if not read.names:
        return in_order(read, lines)
    priced: Flags = np.asarray(np.isfinite(read.values).any(axis=1))
    if not priced.all():
        bare = int((~priced).sum())
        said.append(
            say_many(
                "{n:,} row without a price left out", "{n:,} rows without a price left out", bare
            )
        )
    if keys and priced.any():
        read = _parted(_only(read, priced), [n for n, p in zip(lines, priced, strict=True) if p],
                       [k for k, p in zip(keys, priced, strict=True) if p], ask)  # fmt: skip
    else:
        read = in_order(*_without_echo(_only(read, priced), np.array(lines)[priced].tolist(), said))
    return replace(read, notes=(*read.notes, *taken(read.file, read.names, said)))


def _only(read: Columns, rows: Flags | Ints) -> Columns:
    return replace(read, dates=read.dates[rows], values=read.values[rows])


def _without_echo(read: Columns, lines: list[int], said: list[str]) -> tuple[Columns, list[int]]:
    """Leave out a last row that stands there twice, with the same prices."""
    if len(read.dates) < 3:
        return read, lines
    last, other = (-1, -2) if read.dates[0] < read.dates[-1] else (0, 1)
    one, two = read.values[last], read.values[other]
    if read.dates[last] != read.dates[other] or not np.array_equal(one, two, equal_nan=True):
        return read, lines
    said.append(say("its last row stands there twice and is taken once"))
    kept = np.arange(len(lines)) != last % len(lines)
    return _only(read, kept), [line for line, keep in zip(lines, kept, strict=True) if keep]


def _parted(
    read: Columns, lines: Sequence[int], found: Sequence[Sequence[str]], ask: Ask
) -> Columns:
    """Give each symbol of a table that names them row by row its own column."""
    ways = [*zip(*found, strict=True)]
    keys = next((w for w in ways if not ask.wanted.isdisjoint(map(symbol_of_cell, w))), ways[0])
    rows_of: dict[str, list[int]] = {}
    for row, key in enumerate(keys):
        rows_of.setdefault(key, []).append(row)
    names = {key: symbol_of_cell(key) for key in rows_of}
    for key, symbol in names.items():
        if not symbol:
            why = say(
                "{symbol!r} is not a symbol; call it like SPY, BRK-B or ^IXIC",
                symbol=printable(key, 30),
            )
            raise BadPrices(of(on_line(read.file, lines[rows_of[key][0]]), why))
    if len(names) == 1 and (name := served(read.file, ask, *names.values())):
        names, read = dict.fromkeys(names, name[0]), replace(read, notes=name[1])
    series, wanted = [], {ask.symbol} if ask.stated else ask.wanted or {*names.values()}
    for key, symbol in names.items():
        if symbol in wanted:
            own = [lines[row] for row in rows_of[key]]
            one = in_order(_only(read, np.array(rows_of[key])), own)
            series.append(Series(symbol, one.dates, one.values[:, 0]))
    unread = tuple(symbol for symbol in names.values() if symbol not in wanted)
    if not series:
        return replace(read, names=(), values=read.values[:, :0], unread=unread)
    dates, symbols, values = align(series)
    return replace(read, dates=dates, names=symbols, values=values, unread=unread)


def _plain(sheet: Sheet, text: bytes) -> list[bytes] | None:
    """Return the wanted cells of a line of plain numbers, None for any other line."""
    header, at = sheet.header, sheet.choice.at
    if sheet.choice.keys or b'"' in text:
        return None
    cells = text.split(header.separator)
    if len(cells) != len(header.names):
        return None
    if header.day or len(at) != len(cells) - 1:
        cells = [cells[header.day], *(cells[i] for i in at)]
    numbers = b" ".join(cells[1:])
    if sheet.dialect.decimal == "comma":
        numbers = numbers.translate(SWAPPED)
        cells[1:] = numbers.split(b" ")
    if len(cells) != len(at) + 1 or numbers.translate(None, b"0123456789.- "):
        return None
    return cells


def _numbers(sheet: Sheet, line: int, cells: list[bytes], text: bytes, plain: bool) -> Floats:
    """Convert a line's cells, NaN where empty; raises BadPrices naming line and column."""
    width = len(sheet.choice.at)
    if plain:
        full = b"" not in cells
        read = map(float, cells[1:]) if full else (float(c) if c else np.nan for c in cells[1:])
        try:
            return np.fromiter(read, np.float64, width)
        except ValueError:
            # 1-2 and the like, and a point or a dash for no price.
            cells = sheet.cells(line, text)
    return np.array(
        [
            np.nan if not cell else _price(sheet, line, symbol, cell.decode())
            for symbol, cell in zip(sheet.choice.symbols, cells[1 : 1 + width], strict=True)
        ]
    )


def _price(sheet: Sheet, line: int, symbol: str, cell: str) -> float:
    try:
        value = number(cell, sheet.dialect)
    except ValueError as error:
        where = in_column(on_line(sheet.name, line), symbol)
        raise BadPrices(of(where, str(error))) from error
    if not is_price(symbol, np.array(value)):
        raise no_price(on_line(sheet.name, line), symbol, cell)
    return value


def _check_values(sheet: Sheet, values: Floats) -> None:
    """Refuse plain numbers that are no prices, in the words of the first line with one."""
    for column, symbol in enumerate(sheet.choice.symbols):
        bad = ~is_price(symbol, values[:, column])
        if bad.any():
            line, text = sheet.rows[int(np.argmax(bad))]
            _price(sheet, line, symbol, sheet.cells(line, text)[column + 1].decode())


def _may_part(cell: bytes) -> bool:
    """Say whether nothing in a cell tells that a point in its column stands before decimals."""
    return three_digits(cell) or cell == b"."


def _check_points(sheet: Sheet, suspects: Sequence[int]) -> None:
    """Refuse columns in which every point stands before three digits and some cells have none.

    998 and then 1.000 is a thousand with a point, or one.
    """
    seen: dict[int, dict[bool, bytes]] = {column: {} for column in suspects}
    if not any(b"." in text for _, text in sheet.rows):
        return
    for line, text in sheet.rows:
        cells = sheet.cells(line, text) if seen else []
        for column, forms in seen.items():
            cell = cells[column + 1]
            if cell:
                forms.setdefault(b"." in cell, cell)
            if len(forms) == 2:
                why = say(
                    "{one} beside {other} may be read in two ways; say --decimal point or "
                    "--decimal comma",
                    one=forms[True].decode(),
                    other=forms[False].decode(),
                )
                where = in_column(on_line(sheet.name, line), sheet.choice.symbols[column])
                raise BadPrices(of(where, why))


def _day(name: str, line: int, cell: bytes, dialect: Dialect) -> date:
    try:
        return day(cell.decode().strip(), dialect)
    except ValueError as error:
        raise BadPrices(of(on_line(name, line), str(error))) from error
