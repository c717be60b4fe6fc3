"""Compute our side of a published figure: runs, falls, windfalls, scenarios.

Each returns figures by name: measures by their keys, other figures by what they are called.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import cache, partial
from typing import Any

import numpy as np

from backtests import comparison
from backtests.eras import Era
from backtests.exposures import weights as index_weights
from backtests.measures.catalogue import Figure
from backtests.measures.series import drawdown, drawdowns
from backtests.plan import Plan, make_plan
from backtests.result import Result
from backtests.scenarios.play import HISTORY, play
from backtests.scenarios.satellite import Question
from backtests.scenarios.satellite import satellite as ask
from backtests.scenarios.sources import Scenario
from backtests.sweeps.layout import lay_out
from backtests.sweeps.request import Request
from backtests.sweeps.rows import Twin
from backtests.validation import public
from backtests.verdicts.claim import Ground, priced
from backtests.verdicts.rises import nvidia, seven
from data import snapshot, sources
from data.arrays import Floats
from data.options import Options, Tables
from data.prices import PriceTable
from strategies.dca.base import allocation

Found = Mapping[str, Figure]
Load = Callable[[], PriceTable]

DAILY: Load = partial(snapshot.load, "daily")
MONTHLY: Load = partial(snapshot.load, "monthly")
CENTURY: Load = snapshot.century
NASDAQ: Load = partial(public.prices, "nasdaq")
SP500: Load = partial(public.prices, "sp500")
_EMBEDDED: Tables = {"daily": DAILY, "monthly": MONTHLY}


def by_month(load: Load) -> Load:
    """Return the month ends of daily prices."""
    return lambda: sources.by_resolution(load())["monthly"]()


@cache
def year_ends() -> PriceTable:
    """Return the month ends a day later: what was the year's last bar is the next year's first.

    So a yearly rebalancing falls on the year's last close, as others have it.
    """
    table = MONTHLY()
    return replace(table, dates=table.dates + 1)


def saved(
    load: Load,
    held: Mapping[str, float],
    start: str,
    end: str,
    rebalance: str = "none",
    **plan: Any,
) -> Found:
    """Save into an allocation."""
    kind, window = allocation("saved", held, rebalance), _window(start, end)
    return _figures(comparison.replay(kind, window, load(), make_plan(**plan).terms))


def index_saved(load: Load, start: str, end: str) -> Found:
    """Save 100 a month into a public index; average cost and price are in its points."""
    table = load()
    kind = allocation("index", dict.fromkeys(table.symbols, 1.0))
    result = comparison.replay(kind, _window(start, end), table, Plan(monthly=100.0).terms)
    level, found = float(result.closes[0, 0]), dict(_figures(result))
    found |= {k: level * result.measures.number(k) for k in ("average_cost", "average_price")}
    total = result.measures.number("contributed")
    whole = total * float(result.closes[-1, 0]) / level
    return found | {"The same total at once": whole}


def run(strategy: str, era: str) -> Found:
    """Replay a strategy of ours through an era of ours."""
    return _figures(_ground().run(strategy, era))


def fell(load: Load, symbol: str, start: str, end: str) -> Found:
    """Find the deepest fall of closes between two days."""
    table = load()
    days, closes = priced(table, symbol, date.fromisoformat(start), date.fromisoformat(end))
    level = closes / closes[0]
    fall = drawdowns(level, drawdown(level), days, 1)[0]
    ends = {"from": fall.peak, "to": fall.trough, "back at the high": fall.recovery}
    return {"fall": fall.depth, **{name: d.isoformat() if d else None for name, d in ends.items()}}


def changed(load: Load, symbol: str, start: str, end: str) -> Found:
    """Find the change between two days, and what it is a year."""
    span = date.fromisoformat(start), date.fromisoformat(end)
    closes = priced(load(), symbol, *span)[1]
    grown = float(closes[-1] / closes[0])
    return {"change": grown - 1, "a year": grown ** (365.25 / (span[1] - span[0]).days) - 1}


@cache
def scenario(strategy: str, depth: float = 1.0) -> Found:
    """Let the AI run end as 2000 did."""
    (result,) = play(Plan(strategies=(strategy,)), Scenario(depth=depth), _EMBEDDED).results
    after = result.scenario
    if after is None:
        raise ValueError("a scenario without an aftermath")
    good = after.above_money_for_good
    return _figures(result) | {
        "worth where history ends": after.value,
        "worst of the scenario against money put in": after.worst_shortfall,
        "above money put in for good": good.isoformat() if good else None,
    }


@cache
def satellite(core: str) -> Found:
    """Find the scenario's worst against money put in by the share of picks beside a core."""
    found = ask(Plan(), Question(core), Scenario(), _EMBEDDED, HISTORY)
    worst = zip(found.shares.tolist(), found.worst.tolist(), strict=True)
    return {f"worst with {share:.0%} picks": float(loss) for share, loss in worst}


