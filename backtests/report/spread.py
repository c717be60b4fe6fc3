"""Pack a sweep's windows for the page's chart: a dot each, with its three falls."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from backtests.report.charts.axes import folded
from backtests.report.charts.palette import Look, looks
from backtests.report.explorer import (
    FALL_PARTS,
    as_payments,
    as_steps,
    as_whole,
    offered,
    parts_of,
    words,
)
from backtests.report.savers import savers
from backtests.report.wording import gained, money, percent
from backtests.sweeps.dots import MOST_SAVERS, Dots
from backtests.sweeps.request import Variant
from data.arrays import Floats, Ints
from data.language import say, say_in, shown, tr

# Dots that a page carries; of more it has one in so many, and the worst.
MOST_DOTS = 20_000
HEADS = (
    say_in("column", "worth"),
    say_in("column", "at the end"),
    say_in("column", "fall of the fund"),
    say_in("column", "on the statement"),
    say_in("column", "below own money"),
)
# The script's views in order: name, title, meaning.
VIEWS = (
    (
        say("At the end"),
        say("What each saver ended with"),
        say("Every dot is a saver who began in that month: worth at the end against all paid in."),
    ),
    (
        say("In {currency}"),
        say("What each saver ended with"),
        say("Every dot is a saver who began in that month."),
    ),
    (
        say("Fall of the fund"),
        say("How far the fund fell"),
        say("The deepest fall of the unit value below its own highest so far, within each window."),
    ),
    (
        say("Fall on the statement"),
        say("How far the balance fell"),
        say("The deepest fall of the account below its own highest so far, within each window."),
    ),
    (
        say("Below own money"),
        say("How far below their own money"),
        say("The worst of each saver's account against all she had paid in until then."),
    ),
)
_FALLS = ("max_drawdown", "account_max_drawdown", "worst_shortfall")


def worn(variants: Sequence[Variant]) -> tuple[list[str], dict[str, Look]]:
    """Return every variant's name, and the look of each of those that are drawn."""
    names = [saver.name for saver in savers(variants)]
    return names, looks(list(dict.fromkeys(names))[:MOST_SAVERS])


def views() -> list[tuple[int, str]]:
    """Return the views as they are offered, by the script's number."""
    return [(at, offered(VIEWS[at][0])) for at in (0, 1, 4, 2, 3)]


def _words() -> dict[str, Any]:
    """Return what the script says of start months, open where it fills something in."""
    return {
        "begun": tr("Begun in {month}", month="{}"),
        "until": tr("to {month}", month="{}"),
        "lowest_on": tr(
            "{line}: lowest {figure} begun in {place}",
            line="{line}", figure="{}", place="{place}",
        ),
        "heads": [shown(head) for head in HEADS],
        "keys": tr(
            "Left and right arrow go from start month to start month; plus and minus zoom, Escape "
            "shows all of them."
        ),
    }  # fmt: skip


def packed(
    horizons: Mapping[int, Sequence[tuple[Dots, str]]], first: str, looks: Mapping[str, Look]
) -> str:
    """Return the chart's data as JSON that may stand inside a script element.

    `horizons` has by years each saver's dots and name; the first opens, and the saver `first`
    stands out.
    """
    names, step = list(looks), thinned(horizons)
    content = {
        "words": words() | _words(),
        "views": [[*map(shown, said)] for _, *said in VIEWS],
        "strategies": [
            {"name": folded(name, 2.8, 9.0, lines=1), "look": look.css, "mark": look.path}
            for name, look in looks.items()
        ],
        "eras": [
            _horizon(years, [(dots, names.index(name)) for dots, name in each], step)
            for years, each in horizons.items()
        ],
        "era": 0,
        "strategy": names.index(first),
    }
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")


def thinned(horizons: Mapping[int, Sequence[tuple[Dots, str]]]) -> int:
    """Return of how many start months one is drawn, 1 where all are."""
    total = sum(len(dots.starts) for each in horizons.values() for dots, _ in each)
    return -(-total // MOST_DOTS)


def _horizon(years: int, each: Sequence[tuple[Dots, int]], step: int) -> dict[str, Any]:
    kept = _kept([dots for dots, _ in each], step)
    dots = [(whole.part(kept), saver) for whole, saver in each]
    days = dots[0][0].starts.astype("datetime64[D]").astype(np.int64)
    runs = [_run(part, saver, place) for place, (part, saver) in enumerate(dots)]
    return {
        "short": str(years),
        "years": years,
        "real": len(days) - 1,
        "days": as_steps(days),
        "runs": [run for run, _ in runs],
        "paid": [paid for _, paid in runs],
        "below": [as_steps(_parts(part, "worst_shortfall")) for part, _ in dots],
    }


def _kept(dots: Sequence[Dots], step: int) -> Ints:
    """Return the rows that are drawn: of so many one, the last, and the worst by each figure."""
    last = len(dots[0].starts) - 1
    lows = [_lowest(figures) for each in dots for figures in each.figures.T]
    return np.unique([*range(0, last + 1, step), last, *lows])


def _lowest(figures: Floats) -> int:
    """Return the first of those that are the lowest once written."""
    return int(np.nan_to_num(figures.round(9), nan=np.inf).argmin())


def _run(dots: Dots, saver: int, place: int) -> tuple[dict[str, Any], list[list[int]]]:
    value, put = dots.column("final_value"), dots.column("contributed")
    unit = parts_of(value, put)
    gain = dots.column("multiple") - 1
    falls = [dots.column(name) for name in _FALLS]
    lows = [_low(gain, _gain), _low(value, money), *map(_low, falls)]
    run = {
        "strategy": saver,
        "first": 0,
        "unit": unit,
        "value": as_steps(as_whole(value * unit)),
        "fund": as_steps(_parts(dots, "max_drawdown")),
        "statement": as_steps(_parts(dots, "account_max_drawdown")),
        "paid": place,
        "worst": lows,
        "end": [gained(float(gain[-1])), money(float(value[-1]))],
    }
    return run, as_payments(put, unit, 0)


def _parts(dots: Dots, name: str) -> Ints:
    return as_whole(dots.column(name) * FALL_PARTS)


def _low(figures: Floats, write: Callable[[float], str] | None = None) -> dict[str, Any]:
    """Return the worst window of a figure, as the page prints it."""
    at = _lowest(figures)
    low = float(figures[at])
    text, short = (write(low), write(low)) if write else (percent(low, 1), percent(low))
    return {"at": at, "text": text, "short": short}


def _gain(fraction: float) -> str:
    return f"{'+' * (fraction >= 0.0005)}{percent(fraction, 1)}"
