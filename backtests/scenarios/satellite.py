"""How much of the picks one may hold beside a core and never be far below the money put in."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from backtests.comparison import (
    RESOLUTIONS,
    StrategyClass,
    no_bars,
    shelters,
    strategy_called,
    view_of,
)
from backtests.engine import calendar_of
from backtests.eras import Era
from backtests.labels import standing
from backtests.measures.running import Running
from backtests.measures.series import months_below, shortfall
from backtests.plan import Plan
from backtests.scenarios.play import HISTORY, Stage, stage
from backtests.scenarios.sources import Scenario
from backtests.vectorized.book import book_of
from backtests.vectorized.market import Market, Spans
from backtests.vectorized.walk import Measuring, Stretch, play
from data.arrays import Days, Floats, Ints, to_date
from data.errors import BadPlan, NoPrices, UnknownName
from data.language import say
from data.notes import Note
from data.options import Tables
from data.window import Window
from strategies.dca.base import derived
from strategies.dca.mixes import with_satellite
from strategies.dca.terms import Rebalance, Terms
from strategies.dca.trading import Saver

PICKS = "ai-picks"
SHARES = np.arange(101) / 100.0


@dataclass(frozen=True)
class Question:
    """What is asked: the core beside the picks, its rule (empty: its own), the loss to stay above.

    `in_era` plays an era as it was; empty: history and the scenario after it.
    """

    core: str = "index-fund"
    rebalance: str = ""
    max_loss: float = 0.1
    in_era: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.max_loss <= 1:
            raise BadPlan(
                say("max_loss is {loss:g}; give a fraction from 0 to 1, as 0.1", loss=self.max_loss)
            )

    def kind(self, plan: Plan, era: Era) -> StrategyClass:
        """Return the strategy that holds core and picks in equal parts; raises BadPlan."""
        core = strategy_called(self.core, plan)
        if core.basket or not core.vectorizable(plan.schedule):
            raise BadPlan(
                say(
                    "{core} cannot be the core; take one of fixed weights, as index-fund",
                    core=self.core,
                )
            )
        if PICKS not in era.baskets:
            raise NoPrices(
                say(
                    "the era {era} has no picks; name one that has, as dotcom, ai-run", era=era.name
                )
            )
        both = with_satellite(core.held(), era.baskets[PICKS].symbols, 0.5)
        rule = self.rebalance or core.rebalance
        Rebalance.parse(rule)
        stated = {
            "name": f"{self.core}-and-picks",
            "title": say("{core} and picks", core=core.title),
        }
        return derived(core, **stated, weights=both, rebalance=rule, late_listings=True)


@dataclass(frozen=True)
class Satellite:
    """The answer; arrays have an entry for each of `shares`, fractions; money is USD.

    `worst` is the lowest V/M - 1 where negative: after `history_end` where a scenario was played,
    else over the whole era. `largest` is the largest share up to which none has a `worst` below
    -`max_loss`; None where even the core alone has.
    """

    question: Question
    stage: Stage
    contributed: float
    shares: Floats
    worst: Floats
    worst_dates: Days
    final: Floats
    months: Ints
    end: date
    notes: tuple[Note, ...]

    @property
    def kind(self) -> StrategyClass:
        """The strategy that holds core and picks."""
        return self.stage.kinds[0]

    @property
    def core(self) -> str:
        """The core's title."""
        return strategy_called(self.question.core, self.stage.plan).title

    @property
    def rule(self) -> str:
        """How the two are rebalanced."""
        return self.kind.rebalance

    @property
    def history_end(self) -> date | None:
        """The last day of history, None where no scenario was played."""
        return self.stage.table.assumed.since if self.stage.table.assumed else None

    @property
    def largest(self) -> float | None:
        """The largest share up to which none was too far below the money put in."""
        fine = self.worst >= -self.question.max_loss - 1e-12
        count = len(fine) if fine.all() else int(fine.argmin())
        return float(self.shares[count - 1]) if count else None

    def as_json(self) -> dict[str, Any]:
        """Return the answer in plain values."""
        columns = {
            "share": self.shares,
            "worst_shortfall": self.worst,
            "final_value": self.final,
            "months_below_money_in": self.months,
        }
        assumed = self.stage.table.assumed
        return {
            "core": self.question.core,
            "rebalance": self.rule,
            "max_loss": self.question.max_loss,
            "era": self.stage.era.name,
            "scenario": dict(assumed.terms) if assumed else None,
            "largest_share": self.largest,
            "shares": [
                dict(zip(columns, row, strict=True))
                for row in zip(*(column.tolist() for column in columns.values()), strict=True)
            ],
        }


