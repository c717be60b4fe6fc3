"""Find the header of an export, and which of its columns are the dates and the prices of what.

The rules: a date stands in the column with a name of the table in data/files/presets.py, else in
the first one. Where a column has a name of a price, the file holds one series: the column asked
for, else the adjusted one, else the one price there is. Else each column is called by its symbol.
Two that may be meant are an error which names the option that tells them apart.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from data.catalog import as_symbol, sold_as, trades_in_new_york
from data.errors import BadPrices, printable
from data.files.cells import is_day
from data.files.columns import RATES, check_names, check_once
from data.files.presets import (
    ADJUSTED,
    CLOSES,
    DATES,
    OTHERS,
    PRESETS,
    SYMBOLS,
    TIMES,
    Preset,
    plain,
)
from data.notes import Note
from data.options import DateOrder, Dialect
from data.progress import Told, untold

_SEPARATORS = (b",", b";", b"\t", b"|")
_SAYS_SEPARATOR = re.compile(rb'"?sep=(.)"?[,;\t|]*', re.IGNORECASE)
# One of these stands in every name of a date: lines without any need not be taken apart.
_HINTS = tuple(
    name for name in DATES | TIMES if not any(o in name for o in DATES | TIMES if o != name)
)
# A header stands behind a few lines of prose at most.
_MOST_ABOVE, _MOST_BYTES_ABOVE = 60, 1_000_000
# Nor does one break into more lines than a page of Yahoo's does.
_MOST_BROKEN = 10
_BLANK = b" ,;\t|"
_NAMES_AT_MOST = 8


@dataclass(frozen=True)
class Ask:
    """How a file is read, and what is wanted of it (none: all that it has).

    `symbol` is what the file is called after, `stated` that a person declared it; `only` the one
    symbol asked for, which a file of one series may serve; `columns` what declared symbols are
    called in it. `exact`: a wide file of ours, of which every column is a symbol.
    """

    dialect: Dialect = field(default_factory=Dialect)
    wanted: frozenset[str] = frozenset()
    symbol: str = ""
    stated: bool = False
    only: str = ""
    price_column: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    exact: bool = False
    told: Told = untold


@dataclass(frozen=True)
class Header:
    """The line that names the columns, `names`, and whose they are, `owners`, if a line says so.

    Its table begins `below`, behind so many lines; `day` is the place of the dates, `above` counts
    the lines of prose.
    """

    file: str
    line: int
    separator: bytes
    names: tuple[str, ...]
    day: int
    below: int
    above: int
    owners: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """Say in which line of which file it stands, or in what without lines."""
        return f"{self.file}, line {self.line}" if self.line else self.file


@dataclass(frozen=True)
class Choice:
    """Which columns are read, under which symbols; one of `keys` names them row by row."""

    at: tuple[int, ...]
    symbols: tuple[str, ...]
    keys: tuple[int, ...] = ()
    unread: tuple[str, ...] = ()
    order: DateOrder | None = None
    said: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()


def find(name: str, lines: Sequence[bytes]) -> Header:
    """Return a file's header; raises BadPrices where no line is one."""
    filled = [at for at, line in enumerate(lines[: _MOST_ABOVE + 5]) if line.strip(_BLANK)]
    if not filled:
        raise BadPrices(f"{name} is empty; its first line must be a header: date,SYMBOL,...")
    says = _SAYS_SEPARATOR.fullmatch(lines[filled[0]].strip())
    separators = (says[1],) if says else _SEPARATORS
    filled = filled[1:] if says else filled
    named: list[Header] = []
    read = 0
    for at in filled[:_MOST_ABOVE]:
        if read > _MOST_BYTES_ABOVE:
            break
        read += len(lines[at])
        header = _named(name, lines, filled, at, separators)
        sure = header and _above_dates(header, lines)
        if sure:
            return sure
        named += [header] if header else []
    unnamed = _unnamed(name, lines, filled, separators) if filled else None
    found = next((h for h in (unnamed, *named) if h), None)
    if found is None:
        line = lines[filled[0] if filled else 0]
        word = line.strip()[:6].decode(errors="replace").strip('"')
        raise BadPrices(
            f"{name}, line 1: the header begins with {printable(word, 20)!r}, not with date; "
            "write date,SYMBOL,..."
        )
    return found


