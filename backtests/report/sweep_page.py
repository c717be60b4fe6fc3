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
from backtests.report.savers import Saver, name_of, savers, terms_of, told
from backtests.report.templating import render
from backtests.report.text_table import Column
from backtests.report.wording import (
    MINUS,
    amount,
    in_words,
    listed,
    money,
    money_name,
    n_years,
    numbered,
    numbers,
    percent,
    sentences,
    short_month,
    wait_word,
)
from backtests.sweeps.against import Duel
from backtests.sweeps.dots import Dots
from backtests.sweeps.quantiles import LEVELS, Summary
from backtests.sweeps.quits import Cell
from backtests.sweeps.request import Variant
from backtests.sweeps.run import Outcome
from data.language import say, say_all, say_many, shown, tr, tr_in, tr_many
from data.prices import BARS_SAID

MOST_TABLES = 12
# Tables of a horizon that stand open on the page.
MOST_OPEN = 4
DIFFERENCES = say(
    "A difference is the first less the other over the same windows or paths: money at the end, "
    "and falls in percentage points, below 0 where the first fell deeper."
)
_TRADING = {
    (True, "close"): say("whole shares at the contribution day's close"),
    (True, "next"): say("whole shares at the next bar's close"),
    (False, "close"): say("fractions of shares at the contribution day's close"),
    (False, "next"): say("fractions of shares at the next bar's close"),
}
QUITS_TABLE = say(
    "The median of the worth at the end over that of who stayed, less 1, among those who did quit; "
    "in brackets how many did."
)
QUITS_PICTURE = say(
    "The median of the worth at the end over that of who stayed, less 1, among those who did quit; "
    "below it how many did."
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


def _heads() -> tuple[str, ...]:
    return tuple(tr("{rate:g} %", rate=100 * level) for level in LEVELS)


def _duel_heads() -> tuple[str, ...]:
    return (tr_in("quantile", "worst"), *_heads())


def blocks(outcome: Outcome) -> tuple[list[Block], dict[str, int]]:
    """Return every variant's block, and the notes by number."""
    among = numbered(outcome.labels[v.name] for v in outcome.layout.variants)
    found = []
    for place, variant in enumerate(outcome.layout.variants):
        summary = outcome.summaries[place]
        rows = tuple(
            (shown(m.title), [written(m, found, digits=2) for found in _column(summary, m.key)])
            for m in CATALOGUE
            if m.key in summary.quantiles and (m.key != "mwr" or summary.blanks["xirr"])
        )
        notes = numbers(outcome.labels[variant.name], among)
        found.append(Block(shown(str(variant)), rows, _sentence(outcome, place), notes))
    return found, among


def duel_blocks(outcome: Outcome, among: Mapping[str, int]) -> list[Block]:
    """Return a block for each pair of strategies; `among` numbers the notes."""
    found = []
    for place, duel in enumerate(outcome.duels):
        mine, other = (outcome.layout.variants[at] for at in (duel.variant, duel.other))
        rows = tuple(
            (_measured(m), _differences(duel, m)) for m in CATALOGUE if m.key in duel.quantiles
        )
        said = [*outcome.labels[mine.name], *outcome.labels[other.name]]
        title = tr(
            "{one} ({held}) against {other} ({other_held}), {paid}",
            one=mine.name, held=mine.held, other=other.name, other_held=other.held, paid=mine.paid,
        )  # fmt: skip
        found.append(Block(title, rows, _told(outcome, place), numbers(said, among)))
    return found


def _measured(measure: Measure) -> str:
    unit = money_name() if measure.unit == "money" else tr("points")
    return tr("{measure}, {unit}", measure=measure.title, unit=unit)


def quit_blocks(outcome: Outcome) -> list[tuple[str, list[str], list[tuple[str, list[str]]]]]:
    """Return for each who quits a title, the waits, and a row a fall: its name and its cells."""
    found = []
    for grid in outcome.grids:
        waits = list(dict.fromkeys(cell.quit.months for cell in grid.cells))
        falls = dict.fromkeys(cell.quit.depth for cell in grid.cells)
        rows = [
            (tr("all sold {fall} below", fall=percent(at)), _cells(grid.cells, at)) for at in falls
        ]
        found.append((shown(str(_plain(grid.stays))), list(map(wait_word, waits)), rows))
    return found


def _plain(stays: Variant) -> Variant:
    """Return who stays as one who was never asked."""
    return replace(stays, quits=False)


def _cells(cells: Sequence[Cell], depth: float) -> list[str]:
    return [_cell(cell) for cell in cells if cell.quit.depth == depth]


def _cell(cell: Cell) -> str:
    if cell.median is None:
        return tr("nobody left ({rows:,})", rows=cell.rows)
    sign = "+" if cell.median > 0 else ""
    change = f"{sign}{percent(cell.median, 1)}"
    return tr("{change} ({left:,} of {rows:,})", change=change, left=cell.left, rows=cell.rows)


def _differences(duel: Duel, measure: Measure) -> list[str]:
    """Write a measure's differences, the least and the quantiles; a fall's in percentage points."""
    found = [duel.worst[measure.key], *(q or 0.0 for q in duel.quantiles[measure.key])]
    if measure.unit == "money":
        return [f"{'+' * (usd > 0)}{money(usd)}" for usd in found]
    return [f"{100 * part:+.2f}".replace("-", MINUS) if part else "0" for part in found]


def _told(outcome: Outcome, place: int) -> str:
    duel = outcome.duels[place]
    parts = [_won(outcome, duel)]
    if "contributed" in duel.quantiles:
        parts.append(say("the two did not put in the same money"))
    lost = outcome.lost_most[place]
    if duel.worst["final_value"] >= 0:
        parts.append(say("it never ended with less"))
    elif outcome.layout.request.bootstrap is None:
        parts.append(say("it fell short by most in the one begun in {month}", month=lost))
    else:
        parts.append(say("it fell short by most in {path}", path=lost))
    return shown(say_all(parts))


def _won(outcome: Outcome, duel: Duel) -> str:
    mine, other = (outcome.layout.variants[at] for at in (duel.variant, duel.other))
    name = name_of(mine)
    if mine.name == other.name:
        name = say("who quits") if mine.terms.quit else say("all at once")
    told = {"saver": name, "won": percent(duel.won, 1), "of": _rows(outcome, duel.variant)}
    if duel.even:
        even = percent(duel.even, 1)
        return say("{saver} ended with more in {won}, even in {even} of {of}", even=even, **told)
    return say("{saver} ended with more in {won} of {of}", **told)


def _column(summary: Summary, key: str) -> Sequence[float | None]:
    """Return a measure's quantiles; none where most rows lack it, as the rest say little."""
    found = summary.quantiles[key]
    return [None] * len(found) if 2 * summary.blanks.get(key, 0) > summary.rows else found


def _sentence(outcome: Outcome, place: int) -> str:
    summary, worst = outcome.summaries[place], outcome.worst[place]
    below = percent(summary.below, 2)
    parts = [_rows(outcome, place), say("{share} ended below the money put in", share=below)]
    if outcome.layout.request.bootstrap is None:
        parts.append(say("least came out of the one begun in {month}", month=worst))
    else:
        parts.append(say("least came out of {path}", path=worst))
    blank = summary.blanks["xirr"]
    return shown(say_all([*parts, say("{n} have no XIRR", n=blank) if blank else ""]))


def _rows(outcome: Outcome, place: int) -> str:
    """Count the windows, of which some share no month, or the paths."""
    apart = outcome.layout.apart(outcome.layout.variants[place])
    rows = outcome.summaries[place].rows
    if apart is None:
        return say("{rows:,} paths", rows=rows)
    if rows == 1:
        return say("{rows:,} windows", rows=rows)
    return say_many(
        "{rows:,} windows, of which only {n} fits side by side without overlap",
        "{rows:,} windows, of which only {n} fit side by side without overlap",
        apart,
        rows=rows,
    )


def rows_word(outcome: Outcome) -> str:
    """Say what the rows are."""
    if outcome.layout.request.bootstrap is None:
        return tr_in("rows", "windows")
    return tr_in("rows", "paths")


def pieces(outcome: Outcome, width: int) -> Iterator[RenderableType]:
    """Yield what a terminal of this width shows."""
    found, notes = blocks(outcome)
    for title, waits, rows in quit_blocks(outcome)[:MOST_TABLES]:
        yield terminal.words(tr("What quitting cost or spared: {saver}", saver=title), "bold")
        cells = zip(*(cells for _, cells in rows), strict=True)
        columns = [Column(head, texts) for head, texts in zip(waits, cells, strict=True)]
        yield terminal.table([name for name, _ in rows], columns, width)
        yield ""
    if outcome.grids:
        yield terminal.words(shown(QUITS_TABLE), "dim")
        yield ""
    for block in found[:MOST_TABLES]:
        yield from _block(block, _heads(), width)
    if found[MOST_TABLES:]:
        yield tr("{n} more combinations are in the report", n=len(found) - MOST_TABLES)
        yield ""
    for block in duel_blocks(outcome, notes)[:MOST_TABLES]:
        yield from _block(block, _duel_heads(), width)
    if outcome.duels:
        yield terminal.words(shown(DIFFERENCES), "dim")
    yield terminal.note_list(notes, outcome.layout.left_out)
    bars = BARS_SAID[outcome.layout.table.bars]
    yield terminal.words(tr("{bars} bars; {check}", bars=bars, check=str(outcome.check)))


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
    _, worn = spread.worn(variants)
    said = told(outcome)
    groups = [
        _group(outcome, (place, years), named, found, worn)
        for place, years in enumerate(dict.fromkeys(variant.years for variant in variants))
    ]
    horizons = {group.years: _dotted(outcome, group.years, named, worn) for group in groups}
    return render(
        "sweep",
        inline.script(),
        packed=spread.packed(horizons, named[said.variant].name, worn) if outcome.dots else "",
        told=said,
        paid=listed(dict.fromkeys(variant.pays(amount) for variant in variants)),
        span=_span(outcome),
        kind=_kind(outcome),
        groups=groups,
        views=spread.views(),
        heads=spread.HEADS,
        undotted=_undotted(outcome, horizons),
        duels=duel_blocks(outcome, notes),
        duel_levels=_duel_heads(),
        differences=DIFFERENCES,
        quits=_quits(outcome),
        quits_said=QUITS_TABLE,
        notes=notes,
        left_out=outcome.layout.left_out,
        pictures=pictures,
        levels=_heads(),
        most_open=MOST_OPEN,
        asked=_asked(outcome),
        check=_checked(outcome.check.runs),
        version=version,
    )


def _checked(runs: int) -> str:
    if not runs:
        return tr("Every row was run by Backtrader.")
    return tr("{n} random rows were run again by Backtrader and agree to 1e-9.", n=runs)


def _quits(outcome: Outcome) -> list[tuple[str, list[str], list[tuple[str, list[str]]]]]:
    """Return the blocks of who quits, titled in words."""
    plain = [_plain(grid.stays) for grid in outcome.grids]
    titles = (
        tr("{strategy}, {terms}", strategy=name_of(each), terms=terms_of(each)) for each in plain
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
    summary = outcome.summaries[at]
    low, middle = (summary.quantiles["multiple"][level] for level in (0, 2))
    worst = Worth(tr("one in 20 below"), (low or 0.0) - 1)
    if outcome.layout.request.bootstrap is None:
        begun = date.fromisoformat(f"{outcome.worst[at]}-01")
        worst = Worth(tr("the worst"), summary.least - 1, short_month(begun))
    figures = [Worth(tr("half above"), middle - 1), worst] if middle is not None else []
    return Card(name, block, looks[name], list(looks).index(name), figures, _below(outcome, at))


def _below(outcome: Outcome, at: int) -> str:
    summary, windows = outcome.summaries[at], outcome.layout.request.bootstrap is None
    rows, share = summary.rows, percent(summary.below, 1)
    if not summary.below and windows:
        return tr("none of {rows:,} windows ended below own money", rows=rows)
    if not summary.below:
        return tr("none of {rows:,} paths ended below own money", rows=rows)
    if summary.below < 0.0005:
        share = tr("under {share}", share=percent(0.001, 1))
    if windows:
        return tr("{share} of {rows:,} windows ended below own money", share=share, rows=rows)
    return tr("{share} of {rows:,} paths ended below own money", share=share, rows=rows)


def _dotted(
    outcome: Outcome, years: int, named: Sequence[Saver], looks: Mapping[str, Look]
) -> list[tuple[Dots, str]]:
    variants = outcome.layout.variants
    each = ((dots, named[dots.variant].name) for dots in outcome.dots)
    return [(d, name) for d, name in each if variants[d.variant].years == years and name in looks]


def _undotted(outcome: Outcome, horizons: Mapping[int, Sequence[tuple[Dots, str]]]) -> str:
    """Say what the chart's filled marks are, and what it leaves out."""
    step, drawn = spread.thinned(horizons), sum(map(len, horizons.values()))
    said, all_of = [tr("Each filled mark is the worst start.")], len(outcome.layout.variants)
    if drawn < all_of:
        said.append(tr("The first {n} of {all} combinations are drawn.", n=drawn, all=all_of))
    if step > 1:
        said.append(tr("One start month in {n} is drawn, and the worst.", n=step))
    return sentences(said)


def _span(outcome: Outcome) -> str:
    """Say how long, and over which start months or how many paths."""
    layout, paths = outcome.layout, outcome.layout.request.bootstrap
    every = list(dict.fromkeys(variant.years for variant in layout.variants))
    # One horizon of several years, or several horizons, are years.
    count, years = 1 if every == [1] else 2, listed(map(str, every))
    if paths is not None:
        return tr_many(
            "for {years} year, along {paths:,} paths drawn from past months",
            "for {years} years, along {paths:,} paths drawn from past months",
            count, years=years, paths=paths,
        )  # fmt: skip
    first, last = (f([s[at] for s in layout.starts.values()]) for f, at in ((min, 0), (max, -1)))
    if first == last:
        span = tr_many("for {years} year, begun in {month}", "for {years} years, begun in {month}",
                       count, years=years, month=first)  # fmt: skip
    else:
        span = tr_many(
            "for {years} year, begun in every month from {first} to {last}",
            "for {years} years, begun in every month from {first} to {last}",
            count, years=years, first=first, last=last,
        )  # fmt: skip
    return in_words(span)


def _kind(outcome: Outcome) -> str:
    """Say what kind of prices these are, and what was taken from them."""
    costs = [variant.terms.costs for variant in outcome.layout.variants]
    free = all(each.free and not each.tax for each in costs)
    if outcome.layout.request.bootstrap is not None:
        drawn = tr("Drawn, assumed prices")
        return tr("Drawn, assumed prices, no fees or taxes") if free else drawn
    return tr("Past prices, no fees or taxes") if free else tr("Past prices")


def _asked(outcome: Outcome) -> list[tuple[str, str]]:
    request, table = outcome.layout.request, outcome.layout.table
    if request.bootstrap is None:
        starts = [s for held in outcome.layout.starts.values() for s in (held[0], held[-1])]
        first, last = min(starts), max(starts)
        rows = tr("every window begun from {first} to {last}", first=first, last=last)
    else:
        rows = tr(
            "{n:,} paths drawn by stationary block bootstrap, blocks of {block:g} months on "
            "average, seed {seed}",
            n=request.bootstrap, block=request.block, seed=request.seed,
        )  # fmt: skip
    return [
        (tr("What was run"), rows),
        (tr("Prices"), tr("{source}, {bars} bars",
                          source=table.source, bars=BARS_SAID[table.bars])),
        (tr("Trading"), shown(_TRADING[request.whole_shares, request.fill])),
    ]  # fmt: skip