def symbols_needed(plan: Plan, question: Question, asked: Scenario, era: str) -> tuple[str, ...]:
    """Return every symbol that is held or followed."""
    held = tuple(question.kind(plan, plan.era_called(era)).held())
    if question.in_era:
        return tuple(dict.fromkeys([*held, *shelters(plan.terms)]))
    return asked.symbols(held, plan.symbol)


def satellite(
    plan: Plan, question: Question, asked: Scenario, tables: Tables, history: str = HISTORY
) -> Satellite:
    """Replay every share from 0 to 100 % at once; raises BadInput."""
    era = plan.era_called(question.in_era or history)
    kind = question.kind(plan, era)
    found = (
        _in_history(plan, tables, era, kind)
        if question.in_era
        else stage(plan, asked, tables, era, [kind])
    )
    view = view_of(kind, found.table, found.era, found.plan.terms)
    core, picks = strategy_called(question.core, plan).held(), era.baskets[PICKS].symbols
    mixes = [with_satellite(core, picks, float(share)) for share in SHARES]
    weights = np.array([[mix.get(symbol, 0.0) for mix in mixes] for symbol in view.symbols])
    return _answer(question, found, view, _replayed(kind, weights, view, found.plan.terms))


def _answer(question: Question, found: Stage, view: Window, seen: "_Accounts") -> Satellite:
    """Measure every share: its worst after history's end, where there is one."""
    after = _bars_after(found, view.dates)
    short = shortfall(seen.value, seen.put_in)
    lowest = short[after:].argmin(axis=0)
    return Satellite(
        question,
        found,
        float(seen.put_in[-1, 0]),
        SHARES,
        short[after:].min(axis=0),
        view.dates[after:][lowest],
        seen.value[-1],
        np.array([months_below(line, view.dates)[0] for line in short.T]),
        to_date(view.dates[-1]),
        standing(found.kinds[0], found.era, found.table, found.plan.terms, view),
    )


@dataclass
class _Accounts:
    """Keep value and money put in bar by bar, shape (bars, shares)."""

    value: Floats
    put_in: Floats

    def see(self, stretch: Stretch) -> None:
        """Take one stretch in."""
        bars = slice(stretch.start, stretch.start + len(stretch.value))
        self.value[bars] = stretch.value
        self.put_in[stretch.start :] += stretch.flows.usd


def _replayed(kind: StrategyClass, weights: Floats, view: Window, terms: Terms) -> _Accounts:
    """Replay all mixes of `weights` (symbols, shares) side by side."""
    calendar = calendar_of(view, terms.schedule)
    shape = len(view.dates), weights.shape[1]
    first, last = int(calendar.sessions.argmax()), len(view.dates) - 1
    spans = Spans(np.full(shape[1], first), np.full(shape[1], last))
    total = calendar.payments(spans.first[:1], spans.last[:1], terms)[1].sum()
    saver = Saver(weights, Rebalance.parse(kind.rebalance), kind.funding(terms, float(total)))
    market, seen = Market.of(view), _Accounts(np.zeros(shape), np.zeros(shape))
    running = Running(shape[1])
    play(market, spans, calendar, book_of(market, saver, running), [Measuring(running), seen])
    return seen


def _bars_after(found: Stage, dates: Days) -> int:
    """Return the first bar of the scenario; 0 where all is history."""
    if found.table.assumed is None:
        return 0
    return int(np.searchsorted(dates, np.datetime64(found.table.assumed.since), side="right"))


def _in_history(plan: Plan, tables: Tables, era: Era, kind: StrategyClass) -> Stage:
    """Take the finest bars that cover an era as it was."""
    problem: NoPrices | UnknownName | None = None
    for bars in RESOLUTIONS:
        if bars in tables and plan.bars in ("auto", bars):
            table = tables[bars]()
            try:
                view_of(kind, table, era, plan.terms)
                return Stage(plan, era, table, [kind])
            except (NoPrices, UnknownName) as error:
                problem = problem or error
    raise problem or BadPlan(no_bars(plan.bars))
