"""Set the page: one self-contained file, nothing loaded from elsewhere, no script."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jinja2 import Template

from backtests.comparison import Chapter, Comparison
from backtests.measures.series import Drawdown
from backtests.phases import PhaseFigures, phases
from backtests.report import cells as measures
from backtests.report import summary as reading
from backtests.report import wording
from backtests.report.cells import Cell, Measure
from backtests.report.charts import palette
from backtests.report.charts.canvas import Figure
from backtests.report.glossary import GLOSSARY
from backtests.report.templating import templates
from backtests.result import Result
from data.catalog import CATALOG
from data.prices import PriceTable

DEEPEST_SHOWN = 5
_SOURCES = {
    "snapshot": "the real prices that come with the program (snapshot)",
    "yahoo": "Yahoo Finance (yahoo)",
    "file": "the reader's own files (file)",
}


@dataclass(frozen=True)
class Note:
    """A numbered label; `anchor` is its place on the page."""

    number: int
    anchor: str
    text: str


@dataclass(frozen=True)
class Line:
    """A result with the labels that must stand beside its name."""

    result: Result
    notes: tuple[Note, ...]
    phases: tuple[PhaseFigures, ...]

    @property
    def falls(self) -> Sequence[Drawdown]:
        """The deepest falls that are listed."""
        return self.result.drawdowns[:DEEPEST_SHOWN]


@dataclass(frozen=True)
class Section:
    """One era on the page; `place` numbers it, for anchors that no title can break."""

    place: int
    chapter: Chapter
    lines: tuple[Line, ...]
    notes: tuple[Note, ...]

    @property
    def has_phases(self) -> bool:
        """Whether any phase has bars in the window."""
        return any(line.phases for line in self.lines)

    @property
    def risk_free(self) -> str:
        """Say what the Sharpe and Sortino ratios are taken over."""
        if all(line.result.bill is not None for line in self.lines):
            return "Sharpe and Sortino ratios: over Treasury bills."
        return "Sharpe and Sortino ratios: over zero, the data has no Treasury bills."

    def cell(self, line: Line, measure: Measure) -> Cell:
        """Return a measure of one strategy."""
        return measures.cell(line.result, measure)

    def dated(self, line: Line, measure: Measure) -> Cell:
        """Return a measure of one strategy with its dates."""
        return measures.dated(line.result, measure)

    def row(self, measure: Measure) -> list[Cell]:
        """Return a measure of every strategy."""
        return [self.cell(line, measure) for line in self.lines]

    def missing(self, shown: Sequence[Measure]) -> list[str]:
        """Say why there is no number, for each dash in a table."""
        cells = [(m.title, cell.reason) for m in shown for cell in self.row(m) if cell.reason]
        return [f"{title}: {reason}." for title, reason in dict.fromkeys(cells)]


@dataclass(frozen=True)
class Source:
    """A symbol's figures: what they are made of, and the hash that proves them."""

    symbol: str
    label: str
    bars: str
    table: PriceTable

    @property
    def parts(self) -> str:
        """Name the series it is made of, in order, and where one gives way to the next."""
        *early, last = self.table.parts.get(self.symbol, (None,))
        steps = [f"{part.name} to {part.last}" for part in early if part]
        return ", then ".join([*steps, last.name if last else self.symbol])


def render_html(comparison: Comparison, figures: Sequence[Figure], version: str) -> str:
    """Return the whole page; the same bytes for the same comparison."""
    return _page().render(
        asked=reading.asked(comparison.plan),
        reading=reading.reading(comparison),
        comparison=comparison,
        sections=[_section(place, c) for place, c in enumerate(comparison.chapters, start=1)],
        figures=figures,
        sources=list(_sources(comparison)),
        strategies=list(dict.fromkeys(r.title for r in comparison.results)),
        source=wording.listed(dict.fromkeys(_named(t.source) for t in comparison.tables.values())),
        version=version,
    )


def _page() -> Template:
    pages = templates()
    pages.filters |= {
        "money": wording.money,
        "percent": wording.percent,
        "listed": wording.listed,
        "around_days": _around_days,
    }
    pages.globals |= {
        "headline": measures.HEADLINE,
        "all_measures": measures.ALL,
        "not_yet": measures.NOT_YET,
        "dash": measures.DASH,
        "light": palette.variables(dark=False),
        "dark": palette.variables(dark=True),
        "glossary": GLOSSARY,
        "bars_word": wording.bars_word,
        "bars_counted": wording.bars_counted,
        "deepest_shown": DEEPEST_SHOWN,
    }
    return pages.get_template("template.html.j2")


def _around_days(sentence: str) -> list[str]:
    """Split a sentence around its dates: every second piece is one, which no line may break."""
    return re.split(r"(\d{4}-\d\d-\d\d)", sentence)


def _named(source: str) -> str:
    return _SOURCES.get(source, source)


def _section(place: int, chapter: Chapter) -> Section:
    texts = dict.fromkeys(text for r in chapter.results for text in r.warnings)
    notes = {
        text: Note(number, f"note-{place}-{number}", text)
        for number, text in enumerate(texts, start=1)
    }
    lines = tuple(
        Line(r, tuple(notes[text] for text in dict.fromkeys(r.warnings)), tuple(phases(r)))
        for r in chapter.results
    )
    return Section(place, chapter, lines, tuple(notes.values()))


def _sources(comparison: Comparison) -> Iterator[Source]:
    """List every symbol a result used, resolution by resolution."""
    for bars, table in comparison.tables.items():
        used = dict.fromkeys(
            s for c in comparison.chapters if c.bars == bars for r in c.results for s in r.symbols
        )
        for symbol in used:
            label = CATALOG[symbol].label if symbol in CATALOG else ""
            yield Source(symbol, label, wording.bars_word(bars), table)
