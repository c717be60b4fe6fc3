"""Show an era's results as a terminal table: the three drawdowns below one another, dated."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import TextIOWrapper

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from backtests.comparison import Chapter, Comparison
from backtests.report import aftermath, cells, text_table, wording
from backtests.report.aligned import standing_sentences
from backtests.report.folding import Sentence, has_han
from backtests.report.names import beside_dollars, labels
from backtests.report.summary import verdict
from backtests.result import Result
from data.language import say, shown, tr

PIPED_WIDTH = 100
_PLAIN = str.maketrans({"\N{MINUS SIGN}": "-", "\N{NO-BREAK SPACE}": " ", wording.DASH: "-"})
# A resolution as a count of bars has it behind a window.
BARS: Mapping[str, str] = {
    "daily": say("daily bars"),
    "weekly": say("weekly bars"),
    "monthly": say("monthly bars"),
}
HOW_TO_READ = say(
    "XIRR: the yearly return on the money as it went in. Strategy drawdown: fall of a unit of the "
    "strategy from its high, whatever was paid in. Account drawdown: fall of the balance from its "
    "high; new payments hide part of it. Worst against money put in: the worst loss on all that "
    "had been paid in."
)


def console(width: int | None = None) -> Console:
    """Return the console for standard output; piped, it writes plain text 100 columns wide.

    Letters that the terminal's encoding lacks are written as escapes.
    """
    plain = Console()
    if isinstance(plain.file, TextIOWrapper):
        plain.file.reconfigure(errors="backslashreplace")
    if plain.is_terminal:
        return plain
    return Console(width=width or PIPED_WIDTH, no_color=True, highlight=False)


def show(comparison: Comparison, out: Console) -> None:
    """Print the verdict, every era's table with its notes, and how to read them."""
    told = verdict(comparison)
    put(out, [words(f"{told.sentence}{labels([told.saver])}", "bold"), ""])
    for chapter in comparison.chapters:
        with wording.kept_in(comparison.plan.currency):
            put(out, chapter_pieces(chapter, out.width, comparison.plan.real))
        if comparison.plan.real:
            cpi = comparison.tables[chapter.bars].cpi
            put(out, [words(wording.estimated(cpi, chapter.start, chapter.end), "dim")])
        out.print()
    put(out, map(words, (*comparison.left_out, *standing_sentences(comparison))))
    put(out, [words(HOW_TO_READ, "dim")])


def put(out: Console, pieces: Iterable[RenderableType]) -> None:
    """Print pieces as they are: sentences are wrapped, lines of a table never cut."""
    for piece in pieces:
        out.print(piece, highlight=False, crop=False, overflow="fold")


def chapter_pieces(chapter: Chapter, width: int, real: bool = False) -> Iterator[RenderableType]:
    """Yield an era's title, table and notes."""
    notes = wording.numbered(result.warnings for result in chapter.results)
    yield words(heading(chapter), "bold")
    rows = list(_rows(chapter.results, notes, real))
    columns = [
        text_table.Column(
            wording.visible(result.strategy),
            [texts[at] for _, texts in rows],
            marks(wording.numbers(result.warnings, notes)),
        )
        for at, result in enumerate(chapter.results)
    ]
    yield table([title for title, _ in rows], columns, width)
    yield note_list(notes, chapter.left_out)
    if chapter.results[0].scenario:
        yield from _scenario(chapter.results, width)


def heading(chapter: Chapter) -> str:
    """Say what an era's table is of."""
    return tr(
        "{era}: {title}, {start} to {end}, {bars}",
        era=chapter.era.name,
        title=chapter.era.title,
        start=chapter.start,
        end=chapter.end,
        bars=BARS[chapter.bars],
    )


def _scenario(results: Sequence[Result], width: int) -> Iterator[RenderableType]:
    """Yield how it stood where history ended, the scenario's worst, and what one would have."""
    names = [wording.visible(result.strategy) for result in results]
    heads, by_year = aftermath.would_have(results)
    for title, columns, rows in (
        (say("Where history ended, and the scenario after it"), names, aftermath.stands(results)),
        (say("What you would have by"), [*heads[: -len(names)], *names], by_year),
    ):
        yield ""
        yield words(title, "bold")
        cells_of = [[row.texts[at] for row in rows] for at in range(len(columns))]
        found = [text_table.Column(n, c) for n, c in zip(columns, cells_of, strict=True)]
        yield table([f"{'  ' if row.part else ''}{row.title}" for row in rows], found, width)


def _rows(
    results: Sequence[Result], notes: Mapping[str, int], real: bool
) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the rows of an era's table: a title and a text a result."""
    for measure in cells.shown(cells.BRIEF, [r.measures for r in results], real):
        title = f"{'  ' if measure.part_of else ''}{shown(measure.title)}"
        yield title, [cells.cell(r.measures, measure, digits=2).text for r in results]
        if measure.key == "final_value":
            beside = [beside_dollars(result, notes) for result in results]
            for label in dict.fromkeys(word for found in beside for word in found):
                texts = [" ".join(map(str, found.get(label, ()))) for found in beside]
                yield "  " + tr("{label}, see note", label=label), texts


def marks(numbers: Sequence[int]) -> str:
    """Write the numbers of notes as they stand beside a name."""
    return f"({' '.join(map(str, numbers))})" if numbers else ""


def table(titles: Sequence[str], columns: Sequence[text_table.Column], width: int) -> Text:
    """Return a table for a terminal of this width, in letters that every terminal has."""
    lines = text_table.lines(titles, columns, width)
    return Text("\n".join(map(str.rstrip, lines)).translate(_PLAIN), no_wrap=True)


def note_list(notes: Mapping[str, int], unnumbered: Sequence[str] = ()) -> Table:
    """Return the numbered notes under a table."""
    listed = Table.grid(padding=(0, 1))
    for text, mark in (*notes.items(), *((text, "-") for text in unnumbered)):
        listed.add_row(words(f"{mark:>3}", "dim"), words(text, "dim"))
    return listed


def words(sentence: str, style: str = "") -> RenderableType:
    """Return a sentence for the terminal in its language, control characters made visible."""
    text = wording.visible(shown(sentence)).replace("\N{NO-BREAK SPACE}", " ")
    return Sentence(text.translate(_PLAIN), style) if has_han(text) else Text(text, style)
