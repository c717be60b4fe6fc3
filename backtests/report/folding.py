"""Fold sentences for a terminal, where a Han character takes two cells and a line may end at any.

No line begins with a mark that closes, or ends with one that opens.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len, chop_cells
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.text import Text

from data.language import HAN

_OPENS = "\uff08\u300c\u300e\u300a(["
_CLOSES = "\uff0c\u3002\u3001\uff1b\uff1a\uff1f\uff01\uff09\u300d\u300f\u300b%)\\],.;:"
# A run of Latin letters, or one Han character, with the marks that belong to it.
_PIECE = re.compile(
    rf"[{_OPENS}]*(?:[{HAN}]|[^\s{HAN}\u3000-\u303f\uff00-\uffef]+)?[{_CLOSES}]*|\S"
)


def has_han(text: str) -> bool:
    """Tell whether there is a Han character in a text."""
    return re.search(f"[{HAN}]", text) is not None


def pieces(text: str) -> list[str]:
    """Return what of a text stays together on a line; words where it has no Han character."""
    if not has_han(text):
        return text.split()
    return [piece for piece in _PIECE.findall(text) if piece]


def fold(text: str, width: int) -> list[str]:
    """Return the lines of a text; only a piece that is wider than a line is cut."""
    return [line for part in text.split("\n") for line in _folded(part, max(width, 2))]


def _folded(text: str, width: int) -> Iterator[str]:
    indent = text[: len(text) - len(text.lstrip())]
    line = indent
    for found in (found for found in _PIECE.finditer(text) if found[0]):
        gap = " " if text[: found.start()].endswith(" ") and line.strip() else ""
        if cell_len(line + gap + found[0]) <= width:
            line += gap + found[0]
            continue
        if line.strip():
            yield line
        *whole, line = chop_cells(found[0], width)
        yield from whole
    yield line


@dataclass(frozen=True)
class Sentence:
    """A sentence with Han characters, folded to where it is printed."""

    text: str
    style: str = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text("\n".join(fold(self.text, options.max_width)), self.style)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        least = max(map(cell_len, pieces(self.text)))
        return Measurement(least, max(map(cell_len, self.text.split("\n"))))