def of_names(file: str, rows: Sequence[Sequence[str]]) -> Header:
    """Return the header of a table without lines: its columns, named by one row or by two.

    The first column is the one of its dates; raises BadPrices where no row of two names fields.
    """
    header = Header(file, 0, b",", tuple(rows[0]), 0, 0, 0)
    found = header if len(rows) == 1 else _doubled(header, [list(row) for row in rows], 0)
    if found is None:
        raise BadPrices(f"{file}: two rows name its columns, and none says Close; keep one row")
    return found


def date_column(names: Sequence[str]) -> int | None:
    """Return the place of the first column with a name of a date, None without one."""
    words = [plain(name) for name in names]
    return next((i for table in (DATES, TIMES) for i, n in enumerate(words) if n in table), None)


def _named(
    name: str, lines: Sequence[bytes], filled: Sequence[int], at: int, separators: Sequence[bytes]
) -> Header | None:
    """Return the header that a line is if one of its cells has the name of a date."""
    best: Header | None = None
    text = lines[at].decode(errors="replace").casefold()
    for separator in separators if any(hint in text for hint in _HINTS) else ():
        cells = split(lines[at], separator)
        day = date_column(cells or ())
        if cells and day is not None and (best is None or len(cells) > len(best.names)):
            best = Header(name, at + 1, separator, tuple(cells), day, at + 1, filled.index(at))
    if best and not any(best.names[1:]) and len(best.names) > 1:
        return _doubled(best, [split(lines[i], best.separator) for i in filled], best.above - 2)
    return best


def _unnamed(
    name: str, lines: Sequence[bytes], filled: Sequence[int], separators: Sequence[bytes]
) -> Header | None:
    """Return the first line as a header whose first column holds the dates, if the next row does.

    Two lines may name the columns: fields, and whose they are.
    """
    for separator in separators:
        rows = [split(lines[at], separator) or [""] for at in filled[:3]]
        width = len(rows[0])
        if width < 2 or is_day(rows[0][0]):
            continue
        dated = [at for at, row in enumerate(rows) if len(row) == width and is_day(row[0])]
        if dated:
            below = filled[dated[0] - 1] + 1
            header = Header(name, filled[0] + 1, separator, tuple(rows[0]), 0, below, 0)
            return _doubled(header, rows, 0) if dated[0] == 2 else header
    return None


def _doubled(header: Header, rows: Sequence[list[str] | None], first: int) -> Header | None:
    """Take fields and owners from two lines of which one names nothing but fields."""
    width = len(header.names)
    pair = [row for row in rows[max(first, 0) : first + 2] if row and len(row) == width]
    filled = [_spread(row) for row in pair]
    for fields, owners in (filled, filled[::-1]) if len(filled) == 2 else ():
        if {plain(f) for f in fields[1:]} <= ADJUSTED | CLOSES | OTHERS:
            names, whose = tuple(fields), tuple(owners)
            return replace(header, names=names, day=0, above=max(first, 0), owners=whose)
    return None


def _spread(row: Sequence[str]) -> list[str]:
    """Repeat a name over the columns that it spans: workbooks write it into the first of them."""
    names: list[str] = []
    for cell in row:
        names.append(cell or (names[-1] if names else ""))
    return names


def _above_dates(header: Header, lines: Sequence[bytes]) -> Header | None:
    """Return a header behind which a date stands, itself or made whole of several lines."""
    for below in range(header.below, min(header.below + _MOST_BROKEN, len(lines))):
        row = split(lines[below], header.separator) or []
        if len(row) > header.day and is_day(row[header.day]):
            between = [line for line in lines[header.below : below] if line.strip(_BLANK)]
            if not between:
                return header
            cells = split(b" ".join([lines[header.line - 1], *between]), header.separator) or []
            if len(cells) == len(row):
                return replace(header, names=tuple(cells), below=below)
    return None


