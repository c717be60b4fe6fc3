"""Describe a sweep: strategies, horizons, amounts, rules, fees; all starts or many paths."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import cached_property, reduce
from typing import Any, Literal

import numpy as np

from backtests.comparison import StrategyClass
from backtests.plan import BarsChoice, OwnStrategy
from backtests.vectorized.bootstrap import CELL, Design, History
from data.arrays import Days, to_date
from data.errors import BadPlan
from data.language import say, say_in, say_many
from data.prices import PriceTable
from strategies.dca.terms import Costs, Every, Fill, Rebalance, Schedule, Terms

# A chunk is what is computed, written and, after a kill, lost at once: some 0.1 s of work.
WINDOWS_A_CHUNK = 500
CELLS_A_CHUNK = 2
# Backtrader takes 0.03 to 0.2 s a row.
DECIDED_ROWS_A_CHUNK = 4
MOST_CHUNKS = 2_000
MOST_PATHS = 1_000_000_000
# What a request says in a plan's words, and a plan reads.
AS_IN_A_PLAN = ("every", "day", "growth", "pause", "stop", "payments", "fee_min", "tax")


@dataclass(frozen=True)
class Request:
    """What a sweep is asked; every tuple is one side of the grid. Money is in `currency`.

    With `parts`, an initial sum at once is set against so many monthly parts of it; with `quit_at`,
    who stays against who quits at each of these falls and is back after each wait; `against` is
    the strategy that every other one is set against. `declared` are a plan's own allocations, which
    `strategies` and `against` may name. Without `monthly` it is 1000, or nothing beside dated
    `payments`.
    """

    strategies: tuple[str, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    start: str | None = None
    end: str | None = None
    years: tuple[int, ...] = (10,)
    monthly: tuple[float, ...] = ()
    initial: float | None = None
    rebalance: tuple[str, ...] = ()
    fee_bps: tuple[float, ...] = (0.0,)
    fee_per_order: float = 0.0
    fill: Fill = "close"
    whole_shares: bool = False
    bootstrap: int | None = None
    block: float = 12.0
    seed: int = 1
    bars: BarsChoice = "auto"
    against: str | None = None
    declared: Mapping[str, OwnStrategy] = field(default_factory=dict)
    every: Every = "month"
    day: int = 1
    growth: float | Literal["cpi"] = 0.0
    pause: tuple[tuple[date, date], ...] = ()
    stop: date | None = None
    currency: str = "USD"
    payments: tuple[tuple[date, float], ...] = ()
    parts: tuple[int, ...] = ()
    fee_min: float = 0.0
    tax: float = 0.0
    quit_at: tuple[float, ...] = ()
    return_after: tuple[int | Literal["never"], ...] = ()

    def __post_init__(self) -> None:
        if not self.monthly:
            object.__setattr__(self, "monthly", (0.0,) if self.payments else (1000.0,))
        if self.bootstrap is not None:
            self._refuse_dates()
        if any(not 1 <= years <= 100 for years in self.years):
            raise BadPlan(say("years are a whole number from 1 to 100"))
        if self.bootstrap is not None and not 1 <= self.bootstrap <= MOST_PATHS:
            raise BadPlan(
                say(
                    "bootstrap is {paths}; give 1 to {most:,} paths",
                    paths=self.bootstrap,
                    most=MOST_PATHS,
                )
            )
        Design(12 * max(self.years), self.block, self.seed)

    def _refuse_dates(self) -> None:
        names = ("day", "pause", "stop", "payments")
        dated = [name for name in names if getattr(self, name) != _PLAIN[name]]
        dated += ["every"] * ("week" in self.every) + ["growth"] * (self.growth == "cpi")
        if dated:
            raise BadPlan(
                say("drawn paths are months without dates; leave --{option} out", option=dated[0])
            )

    @property
    def since(self) -> date | None:
        """The first day that is asked for; None: whatever the prices begin with."""
        return to_date(np.datetime64(self.start, "M")) if self.start else None

    def as_json(self) -> dict[str, Any]:
        """Return every option that shapes the sweep."""
        asked = asdict(replace(self, declared={}))
        asked["declared"] = {name: own.model_dump() for name, own in self.declared.items()}
        said = {"against": None, "declared": {}} | _PLAIN
        return {k: _json(v) for k, v in asked.items() if k not in said or v != said[k]}

    @property
    def schedule(self) -> Schedule:
        """Return when the sums are paid."""
        return Schedule(self.every, self.day, self.growth, self.pause, self.stop, self.payments)


# What leaves no trace in a sweep's files where nothing is said of it.
_PLAIN = {
    "currency": "USD",
    "every": "month",
    "day": 1,
    "growth": 0.0,
    "pause": (),
    "stop": None,
    "payments": (),
    "parts": (),
    "fee_min": 0.0,
    "tax": 0.0,
    "quit_at": (),
    "return_after": (),
}


def _json(value: Any) -> Any:
    """Write dates as text."""
    if isinstance(value, date):
        return value.isoformat()
    return [_json(one) for one in value] if isinstance(value, tuple) else value


@dataclass(frozen=True)
class Variant:
    """One strategy under one set of terms over one horizon.

    `parted`, `quits`: numbers of parts, who quits and when differ among variants. `shelter` is what
    a quitter's money waits in, nothing where the prices have none.
    """

    name: str
    strategy_class: StrategyClass
    years: int
    terms: Terms
    rule: Rebalance
    parted: bool = False
    quits: bool = False
    shelter: tuple[str, ...] = ()

    @property
    def months(self) -> int:
        """Count the horizon's months."""
        return 12 * self.years

    @property
    def decides(self) -> bool:
        """Tell whether the strategy decides in code, so that Backtrader must run every row."""
        return not self.strategy_class.vectorizable(self.terms.schedule)

    @property
    def symbols(self) -> tuple[str, ...]:
        """Name what is held."""
        return tuple(dict.fromkeys([*self.strategy_class.held(), *self.shelter]))

    @property
    def funded(self) -> Terms:
        """Return the terms after the strategy's own way of paying in, for a plain schedule."""
        total = self.terms.first_usd + (self.months - 1) * self.terms.monthly_usd
        return self.strategy_class.funding(self.terms, total)

    @property
    def labels(self) -> dict[str, str]:
        """Return the columns that tell variants apart."""
        labels = {
            "strategy": self.name,
            "years": str(self.years),
            "monthly": f"{self.terms.monthly_usd:.12g}",
            "rebalance": str(self.rule),
            "fee_bps": f"{self.terms.costs.bps:.12g}",
        }
        labels |= {"parts": str(self.terms.parts)} if self.parted else {}
        return labels | (self._quit_labels if self.quits else {})

    @property
    def _quit_labels(self) -> dict[str, str]:
        quit_ = self.terms.quit
        if quit_ is None:
            return {"quit_at": "", "return_after": ""}
        return {"quit_at": f"{quit_.depth:.12g}", "return_after": str(quit_.months or "never")}

    @property
    def paid(self) -> str:
        """Say how long it lasts and what is paid in."""
        pays = self.pays(lambda usd: f"{usd:,.10g}")
        return say_many("{n} year, {pays}", "{n} years, {pays}", self.years, pays=pays)

    def pays(self, write: Callable[[float], str]) -> str:
        """Say what is paid in, sums as `write` has them."""
        terms = self.terms
        if not terms.monthly_usd and not terms.schedule.payments:
            return say("{usd} on the first day", usd=write(terms.first_usd))
        then = terms.regular(write)
        if terms.initial_usd is None:
            return then
        return say("{usd} first, then {then}", usd=write(terms.first_usd), then=then)

    @property
    def held(self) -> str:
        """Say by what rule it is held, and at what fee and tax."""
        costs, terms = self.terms.costs, self.terms
        said = [self.rule.said]
        said += [say("fee {charged}", charged=_charged(costs))] if not costs.free else []
        said += [say("{tax:g} % of gains taxed", tax=100 * costs.tax)] if costs.tax else []
        if self.parted:
            parted = say("in {n} parts", n=terms.parts) if terms.parts > 1 else say("all at once")
            said.append(parted)
        said += [str(terms.quit) if terms.quit else say("stays")] if self.quits else []
        return reduce(_and_then, said)

    def __str__(self) -> str:
        return _and_then(_and_then(self.name, self.paid), self.held)


