"""Pack a comparison's lines for the page's chart: whole numbers, each less the one before."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from math import floor, log10
from typing import Any

import numpy as np

from backtests.comparison import Chapter
from backtests.measures.catalogue import Figure
from backtests.report.charts.palette import Look
from backtests.report.charts.value import short_name
from backtests.report.wording import (
    DASH,
    MINUS,
    date_forms,
    gained,
    gap,
    large,
    money,
    money_name,
    month_names,
    percent,
    short_month,
    sign,
    year,
)
from backtests.result import Result
from data.arrays import Days, Floats, Ints
from data.language import Said, filled, say, shown, tr, tr_in, translated

# Bars times strategies that a page carries by the day; beyond, the longest eras have week ends and
# troughs alone.
MOST_POINTS = 45_000
FALL_PARTS = 100_000
_LARGEST = float(2**53)
# The views in order: key of the measure that is its worst, and of the day it fell on.
_WORST = (
    ("worst_shortfall", "worst_shortfall_date"),
    ("worst_shortfall", "worst_shortfall_date"),
    ("max_drawdown", "max_drawdown_trough"),
    ("account_max_drawdown", "account_max_drawdown_trough"),
)
VIEWS = (
    (
        say("Against own money"),
        say("Ahead of own money, or behind"),
        say(
            "What the account was worth against all that had been paid in so far. Below the line "
            "there was less than that."
        ),
    ),
    (
        say("In {currency}"),
        say("What the account was worth"),
        say("The account, with the money put in as a thin grey line."),
    ),
    (
        say("Fall of the fund"),
        say("How far the fund fell"),
        say("The unit value, as a fund would publish it, below its own highest so far."),
    ),
    (
        say("Fall on the statement"),
        say("How far the balance fell"),
        say("The account below its own highest so far; new payments fill part of the hole."),
    ),
)


def views() -> list[tuple[str, ...]]:
    """Return each view's name, title and sentence."""
    return [(offered(name), *map(shown, said)) for name, *said in VIEWS]


def offered(name: Said) -> str:
    """Return a view's name, with the currency where it is named."""
    return filled(translated(name), {"currency": money_name()})


def words() -> dict[str, Any]:
    """Return the words and forms of the page's script, open where it fills something in."""
    lines = {"line": "{line}", "place": "{place}"}
    return {
        "minus": MINUS,
        "sign": sign(),
        "percent": _opened(percent(0.0)),
        "large": large(),
        "months": month_names("wide"),
        "dates": date_forms(),
        "gap": gap(),
        "comma": tr_in("between parts", ", "),
        "semicolon": tr_in("between labels", "; "),
        "put_in": tr("money put in"),
        "of_era": tr("{line}, {era}", line="{line}", era="{era}"),
        "lowest": _opened(tr("{line}: lowest {figure}", line="{line}", figure="0")),
        "lowest_on": _opened(tr("{line}: lowest {figure} on {place}", **lines, figure="0")),
        "month": _opened(tr("Month {n}", n="0")),
        "months_since": tr("Month: months since the start of each era."),
        "ratio": tr("Ratio scale: equal steps are equal factors."),
        "times": _opened(tr("{n} times", n="0")),
        "factors": {
            "0.25": tr("a quarter"),
            "0.5": tr("half"),
            "1": tr("own money"),
            "2": tr("double"),
        },
        "picture": tr("{title}. {lines}. {keys}", title="{title}", lines="{lines}", keys="{keys}"),
        "keys": tr(
            "Left and right arrow go from price to price, with Shift by a month; plus and minus "
            "zoom, Escape shows the whole period."
        ),
        "span": tr("{first} to {last}", first="{first}", last="{last}"),
        "thinned": tr(
            "Drawn from week ends and every high and low of a fall, as there are many days."
        ),
        "history": tr("History"),
        "in_scenario": tr("{day} (scenario)", day="{}"),
        "assumed": tr("Scenario: assumed, not a forecast"),
        "assumed_short": tr("Scenario: assumed"),
    }


def _short(title: str) -> str:
    return short_name(shown(title))


def _opened(text: str) -> str:
    """Open a text where a nought stands, which has its space beside a Han character."""
    return text.replace("0", "{}")


def packed(
    chapters: Sequence[Chapter],
    first: tuple[Chapter, str],
    looks: Mapping[str, Look],
    since: date | None = None,
    shown: Sequence[str] = (),
) -> str:
    """Return the chart's data as JSON that may stand inside a script element.

    It opens on the era and strategy that are `first`, with the lines of the strategies `shown`, by
    default all. Bars after `since` are assumed.
    """
    names = list(looks)
    long = _too_long(chapters)
    titles = {r.strategy: r.title for chapter in chapters for r in chapter.results}
    content = {
        "words": words(),
        "views": [view[1:] for view in views()],
        "strategies": [
            {"name": _short(titles[name]), "look": look.css, "mark": look.path}
            for name, look in looks.items()
        ],
        "eras": [
            {"short": short} | _era(chapter, names, chapter.era.name in long, since)
            for chapter, short in zip(chapters, periods(chapters), strict=True)
        ],
        "era": [chapter is first[0] for chapter in chapters].index(True),
        "strategy": names.index(first[1]),
        **({"shown": [names.index(name) for name in shown]} if shown else {}),
    }
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")


