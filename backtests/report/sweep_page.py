"""Set a sweep's page and its tables: quantiles with every label beside them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from rich.console import RenderableType

from backtests.measures.catalogue import CATALOGUE, Measure
from backtests.report import inline, spread, terminal
from backtests.report.cells import written
from backtests.report.charts.canvas import Picture
from backtests.report.charts.palette import Look
from backtests.report.savers import Saver, name_of, savers, told
from backtests.report.templating import render
from backtests.report.text_table import Column
from backtests.report.wording import (
    MINUS,
    in_words,
    listed,
    money,
    money_name,
    n_years,
    numbered,
    numbers,
    percent,
    wait_word,
)
from backtests.sweeps.against import Duel
from backtests.sweeps.dots import Dots
from backtests.sweeps.quantiles import LEVELS, Summary
from backtests.sweeps.quits import Cell
from backtests.sweeps.run import Outcome

MOST_TABLES = 12
# Tables of a horizon that stand open on the page.
MOST_OPEN = 4
HEADS = tuple(f"{100 * level:g} %" for level in LEVELS)
DUEL_HEADS = ("worst", *HEADS)
DIFFERENCES = (
    "A difference is the first less the other over the same windows or paths: money at the end, "
    "and falls in percentage points, below 0 where the first fell deeper."
)


QUITS = (
    "The median of the worth at the end over that of who stayed, less 1, among those who did quit"
)
QUITS_TABLE, QUITS_PICTURE = (
    f"{QUITS}; in brackets how many did.",
    f"{QUITS}; below it how many did.",
)


@dataclass(frozen=True)
class Block:
    """A variant as it is shown: rows of a title and one text a level."""

    title: str
    rows: tuple[tuple[str, list[str]], ...]
    sentence: str
    notes: list[int]
    place: int = 1
    terms: str = ""


@dataclass(frozen=True)
class Worth:
    """What a card says of some savers: how far above their own money, and when they began."""

    title: str
    gain: float
    begun: str = ""


@dataclass(frozen=True)
class Card:
    """A saver's outcomes in short; `place` is the saver's among all of the page."""

    name: str
    block: Block
    look: Look
    place: int
    figures: list[Worth]
    below: str


@dataclass(frozen=True)
class Group:
    """What lasts as many years: its cards, and a table for each saver."""

    years: int
    place: int
    cards: list[Card]
    blocks: list[Block]

    @property
    def title(self) -> str:
        """Say how long it lasts."""
        return n_years(self.years)


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
    name = name_of(mine)
    if mine.name == other.name:
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
        yield terminal.words(QUITS_TABLE, "dim")
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
    named, variants = savers(outcome.layout.variants), outcome.layout.variants
    _, shown = spread.worn(variants)
    said = told(outcome)
    groups = [
        _group(outcome, (place, years), named, found, shown)
        for place, years in enumerate(dict.fromkeys(variant.years for variant in variants))
    ]
    horizons = {group.years: _dotted(outcome, group.years, named, shown) for group in groups}
    again = f"{outcome.check.runs} random rows were run again by Backtrader and agree to 1e-9."
    return render(
        "sweep",
        inline.script(),
        packed=spread.packed(horizons, named[said.variant].name, shown) if outcome.dots else "",
        told=said,
        paid=listed(dict.fromkeys(variant.pays(money) for variant in variants)),
        span=_span(outcome),
        kind=_kind(outcome),
        groups=groups,
        views=spread.views(),
        heads=spread.HEADS,
        undotted=_undotted(outcome, horizons),
        duels=duel_blocks(outcome, notes),
        duel_levels=DUEL_HEADS,
        differences=DIFFERENCES,
        quits=_quits(outcome, named),
        quits_said=QUITS_TABLE,
        notes=notes,
        left_out=outcome.layout.left_out,
        pictures=pictures,
        levels=HEADS,
        most_open=MOST_OPEN,
        asked=_asked(outcome),
        check=again if outcome.check.runs else "Every row was run by Backtrader.",
        version=version,
    )


def _quits(
    outcome: Outcome, named: Sequence[Saver]
) -> list[tuple[str, list[str], list[tuple[str, list[str]]]]]:
    """Return the blocks of who quits, titled in words."""
    variants = outcome.layout.variants
    titles = (
        f"{name_of(grid.stays)}, {named[variants.index(grid.stays)].terms.removesuffix(', stays')}"
        for grid in outcome.grids
    )
    blocks = zip(titles, quit_blocks(outcome), strict=True)
    return [(title, waits, rows) for title, (_, waits, rows) in blocks]


def _group(
    outcome: Outcome,
    at_years: tuple[int, int],
    named: Sequence[Saver],
    found: Sequence[Block],
    looks: Mapping[str, Look],
) -> Group:
    place, years = at_years
    mine = [at for at, v in enumerate(outcome.layout.variants) if v.years == years]
    cards = [
        _card(outcome, at, found[at], (named[at].name, looks))
        for at in mine
        if named[at].name in looks
    ]
    tables = [replace(found[at], title=named[at].name, terms=named[at].terms) for at in mine]
    return Group(years, place, cards, tables)


def _card(outcome: Outcome, at: int, block: Block, worn: tuple[str, Mapping[str, Look]]) -> Card:
    name, looks = worn
    summary, word = outcome.summaries[at], rows_word(outcome)
    low, middle = (summary.quantiles["multiple"][level] for level in (0, 2))
    worst = Worth("one in 20 below", (low or 0.0) - 1)
    if outcome.layout.request.bootstrap is None:
        begun = date.fromisoformat(f"{outcome.worst[at]}-01")
        worst = Worth("the worst", summary.least - 1, f"{begun:%b %Y}")
    figures = [Worth("half above", middle - 1), worst] if middle is not None else []
    share = "under 0.1\N{NO-BREAK SPACE}%" if summary.below < 0.0005 else percent(summary.below, 1)
    below = share if summary.below else "none"
    ended = f"{below} of {summary.rows:,} {word} ended below own money"
    return Card(name, block, looks[name], list(looks).index(name), figures, ended)


def _dotted(
    outcome: Outcome, years: int, named: Sequence[Saver], looks: Mapping[str, Look]
) -> list[tuple[Dots, str]]:
    variants = outcome.layout.variants
    each = ((dots, named[dots.variant].name) for dots in outcome.dots)
    return [(d, name) for d, name in each if variants[d.variant].years == years and name in looks]


def _undotted(outcome: Outcome, horizons: Mapping[int, Sequence[tuple[Dots, str]]]) -> str:
    """Say what the chart leaves out."""
    step, drawn = spread.thinned(horizons), sum(map(len, horizons.values()))
    all_of = len(outcome.layout.variants)
    more = f"The first {drawn} of {all_of} combinations are drawn. " if drawn < all_of else ""
    return more + (f"One start month in {step} is drawn, and the worst. " if step > 1 else "")


def _span(outcome: Outcome) -> str:
    """Say how long, and over which start months or how many paths."""
    layout, request = outcome.layout, outcome.layout.request
    years = [str(years) for years in dict.fromkeys(variant.years for variant in layout.variants)]
    lasting = f"for {listed(years)} year{'s' * (years != ['1'])}"
    if request.bootstrap is not None:
        return f"{lasting}, along {request.bootstrap:,} paths drawn from past months"
    first, last = (f([s[at] for s in layout.starts.values()]) for f, at in ((min, 0), (max, -1)))
    begun = f"in every month from {first} to {last}" if first < last else f"in {first}"
    return in_words(f"{lasting}, begun {begun}")


def _kind(outcome: Outcome) -> str:
    """Say what kind of prices these are, and what was taken from them."""
    costs = [variant.terms.costs for variant in outcome.layout.variants]
    free = all(each.free and not each.tax for each in costs)
    drawn = outcome.layout.request.bootstrap is not None
    assumed = "Drawn, assumed prices" if drawn else "Past prices"
    return assumed + (", no fees or taxes" if free else "")


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
