"""Tables and bars of a benchmark, on a terminal and as Markdown."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table as RichTable

NONE = "-"


@dataclass
class Table:
    """Rows of text under a title; `notes` are sentences printed below."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def markdown(self) -> str:
        """Return the table for docs/benchmarks.md."""
        ruler = ["---"] + ["---:"] * (len(self.columns) - 1)
        lines = [_line(self.columns), _line(ruler), *(_line(row) for row in self.rows)]
        notes = [f"- {note}" for note in self.notes]
        return "\n".join([f"## {self.title}", "", *lines, "", *notes]).rstrip() + "\n"

    def show(self, console: Console) -> None:
        """Print the table and its notes."""
        drawn = RichTable(title=self.title, title_justify="left", header_style="bold")
        for place, name in enumerate(self.columns):
            drawn.add_column(name, justify="right" if place else "left")
        for row in self.rows:
            drawn.add_row(*row)
        console.print(drawn)
        for note in self.notes:
            console.print(f"  {note}", highlight=False)
        console.print()


@dataclass(frozen=True)
class Bar:
    """A promise: what was wanted, what was found (None: not measured), in which direction."""

    what: str
    wanted: float
    found: float | None
    unit: str = "x"
    at_least: bool = True

    @property
    def met(self) -> bool:
        """Tell whether the promise was kept."""
        if self.found is None:
            return False
        return self.found >= self.wanted if self.at_least else self.found <= self.wanted

    def row(self) -> tuple[str, ...]:
        """Return the line of the bars' table."""
        sense = "at least" if self.at_least else "at most"
        found = NONE if self.found is None else f"{number(self.found)} {self.unit}"
        verdict = "not measured" if self.found is None else "met" if self.met else "MISSED"
        return self.what, f"{sense} {number(self.wanted)} {self.unit}", found, verdict


@dataclass
class Section:
    """What one part of the benchmark found."""

    tables: list[Table]
    bars: list[Bar] = field(default_factory=list)


def bars_table(bars: Iterable[Bar]) -> Table:
    """Set every promise beside what was found."""
    table = Table("Promises", ("what", "wanted", "found", "verdict"))
    table.rows = [bar.row() for bar in bars]
    return table


def number(value: float) -> str:
    """Write three significant digits, large numbers with commas."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:#.3g}".rstrip(".")


def time(seconds: float | None) -> str:
    """Write a time in the unit in which it is read most easily."""
    if seconds is None:
        return NONE
    for size, unit in ((1.0, "s"), (1e-3, "ms")):
        if seconds >= size:
            return f"{number(seconds / size)} {unit}"
    return f"{number(seconds / 1e-6)} µs"


def median(values: Sequence[float]) -> float | None:
    """Return the middle of what was measured, None for nothing."""
    return statistics.median(values) if values else None


def ratio(above: Sequence[float], below: Sequence[float]) -> float | None:
    """Return the median of the ratios round by round: noise that lasts a round cancels."""
    return median([a / b for a, b in zip(above, below, strict=False)])


def times(value: float | None) -> str:
    """Write a ratio."""
    return NONE if value is None else f"{number(value)}x"


def off(value: float, wanted: float) -> str:
    """Write how far a final value is from the one worked out by hand."""
    away = value / wanted - 1.0
    return f"{away:.0e}" if abs(away) < 1e-6 else f"{away:+.4%}"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
