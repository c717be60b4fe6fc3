"""Set the page: one self-contained file, nothing loaded from elsewhere, one script of ours."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from backtests.comparison import Chapter, Comparison
from backtests.measures.catalogue import CATALOGUE, Measure
from backtests.measures.series import Drawdown
from backtests.phases import PhaseFigures, phases
from backtests.report import aftermath, calendar, cells, explorer, exposure_page, inline, summary
from backtests.report.cells import Cell
from backtests.report.charts import palette
from backtests.report.charts.canvas import Picture
from backtests.report.charts.palette import Look
from backtests.report.glossary import glossary
from backtests.report.names import labels, tags, words_beside_dollars
from backtests.report.signs import Sign, sign_of, signed, signs
from backtests.report.templating import render
from backtests.report.wording import estimated, listed, month_names
from backtests.result import Result
from data.arrays import month_lasts
from data.catalog import CATALOG as ASSETS
from data.language import say, shown, tr, tr_in
from data.prices import PriceTable

DEEPEST_SHOWN = 5
# The page's folded parts, in order: one template each in templates/folded.
FOLDED = ("others", "pictures", "phases", "calendar", "falls", "measures", "seven", "data", "words")
_SOURCES = {
    "snapshot": say("the real prices that come with the program (snapshot)"),
    "yahoo": "Yahoo Finance (yahoo)",
    "file": say("the reader's own files (file)"),
}


@dataclass(frozen=True)
class Line:
    """A result as it is shown: `strategy` is the strategy's place among all of the page."""

    result: Result
    place: int
    look: Look
    strategy: int

    @property
    def title(self) -> str:
        """The strategy's title."""
        return self.result.title

    @property
    def signs(self) -> list[Sign]:
        """The signs of the notes that must stand beside its name."""
        return signs(self.result)

    def headline(self, measure: Measure) -> Cell:
        """Return a measure with its dates, and dollars with what must stand beside them."""
        cell = cells.dated(self.result.measures, measure)
        if measure.key != "final_value":
            return cell
        found = words_beside_dollars(self.result).items()
        notes = (
            tr("{label}: see note {sign}", label=words, sign=sign_of(kind).letter)
            for words, kind in found
        )
        return replace(cell, beside=tr_in("between labels", "; ").join(notes))

    @property
    def months(self) -> int:
        """Calendar months in which there is a bar."""
        return int(month_lasts(self.result.course.dates).sum())

    @property
    def strip(self) -> str:
        """The months that ended below the money put in, as a path on a strip of months."""
        course = self.result.course
        below = course.shortfall[month_lasts(course.dates)] < 0
        edges = np.flatnonzero(np.diff(below, prepend=False, append=False)).reshape(-1, 2)
        return "".join(f"M{first},.5h{after - first}" for first, after in edges)

    @property
    def phases(self) -> list[PhaseFigures]:
        """The era's phases that have bars in the window."""
        return phases(self.result)

    @property
    def month_rows(self) -> list[tuple[str, list[calendar.Shaded]]]:
        """The strategy's return month by month, a row a year."""
        return list(calendar.months(self.result))

    @property
    def falls(self) -> Sequence[Drawdown]:
        """The deepest falls that are listed."""
        return self.result.course.drawdowns[:DEEPEST_SHOWN]


@dataclass(frozen=True)
class Absent:
    """A strategy of another era that this one leaves out, and why."""

    title: str
    look: Look
    why: str


@dataclass(frozen=True)
class Section:
    """One era on the page; `place` numbers it, for anchors that no title can break."""

    place: int
    chapter: Chapter
    lines: tuple[Line, ...]
    absent: tuple[Absent, ...]
    after_inflation: str

    @property
    def signed(self) -> list[tuple[Sign, list[str]]]:
        """The notes of all its results by sign."""
        return signed(self.chapter.results)

    @property
    def has_phases(self) -> bool:
        """Whether any phase has bars in the window."""
        return any(line.phases for line in self.lines)

    @property
    def years(self) -> list[tuple[str, list[calendar.Shaded]]]:
        """Every strategy's return year by year, and its account's."""
        return list(calendar.years([line.result for line in self.lines]))

    @property
    def risk_free(self) -> str:
        """Say what the Sharpe and Sortino ratios are taken over."""
        if all(line.result.course.bill is not None for line in self.lines):
            return tr("Sharpe and Sortino ratios: over Treasury bills.")
        return tr("Sharpe and Sortino ratios: over zero, the data has no Treasury bills.")

    def row(self, measure: Measure) -> list[Cell]:
        """Return a measure of every strategy."""
        return [cells.cell(line.result.measures, measure) for line in self.lines]

    def missing(self, shown: Sequence[Measure]) -> list[str]:
        """Say why there is no number, for each dash in a table."""
        why = [(m.title, cell.reason) for m in shown for cell in self.row(m) if cell.reason]
        return [tr("{measure}: {reason}.", measure=m, reason=r) for m, r in dict.fromkeys(why)]


