"""Set a sweep's page and its tables: quantiles with every label beside them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import RenderableType

from backtests.measures.catalogue import CATALOGUE, Measure
from backtests.report import terminal
from backtests.report.cells import written
from backtests.report.charts.canvas import Picture
from backtests.report.templating import render
from backtests.report.text_table import Column
from backtests.report.wording import (
    MINUS,
    money,
    money_name,
    numbered,
    numbers,
    percent,
    wait_word,
)
from backtests.sweeps.against import Duel
from backtests.sweeps.quantiles import LEVELS, Summary
from backtests.sweeps.quits import Cell
from backtests.sweeps.run import Outcome

MOST_TABLES = 12
HEADS = tuple(f"{100 * level:g} %" for level in LEVELS)
DUEL_HEADS = ("worst", *HEADS)
DIFFERENCES = (
    "A difference is the first less the other over the same windows or paths: money at the end, "
    "and falls in percentage points, below 0 where the first fell deeper."
)


QUITS = (
    "The median of the worth at the end over that of who stayed, less 1, among those who did quit; "
    "in brackets how many did."
)


@dataclass(frozen=True)
class Block:
    """A variant as it is shown: rows of a title and one text a level."""

    title: str
    rows: tuple[tuple[str, list[str]], ...]
    sentence: str
    notes: list[int]
    place: int = 1


def blocks(outcome: Outcome) -> tuple[list[Block], dict[str, int]]:
    """Return every variant's block, and the notes by number."""
    among = numbered(outcome.labels[v.name] for v in outcome.layout.variants)
    found = []
    for place, variant in enumerate(outcome.layout.variants):
        summary = outcome.summaries[place]
        rows = tuple(
            (m.title, [written(m, found, digits=2) for found in _column(summary, m.key)])
            for m in CATALOGUE
            if m.key in summary.quantiles and (m.key != "mwr" or summary.blanks["xirr"])
        )
        notes = numbers(outcome.labels[variant.name], among)
        found.append(Block(str(variant), rows, _sentence(outcome, place), notes))
    return found, among


def duel_blocks(outcome: Outcome, among: Mapping[str, int]) -> list[Block]:
    """Return a block for each pair of strategies; `among` numbers the notes."""
    found = []
    for place, duel in enumerate(outcome.duels):
        mine, other = (outcome.layout.variants[at] for at in (duel.variant, duel.other))
        rows = tuple(
            (f"{m.title}, {money_name() if m.unit == 'money' else 'points'}", _differences(duel, m))
            for m in CATALOGUE
            if m.key in duel.quantiles
        )
        said = [*outcome.labels[mine.name], *outcome.labels[other.name]]
        title = f"{mine.name} ({mine.held}) against {other.name} ({other.held}), {mine.paid}"
        found.append(Block(title, rows, _told(outcome, place), numbers(said, among)))
    return found


def quit_blocks(outcome: Outcome) -> list[tuple[str, list[str], list[tuple[str, list[str]]]]]:
    """Return for each who quits a title, the waits, and a row a fall: its name and its cells."""
    found = []
    for grid in outcome.grids:
        waits = list(dict.fromkeys(cell.quit.months for cell in grid.cells))
        falls = dict.fromkeys(cell.quit.depth for cell in grid.cells)
        rows = [
            (f"all sold {percent(at)} below", [_cell(c) for c in grid.cells if c.quit.depth == at])
            for at in falls
        ]
        found.append((str(grid.stays).removesuffix(", stays"), list(map(wait_word, waits)), rows))
    return found


def _cell(cell: Cell) -> str:
    if cell.median is None:
        return f"nobody left ({cell.rows:,})"
    sign = "+" if cell.median > 0 else ""
    return f"{sign}{percent(cell.median, 1)} ({cell.left:,} of {cell.rows:,})"


def _differences(duel: Duel, measure: Measure) -> list[str]:
    """Write a measure's differences, the least and the quantiles; a fall's in percentage points."""
    found = [duel.worst[measure.key], *(q or 0.0 for q in duel.quantiles[measure.key])]
    if measure.unit == "money":
        return [f"{'+' * (usd > 0)}{money(usd)}" for usd in found]
    return [f"{100 * part:+.2f}".replace("-", MINUS) if part else "0" for part in found]


def _told(outcome: Outcome, place: int) -> str:
    duel, word = outcome.duels[place], rows_word(outcome)
    even = f", even in {percent(duel.even, 1)}" if duel.even else ""
    mine, other = (outcome.layout.variants[at] for at in (duel.variant, duel.other))
    name = mine.name
    if name == other.name:
        name = "who quits" if mine.terms.quit else "all at once"
    sentence = (
        f"{name} ended with more in {percent(duel.won, 1)}{even} of {duel.rows:,} "
        f"{word}{_apart(outcome, duel.variant)}"
    )
    if "contributed" in duel.quantiles:
        sentence += "; the two did not put in the same money"
    if duel.worst["final_value"] >= 0:
        return f"{sentence}; it never ended with less"
    begun = "the one begun in " if word == "windows" else ""
    return f"{sentence}; it fell short by most in {begun}{outcome.lost_most[place]}"


