"""Show an era's results as a terminal table: the three drawdowns side by side, dated."""

from collections.abc import Iterable

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from backtests.comparison import Chapter, Comparison
from backtests.result import Result

PIPED_WIDTH = 100


def money(usd: float) -> str:
    """Write dollars without cents, thousands apart."""
    return f"{usd:,.0f}"


def percent(fraction: float | int | str | None, digits: int = 2) -> str:
    """Write a fraction as a percentage, and what is missing as a dash."""
    return "-" if not isinstance(fraction, int | float) else f"{100 * fraction:.{digits}f} %"


def console(width: int | None = None) -> Console:
    """Return the console for standard output; piped, it writes plain text 100 columns wide."""
    plain = Console()
    if plain.is_terminal:
        return plain
    return Console(width=width or PIPED_WIDTH, no_color=True, highlight=False)


def show(comparison: Comparison, out: Console) -> None:
    """Print every era's table with its notes, and how to read them."""
    for chapter in comparison.chapters:
        for piece in chapter_pieces(chapter):
            out.print(piece, highlight=False)
        out.print()
    for sentence in comparison.left_out:
        out.print(Text(sentence), highlight=False)
    out.print(Text(HOW_TO_READ, style="dim"), highlight=False)


HOW_TO_READ = (
    "XIRR: the yearly return on the money as it went in. Strategy: fall of a unit of the strategy "
    "from its high, whatever was paid in. Account: fall of the balance from its high; new payments "
    "hide part of it. Against money in: the worst loss on all that had been paid in. Months below: "
    "months that ended with less than had been paid in."
)


def chapter_pieces(chapter: Chapter) -> Iterable[RenderableType]:
    """Yield an era's title, table and notes."""
    numbered = notes_of(chapter)
    yield Text(
        f"{chapter.era.name}: {chapter.era.title}, {chapter.start} to {chapter.end}, "
        f"{chapter.bars} bars",
        style="bold",
    )
    table = _empty_table()
    for result in chapter.results:
        table.add_row(*_row(result, [numbered[note] for note in result.warnings]))
    yield table
    notes = Table.grid(padding=(0, 1))
    for note, number in numbered.items():
        notes.add_row(Text(f"{number:>3}", style="dim"), Text(note, style="dim"))
    for sentence in chapter.left_out:
        notes.add_row(Text("  -", style="dim"), Text(sentence, style="dim"))
    yield notes


def notes_of(chapter: Chapter) -> dict[str, int]:
    """Give each of an era's distinct notes a number from 1, in order of appearance."""
    notes = dict.fromkeys(note for result in chapter.results for note in result.warnings)
    return {note: number for number, note in enumerate(notes, start=1)}


def _empty_table() -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="bold", pad_edge=False)
    table.add_column("strategy\n(notes)", min_width=15, no_wrap=True)
    for header in ("put in", "worth", "XIRR", "strategy\nhigh to low", "account\nat low"):
        table.add_column(header, justify="right", no_wrap=True)
    table.add_column("against\nmoney in", justify="right", no_wrap=True)
    table.add_column("months\nbelow", justify="right", no_wrap=True)
    return table


def _row(result: Result, notes: list[int]) -> tuple[str, ...]:
    figure = result.measures.figures
    marks = f"({' '.join(map(str, notes))})" if notes else ""
    return (
        f"{result.strategy}\n{marks}",
        money(result.measures.number("contributed")),
        money(result.measures.number("final_value")),
        percent(figure["xirr"]),
        _strategy_fall(result),
        f"{percent(figure['account_max_drawdown'])}\n{figure['account_max_drawdown_trough'] or ''}",
        f"{percent(figure['worst_shortfall'])}\n{figure['worst_shortfall_date'] or 'never'}",
        f"{figure['months_below_money_in']}",
    )


def _strategy_fall(result: Result) -> str:
    figure = result.measures.figures
    if figure["max_drawdown"] == 0:
        return "0.00 %\nnever fell"
    recovery = figure["max_drawdown_recovery"]
    back = f"back {recovery}" if recovery else "not back yet"
    span = f"{figure['max_drawdown_peak']} to {figure['max_drawdown_trough']}"
    return f"{percent(figure['max_drawdown'])} {back:>15}\n{span}"
