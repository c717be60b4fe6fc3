"""Replay a plan's strategies through history and then through a scenario."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import reduce

import numpy as np

from backtests.comparison import (
    RESOLUTIONS,
    Comparison,
    LeftOut,
    StrategyClass,
    chapter,
    has_basket,
    strategy_classes,
    symbols_of,
    view_of,
)
from backtests.eras import Era, Phase
from backtests.labels import bars_said
from backtests.plan import Plan
from backtests.scenarios.path import Laid, lay
from backtests.scenarios.sources import Scenario
from data.arrays import to_date
from data.errors import BadPlan, NoPrices, UnknownName
from data.language import say, say_in
from data.options import Tables
from data.prices import PriceTable
from data.progress import Told, untold
from data.splices import Own

HISTORY = "ai-run"


def with_own(asked: Scenario, declared: Own) -> Scenario:
    """Add the counterparts that a plan's symbols declare; those that were asked go before them."""
    own = {symbol: one.counterpart for symbol, one in declared.items() if one.counterpart}
    return replace(asked, counterparts={**own, **asked.counterparts})


def symbols_needed(
    plan: Plan, asked: Scenario, era: str = HISTORY, own: Sequence[StrategyClass] = ()
) -> tuple[str, ...]:
    """Return every symbol that the strategies hold or that a holding follows, each once."""
    held = _held(_classes(plan, plan.era_called(era), own), plan.era_called(era))
    return asked.symbols(held, plan.symbol)


def play(
    plan: Plan,
    asked: Scenario,
    tables: Tables,
    era: str = HISTORY,
    told: Told = untold,
    own: Sequence[StrategyClass] = (),
) -> Comparison:
    """Replay the strategies through `era` up to its last bar and on through the scenario.

    Bars are daily where history and the bust have them for every strategy, else month ends. What
    the plan names must have a path; what only the defaults name is left out with a note.

    Raises:
        BadInput: what a person must put right.
        RunFailed: a result that cannot be stood behind.

    """
    kinds = _classes(plan, plan.era_called(era), own)
    found = stage(plan, asked, tables, plan.era_called(era), kinds)
    played = chapter(found.plan, found.era, found.kinds, found.table, told)
    played = replace(played, absent=(*played.absent, *found.absent))
    return Comparison(found.plan, (played,), {found.table.bars: found.table}, (), tuple(own))


@dataclass(frozen=True)
class Stage:
    """What is to be replayed: the era that ends with the scenario, its prices and strategies.

    `plan` is the one that was asked, its payments ended where a scenario ends them.
    """

    plan: Plan
    era: Era
    table: PriceTable
    kinds: Sequence[StrategyClass]
    absent: tuple[LeftOut, ...] = ()


def stage(
    plan: Plan, asked: Scenario, tables: Tables, era: Era, kinds: Sequence[StrategyClass]
) -> Stage:
    """Lay the path over the finest bars on which every strategy has one; raises BadInput."""
    return _Setting(plan, asked, era, kinds).stage(tables)


def _classes(plan: Plan, era: Era, own: Sequence[StrategyClass]) -> list[StrategyClass]:
    """Return the strategies that have something to hold in an era; a named one must."""
    found = strategy_classes(plan, own)
    if not plan.strategies:
        found = [kind for kind in found if has_basket(kind, era)]
    return found


def _held(classes: Sequence[StrategyClass], era: Era) -> tuple[str, ...]:
    return tuple(dict.fromkeys(s for kind in classes for s in symbols_of(kind, era)))


@dataclass(frozen=True)
class _Setting:
    """Strategies in an era of history, and what is to follow it."""

    plan: Plan
    asked: Scenario
    era: Era
    kinds: Sequence[StrategyClass]

    def stage(self, tables: Tables) -> Stage:
        """Take the bars on which most strategies have a path, of equal ones the finest."""
        bars = [b for b in RESOLUTIONS if b in tables and self.plan.bars in ("auto", b)]
        known = [b for b in bars if b in self.asked.bust.bars]
        if not known:
            raise BadPlan(
                say(
                    "{bust} is known on {bars} bars; use --bars auto",
                    bust=self.asked.bust.title,
                    bars=reduce(_either, map(bars_said, self.asked.bust.bars)),
                )
            )
        table, gaps = self._set(tables[known[0]]())
        for choice in known[1:]:
            if gaps:
                other, missing = self._set(tables[choice]())
                table, gaps = (other, missing) if len(missing) < len(gaps) else (table, gaps)
        kept = [kind for kind in self.kinds if kind.name not in gaps]
        if table is None or not kept or (gaps and self.plan.strategies):
            raise next(iter(gaps.values()))
        absent = tuple(LeftOut(name, str(error)) for name, error in gaps.items())
        return Stage(self._stopping(table), self.era_over(table), table, kept, absent)

    def _stopping(self, table: PriceTable) -> Plan:
        """Return the plan, paid no longer than asked: to the end of that month of the scenario."""
        if self.asked.stop_after is None or table.assumed is None:
            return self.plan
        month = np.datetime64(table.assumed.since, "M") + self.asked.stop_after + 1
        stop = to_date(month.astype("datetime64[D]") - 1)
        return self.plan.model_copy(update={"stop": min(stop, self.plan.stop or stop)})

    def _set(
        self, prices: PriceTable
    ) -> tuple[PriceTable | None, dict[str, NoPrices | UnknownName]]:
        """Lay the path over one table; say for whom prices are missing, and which."""
        try:
            laid = lay(prices, _held(self.kinds, self.era), self.era.end, self.asked)
        except NoPrices as error:
            return None, {kind.name: error for kind in self.kinds}
        gaps = {kind.name: self._gap(kind, laid) for kind in self.kinds}
        return laid.table, {name: error for name, error in gaps.items() if error}

    def _gap(self, kind: StrategyClass, laid: Laid) -> NoPrices | UnknownName | None:
        """Return why a strategy has no prices in history or none to follow."""
        try:
            for symbol in symbols_of(kind, self.era):
                if symbol in laid.problems:
                    raise laid.problems[symbol]
            view_of(kind, laid.table, self.era_over(laid.table), self.plan.terms)
        except (NoPrices, UnknownName) as error:
            return error
        return None

    def era_over(self, table: PriceTable) -> Era:
        """Return the era that ends with the scenario, which is its last phase."""
        assumed, end = table.assumed, to_date(table.dates[-1])
        if assumed is None:
            raise ValueError("a table without a scenario")
        since = assumed.since
        phases = [_until(p, since) for p in self.era.phases if p.start <= since]
        return replace(
            self.era,
            name=f"{self.era.name}-then-{self.asked.like}",
            title=say("{era}, then a scenario: {bust}", era=self.era.title, bust=assumed.title),
            end=end,
            phases=(*phases, Phase(say_in("phase", "scenario"), since + timedelta(days=1), end)),
            short=say("Scenario"),
            opening=say("In a scenario like {bust},", bust=assumed.title),
        )


def _either(one: str, other: str) -> str:
    return say("{one} or {other}", one=one, other=other)


def _until(phase: Phase, last: date) -> Phase:
    return replace(phase, end=min(phase.end or last, last))
