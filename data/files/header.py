"""Find the line of an export that names its columns, and the column of its dates.

A date stands in the column with a name of the table in data/files/presets.py, else in the first.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from data.errors import BadPrices, printable
from data.files.cells import is_day
from data.files.presets import ADJUSTED, CLOSES, DATES, OTHERS, TIMES, plain
from data.language import say

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
        if not self.line:
            return self.file
        return say("{file}, line {n}", file=self.file, n=self.line)


def find(name: str, lines: Sequence[bytes]) -> Header:
    """Return a file's header; raises BadPrices where no line is one."""
    filled = [at for at, line in enumerate(lines[: _MOST_ABOVE + 5]) if line.strip(_BLANK)]
    if not filled:
        raise BadPrices(
            say("{file} is empty; its first line must be a header: date,SYMBOL,...", file=name)
        )
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
            say(
                "{file}, line 1: the header begins with {word!r}, not with date; write "
                "date,SYMBOL,...",
                file=name,
                word=printable(word, 20),
            )
        )
    return found


def of_names(file: str, rows: Sequence[Sequence[str]]) -> Header:
    """Return the header of a table without lines: its columns, named by one row or by two.

    The first column is the one of its dates; raises BadPrices where no row of two names fields.
    """
    header = Header(file, 0, b",", tuple(rows[0]), 0, 0, 0)
    found = header if len(rows) == 1 else _doubled(header, [list(row) for row in rows], 0)
    if found is None:
        raise BadPrices(
            say("{file}: two rows name its columns, and none says Close; keep one row", file=file)
        )
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
