"""Show an exposure: a terminal's table, the page, and its folder."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from rich.console import RenderableType

from backtests.comparison import Comparison
from backtests.exposures import Exposure, inside
from backtests.report import terminal, wording
from backtests.report.charts.canvas import Picture
from backtests.report.signs import Sign, signed, signs
from backtests.report.templating import render
from backtests.report.text_table import Column
from backtests.report.wording import listed, money, money_name, numbered, numbers, percent
from data.arrays import Days, Floats, to_date
from data.language import say, say_each, shown, tr
from data.prices import BARS_SAID
from data.snapshot.weights import Dated

UNKNOWN = say("not known")
HOW = say(
    "A day marked * was read from the published holdings of a fund on the index; every other "
    "figure in which the index has a part is an estimate: each member's last known weight, moved "
    "by its own return over the index's so that it meets the next known one; before the first and "
    "after the last it moves by returns alone, as if it had been in the index. A fund holds some "
    "cash, so the index's own weights are 0.1 to 0.6 % of themselves higher. Not known: the "
    "strategy holds a fund whose weights are not in the table, or a member's prices are missing."
)


@dataclass(frozen=True)
class Row:
    """A line of the table: its title, and one text for the index and each strategy."""

    title: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Head:
    """Whose column it is, the numbers of its notes, and their signs."""

    title: str
    notes: list[int]
    signs: tuple[Sign, ...] = ()
    place: int = 1


def heads(found: Exposure, full: bool) -> tuple[list[Head], dict[str, int]]:
    """Return the columns' heads, by title or by name, and the notes by number."""
    among = numbered(held.result.warnings for held in found.held)
    named = [
        Head(
            shown(held.result.title) if full else wording.visible(held.result.strategy),
            numbers(held.result.warnings, among),
            tuple(signs(held.result)),
        )
        for held in found.held
    ]
    return [Head(tr("the index"), []), *named], among


def rows(found: Exposure) -> list[Row]:
    """Return the first and last bar, every year's last, the table's newest day; dollars; a fall."""
    days = found.index.days
    listed_days = days[_shown(found)]
    read = {str(d) for d in days[~found.index.estimate]}
    columns = [_at(days, found.index.weight, listed_days)]
    columns += [_at(h.result.course.dates, h.weight, listed_days) for h in found.held]
    made = [
        Row(f"{day} *" if str(day) in read else str(day), tuple(_share(c[at]) for c in columns))
        for at, day in enumerate(listed_days)
    ]
    last = to_date(found.held[0].result.course.dates[-1])
    usd = [shown(UNKNOWN) if np.isnan(h.usd[-1]) else money(float(h.usd[-1])) for h in found.held]
    lost = [float(_known(column)[-1:][0]) for column in columns]
    return [
        *made,
        Row(tr("In {currency} on {day}", currency=money_name(), day=last), ("", *usd)),
        Row(
            tr("If they fall by {fall}", fall=percent(found.fall)),
            tuple(_lost(found, weight) for weight in lost),
        ),
    ]


def sentence(found: Exposure) -> str:
    """Say in a sentence how much of the index the basket is, and what follows from it."""
    weight, last = found.last, found.held[0].result.course.dates[-1]
    one, *others = found.basket
    basket = say("{n} companies", n=len(found.basket)) if others else one
    if np.isnan(weight):
        return tr(
            "How much of the index is in {basket} is not known on {day}", basket=basket, day=last
        )
    return tr(
        "{share} of the index fund is in {basket}; if they fall by {fall}, it loses {lost} by them "
        "alone",
        share=percent(weight, 1),
        basket=basket,
        fall=percent(found.fall),
        lost=percent(found.fall * weight, 1),
    )


def concentration(found: Exposure) -> str:
    """Say how concentrated the index is, and how large technology was at the last turn."""
    last = found.held[0].result.course.dates[-1]
    high, low = found.technology
    return tr(
        "The ten largest companies: {largest}. As concentrated as so many equal holdings (an "
        "estimate): {effective}. Yardstick: technology was {high} of the index in {top}, at the "
        "top of the dot-com boom, and {low} in {end}, at its end.",
        largest=_on(found.largest, last, _share),
        effective=_on(found.effective, last, "{:.0f}".format),
        high=percent(high.figure, 1),
        top=high.date,
        low=percent(low.figure, 1),
        end=low.date,
    )


