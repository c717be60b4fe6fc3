"""Show how much of the picks one may hold: a terminal's table, the page, and its folder."""

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from rich.console import RenderableType

from backtests.comparison import strategy_called
from backtests.report import terminal
from backtests.report.signs import by_sign
from backtests.report.summary import asked
from backtests.report.text_table import Column
from backtests.report.wording import DASH, amount, money, numbered, percent, sentences
from backtests.scenarios.satellite import Satellite
from data.language import say, say_in, shown, tr
from data.notes import Note
from data.prices import BARS_SAID
from strategies.dca.terms import Rebalance

STEP = 5
_RULES = {
    "none": say("never rebalanced"),
    "annual": say("rebalanced: annual"),
    "contribute": say("rebalanced: contribute"),
    "band": say("rebalanced: band:{band:g}"),
}
_HEADS = (
    say("Worst against money put in"),
    say_in("date", "on"),
    say("Worth at the end"),
    say("Months that ended below it"),
)


def sentence(found: Satellite) -> str:
    """Say the answer; what is a scenario is called one."""
    core = strategy_called(found.question.core, found.stage.plan).title
    told = {"core": core, "limit": percent(found.question.max_loss)}
    if found.largest is None:
        told["fall"] = percent(-float(found.worst[0]), 1)
    else:
        told["share"] = percent(found.largest)
    if found.history_end:
        return _in_the_scenario(found, **told)
    return _in_an_era(found, era=found.stage.era.title, **told)


def _in_the_scenario(found: Satellite, **told: str) -> str:
    if found.largest is None:
        return tr(
            "In the scenario no share of picks kept the saver within {limit} of her own money: the "
            "{core} alone fell {fall} below it",
            **told,
        )
    if found.largest == 1:
        return tr(
            "In the scenario any share of picks kept the saver within {limit} of her own money",
            **told,
        )
    return tr(
        "In the scenario up to {share} of picks beside the {core} kept the saver within {limit} of "
        "her own money",
        **told,
    )


def _in_an_era(found: Satellite, **told: str) -> str:
    if found.largest is None:
        return tr(
            "In {era} no share of picks kept the saver within {limit} of her own money: the {core} "
            "alone fell {fall} below it",
            **told,
        )
    if found.largest == 1:
        return tr(
            "In {era} any share of picks kept the saver within {limit} of her own money", **told
        )
    return tr(
        "In {era} up to {share} of picks beside the {core} kept the saver within {limit} of her "
        "own money",
        **told,
    )


def basis(found: Satellite) -> str:
    """Say what was replayed and what is assumed."""
    stage, assumed, rule = found.stage, found.stage.table.assumed, Rebalance.parse(found.rule)
    played = tr(
        "{era}: {start} to {end}, {bars} bars; {sum} put in; {rule}.",
        era=stage.era.title,
        start=stage.era.start,
        end=found.end,
        bars=BARS_SAID[stage.table.bars],
        sum=amount(found.contributed),
        rule=say(_RULES[rule.rule], band=rule.band),
    )
    if not assumed:
        return sentences([played, tr("Worst: over the whole era.")])
    said = shown(assumed.said)
    said = tr("{sentence}.", sentence=f"{said[:1].upper()}{said[1:]}")
    return sentences([played, tr("Worst: after history's end."), said])


def rows(found: Satellite) -> list[tuple[str, tuple[str, ...]]]:
    """Return every fifth share and the largest allowed: its name, and a text a column."""
    places = {*range(0, len(found.shares), STEP)}
    if found.largest is not None:
        places.add(round(found.largest * 100))
    return [(percent(float(found.shares[at])), _texts(found, at)) for at in sorted(places)]


def _notes(found: Satellite) -> list[Note]:
    """Return the notes, without what the basis says already."""
    assumed = found.stage.table.assumed
    told = assumed.said if assumed else ""
    return [note for note in found.notes if note.text != told]


def _texts(found: Satellite, at: int) -> tuple[str, ...]:
    worst = float(found.worst[at])
    day = str(found.worst_dates[at]) if worst < 0 else DASH
    return percent(worst, 2), day, money(float(found.final[at])), str(int(found.months[at]))


def pieces(found: Satellite, width: int) -> Iterator[RenderableType]:
    """Yield what a terminal of this width shows."""
    yield terminal.words(tr("{sentence}.", sentence=sentence(found)), "bold")
    yield terminal.words(basis(found))
    table = rows(found)
    heads = map(shown, _HEADS)
    columns = [Column(head, [texts[at] for _, texts in table]) for at, head in enumerate(heads)]
    yield terminal.table([tr("{share} picks", share=share) for share, _ in table], columns, width)
    yield terminal.note_list(numbered([map(str, _notes(found))]))


def write(found: Satellite, folder: Path) -> Path:
    """Write satellite.html, its picture and satellite.json; return the page; raises BadFolder."""
    from backtests.report.charts.satellite import draw
    from backtests.report.folder import write_page
    from backtests.report.templating import render

    pictures = draw(found)
    told = asked(found.stage.plan, (found.stage.table.bars,))
    page = render(
        "satellite",
        found=found,
        sentence=sentence(found),
        terms=sentences([basis(found), *told, tr("Not a forecast.")]),
        heads=_HEADS,
        rows=rows(found),
        notes={"signed": by_sign(_notes(found)), "place": 1},
        pictures=pictures,
        version=version("three-drawdowns"),
    )
    return write_page(folder, "satellite", page, found.as_json(), pictures)
