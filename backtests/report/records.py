"""Show records in a terminal: a table where it fits, else a block a record; nothing is cut."""

from collections.abc import Collection

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table

from backtests.report.folding import Sentence, has_han, pieces
from backtests.report.wording import visible
from data.language import shown

_GAP = 2


class Records:
    """Rows under headers; only the columns of `prose` may be broken over lines."""

    def __init__(self, *headers: str, prose: Collection[str] = ()) -> None:
        self.headers, self.prose = [*map(shown, headers)], [*map(shown, prose)]
        self.rows: list[list[str]] = []

    def add_row(self, *texts: str) -> None:
        """Add a record: one text a header."""
        self.rows.append([visible(shown(text)) for text in texts])

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self._least() <= options.max_width:
            yield self._table()
            return
        for row in self.rows:
            block = Table.grid(padding=(0, _GAP, 0, 0))
            block.add_column(style="bold", no_wrap=True)
            for header, text in zip(self.headers, row, strict=True):
                block.add_row(header, _cell(text))
            yield block
            yield ""

    def _least(self) -> int:
        """Return the width below which something would be broken that must not be."""
        columns = zip(self.headers, zip(self.headers, *self.rows, strict=True), strict=True)
        whole = (
            pieces(" ".join(texts)) if name in self.prose else texts for name, texts in columns
        )
        return sum(max(map(cell_len, texts)) + _GAP for texts in whole) - _GAP

    def _table(self) -> Table:
        table = Table(box=None, padding=(0, _GAP, 0, 0), header_style="bold", pad_edge=False)
        for header in self.headers:
            table.add_column(header, no_wrap=header not in self.prose, overflow="fold")
        for row in self.rows:
            table.add_row(*map(_cell, row))
        return table


def _cell(text: str) -> RenderableType:
    return Sentence(text) if has_han(text) else text
