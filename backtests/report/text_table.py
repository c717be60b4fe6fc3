"""Lay a table out for a terminal: where it is too narrow, columns go below one another.

Nothing is ever cut or dropped, so that no number can be read wrong.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap

from rich.cells import cell_len, chop_cells, set_cell_size

GAP = 2
# Longer names are folded.
_LONGEST_HEAD = 24


@dataclass(frozen=True)
class Column:
    """A column: its name, small print under it, and one text a row."""

    head: str
    cells: Sequence[str]
    under: str = ""

    @property
    def heads(self) -> list[str]:
        """The lines above the cells."""
        return [*chop_cells(self.head, _LONGEST_HEAD), *wrap(self.under, _LONGEST_HEAD)]

    @property
    def width(self) -> int:
        """Letters that it takes; those of East Asia take two places each."""
        return max(cell_len(text) for text in (*self.heads, *self.cells))


def lines(titles: Sequence[str], columns: Sequence[Column], width: int) -> Iterator[str]:
    """Yield the lines of a table: titles on the left, as many columns beside them as fit."""
    label = max(cell_len(title) for title in titles)
    for at, group in enumerate(_groups(columns, width - label)):
        if at:
            yield ""
        yield from _group(titles, group, label, width)


def _groups(columns: Sequence[Column], room: int) -> list[list[Column]]:
    """Share the columns out; one alone may be wider than the room."""
    groups: list[list[Column]] = []
    left = 0
    for column in columns:
        left -= GAP + column.width
        if left < 0 or not groups:
            groups.append([])
            left = room - GAP - column.width
        groups[-1].append(column)
    return groups


def _group(titles: Sequence[str], group: list[Column], label: int, width: int) -> Iterator[str]:
    sizes = [column.width for column in group]
    label = min(label, max(0, width - sum(sizes) - GAP * len(sizes)))
    height = max(len(column.heads) for column in group)
    for line in range(height):
        yield _line("", [c.heads[line] if line < len(c.heads) else "" for c in group], label, sizes)
    for title, *cells in zip(titles, *(column.cells for column in group), strict=True):
        if cell_len(title) + GAP + cell_len(cells[0]) > width:
            yield title
            title = ""
        yield _line(title, cells, label, sizes)


def _line(title: str, cells: Sequence[str], label: int, sizes: Sequence[int]) -> str:
    """Set the title left and every cell right; a title that is too long pushes the first cell."""
    first = label + GAP + sizes[0] - cell_len(cells[0])
    text = set_cell_size(title, max(first, cell_len(title) + GAP)) + cells[0]
    for cell, size in zip(cells[1:], sizes[1:], strict=True):
        text += " " * (GAP + size - cell_len(cell)) + cell
    return text.rstrip()