def split(text: bytes, separator: bytes) -> list[str] | None:
    """Split a line that may be prose: None where its quotes do not close."""
    line = text.decode(errors="replace")
    if '"' not in line:
        return [cell.strip() for cell in line.split(separator.decode())]
    try:
        return [
            c.strip() for c in next(csv.reader([line], delimiter=separator.decode(), strict=True))
        ]
    except csv.Error:
        return None


def choose(header: Header, ask: Ask) -> Choice:
    """Say which columns are read; raises BadPrices where that is not clear."""
    if len(header.names) < 2:
        raise BadPrices(f"{header.where}: no column beside date; add one a symbol")
    if ask.exact:
        symbols = check_names(header.where, header.names[1:])
        return Choice(tuple(range(1, len(header.names))), symbols)
    names = {at: plain(n) for at, n in enumerate(header.names) if at != header.day}
    written = {i: header.names[i].casefold() for i in names}
    declared = {i: ask.columns[n] for i, n in written.items() if n in ask.columns}
    found = {*names.values()}
    preset = next((p for p in PRESETS if p.marks <= found), Preset(frozenset()))
    if header.owners:
        return _owned(header, ask, names)
    fields = ADJUSTED | CLOSES
    if declared and not fields.isdisjoint(found):
        return _chosen(header, ask, declared, "")
    if preset.columns and not ask.price_column and not declared:
        known = {at: preset.columns[n] for at, n in names.items() if n in preset.columns}
        return _chosen(header, ask, known, preset.said)
    if ask.price_column or not fields.isdisjoint(found):
        return _series(header, ask, names, preset.order)
    return _wide(header, ask, names, declared)


def _chosen(header: Header, ask: Ask, at: Mapping[int, str], said: str) -> Choice:
    """Read the columns whose symbols are known, and leave the others aside."""
    others = [n for i, n in enumerate(header.names) if i != header.day and i not in at]
    texts = [said] if said else []
    texts += [f"its columns {_listed(others)} are left aside"] if others else []
    return _served(header, ask, at, tuple(texts))


def _served(header: Header, ask: Ask, at: Mapping[int, str], said: tuple[str, ...]) -> Choice:
    """Keep the columns that are wanted, and rates.

    A file's only series is given the name that it is asked for, or declared by, and says so.
    """
    series = [symbol for symbol in at.values() if symbol not in RATES]
    if len(series) == 1 and (name := served(header.file, ask, series[0])):
        symbols = tuple(name[0] if s == series[0] else s for s in at.values())
        return Choice(tuple(at), symbols, said=said, notes=name[1])
    if ask.stated:
        raise BadPrices(
            f"{header.where}: {len(series)} series, {_listed(series)}; say which column is "
            f"{ask.symbol}: [symbol.{ask.symbol}] column = ..."
        )
    wanted = {*ask.wanted, *RATES} if ask.wanted else {*at.values()}
    kept = {i: symbol for i, symbol in at.items() if symbol in wanted}
    check_once(header.where, list(kept.values()))
    unread = tuple(s for s in at.values() if s and s not in wanted)
    return Choice(tuple(kept), tuple(kept.values()), unread=unread, said=said)


def served(file: str, ask: Ask, series: str) -> tuple[str, tuple[Note, ...]] | None:
    """Return the name that a file's only series goes by instead of `series`, with a note.

    It is the one a person declared, or the only symbol asked for, unless `series` is what the
    catalogue calls something else; None where it goes by its own.
    """
    if ask.stated:
        return ask.symbol, ()
    if not ask.only or series == ask.only:
        return None
    ours, theirs = (sold_as(name) or name for name in (ask.only, series))
    if trades_in_new_york(series) and ours != theirs:
        return None
    called = f", called {printable(series, 30)} there," if series != ask.symbol else ""
    text = f"the one series of {file}{called} is taken for it"
    return ask.only, (Note("stand-in", ask.only, text),)