def periods(chapters: Sequence[Chapter]) -> list[str]:
    """Return a short name for each era's start: its year, with the month where years are alike."""
    years = [year(chapter.start) for chapter in chapters]
    return [
        text if years.count(text) == 1 else short_month(chapter.start)
        for text, chapter in zip(years, chapters, strict=True)
    ]


def _too_long(chapters: Sequence[Chapter]) -> set[str]:
    """Name the eras that are thinned, the longest first until the rest is few enough."""
    points = sorted((sum(len(r.course.dates) for r in c.results), c.era.name) for c in chapters)
    left = np.cumsum([count for count, _ in points])
    return {name for (_, name), rest in zip(points, left, strict=True) if rest > MOST_POINTS}


def _era(chapter: Chapter, names: Sequence[str], many: bool, since: date | None) -> dict[str, Any]:
    days = np.unique(np.concatenate([r.course.dates for r in chapter.results]))
    if many:
        days = days[_week_ends_and_troughs(days, chapter.results, since)]
    paid: dict[str, int] = {}
    real = len(days) if since is None else np.searchsorted(days, np.datetime64(since), "right")
    return {
        "real": int(real) - 1,
        "thinned": many and chapter.bars == "daily",
        "days": as_steps(days.astype("datetime64[D]").astype(np.int64)),
        "runs": [_run(result, days, names, paid) for result in chapter.results],
        "paid": [json.loads(text) for text in paid],
    }


def _week_ends_and_troughs(days: Days, results: Sequence[Result], since: date | None) -> Ints:
    weeks = (days.astype("datetime64[D]").astype(np.int64) + 3) // 7
    ends = np.flatnonzero(np.append(weeks[1:] != weeks[:-1], True))
    marked = [day for r in results for day in (*_marked(r), *r.course.dates[[0, -1]])]
    marked += [np.datetime64(since)] if since else []
    at = np.searchsorted(days, np.array(marked, dtype=days.dtype))
    return np.unique(np.concatenate([[0], ends, at]))


def _marked(result: Result) -> list[np.datetime64]:
    """List the days that no thinning may lose: highs and lows of every fall that is listed."""
    figures = result.measures.figures
    named = [figures[day] for _, day in _WORST] + [figures["account_max_drawdown_peak"]]
    falls = [end for fall in result.course.drawdowns for end in (fall.peak, fall.trough)]
    return [np.datetime64(str(day)) for day in (*named, *falls) if day is not None]


def _run(result: Result, days: Days, names: Sequence[str], paid: dict[str, int]) -> dict[str, Any]:
    course = result.course
    first, last = np.searchsorted(days, course.dates[[0, -1]])
    shown = days[first : last + 1]
    at = np.searchsorted(course.dates, shown, side="right") - 1
    unit = parts_of(course.value, course.contributed)
    put = json.dumps(as_payments(course.contributed[at], unit, int(first)), separators=(",", ":"))
    every = len(shown) == len(course.dates)
    statement = as_steps(as_whole(course.account_drawdown[at] * FALL_PARTS))
    # Where every day is there, the page follows the account's high by itself.
    return ({} if every else {"statement": statement}) | {
        "strategy": names.index(result.strategy),
        "first": int(first),
        "unit": unit,
        "value": as_steps(as_whole(course.value[at] * unit)),
        "fund": as_steps(as_whole(course.drawdown[at] * FALL_PARTS)),
        "paid": paid.setdefault(put, len(paid)),
        "worst": [_worst(result, days, *keys) for keys in _WORST],
        "end": _end(result),
    }


def parts_of(value: Floats, contributed: Floats) -> float:
    """Return how many whole parts of a dollar tell the first payment to five digits."""
    smallest = contributed[contributed > 0].min(initial=np.inf)
    largest = float(np.nan_to_num(np.maximum(value, contributed)).max())
    fine = 5 - floor(log10(smallest)) if np.isfinite(smallest) else 2
    return float(10.0 ** min(max(fine, 0), floor(log10(_LARGEST / max(largest, 1.0)))))


def as_payments(contributed: Floats, unit: float, first: int) -> list[list[int]]:
    """Return the bars on which money put in changes, and by how many parts of a dollar."""
    whole = as_whole(contributed * unit)
    change = np.diff(whole, prepend=0)
    bars = np.flatnonzero(change)
    return [as_steps(bars + first), [int(usd) for usd in change[bars]]]


def _worst(result: Result, days: Days, key: str, day: str) -> dict[str, Any]:
    when, figure = result.measures[day], result.measures[key]
    if when is None:
        return {"at": -1, "text": percent(0.0)}
    at = int(np.searchsorted(days, np.datetime64(str(when)).astype(days.dtype)))
    return {"at": at, "text": _percent(figure), "short": _percent(figure, 0)}


def _end(result: Result) -> list[str]:
    """Return what each view ends on, as the report prints it."""
    figures = result.measures
    multiple = figures["multiple"]
    gain = "" if multiple is None else gained(float(multiple) - 1.0)
    return [gain, money(figures.number("final_value"))]


def _percent(figure: Figure, digits: int = 1) -> str:
    return DASH if not isinstance(figure, int | float) else percent(figure, digits)


def as_whole(numbers: Floats) -> Ints:
    """Round to whole numbers that a page can carry."""
    finite = np.nan_to_num(numbers, nan=0.0, posinf=_LARGEST, neginf=-_LARGEST)
    return np.asarray(np.rint(finite), dtype=np.int64)


def as_steps(whole: Ints) -> list[int]:
    """Return each number less the one before."""
    return [int(step) for step in np.diff(whole, prepend=0).tolist()]
