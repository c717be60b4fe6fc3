"""Every measure once: what it is called, means and is computed from, and who shows it.

A new measure is one entry here: results.json, the report's table and glossary and `Result.measures`
follow; the ledger's CSV too where it declares a `series`. A sweep keeps only what running.py keeps.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from math import inf, isfinite
from typing import Literal

import numpy as np

from backtests.measures import statistics
from backtests.measures.course import Course
from backtests.measures.series import Drawdown, cushion
from data.arrays import Floats
from data.language import say, say_in

Figure = float | int | str | None
Unit = Literal["money", "price", "percent", "number", "count", "date"]


@dataclass(frozen=True)
class Measure:
    """One measure; `compute` returns a number, an ISO date, or None, whose reason is `reason`.

    `part_of` is the key of the measure that it dates or details; `term`, `meaning` and `formula`
    are its entry in the glossary; a term without a meaning is another's entry. `series` gives a
    value a bar for the ledger's CSV. `real` marks what is counted in money of the last day, `cost`
    dollars that something took.
    """

    key: str
    title: str
    unit: Unit
    compute: Callable[[Course], Figure]
    reason: str = ""
    part_of: str = ""
    headline: bool = False
    term: str = ""
    meaning: str = ""
    formula: str = ""
    series: Callable[[Course], Floats] | None = None
    real: bool = False
    cost: bool = False

    def why_none(self, course: Course) -> str:
        """Say why there is no number."""
        if self.key.endswith("_recovery") and _by_key()[self.part_of].compute(course):
            return NOT_BACK
        return self.reason


NOT_BACK = say("the high has not been reached again")
BEYOND = say("beyond the range of a floating-point number")


@dataclass(frozen=True)
class Measures:
    """A run's figures by key; `nulls` gives the reason of each that is None."""

    figures: Mapping[str, Figure]
    nulls: Mapping[str, str]

    def __getitem__(self, name: str) -> Figure:
        return self.figures[name]

    def number(self, name: str) -> float:
        """Return a figure that is always a number; raises TypeError where it is not."""
        figure = self.figures[name]
        if not isinstance(figure, int | float):
            raise TypeError(f"{name} is {figure!r}, not a number")
        return float(figure)


def measure(course: Course) -> Measures:
    """Compute every measure of the catalogue; none is NaN, infinite or no number at all."""
    figures: dict[str, Figure] = {}
    nulls: dict[str, str] = {}
    # What overflows is told apart below, by what came out.
    with np.errstate(all="ignore"):
        for entry in CATALOGUE:
            figure = _computed(entry, course)
            beyond = isinstance(figure, float) and not isfinite(figure)
            figures[entry.key] = None if beyond else figure
            if figures[entry.key] is None:
                nulls[entry.key] = BEYOND if beyond else entry.why_none(course)
    return Measures(figures, nulls)


def _computed(entry: Measure, course: Course) -> Figure:
    try:
        return entry.compute(course)
    except OverflowError:
        return inf


def headline() -> tuple[Measure, ...]:
    """Return what a reader is shown first, in order."""
    return tuple(entry for entry in CATALOGUE if entry.headline)


def _by_key() -> dict[str, Measure]:
    return {entry.key: entry for entry in CATALOGUE}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _fall(
    key: str,
    title: str,
    worst: Callable[[Course], Drawdown | None],
    fell: str,
    meaning: str,
    formula: str,
) -> tuple[Measure, ...]:
    """Declare a drawdown with its three dates."""

    def dated(end: str, title: str, reason: str) -> Measure:
        def compute(course: Course) -> Figure:
            fall = worst(course)
            return _iso(getattr(fall, end)) if fall else None

        return Measure(f"{key}_{end}", title, "date", compute, reason, key)

    def depth(course: Course) -> Figure:
        fall = worst(course)
        return fall.depth if fall else 0.0

    return (
        Measure(key, title, "percent", depth, headline=True, meaning=meaning, formula=formula),
        dated("peak", say("from its high on"), fell),
        dated("trough", say("to its low on"), fell),
        dated("recovery", say("back at the high on"), say("never fell")),
    )


def _multiple(course: Course) -> Figure:
    put_in = float(course.contributed[-1])
    return float(course.value[-1]) / put_in if put_in else None


def _real_fall(course: Course) -> Figure:
    fall = course.real_drawdown
    return None if fall is None else float(fall.min())


def _worst_day(course: Course) -> Figure:
    at = int(course.shortfall.argmin())
    return str(course.dates[at].astype("datetime64[D]")) if course.shortfall[at] < 0 else None


def _cushion(course: Course) -> Figure:
    return cushion(float(course.value[-1]), float(course.contributed[-1]))


_SHORT = say("under a year, which is not annualised")
_NO_CPI = say("no consumer prices for the first bars")

