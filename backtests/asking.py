"""Read the prices that a question needs, and have it answered: what command and Python share.

Nothing heavy is loaded before it is used.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from backtests.eras import Era
from backtests.plan import Plan
from data.errors import BadPlan, NoPrices
from data.language import say, say_each
from data.options import Options, Tables
from data.prices import PriceTable
from data.progress import Told, untold

if TYPE_CHECKING:
    from backtests.comparison import Comparison as Compared
    from backtests.scenarios.satellite import Question, Satellite
    from backtests.scenarios.sources import Scenario
    from backtests.verdicts.all import Verdicts
    from data.sources import Prices
    from strategies.dca.base import DcaStrategy

    Strategy = str | Mapping[str, float] | type[DcaStrategy]

Played = TypeVar("Played")
# Month ends from here on are taken where the source has them and all of the past is asked for.
CENTURY = date(1926, 7, 1)


def folder_of(plan: Plan) -> Path:
    """Return where a plan's report goes unless told otherwise."""
    return Path("reports") / plan.name


def replay(
    plan: Plan,
    told: Told = untold,
    own: "Sequence[type[DcaStrategy]]" = (),
    prices: "Prices | None" = None,
    also: Sequence[str] = (),
    **reading: Any,
) -> "Compared":
    """Read the plan's prices and run it; `reading` are fields of data.options.Options.

    `also` are symbols to read beside those that are held.
    """
    from backtests.comparison import compare, first_day, symbols_needed

    needed = tuple(dict.fromkeys([*symbols_needed(plan, own), *also]))
    options = options_of(plan, needed, told, since=first_day(plan), **reading)
    with _blaming():
        source = plan.data if prices is None else prices
        compared = compare(plan, tables_of(source, options), told, own)
        if plan.align is None:
            return compared
        tables = tables_of(source, replace(options, since=CENTURY))
        return replace(compared, past=tables["monthly"]() if "monthly" in tables else None)


def replay_scenario(
    plan: Plan,
    asked: "Scenario",
    history: str,
    told: Told = untold,
    own: "Sequence[type[DcaStrategy]]" = (),
    prices: "Prices | None" = None,
    **reading: Any,
) -> "Compared":
    """Read the prices of a plan and of what its symbols follow, and run it through a scenario."""
    from backtests.scenarios.play import play, symbols_needed, with_own

    asked = with_own(asked, plan.symbol)
    needed = symbols_needed(plan, asked, history, own)
    since = min(asked.top, plan.era_called(history).start)
    options = options_of(plan, needed, told, since=since, **reading)
    with _blaming():
        tables = tables_of(plan.data if prices is None else prices, options)
        return play(plan, asked, tables, history, told, own)


def ask_satellite(
    plan: Plan,
    question: "Question",
    asked: "Scenario",
    history: str,
    told: Told = untold,
    prices: "Prices | None" = None,
    **reading: Any,
) -> "Satellite":
    """Read the prices of a plan and answer how much of the picks may be held."""
    from backtests.scenarios.play import HISTORY, with_own
    from backtests.scenarios.satellite import satellite, symbols_needed
    from backtests.scenarios.sources import Scenario

    if question.in_era and (asked, history) != (Scenario(), HISTORY):
        raise BadPlan(say("in_era replays an era as it was; leave history and what is assumed out"))
    asked = with_own(asked, plan.symbol)
    needed = symbols_needed(plan, question, asked, history)
    start = plan.era_called(question.in_era or history).start
    since = start if question.in_era else min(asked.top, start)
    options = options_of(plan, needed, told, since=since, **reading)
    tables = tables_of(plan.data if prices is None else prices, options)
    return satellite(plan, question, asked, tables, history)


def judged(prices: "Prices", seed: int = 1, told: Told = untold, **reading: Any) -> "Verdicts":
    """Read what the claims look at and judge them; `reading` are fields of Options."""
    from backtests.verdicts.all import judge, symbols_needed

    options = Options(symbols=symbols_needed(), since=CENTURY, told=told, **reading)
    with _blaming():
        several = prices if isinstance(prices, list | tuple) else [prices]
        said = [each for each in several if isinstance(each, str)]
        return judge(tables_of(prices, options), seed, told, said)


def on_finest(
    plan: Plan,
    kind: "type[DcaStrategy]",
    prices: "Prices",
    era: str | Era | None,
    play: "Callable[[Era, PriceTable], Played]",
    **reading: Any,
) -> "Played":
    """Play a window on the finest bars that have it; without an era, on all that prices have."""
    from backtests.comparison import RESOLUTIONS, shelters, symbols_of
    from backtests.labels import bars_said

    window = plan.era_called(era) if isinstance(era, str) else era
    needed = symbols_of(kind, window or Era("of all prices", "", date.min, None))
    since = window.start if window else None
    asked = (*needed, *shelters(plan.terms))
    tables, problem = tables_of(prices, options_of(plan, asked, since=since, **reading)), None
    wanted = RESOLUTIONS if plan.bars == "auto" else (plan.bars,)
    for bars in wanted:
        if bars in tables:
            table = tables[bars]()
            try:
                with _blaming():
                    return play(window or _span(table, needed), table)
            except NoPrices as error:
                problem = problem or error
    raise problem or NoPrices(
        say(
            "the prices have no {bars} bars, only {had}",
            bars=bars_said(plan.bars),
            had=say_each([bars_said(bars) for bars in tables]),
        )
    )


# What a plan says of how its files are read, in the words of data.options.Options.
_DIALECT = ("date_order", "decimal", "price_column")


def options_of(
    plan: Plan, symbols: tuple[str, ...], told: Told = untold, **reading: Any
) -> Options:
    """Return how a plan's source is read for these symbols."""
    said: dict[str, Any] = {key: getattr(plan, key) for key in _DIALECT}
    said |= {key: value for key, value in reading.items() if value is not None}
    said |= {"own": plan.symbol, "currency": plan.currency, "accept_jumps": plan.accept_jumps}
    return Options(symbols=symbols, told=told, **said)


def strategy_class(
    strategy: "Strategy", plan: Plan, rebalance: str, late_listings: bool
) -> "type[DcaStrategy]":
    """Return the class that a name, weights or a class stands for."""
    from backtests.comparison import strategy_called
    from strategies.dca.base import allocation
    from strategies.dca.terms import fractions

    if isinstance(strategy, str):
        return strategy_called(strategy, plan)
    if isinstance(strategy, Mapping):
        return allocation("allocation", fractions(strategy), rebalance, late_listings)
    return strategy


def tables_of(prices: "Prices", options: Options) -> Tables:
    """Return the loaders of prices, the yearly costs taken from them that the plan declares."""
    from data import sources
    from data.ter import charged

    return charged(sources.tables(prices, options), options.own)


def _span(table: PriceTable, symbols: Sequence[str]) -> Era:
    """Return the window in which all symbols have prices."""
    first, last = max(map(table.first, symbols)), max(map(table.last, symbols))
    return Era("all-prices", say("all that the prices have"), first, last)


def _blaming() -> AbstractContextManager[None]:
    from backtests.sweeps.custom import blaming

    return blaming()