def windfall(
    tables: Tables, held: Mapping[str, float], span: tuple[str, str], years: int, parts: int
) -> Found:
    """Set a sum at once against monthly parts of it, in all windows of so many years."""
    start, end = span
    asked = Request(
        (), held, start=start, end=end, years=(years,), initial=1.0, monthly=(0.0,),
        parts=(parts,), bars="monthly", rebalance=("annual" if len(held) > 1 else "none",),
    )  # fmt: skip
    twin = Twin(lay_out(asked, tables))
    whole, split = (_ends(twin, place) for place in range(2))
    return _duel(whole, split)


def waiting_in_bills(share: float, span: tuple[str, str], years: int, parts: int) -> Found:
    """Do the same in stocks and bills, rebalanced monthly, with the waiting money in bills too."""
    table, months = CENTURY(), 12 * years
    at = np.searchsorted(table.dates.astype("datetime64[M]"), np.array(span, dtype="datetime64[M]"))
    cut = slice(int(at[0]), int(at[1]) + 1)
    stocks, bills = table.column("SP500")[cut], table.column("CASH")[cut]
    growth = share * stocks[1:] / stocks[:-1] + (1 - share) * bills[1:] / bills[:-1]
    mix = np.concatenate([[1.0], np.cumprod(growth)])
    first = np.arange(len(mix) - months + 1)
    last = first + months - 1
    part = [bills[first + k] / bills[first] / mix[first + k] for k in range(parts)]
    return _duel(mix[last] / mix[first], mix[last] * np.mean(part, axis=0))


def century() -> Tables:
    """Return the embedded month ends from 1926 on."""
    return sources.tables("snapshot", Options(since=date(1926, 7, 1)))


def of_public(load: Load) -> Tables:
    """Return the month ends of public prices."""
    return {"monthly": by_month(load)}


def estimated(day: str) -> Found:
    """Find the seven's weight in the index on a day."""
    found = index_weights(DAILY())
    return {"weight": float(found.weight[np.searchsorted(found.days, np.datetime64(day))])}


def highest_weight() -> Found:
    """Find the highest weight of the seven."""
    return seven(_ground()).numbers


def nvidia_rose() -> Found:
    """Find how much Nvidia rose."""
    return nvidia(_ground()).numbers


def _duel(whole: Floats, split: Floats) -> Found:
    return {
        "windows": len(whole),
        "won by all at once": float((whole > split).mean()),
        "more by all at once": float(whole.mean() / split.mean() - 1.0),
        "parts that gained": float((split > 1.0).mean()),
    }


def _ends(twin: Twin, place: int) -> Floats:
    chunks = twin.layout.chunks_of(place)
    return np.concatenate([twin.rows(chunk).figures["final_value"] for chunk in chunks])


def _figures(result: Result) -> dict[str, Figure]:
    return {**result.measures.figures, "payments": int((result.course.flow > 0).sum())}


def _window(start: str, end: str) -> Era:
    return Era("window", "", date.fromisoformat(start), date.fromisoformat(end))


@cache
def _ground() -> Ground:
    return Ground(_EMBEDDED)