CATALOGUE: tuple[Measure, ...] = (
    Measure(
        "contributed", say("Money put in"), "money", lambda c: float(c.contributed[-1]),
        headline=True,
        meaning=say("Everything the saver paid in up to that day."),
        formula=say("M = sum of all payments F so far."),
    ),
    Measure(
        "final_value", say("Worth at the end"), "money", lambda c: float(c.value[-1]),
        headline=True,
        meaning=say(
            "What all that is held would fetch at the last day's closing prices, and any cash."
        ),
        formula=say("V = sum of shares * price, plus cash."),
    ),
    Measure(
        "multiple", say("Multiple of money put in"), "number", _multiple, say("nothing was put in"),
        term=say("Worth at the end"),
    ),
    Measure(
        "real_multiple", say("Multiple after inflation"), "number",
        lambda c: statistics.real_multiple(c.real_flow, float(c.value[-1])),
        say("no consumer prices for the first bars, or nothing was put in"), part_of="multiple",
        real=True,
        term=say("After inflation"),
        meaning=say(
            "Each payment counted in money of the last day, by consumer prices: what it would buy."
        ),
        formula=say("V / sum of (F * consumer prices on the last day / those on the day of F)."),
    ),
    Measure(
        "fees_paid", say("Fees paid"), "money", lambda c: c.fees_paid, cost=True,
        meaning=say("What all buying and selling cost, taken out of what was paid in."),
    ),
    Measure(
        "ter_cost", say("Taken by yearly costs (TER)"), "money", lambda c: c.ter_cost, cost=True,
        term=say("Total expense ratio (TER)"),
        meaning=say(
            "What a fund costs a year, taken from its price day by day. In money: how much more "
            "there would be at the end without what the plan takes."
        ),
    ),
    Measure(
        "taxes_paid", say("Taxes on gains paid"), "money", lambda c: c.taxes_paid, cost=True,
        term=say("Tax on gains"),
        meaning=say(
            "Where a rate is given: paid out of every sale that realises a gain over the average "
            "cost of what is sold, losses set off first. Gains never sold are not taxed."
        ),
    ),
    Measure(
        "xirr", say("XIRR, a year"), "percent", lambda c: c.xirr,
        say("under a year, which is not annualised, or no rate solves it"), headline=True,
        term=say("XIRR"),
        meaning=say(
            "The money-weighted yearly return: the one interest rate at which the payments, each "
            "from its own date, would have grown to the final value. A savings account with this "
            "rate would have ended with the same sum."
        ),
        formula=say(
            "The rate r for which the sum of F * (1 + r)^(days from F to the end / 365) is V."
        ),
    ),
    Measure(
        "real_xirr", say("XIRR after inflation"), "percent", lambda c: c.real_xirr,
        say(
            "under a year, which is not annualised, no rate solves it, or no consumer prices for "
            "the first bars"
        ),
        part_of="xirr", real=True,
        term=say("After inflation"),
    ),
    Measure(
        "mwr", say("Return on the money, whole period"), "percent", lambda c: c.mwr,
        say("no time passed since the first contribution, or no rate solves it"),
        term=say("Money-weighted return"),
        meaning=say(
            "XIRR without the year: what it comes to over the whole period. It stands where a "
            "period of under a year has no yearly rate."
        ),
        formula=say("(1 + XIRR)^(days / 365) - 1."),
    ),
    Measure(
        "twr", say("Unit value, whole period"), "percent", lambda c: c.twr, term=say("Unit value"),
        meaning=say(
            "What was put in on the first day became this, later payments left out. A fund "
            "publishes its price that way. Its growth is the time-weighted return."
        ),
        formula=say(
            "U = V / F at the first purchase; then from bar to bar times (W / V of the bar before)"
            " * (V / (W + F)), W being the value just before the payment F."
        ),
    ),
    Measure(
        "cagr", say("Unit value, a year (CAGR)"), "percent", lambda c: c.cagr, _SHORT,
        term=say("CAGR"),
        meaning=say(
            "Compound annual growth rate: the steady yearly rate at which the unit value would "
            "have grown to what it became."
        ),
        formula=say("U^(365.25 / days) - 1, U at the end."),
    ),
    *_fall(
        "max_drawdown", say("Strategy drawdown"),
        lambda c: c.drawdowns[0] if c.drawdowns else None, say("the strategy never fell"),
        meaning=say("The fall of the unit value from its earlier high: what a fund would publish."),
        formula=say("The lowest of U / highest U so far - 1."),
    ),
    Measure(
        "real_max_drawdown", say("Strategy drawdown after inflation"), "percent", _real_fall,
        _NO_CPI,
        part_of="max_drawdown", real=True, term=say("After inflation"),
    ),
    *_fall(
        "account_max_drawdown", say("Account drawdown"), lambda c: c.account_fall,
        say("the account never fell"),
        meaning=say(
            "The fall of the account's value from its earlier high: what the statement shows. New "
            "payments fill part of the hole, so it looks milder."
        ),
        formula=say("The lowest of V / highest V so far - 1."),
    ),
    Measure(
        "worst_shortfall", say("Worst against money put in"), "percent",
        lambda c: float(c.shortfall.min()), headline=True, term=say("Against money put in"),
        meaning=say(
            "How far the account stood below everything paid in so far. Gains made earlier are a "
            "cushion, so it can be small where the other two are large. A month is below where its"
            " last day is."
        ),
        formula=say("The lowest of V / M - 1, where that is negative."),
    ),
    Measure(
        "worst_shortfall_date", say_in("measure", "on"), "date", _worst_day,
        say("never below money put in"),
        part_of="worst_shortfall",
    ),
    Measure(
        "cushion", say("Cushion at the end"), "percent", _cushion, say("nothing is left"),
        headline=True,
        term=say("Cushion"),
        meaning=say(
            "How far prices may fall before the account is below the money put in. Negative where "
            "it is below already."
        ),
        formula=say("1 - M / V."),
    ),
    Measure(
        "months_below_money_in", say("Months that ended below it"), "count",
        lambda c: c.months_below[0], headline=True, term=say("Against money put in"),
    ),
    Measure(
        "longest_months_below_money_in", say("longest run of such months"), "count",
        lambda c: c.months_below[1], part_of="months_below_money_in",
    ),
    Measure(
        "ulcer_index", say("Ulcer index"), "percent", lambda c: statistics.ulcer_index(c.drawdown),
        meaning=say(
            "How deep and how long the strategy stood below its high, in one number: a long "
            "shallow fall can come to as much as a short deep one."
        ),
        formula=say("Square root of the mean of (U / highest U so far - 1)² over all bars."),
    ),
    Measure(
        "volatility", say("Volatility, a year"), "percent",
        lambda c: statistics.volatility(c.returns, c.bars_a_year),
        say("fewer than two bars of returns"),
        term=say("Volatility"),
        meaning=say(
            "How much the unit value jumps about, scaled to a year. It counts leaps up as much as "
            "leaps down."
        ),
        formula=say("Standard deviation of the returns a bar * square root of the bars a year."),
    ),
    Measure(
        "sharpe", say("Sharpe ratio"), "number",
        lambda c: statistics.sharpe(c.excess, c.bars_a_year),
        say("returns over T-bills do not vary, or fewer than two bars"),
        meaning=say(
            "How much was earned above Treasury bills for all the jumping about; where the data "
            "has no Treasury bills, above zero."
        ),
        formula=say(
            "Mean of the returns above the bills' / their standard deviation * square root of the "
            "bars a year."
        ),
    ),
    Measure(
        "sortino", say("Sortino ratio"), "number",
        lambda c: statistics.sortino(c.excess, c.bars_a_year),
        say("no return fell below the T-bill's, or fewer than two bars"),
        meaning=say(
            "The same as the Sharpe ratio, but only returns below the Treasury bills' count as "
            "jumping about."
        ),
        formula=say(
            "Mean of the returns above the bills' / square root of the mean square of the same, "
            "gains counted as 0, * square root of the bars a year."
        ),
    ),
    Measure(
        "calmar", say("Calmar ratio"), "number",
        lambda c: statistics.calmar(c.cagr, float(c.drawdown.min())),
        say("the strategy never fell, or under a year"),
        meaning=say("Yearly growth of the unit value for each point of its deepest fall."),
        formula=say("CAGR / deepest strategy drawdown, without its sign."),
    ),
    Measure(
        "average_cost", say("Average cost of a unit"), "price",
        lambda c: statistics.average_cost(c.flow, c.unit_value), say("nothing was put in"),
        term=say("Average cost and average price"),
        meaning=say(
            "Cost is what a unit cost the saver on average; price is the plain mean of the unit "
            "value on the payment days, in units that begin at 1. Equal payments buy more units "
            "when they are cheap, so the cost is never above the price; the difference is the "
            "advantage of equal payments."
        ),
        formula=say(
            "Cost = sum of F / sum of (F / U); price = mean of U on payment days; advantage = "
            "price / cost - 1."
        ),
    ),
    Measure(
        "average_price", say("Average price of a unit"), "price",
        lambda c: statistics.average_price(c.flow, c.unit_value), say("nothing was put in"),
        term=say("Average cost and average price"),
    ),
    Measure(
        "price_advantage", say("Advantage of equal payments"), "percent",
        lambda c: statistics.price_advantage(c.flow, c.unit_value),
        say("only equal payments have one"), term=say("Average cost and average price"),
    ),
)  # fmt: skip
