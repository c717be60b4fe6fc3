"""Which measures the page shows, what each is called and how it is written."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from backtests.measures import series as metrics
from backtests.report.wording import DASH, NOT_YET, money, percent
from backtests.result import Result


@dataclass(frozen=True)
class Cell:
    """What stands in a table: text, why there is no number where there is none, and its dates."""

    text: str
    reason: str = ""
    when: str = ""


@dataclass(frozen=True)
class Measure:
    """One line of the table of measures; `kind` says how it is written."""

    key: str
    title: str
    kind: str

    @property
    def under(self) -> bool:
        """Whether it belongs to the line above it."""
        return self.title[0].islower()


ALL = (
    Measure("contributed", "Money put in", "money"),
    Measure("final_value", "Worth at the end", "money"),
    Measure("multiple", "Worth for each dollar put in", "number"),
    Measure("real_multiple", "The same after inflation", "number"),
    Measure("fees_paid", "Fees paid", "money"),
    Measure("xirr", "XIRR, a year", "percent"),
    Measure("twr", "Unit value, whole period", "percent"),
    Measure("cagr", "Unit value, a year (CAGR)", "percent"),
    Measure("max_drawdown", "Strategy drawdown", "percent"),
    Measure("max_drawdown_peak", "from its high on", "text"),
    Measure("max_drawdown_trough", "to its low on", "text"),
    Measure("max_drawdown_recovery", "back at the high on", "text"),
    Measure("account_max_drawdown", "Account drawdown", "percent"),
    Measure("account_max_drawdown_peak", "from its high on", "text"),
    Measure("account_max_drawdown_trough", "to its low on", "text"),
    Measure("account_max_drawdown_recovery", "back at the high on", "text"),
    Measure("worst_shortfall", "Worst against money put in", "percent"),
    Measure("worst_shortfall_date", "on", "text"),
    Measure("months_below_money_in", "Months that ended below it", "count"),
    Measure("longest_months_below_money_in", "longest run of such months", "count"),
    Measure("ulcer_index", "Ulcer index", "percent"),
    Measure("volatility", "Volatility, a year", "percent"),
    Measure("sharpe", "Sharpe ratio", "number"),
    Measure("sortino", "Sortino ratio", "number"),
    Measure("calmar", "Calmar ratio", "number"),
    Measure("average_cost", "Average cost of a unit", "dollars"),
    Measure("average_price", "Average price of a unit", "dollars"),
    Measure("price_advantage", "Advantage of equal payments", "percent"),
)
_BY_KEY = {measure.key: measure for measure in ALL}
HEADLINE = tuple(_BY_KEY[key] for key in metrics.HEADLINE)


def _brief() -> Iterator[Measure]:
    shown = False
    for measure in ALL:
        shown = measure in HEADLINE or (shown and measure.under)
        if shown:
            yield measure


# What a terminal shows: the headline with what belongs under it.
BRIEF = tuple(_brief())


def cell(result: Result, measure: Measure, digits: int = 1) -> Cell:
    """Write one measure of one result; `digits` are a percentage's decimals."""
    figure = result.measures[measure.key]
    if figure is None:
        return _missing(result, measure.key)
    if isinstance(figure, str):
        return Cell(figure)
    return Cell(_written(measure.kind, float(figure), digits))


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


def _written(kind: str, figure: float, digits: int) -> str:
    if kind == "money":
        return money(figure)
    if kind == "percent":
        return percent(figure, digits)
    if kind == "count":
        return f"{figure:.0f}"
    return f"{'$' if kind == 'dollars' else ''}{figure:.3f}".replace("-", "\N{MINUS SIGN}")
