"""Lay a table out for a terminal: where it is too narrow, columns go below one another.

Nothing is ever cut or dropped, so that no number can be read wrong.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from textwrap import wrap

from rich.cells import cell_len, chop_cells, set_cell_size

from backtests.report.folding import fold, has_han
from data.language import shown

GAP = 2
# Longer names are folded.
_LONGEST_HEAD = 24
# Four Han characters.
_LONGEST_HAN = 8


@dataclass(frozen=True)
class Column:
    """A column: its name, small print under it, and one text a row."""

    head: str
    cells: Sequence[str]
    under: str = ""

    @property
    def heads(self) -> list[str]:
        """The lines above the cells."""
        head = shown(self.head)
        lines = fold(head, _LONGEST_HAN) if has_han(head) else chop_cells(head, _LONGEST_HEAD)
        return [*lines, *wrap(self.under, _LONGEST_HEAD)]

    @property
    def width(self) -> int:
        """Letters that it takes; those of East Asia take two places each."""
        return max(cell_len(text) for text in (*self.heads, *self.cells))


def lines(titles: Sequence[str], columns: Sequence[Column], width: int) -> Iterator[str]:
    """Yield the lines of a table: titles on the left, as many columns beside them as fit.

    A row that says nothing of the columns beside it is left out there.
    """
    label = max(map(cell_len, titles))
    for at, group in enumerate(_groups(columns, width - label)):
        if at:
            yield ""
        heads = zip_longest(*(column.heads for column in group), fillvalue="")
        rows = zip(titles, *(column.cells for column in group), strict=True)
        sizes = [column.width for column in group]
        beside = label + sum(sizes) + GAP * len(sizes) <= width
        told = (row for row in rows if any(row[1:]))
        for title, *cells in (*(("", *head) for head in heads), *told):
            if beside:
                yield set_cell_size(title, label) + "".join(map(_right, cells, sizes))
            elif cell_len(title) + GAP + cell_len(cells[0]) <= width:
                yield title + _right(cells[0], width - GAP - cell_len(title))
            else:
                yield from (title, _right(cells[0], width - GAP))


def _groups(columns: Sequence[Column], room: int) -> list[list[Column]]:
    """Share the columns out; one alone may be wider than the room."""
    groups: list[list[Column]] = []
    left = 0
    for column in columns:
        left -= GAP + column.width
        if left < 0:
            groups.append([])
            left = room - GAP - column.width
        groups[-1].append(column)
    return groups


def _right(text: str, size: int) -> str:
    return " " * (GAP + size - cell_len(text)) + text
