"""Show how much of the picks one may hold: a terminal's table, the page, and its folder."""

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from rich.console import RenderableType

from backtests.report import terminal
from backtests.report.summary import asked
from backtests.report.text_table import Column
from backtests.report.wording import DASH, money, numbered, percent
from backtests.scenarios.satellite import Satellite

STEP = 5
_HEADS = ("Worst against money put in", "on", "Worth at the end", "Months that ended below it")


def sentence(found: Satellite) -> str:
    """Say the answer; what is a scenario is called one."""
    core = found.kind.title.removesuffix(" and picks")
    lost = percent(found.question.max_loss)
    where = "In the scenario" if found.history_end else f"In {found.stage.era.title}"
    if found.largest is None:
        core_alone = percent(-float(found.worst[0]), 1)
        return (
            f"{where} no share of picks kept the saver within {lost} of her own money: the "
            f"{core} alone fell {core_alone} below it"
        )
    if found.largest == 1:
        return f"{where} any share of picks kept the saver within {lost} of her own money"
    return (
        f"{where} up to {percent(found.largest)} of picks beside the {core} kept the saver within "
        f"{lost} of her own money"
    )


def basis(found: Satellite) -> str:
    """Say what was replayed and what is assumed."""
    stage, assumed = found.stage, found.stage.table.assumed
    era = f"{stage.era.title}: {stage.era.start} to {found.end}, {stage.table.bars} bars; "
    rule = "never rebalanced" if found.rule == "none" else f"rebalanced: {found.rule}"
    said = f" {assumed.said[:1].upper()}{assumed.said[1:]}." if assumed else ""
    worst = "Worst: after history's end." if assumed else "Worst: over the whole era."
    return f"{era}{money(found.contributed)} put in; {rule}. {worst}{said}"


def rows(found: Satellite) -> list[tuple[str, tuple[str, ...]]]:
    """Return every fifth share and the largest allowed: its name, and a text a column."""
    shown = {*range(0, len(found.shares), STEP)}
    if found.largest is not None:
        shown.add(round(found.largest * 100))
    return [(percent(float(found.shares[at])), _texts(found, at)) for at in sorted(shown)]


def _notes(found: Satellite) -> dict[str, int]:
    """Return the numbered notes, without what the basis says already."""
    assumed = found.stage.table.assumed
    told = assumed.said if assumed else ""
    return numbered([[str(note) for note in found.notes if note.text != told]])


def _texts(found: Satellite, at: int) -> tuple[str, ...]:
    worst = float(found.worst[at])
    day = str(found.worst_dates[at]) if worst < 0 else DASH
    return percent(worst, 2), day, money(float(found.final[at])), str(int(found.months[at]))


def pieces(found: Satellite, width: int) -> Iterator[RenderableType]:
    """Yield what a terminal of this width shows."""
    yield terminal.words(f"{sentence(found)}.", "bold")
    yield terminal.words(basis(found))
    table = rows(found)
    columns = [Column(head, [texts[at] for _, texts in table]) for at, head in enumerate(_HEADS)]
    yield terminal.table([f"{share} picks" for share, _ in table], columns, width)
    yield terminal.note_list(_notes(found))


def write(found: Satellite, folder: Path) -> Path:
    """Write satellite.html, its picture and satellite.json; return the page; raises BadFolder."""
    from backtests.report.charts.satellite import draw
    from backtests.report.folder import write_page
    from backtests.report.templating import render

    pictures = draw(found)
    page = render(
        "satellite",
        found=found,
        sentence=sentence(found),
        basis=basis(found),
        asked=asked(found.stage.plan, (found.stage.table.bars,)),
        heads=_HEADS,
        rows=rows(found),
        notes=_notes(found),
        pictures=pictures,
        version=version("three-drawdowns"),
    )
    return write_page(folder, "satellite", page, found.as_json(), pictures)
