"""Write measures for people: which are shown where, each with its unit, reason and dates."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from backtests.measures.catalogue import CATALOGUE, Figure, Measure, Measures, headline
from backtests.report.wording import DASH, MINUS, NOT_YET, money, percent, sign
from data.language import shown as shown_as
from data.language import tr

HEADLINE = headline()
# What a terminal shows: the headline with what belongs under it.
BRIEF = tuple(
    m
    for m in CATALOGUE
    if (m.headline or m.part_of in {h.key for h in HEADLINE}) and not (m.real or m.cost)
)


def shown(among: Iterable[Measure], results: Iterable[Measures], real: bool) -> tuple[Measure, ...]:
    """Return measures, each with what is to be shown beside: what something took, real figures."""
    found = list(results)
    kept = {m.key for m in among} | {m.key for m in CATALOGUE if m.real and real}
    kept |= {m.key for m in CATALOGUE if m.cost and any(r[m.key] for r in found)}
    return tuple(m for m in CATALOGUE if m.key in kept)


@dataclass(frozen=True)
class Cell:
    """What stands in a table: text, why there is no number, its dates, what is said of it."""

    text: str
    reason: str = ""
    when: str = ""
    beside: str = ""


def cell(measures: Measures, measure: Measure, digits: int = 1) -> Cell:
    """Write one measure of a result; `digits` are a percentage's decimals."""
    figure = measures[measure.key]
    if figure is not None:
        return Cell(written(measure, figure, digits))
    if measure.key == "xirr" and measures["mwr"] is not None:
        whole = tr("{percent} in all", percent=written(measure, measures["mwr"], digits))
        return Cell(whole, measures.nulls["xirr"])
    if measure.key.endswith("_recovery") and measures[measure.part_of]:
        return Cell(shown_as(NOT_YET))
    return Cell(DASH, measures.nulls[measure.key])


def dated(measures: Measures, measure: Measure) -> Cell:
    """Write a measure with the days it fell on under it, where it fell."""
    ends = (measures.figures.get(f"{measure.key}_{end}") for end in ("peak", "trough", "date"))
    days = [str(day) for day in ends if day]
    when = tr("{start} to {end}", start=days[0], end=days[-1]) if len(days) > 1 else "".join(days)
    return replace(cell(measures, measure), when=when)


def written(measure: Measure, figure: Figure, digits: int = 1) -> str:
    """Write a figure in its measure's unit; a dash where there is none."""
    if figure is None or isinstance(figure, str):
        return figure or DASH
    if measure.unit == "money":
        return money(figure)
    if measure.unit == "percent":
        return percent(figure, digits)
    if measure.unit == "count":
        return f"{figure:.0f}"
    return f"{sign() if measure.unit == 'price' else ''}{figure:.3f}".replace("-", MINUS)
