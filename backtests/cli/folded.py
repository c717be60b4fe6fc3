"""Lay click's help out by the cells that letters take; click counts letters."""

from collections.abc import Iterable

import click
from rich.cells import cell_len

from backtests.report.folding import fold
from data.language import tr


class FoldedHelp(click.HelpFormatter):
    """Help in a language whose characters take two cells and need no space between them."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write how a command is called."""
        self._write(f"{prefix or tr('Usage:')}{prog} ", args)

    def write_heading(self, heading: str) -> None:
        """Write what the lines below are."""
        self.write(f"{'':>{self.current_indent}}{heading}\N{FULLWIDTH COLON}\n")

    def write_text(self, text: str) -> None:
        """Write paragraphs."""
        shown = (fold(part, self.width - self.current_indent) for part in text.split("\n\n"))
        gap = " " * self.current_indent
        self.write("\n".join("".join(f"{gap}{line}\n" for line in lines) for lines in shown))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write names, and beside each what it is."""
        found = list(rows)
        size = min(max(cell_len(name) for name, _ in found), col_max)
        for name, said in found:
            head = f"{'':>{self.current_indent}}{name}"
            room = self.current_indent + size + col_spacing
            if cell_len(name) > size:
                self.write(f"{head}\n")
                head = ""
            self._write(f"{head}{' ' * (room - cell_len(head))}", said)

    def _write(self, head: str, text: str) -> None:
        """Write a text behind a head, its further lines below its first."""
        first, *more = fold(text, self.width - cell_len(head))
        self.write(f"{head}{first}".rstrip() + "\n")
        self.write("".join(f"{' ' * cell_len(head)}{line}\n" for line in more))