def pieces(found: Exposure, width: int) -> Iterator[RenderableType]:
    """Yield what a terminal of this width shows."""
    chapter = found.chapter
    window = tr(
        "{era}: {title}, {start} to {end}, {bars} bars",
        era=chapter.era.name,
        title=chapter.era.title,
        start=chapter.start,
        end=chapter.end,
        bars=BARS_SAID[chapter.bars],
    )
    yield terminal.words(window, "bold")
    told, basket = sentence(found), say_each(found.basket)
    yield terminal.words(tr("{sentence}. The basket: {basket}.", sentence=told, basket=basket))
    titles, notes = heads(found, full=False)
    table = rows(found)
    columns = [
        Column(head.title, [row.cells[at] for row in table], terminal.marks(head.notes))
        for at, head in enumerate(titles)
    ]
    yield terminal.table([row.title for row in table], columns, width)
    yield terminal.note_list(notes, found.left_out)
    yield ""
    yield terminal.words(concentration(found))
    yield terminal.words(shown(HOW), "dim")


def part(comparison: Comparison) -> Exposure | None:
    """Return the seven's part of the newest era, where it is known on the last bar of history."""
    if comparison.assumed:
        return None
    newest = max(comparison.chapters, key=lambda chapter: chapter.start)
    found = inside(newest, comparison.tables[newest.bars])
    return None if np.isnan(found.last) else found


def write(found: Exposure, folder: Path) -> Path:
    """Write exposure.html, its pictures and exposure.json; return the page; raises BadFolder."""
    from backtests.report.charts.exposure import draw
    from backtests.report.folder import write_page

    pictures = draw(found)
    page = render_html(found, pictures, version("three-drawdowns"))
    return write_page(folder, "exposure", page, found.as_json(), pictures)


def render_html(found: Exposure, pictures: Sequence[Picture], version: str) -> str:
    """Return the page; the same bytes for the same exposure."""
    titles, _ = heads(found, full=True)
    return render(
        "exposure",
        found=found,
        sentence=sentence(found),
        concentration=concentration(found),
        heads=titles,
        rows=rows(found),
        notes={"signed": signed(held.result for held in found.held), "place": 1},
        how=HOW,
        basket=say_each(found.basket),
        pictures=pictures,
        version=version,
    )


def _shown(found: Exposure) -> list[int]:
    """Return the places of the days that are shown."""
    days = found.index.days
    years = days.astype("datetime64[Y]")
    bars = np.isin(days, found.held[0].result.course.dates)
    inside = np.flatnonzero(bars)
    ends = [int(np.flatnonzero(bars & (years == year))[-1]) for year in np.unique(years[bars])]
    newest = [len(days) - 1]
    return sorted({int(inside[0]), *ends, *newest})


def _at(days: Days, line: Floats, wanted: Days) -> Floats:
    """Return a line's figures on wanted days; infinite where it has no such day."""
    at = np.minimum(np.searchsorted(days, wanted), len(days) - 1)
    return np.where(days[at] == wanted, line[at], np.inf)


def _known(column: Floats) -> Floats:
    return column[~np.isinf(column)]


def _share(weight: float) -> str:
    if np.isinf(weight):
        return ""
    return shown(UNKNOWN) if np.isnan(weight) else percent(float(weight), 1)


def _lost(found: Exposure, weight: float) -> str:
    return shown(UNKNOWN) if np.isnan(weight) else percent(-found.fall * weight, 1)


def _on(figures: Dated, last: np.datetime64, write: Callable[[float], str]) -> str:
    """Write the first figure, the last on or before the last bar, and the newest."""
    known = int(np.searchsorted(figures.days, last, side="right")) - 1
    places = sorted({0, max(known, 0), len(figures.days) - 1})
    return listed(
        tr("{figure} on {day}", figure=write(float(figures.figures[p])), day=figures.days[p])
        for p in places
    )