def _charged(costs: Costs) -> str:
    """Say what an order costs; something it does."""
    message = _RATES.get((bool(costs.bps), bool(costs.per_order_usd)))
    said: list[str] = []
    if message:
        said.append(say(message, bps=costs.bps, usd=costs.per_order_usd))
    if costs.least_usd:
        said.append(say("at least {usd:g} an order", usd=costs.least_usd))
    return reduce(_and_then, said)


_RATES = {
    (True, False): say("{bps:g} bp"),
    (False, True): say("{usd:g} an order"),
    (True, True): say("{bps:g} bp and {usd:g} an order"),
}


def _and_then(one: str, other: str) -> str:
    return say_in("clauses", "{one}, {other}", one=one, other=other)


@dataclass(frozen=True)
class Chunk:
    """A part of a sweep: rows `first` to `stop` of one variant, each a window or a path."""

    number: int
    variant: int
    first: int
    stop: int


@dataclass(frozen=True)
class Layout:
    """A sweep ready to run.

    `starts` are the windows' first months by horizon, none for a bootstrap; `left_out` says which
    strategies have no prices and are not run.
    """

    request: Request
    variants: tuple[Variant, ...]
    table: PriceTable
    starts: Mapping[int, Days]
    left_out: tuple[str, ...] = ()

    @cached_property
    def chunks(self) -> list[Chunk]:
        """Cut the sweep into parts, in order."""
        found: list[Chunk] = []
        for place, variant in enumerate(self.variants):
            rows, step = self.rows(variant), self._step(variant)
            for first in range(0, rows, step):
                found.append(Chunk(len(found), place, first, min(first + step, rows)))
        return found

    def chunks_of(self, variant: int) -> list[Chunk]:
        """Return a variant's parts."""
        return [chunk for chunk in self.chunks if chunk.variant == variant]

    def chunk_of(self, variant: int, row: int) -> Chunk:
        """Return the part that holds a variant's row."""
        return next(c for c in self.chunks if c.variant == variant and c.first <= row < c.stop)

    def _step(self, variant: Variant) -> int:
        paths = self.request.bootstrap
        if variant.decides:
            return DECIDED_ROWS_A_CHUNK
        if paths is None:
            return WINDOWS_A_CHUNK
        return CELL * max(CELLS_A_CHUNK, -(-paths // (CELL * MOST_CHUNKS)))

    def rows(self, variant: Variant) -> int:
        """Count a variant's windows or paths."""
        paths = self.request.bootstrap
        return len(self.starts[variant.years]) if paths is None else paths

    def apart(self, variant: Variant) -> int | None:
        """Count the windows of a variant that fit side by side without overlap; None for paths."""
        if self.request.bootstrap is not None:
            return None
        return (self.rows(variant) - 1) // variant.months + 1

    def design(self, variant: Variant) -> Design:
        """Return how a variant's paths are drawn."""
        return Design(variant.months, self.request.block, self.request.seed)

    def history(self, variant: Variant) -> History:
        """Return what paths are drawn from: the months that all strategies have in common."""
        everything = tuple(dict.fromkeys(s for v in self.variants for s in v.symbols))
        common = History.of(self.table, everything)
        columns = [everything.index(symbol) for symbol in variant.symbols]
        return History(variant.symbols, common.dates, common.ratios[:, columns])
