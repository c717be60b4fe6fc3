"""Find out whether a strategy looks ahead: rerun it on other futures and compare its orders.

A bar is taken as the last known one, what comes after it is replaced, and every order and payment
up to that bar must be the same. Bars on which something is decided are taken: what looks one bar
ahead shows only there.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Literal

import numpy as np

from backtests.comparison import StrategyClass, replay
from backtests.eras import Era
from backtests.result import Result
from data.arrays import Floats, Ints, to_date
from data.errors import BadPlan, RunFailed
from data.language import say, say_each
from data.prices import Bars, PriceTable
from data.progress import Told, untold
from strategies.dca.terms import Terms

Future = Literal["scrambled", "stilled", "ended"]
CUTS = 12
MOST_CUTS = 10_000
# A scrambled price is the true one times a number between these.
_LEAST, _MOST = 0.5, 2.0


_BECOMES: Mapping[Future, str] = {
    "scrambled": say("{order} become {became:,.6g} where prices after {known} are others"),
    "stilled": say("{order} become {became:,.6g} where prices after {known} stand still"),
    "ended": say("{order} become {became:,.6g} where prices after {known} end"),
}


@dataclass(frozen=True)
class Difference:
    """The first order (shares of `symbol`) or payment (dollars, no symbol) that a future changed.

    `was` is with the prices as they were, `became` with the other `future` after the day `known`.
    """

    day: date
    symbol: str
    was: float
    became: float
    known: date
    future: Future

    def __str__(self) -> str:
        order = say("{was:,.6g} USD paid in on {day}", was=self.was, day=self.day)
        if self.symbol:
            order = say(
                "{was:,.6g} {symbol} ordered on {day}",
                was=self.was,
                symbol=self.symbol,
                day=self.day,
            )
        return say(_BECOMES[self.future], order=order, became=self.became, known=self.known)


@dataclass(frozen=True)
class Audit:
    """What came of it: `first` is the first order that prices to come have changed, if any.

    `known` are the days that were taken as the last known one, each with up to three futures.
    `told` is the first that only the window's end has changed, which a strategy may know. `reads`
    are files and connections that it opened itself, whose figures nobody cuts.
    """

    strategy: str
    start: date
    end: date
    bars: Bars
    known: tuple[date, ...]
    reruns: int
    first: Difference | None
    told: Difference | None
    reads: tuple[str, ...] = ()

    @property
    def fault(self) -> str:
        """Say in a sentence what is wrong; empty: nothing was found."""
        if self.first:
            return say(
                "{strategy} looks ahead: {change}", strategy=self.strategy, change=str(self.first)
            )
        if self.reads:
            return say(
                "{strategy} opens {files} itself: what it finds there may be the future",
                strategy=self.strategy,
                files=say_each(self.reads),
            )
        return ""

    def as_json(self) -> dict[str, Any]:
        """Return what `dca audit --json` prints."""
        return {**_plain(asdict(self)), "looks_ahead": self.first is not None}


def audit(
    strategy: StrategyClass,
    era: Era,
    table: PriceTable,
    terms: Terms,
    cuts: int = CUTS,
    told: Told = untold,
) -> Audit:
    """Rerun a strategy on three futures after each of so many bars on which it decides.

    Raises:
        BadInput: the cuts, or what a run refuses.
        RunFailed: the strategy does not even repeat itself on the same prices.

    """
    if not 1 <= cuts <= MOST_CUTS:
        raise BadPlan(say("cuts are {cuts}; give 1 to {most:,}", cuts=cuts, most=MOST_CUTS))
    asked = _Asked(strategy, era, table, terms)
    true = asked.run(table)
    again = _first(true, asked.run(table))
    if again:
        day, symbol, was, became = again
        raise RunFailed(
            say(
                "{strategy} does not repeat itself on the same prices: {was:,.6g} {symbol} on "
                "{day} became {became:,.6g}; seed its dice, and keep nothing on the class or the "
                "module between runs",
                strategy=strategy.name,
                was=was,
                symbol=symbol or "USD",
                day=day,
                became=became,
            )
        )
    known = true.course.dates[_decided(true, cuts)]
    reruns: list[Difference | None] = []
    for done, last in enumerate(known):
        told(say("rerunning {strategy}", strategy=strategy.name), done, len(known))
        reruns += asked.reruns(true, to_date(last))
    changed = [found for found in reruns if found]
    days = true.course.dates
    return Audit(
        strategy.name, to_date(days[0]), to_date(days[-1]), true.bars,
        tuple(to_date(day) for day in known),
        len(reruns),
        min((d for d in changed if d.future != "ended"), key=_when, default=None),
        min((d for d in changed if d.future == "ended"), key=_when, default=None),
    )  # fmt: skip


def scrambled(table: PriceTable, known: date, seed: int = 7) -> PriceTable:
    """Return a table whose prices after a day are others."""
    dice = np.random.default_rng(seed).uniform(_LEAST, _MOST, table.closes.shape)
    return _after(table, known, table.closes * dice)


def stilled(table: PriceTable, known: date) -> PriceTable:
    """Return a table whose prices stand still after a day; what comes later stands at 1."""
    past = table.closes[table.dates <= np.datetime64(known)]
    last = np.ones(len(table.symbols))
    for column, closes in enumerate(past.T):
        priced = closes[np.isfinite(closes)]
        last[column] = priced[-1] if priced.size else 1.0
    return _after(table, known, np.where(np.isfinite(table.closes), last, np.nan))


def _after(table: PriceTable, known: date, closes: Floats) -> PriceTable:
    later = (table.dates > np.datetime64(known))[:, None]
    return replace(table, closes=np.where(later, closes, table.closes))


@dataclass(frozen=True)
class _Asked:
    """A strategy, its window, prices and terms."""

    strategy: StrategyClass
    era: Era
    table: PriceTable
    terms: Terms

    def run(self, table: PriceTable, last: date | None = None) -> Result:
        """Replay on these prices, to a last day where one is given; dice fall alike every time."""
        random.seed(1)
        np.random.seed(1)
        era = replace(self.era, end=last) if last else self.era
        return replay(self.strategy, era, table, self.terms)

    def reruns(self, true: Result, known: date) -> Iterator[Difference | None]:
        """Yield what each future after a day changes up to that day, None where nothing.

        A window that would end before a symbol's first price is passed over.
        """
        futures: tuple[tuple[Future, PriceTable, date | None], ...] = (
            ("scrambled", scrambled(self.table, known), None),
            ("stilled", stilled(self.table, known), None),
            ("ended", self.table.until(known), known),
        )
        count = int(np.searchsorted(true.course.dates, np.datetime64(known), side="right"))
        for future, table, last in futures:
            if last is None or np.isfinite(table.select(true.symbols).closes).any(axis=0).all():
                found = _first(true, self.run(table, last), count)
                yield Difference(*found, known, future) if found else None


def _when(found: Difference) -> date:
    return found.day


def _orders(result: Result) -> Floats:
    """Return what each bar paid in and ordered, shape (bars, 1 + symbols)."""
    bought = np.diff(result.shares, axis=0, prepend=0.0)
    return np.column_stack([result.course.flow, bought])


def _decided(result: Result, cuts: int) -> Ints:
    """Return the bars to cut after: of those on which anything was decided, evenly spread."""
    decided = np.flatnonzero((_orders(result) != 0).any(axis=1)[:-1])
    if not decided.size:
        raise BadPlan(say("nothing is decided before the window's last bar; take a longer window"))
    places = np.unique(np.linspace(0, len(decided) - 1, cuts).round().astype(np.int64))
    return decided[places]


def _first(
    one: Result, other: Result, count: int | None = None
) -> tuple[date, str, float, float] | None:
    """Return the first order or payment that differs within the first `count` bars."""
    mine, theirs = _orders(one)[:count], _orders(other)[:count]
    apart = np.argwhere(mine != theirs)
    if not apart.size:
        return None
    row, column = (int(place) for place in apart[0])
    symbol = one.symbols[column - 1] if column else ""
    day = to_date(one.course.dates[row])
    return day, symbol, float(mine[row, column]), float(theirs[row, column])


def _plain(thing: Any) -> Any:
    """Write dates as text."""
    if isinstance(thing, dict):
        return {key: _plain(value) for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [_plain(value) for value in thing]
    return thing.isoformat() if isinstance(thing, date) else thing