def _column(summary: Summary, key: str) -> Sequence[float | None]:
    """Return a measure's quantiles; none where most rows lack it, as the rest say little."""
    found = summary.quantiles[key]
    return [None] * len(found) if 2 * summary.blanks.get(key, 0) > summary.rows else found


def _sentence(outcome: Outcome, place: int) -> str:
    summary, worst = outcome.summaries[place], outcome.worst[place]
    word = rows_word(outcome)
    sentence = (
        f"{summary.rows:,} {word}{_apart(outcome, place)}; "
        f"{percent(summary.below, 2)} ended below the money put in; "
        f"least came out of {'the one begun in ' if word == 'windows' else ''}{worst}"
    )
    blank = summary.blanks["xirr"]
    return sentence + (f"; {blank} have no XIRR" if blank else "")


def _apart(outcome: Outcome, place: int) -> str:
    """Say how many of the windows share no month."""
    apart = outcome.layout.apart(outcome.layout.variants[place])
    if apart is None or outcome.summaries[place].rows == 1:
        return ""
    return f", of which only {apart} fit{'s' * (apart == 1)} side by side without overlap"


def rows_word(outcome: Outcome) -> str:
    """Say what the rows are."""
    return "windows" if outcome.layout.request.bootstrap is None else "paths"


def pieces(outcome: Outcome, width: int) -> Iterator[RenderableType]:
    """Yield what a terminal of this width shows."""
    found, notes = blocks(outcome)
    for title, waits, rows in quit_blocks(outcome)[:MOST_TABLES]:
        yield terminal.words(f"What quitting cost or spared: {title}", "bold")
        cells = zip(*(cells for _, cells in rows), strict=True)
        columns = [Column(head, texts) for head, texts in zip(waits, cells, strict=True)]
        yield terminal.table([name for name, _ in rows], columns, width)
        yield ""
    if outcome.grids:
        yield terminal.words(QUITS, "dim")
        yield ""
    for block in found[:MOST_TABLES]:
        yield from _block(block, HEADS, width)
    if found[MOST_TABLES:]:
        yield f"{len(found) - MOST_TABLES} more combinations are in the report\n"
    for block in duel_blocks(outcome, notes)[:MOST_TABLES]:
        yield from _block(block, DUEL_HEADS, width)
    if outcome.duels:
        yield terminal.words(DIFFERENCES, "dim")
    yield terminal.note_list(notes, outcome.layout.left_out)
    yield terminal.words(f"{outcome.layout.table.bars} bars; {outcome.check}")


def _block(block: Block, heads: Sequence[str], width: int) -> Iterator[RenderableType]:
    yield terminal.words(f"{block.title} {terminal.marks(block.notes)}".rstrip(), "bold")
    cells = zip(*(cells for _, cells in block.rows), strict=True)
    columns = [Column(head, texts) for head, texts in zip(heads, cells, strict=True)]
    yield terminal.table([title for title, _ in block.rows], columns, width)
    yield terminal.words(block.sentence)
    yield ""


def render_html(outcome: Outcome, pictures: Sequence[Picture], version: str) -> str:
    """Return the page; the same bytes for the same sweep."""
    found, notes = blocks(outcome)
    again = f"{outcome.check.runs} random rows were run again by Backtrader and agree to 1e-9."
    return render(
        "sweep",
        asked=_asked(outcome),
        blocks=found,
        duels=duel_blocks(outcome, notes),
        duel_levels=DUEL_HEADS,
        differences=DIFFERENCES,
        quits=quit_blocks(outcome),
        quits_said=QUITS,
        notes=notes,
        left_out=outcome.layout.left_out,
        pictures=pictures,
        levels=HEADS,
        check=again if outcome.check.runs else "Every row was run by Backtrader.",
        version=version,
    )


def _asked(outcome: Outcome) -> list[tuple[str, str]]:
    request, table = outcome.layout.request, outcome.layout.table
    fill = "the contribution day's close" if request.fill == "close" else "the next bar's close"
    shares = "whole shares" if request.whole_shares else "fractions of shares"
    if request.bootstrap is None:
        starts = [s for held in outcome.layout.starts.values() for s in (held[0], held[-1])]
        rows = f"every window begun from {min(starts)} to {max(starts)}"
    else:
        rows = (
            f"{request.bootstrap:,} paths drawn by stationary block bootstrap, blocks of "
            f"{request.block:g} months on average, seed {request.seed}"
        )
    return [
        ("What was run", rows),
        ("Prices", f"{table.source}, {table.bars} bars"),
        ("Trading", f"{shares} at {fill}"),
    ]