def _owned(header: Header, ask: Ask, names: Mapping[int, str]) -> Choice:
    """Choose one price for each owner that a second line of the header names."""
    columns: dict[str, dict[int, str]] = {}
    for at, name in names.items():
        columns.setdefault(header.owners[at], {})[at] = name
    symbols = check_names(header.where, [ask.columns.get(o.casefold(), o) for o in columns])
    priced = [_price(header, ask, mine) for mine in columns.values()]
    known = {place: symbol for symbol, (place, _) in zip(symbols, priced, strict=True)}
    return _served(header, ask, known, tuple(dict.fromkeys(text for _, text in priced)))


def _series(header: Header, ask: Ask, names: Mapping[int, str], order: DateOrder | None) -> Choice:
    """Choose the price of a file of one series, or of one that names its symbols row by row."""
    place, said = _price(header, ask, names)
    keys = [i for name in SYMBOLS for i, n in names.items() if n == name and i != place]
    if keys:
        return Choice((place,), ("",), tuple(keys), order=order, said=(said,))
    return replace(_served(header, ask, {place: ask.symbol}, (said,)), order=order)


def _price(header: Header, ask: Ask, names: Mapping[int, str]) -> tuple[int, str]:
    """Return the place of the price column and what is said of it."""
    asked, where = plain(ask.price_column), header.where
    tables = [{asked}] if asked else [ADJUSTED, CLOSES]
    found = next((f for t in tables if (f := [i for i, n in names.items() if n in t])), [])
    words = [printable(header.names[i], 30) for i in found]
    check_once(where, [names[i] for i in found])
    if len(found) > 1:
        options = " or ".join(f"--price-column '{word}'" for word in words)
        raise BadPrices(f"{where}: {' and '.join(words)} may each be the prices; say {options}")
    if not found:
        missing = f"no column {printable(ask.price_column, 30)!r}" if asked else "no price column"
        had = _listed([header.names[i] for i in names])
        raise BadPrices(f"{where}: {missing} among {had}; name one with --price-column")
    if asked:
        return found[0], f"prices are its column {words[0]}, as asked"
    if tables[0] is ADJUSTED and names[found[0]] in ADJUSTED:
        return found[0], f"prices are its column {words[0]}"
    return found[0], (
        f"prices are its column {words[0]} as it stands, with dividends only where the source put "
        "them in"
    )


def _wide(
    header: Header, ask: Ask, names: Mapping[int, str], declared: Mapping[int, str]
) -> Choice:
    """Take each column for a symbol; what stands beside prices and is none is left aside.

    So are names that are no symbols, where columns are declared.
    """
    written = {i: declared.get(i, header.names[i]) for i in names}
    aside = dict.fromkeys(
        i for i, n in names.items()
        if (n in OTHERS and written[i] != written[i].upper()) or (not n and i < header.day)
        or (declared and not as_symbol(written[i]))
    )  # fmt: skip
    columns = {i: text for i, text in written.items() if i not in aside}
    if not columns:
        raise BadPrices(
            f"{header.where}: no price column among {_listed(list(written.values()))}; "
            "name one with --price-column"
        )
    symbols = {i: as_symbol(text) for i, text in columns.items()}
    said: tuple[str, ...] = ()
    if aside:
        said = (f"its columns {_listed([written[i] for i in aside])} are no prices",)
    if [*symbols.values()] == [""] and ask.symbol:
        symbols = dict.fromkeys(symbols, ask.symbol)
        said += (f"prices are its column {_listed(list(columns.values()))}",)
    elif ask.wanted.isdisjoint(symbols.values()):
        check_names(header.where, list(columns.values()))
    return _served(header, ask, symbols, said)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMES_AT_MOST
    shown = ", ".join(printable(name, 30) for name in names[:_NAMES_AT_MOST])
    return shown + (f" and {more} more" if more > 0 else "")
