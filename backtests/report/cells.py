"""Which measures the page shows, what each is called and how it is written."""

from dataclasses import dataclass, replace

from backtests.measures.catalogue import CATALOGUE, Measure, Unit, headline
from backtests.report.wording import DASH, NOT_YET, money, percent
from backtests.result import Result


@dataclass(frozen=True)
class Cell:
    """What stands in a table: text, why there is no number where there is none, and its dates."""

    text: str
    reason: str = ""
    when: str = ""


ALL = CATALOGUE
HEADLINE = headline()


# What a terminal shows: the headline with what belongs under it.
_KEYS = {measure.key for measure in HEADLINE}
BRIEF = tuple(m for m in ALL if m.headline or m.part_of in _KEYS)


def cell(result: Result, measure: Measure, digits: int = 1) -> Cell:
    """Write one measure of one result; `digits` are a percentage's decimals."""
    figure = result.measures[measure.key]
    if figure is None:
        return _missing(result, measure.key)
    if isinstance(figure, str):
        return Cell(figure)
    return Cell(_written(measure.unit, float(figure), digits))


def dated(result: Result, measure: Measure) -> Cell:
    """Write a measure with the days it fell on under it, where it fell."""
    days = [
        result.measures.figures.get(f"{measure.key}_{end}") for end in ("peak", "trough", "date")
    ]
    return replace(cell(result, measure), when=" to ".join(str(day) for day in days if day))


def _missing(result: Result, key: str) -> Cell:
    fell = result.measures[key.removesuffix("_recovery")] if key.endswith("_recovery") else 0
    if fell:
        return Cell(NOT_YET)
    return Cell(DASH, result.measures.nulls.get(key, "not computed"))


def _written(unit: Unit, figure: float, digits: int) -> str:
    if unit == "money":
        return money(figure)
    if unit == "percent":
        return percent(figure, digits)
    if unit == "count":
        return f"{figure:.0f}"
    return f"{'$' if unit == 'price' else ''}{figure:.3f}".replace("-", "\N{MINUS SIGN}")
