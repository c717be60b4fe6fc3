"""Say what a scenario came to: how it stood at history's end, the worst after, what one would have.

Every row and date here says whether it is history or the scenario.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from backtests.measures.aftermath import Aftermath
from backtests.report.wording import DASH, NOT_YET, money, percent
from backtests.result import Result
from data.arrays import Floats, to_date
from data.language import say, shown, tr, tr_in

# What the bars up to history's end are called, and those after it.
HISTORY, SCENARIO = say("history"), say("scenario")
_NEVER = say("never below")


@dataclass(frozen=True)
class Row:
    """A row of a table: its title and a text a column; `part`: it belongs to the row above."""

    title: str
    texts: list[str]
    part: bool = False


def stands(results: Sequence[Result]) -> list[Row]:
    """Return the account at history's end and what followed, a column a result."""
    found = [r.scenario for r in results if r.scenario]
    end = found[0].history_end
    return [
        Row(tr("Worth on {day}, history's end", day=end), [money(a.value) for a in found]),
        Row(tr("Money put in by then"), [money(a.contributed) for a in found]),
        Row(tr("Cushion then"), [_share(a.cushion) for a in found]),
        Row(tr("Worst against money put in, scenario"), [_share(a.worst_shortfall) for a in found]),
        Row(
            tr_in("date", "on"),
            [str(a.worst_shortfall_date or DASH) for a in found],
            part=True,
        ),
        Row(tr("Above money put in for good, scenario"), [_above(a) for a in found]),
        Row(tr("Unit value at its high again, scenario"), [_again(a) for a in found]),
    ]


def would_have(results: Sequence[Result]) -> tuple[list[str], list[Row]]:
    """Return columns and rows of what was put in and what there is: at history's end, then yearly.

    Money put in stands once for all who paid in alike, else beside each result's worth.
    """
    alike = len({r.course.contributed.tobytes() for r in results}) == 1
    columns = [tr("Money put in")] if alike else []
    rows = []
    for day, word in _days(results[0]):
        bars = [
            int(np.searchsorted(r.course.dates, np.datetime64(day), "right")) - 1 for r in results
        ]
        worth = [
            _worth(r.course.value, r.course.contributed, at, alike)
            for r, at in zip(results, bars, strict=True)
        ]
        put_in = [money(float(results[0].course.contributed[bars[0]]))] if alike else []
        rows.append(Row(tr("{day}, {what}", day=day, what=word), [*put_in, *worth]))
    return [*columns, *(shown(r.title) for r in results)], rows


def _days(result: Result) -> list[tuple[date, str]]:
    """List history's end, every year after it and the last day, each with what it is."""
    last = to_date(result.course.dates[-1])
    end = result.history_end or last
    years = (_later(end, n) for n in range(1, last.year - end.year + 1))
    return [(end, HISTORY), *((day, SCENARIO) for day in years if day < last), (last, SCENARIO)]


def _later(day: date, years: int) -> date:
    leap = day.month == 2 and day.day == 29
    return day.replace(year=day.year + years, day=28 if leap else day.day)


def _worth(value: Floats, put_in: Floats, at: int, alike: bool) -> str:
    worth = money(float(value[at]))
    if alike:
        return worth
    return tr("{worth} of {put_in}", worth=worth, put_in=money(float(put_in[at])))


def _share(fraction: float | None) -> str:
    return DASH if fraction is None else percent(fraction, 2)


def _above(found: Aftermath) -> str:
    if not found.worst_shortfall:
        return shown(_NEVER)
    return str(found.above_money_for_good or shown(NOT_YET))


def _again(found: Aftermath) -> str:
    return str(found.high_again or shown(NOT_YET))