@dataclass(frozen=True)
class Source:
    """A symbol's prices: what they are made of, and the hash that proves them."""

    symbol: str
    table: PriceTable

    @property
    def label(self) -> str:
        """What the symbol is, empty where we do not know it."""
        return ASSETS[self.symbol].label if self.symbol in ASSETS else ""

    @property
    def parts(self) -> str:
        """Name the series it is made of, in order, and where one gives way to the next."""
        *early, last = self.table.parts.get(self.symbol, (None,))
        made = shown(last.name) if last else self.symbol
        for part in filter(None, reversed(early)):
            made = tr("{name} to {day}, then {rest}", name=part.name, day=str(part.last), rest=made)
        given = self.table.sources.get(self.symbol)
        return tr("{series}, from {source}", series=made, source=given) if given else made


def render_html(comparison: Comparison, pictures: Sequence[Picture], version: str) -> str:
    """Return the whole page; the same bytes for the same comparison."""
    told, looks = summary.verdict(comparison), palette.looks(r.strategy for r in comparison.results)
    sections = [
        _section(place, comparison, looks) for place in range(1, len(comparison.chapters) + 1)
    ]
    first = next(section for section in sections if section.chapter is told.chapter)
    tables = comparison.tables.values()
    sources = dict.fromkeys(name for t in tables for name in t.sources.values() or (t.source,))
    return render(
        "report",
        inline.script(),
        packed=explorer.packed(
            comparison.chapters,
            (told.chapter, told.saver.strategy),
            looks,
            comparison.assumed.since if comparison.assumed else None,
        ),
        periods=explorer.periods(comparison.chapters),
        views=explorer.views(),
        asked=summary.asked(comparison.plan, (c.bars for c in comparison.chapters)),
        paid_in=summary.paid_in(comparison.plan),
        verdict=told,
        first=first,
        others=[section for section in sections if section is not first],
        labels=labels([told.saver]),
        labels_of_all=labels(comparison.results),
        comparison=comparison,
        sections=sections,
        stands=aftermath.stands(first.chapter.results) if comparison.assumed else (),
        would_have=aftermath.would_have(first.chapter.results),
        pictures=pictures,
        exposed=exposure_page,
        seven=exposure_page.part(comparison),
        sources=list(_sources(comparison)),
        strategies=list(dict.fromkeys(shown(r.title) for r in comparison.results)),
        source=listed(_SOURCES.get(source, source) for source in sources),
        version=version,
        headline=cells.HEADLINE,
        taken=cells.shown((), [r.measures for r in comparison.results], comparison.plan.real),
        all_measures=CATALOGUE,
        glossary=glossary(),
        tags=tags,
        folded=FOLDED,
        month_names=[*month_names("abbreviated"), tr_in("whole", "Year")],
        deepest_shown=DEEPEST_SHOWN,
    )


def _section(place: int, comparison: Comparison, looks: Mapping[str, Look]) -> Section:
    chapter = comparison.chapters[place - 1]
    table, names = comparison.tables[chapter.bars], list(looks)
    lines = [Line(r, place, looks[r.strategy], names.index(r.strategy)) for r in chapter.results]
    said = estimated(table.cpi, chapter.start, chapter.end)
    absent = tuple(_absent(comparison, chapter, looks))
    return Section(place, chapter, tuple(lines), absent, said)


def _absent(
    comparison: Comparison, chapter: Chapter, looks: Mapping[str, Look]
) -> Iterator[Absent]:
    titles = {r.strategy: r.title for r in comparison.results}
    for left in chapter.absent:
        if left.name in titles:
            yield Absent(titles[left.name], looks[left.name], left.why)


def _sources(comparison: Comparison) -> Iterator[Source]:
    """List every symbol a result used, resolution by resolution."""
    for bars, table in comparison.tables.items():
        used = (r.symbols for r in comparison.results if r.bars == bars)
        yield from (Source(s, table) for s in dict.fromkeys(s for held in used for s in held))
