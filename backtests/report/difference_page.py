"""Show what differs between reports: a terminal's tables, a page with all lines in a chart."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np
from rich.console import RenderableType

from backtests.comparison import Chapter
from backtests.eras import Era
from backtests.measures.catalogue import CATALOGUE, Measure, headline
from backtests.measures.course import Course
from backtests.report import differences, explorer, inline, terminal
from backtests.report.charts import palette
from backtests.report.differences import Key, Report
from backtests.report.ledgers import read_ledger
from backtests.report.results import Run
from backtests.report.summary import SUBJECT
from backtests.report.templating import render
from backtests.report.text_table import Column
from backtests.report.wording import MINUS, kept_in, numbered, numbers, visible
from backtests.result import Result
from data import atomic
from data.errors import BadFolder, printable
from data.language import ENGLISH, Said, say, shown, spoken, tr, tr_many
from data.shape import said

# What stands beside a strategy's name: a row of nothing would be left out.
_BLANK = [" "]


def chosen(everything: bool) -> Sequence[Measure]:
    """Return the measures that are set side by side."""
    return CATALOGUE if everything else headline()


@dataclass(frozen=True)
class Table:
    """An era's rows; a row without texts names the strategy of those below it."""

    era: str
    title: str
    rows: list[tuple[str, list[str]]]


def tables(
    reports: Sequence[Report], measures: Sequence[Measure], notes: Mapping[str, int]
) -> list[Table]:
    """Return a table an era, of what differs in it, with the notes' numbers beside the names."""
    found: dict[str, Table] = {}
    told: set[Key] = set()
    for row in differences.rows(reports, measures):
        era, strategy = row.key
        if not row.differs(reports):
            continue
        runs = [report.runs[row.key] for report in reports if row.key in report.runs]
        table = found.setdefault(era, Table(era, _era_title(reports, era), []))
        if row.key not in told:
            told.add(row.key)
            several = sorted({n for run in runs for n in numbers(_said(run), notes)})
            name = differences.strategy_title(strategy)
            table.rows.append((f"{name} {terminal.marks(several)}".rstrip(), []))
        table.rows.append((f"  {shown(row.measure.title)}", row.texts(reports)))
    return list(found.values())


def _notes(reports: Sequence[Report], keys: Iterable[Key]) -> dict[str, int]:
    """Return what stands beside runs, by number."""
    return numbered(_said(r.runs[key]) for key in keys for r in reports if key in r.runs)


def _said(run: Run) -> list[str]:
    return [_shown(note) for note in run.warnings]


def _shown(note: str) -> str:
    """Show a stored note; what no message of ours makes stands in the language's quotes."""
    known = spoken() == ENGLISH or isinstance(note, Said)
    return (
        shown(note)
        if known
        else tr("\N{LEFT DOUBLE QUOTATION MARK}{text}\N{RIGHT DOUBLE QUOTATION MARK}", text=note)
    )


def _differing(reports: Sequence[Report], measures: Sequence[Measure]) -> list[Key]:
    rows = differences.rows(reports, measures)
    return list(dict.fromkeys(row.key for row in rows if row.differs(reports)))


def _era_title(reports: Sequence[Report], era: str) -> str:
    spans = {
        (str(extra.get("start")), str(extra.get("end")))
        for report in reports
        for run in report.results.runs
        if run.era == era and (extra := run.model_extra)
    }
    title = differences.era_title(reports, era)
    if not spans:
        return printable(title, 200)
    start, end = min(spans)
    return printable(tr("{era}: {start} to {end}", era=title, start=start, end=end), 200)


def _heads(reports: Sequence[Report]) -> list[str]:
    first, *others = [visible(report.name) for report in reports]
    return [first, *(head for other in others for head in (other, tr("change")))]


def _under(reports: Sequence[Report], at: int) -> str:
    """Say under a change whose it is, where there are several."""
    changed = at and at % 2 == 0 and len(reports) > 2
    return tr("of {report}", report=visible(reports[at // 2].name)) if changed else ""


def pieces(
    reports: Sequence[Report], measures: Sequence[Measure], width: int, everything: bool
) -> Iterator[RenderableType]:
    """Yield what a terminal of this width shows: the inputs first, then the measures."""
    apart = differences.apart(reports)
    if not apart:
        if len(reports) == 2:
            yield terminal.words(tr("the two reports agree in every figure"))
        else:
            yield terminal.words(tr("the reports agree in every figure"))
        return
    told = tr("{sentence}.", sentence=differences.sentence(reports))
    yield terminal.words(told.replace(MINUS, "-"), "bold")
    same = [] if differences.alarm(reports) else [tr("Plans, prices and version are the same")]
    for text in differences.inputs(reports) or same:
        yield terminal.words(f"- {tr('{sentence}.', sentence=text)}")
    notes = _notes(reports, _differing(reports, measures))
    for found in tables(reports, measures, notes):
        yield ""
        yield terminal.words(found.title, "bold")
        titles = [title for title, _ in found.rows]
        cells = [texts or _BLANK * len(_heads(reports)) for _, texts in found.rows]
        columns = [
            Column(head, [texts[at] for texts in cells], _under(reports, at))
            for at, head in enumerate(_heads(reports))
        ]
        yield terminal.table(titles, columns, width)
    yield terminal.note_list(notes, differences.unmatched(reports))
    if everything:
        several = len(reports) > 2
        yield ""
        for where, name, one, other in apart:
            change = f"{printable(where, 200)}: {said(one)} -> {said(other)}"
            yield terminal.words(f"{name}: {change}" if several else change)
    if everything:
        yield terminal.words(tr_many("{n:,} figure differs", "{n:,} figures differ", len(apart)))
    else:
        yield terminal.words(
            tr_many(
                "{n:,} figure differs; --all names each of them",
                "{n:,} figures differ; --all names each of them",
                len(apart),
            )
        )


def page(reports: Sequence[Report], measures: Sequence[Measure]) -> str:
    """Return the page; the lines are read from the reports' ledgers. Raises BadFolder."""
    chapters = _chapters(reports)
    looks = palette.looks(r.strategy for chapter in chapters for r in chapter.results)
    drawn = _drawn(chapters, reports)
    notes = _notes(reports, differences.matched(reports))
    with kept_in(reports[0].currency):
        return render(
            "diff",
            inline.script() if chapters else "",
            packed=explorer.packed(
                chapters, (chapters[0], drawn[0]), looks, _history_end(reports), drawn
            ) if chapters else "",
            views=explorer.views(),
            lines=looks,
            drawn=drawn,
            labels_of_all="",
            names=[report.name for report in reports],
            sentence=differences.sentence(reports),
            alarm=differences.alarm(reports),
            inputs=differences.inputs(reports),
            eras=_in_order(tables(reports, measures, notes), chapters, reports),
            heads=_heads(reports),
            unmatched=differences.unmatched(reports),
            notes=notes,
            version=version("three-drawdowns"),
        )  # fmt: skip


def write(file: Path, text: str) -> None:
    """Write a file whole or not at all; raises BadFolder."""
    with atomic.writing(file):
        atomic.write(file, text.encode())


def _in_order(
    found: Sequence[Table], chapters: Sequence[Chapter], reports: Sequence[Report]
) -> list[Table]:
    """Give every era of the chart its table, an empty one where nothing differs."""
    by_era = {table.era: table for table in found}
    names = [chapter.era.name for chapter in chapters]
    return [by_era.get(name) or Table(name, _era_title(reports, name), []) for name in names]


def _chapters(reports: Sequence[Report]) -> list[Chapter]:
    """Return the matched runs of all reports, era by era, as their ledgers have them."""
    found: dict[str, list[Result]] = {}
    for era, strategy in differences.matched(reports):
        for report in reports:
            if (era, strategy) in report.runs:
                line = _line_of(strategy, report)
                course = read_ledger(report.folder, report.results, (strategy, era))
                found.setdefault(era, []).append(_line(line, Era(era, era, date.min, None), course))
    return [
        Chapter(results[0].era, results[0].bars, tuple(results), ())
        for results in found.values()
    ]  # fmt: skip


def _line_of(strategy: str, report: Report) -> str:
    # A chart has no room for a title and a report's name.
    return tr("{strategy}, {report}", strategy=visible(strategy), report=visible(report.name))


def _line(name: str, era: Era, course: Course) -> Result:
    nothing = np.zeros((len(course.dates), 0))
    return Result(name, name, era, course, course.value, nothing, nothing, (), {}, "none")


def _drawn(chapters: Sequence[Chapter], reports: Sequence[Report]) -> list[str]:
    """Name the lines that are there at first: one strategy, the index fund where it is there."""
    if not chapters:
        return []
    names = [result.strategy for result in chapters[0].results]
    strategy = next(s for era, s in differences.matched(reports) if era == chapters[0].era.name)
    wanted = [_line_of(SUBJECT, report) for report in reports]
    others = [_line_of(strategy, report) for report in reports]
    there = [name for name in wanted if name in names]
    return there or [name for name in others if name in names]


def _history_end(reports: Sequence[Report]) -> date | None:
    """Return where history ends in scenarios."""
    for run in (run for report in reports for run in report.results.runs):
        told = (run.model_extra or {}).get("scenario")
        end = told.get("history_end") if isinstance(told, dict) else None
        if isinstance(end, str):
            try:
                return date.fromisoformat(end)
            except ValueError as error:
                raise BadFolder(
                    say("history ends on {day}, which is no day", day=printable(end))
                ) from error
    return None
