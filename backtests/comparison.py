"""Put every strategy through every era: the main job."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from backtests.engine import run
from backtests.eras import DEFAULT_ERAS, Era
from backtests.labels import bars_said, notes
from backtests.measures.course import Course
from backtests.plan import OwnStrategy, Plan, check_names
from backtests.result import Result
from data.arrays import Days, Floats, to_date
from data.errors import BadPlan, NoPrices, UnknownName
from data.language import say, say_each
from data.options import Tables
from data.prices import Assumed, Bars, PriceTable
from data.progress import Told, untold
from data.ter import uncharged
from data.window import Window, window
from strategies.dca import discovery
from strategies.dca.base import DcaStrategy, allocation, derived
from strategies.dca.terms import SHELTER, Terms

# Finest first: `auto` takes the first that covers every strategy of an era.
RESOLUTIONS: tuple[Bars, ...] = ("daily", "weekly", "monthly")

StrategyClass = type[DcaStrategy]


@dataclass(frozen=True)
class LeftOut:
    """A strategy that was not run, and why."""

    name: str
    why: str

    def __str__(self) -> str:
        return say("{name} left out: {why}", name=self.name, why=self.why)


@dataclass(frozen=True)
class Chapter:
    """One era: the results on one resolution, and which strategies are absent."""

    era: Era
    bars: Bars
    results: tuple[Result, ...]
    absent: tuple[LeftOut, ...]

    @property
    def left_out(self) -> tuple[str, ...]:
        """What was left out and why, in sentences."""
        return tuple(map(str, self.absent))

    @property
    def start(self) -> date:
        """First bar of the era's window over all strategies."""
        return to_date(min(r.course.dates[0] for r in self.results))

    @property
    def end(self) -> date:
        """Last bar of the era's window over all strategies."""
        return to_date(max(r.course.dates[-1] for r in self.results))


@dataclass(frozen=True)
class Comparison:
    """Everything a report is made of; `tables` are the prices used, by resolution.

    `past` are month ends as far back as there are any, where eras are to be aligned.
    """

    plan: Plan
    chapters: tuple[Chapter, ...]
    tables: Mapping[Bars, PriceTable]
    left_out: tuple[str, ...]
    own: tuple[StrategyClass, ...] = ()
    past: PriceTable | None = None

    @property
    def results(self) -> Iterator[Result]:
        """Every result, era by era."""
        return (result for chapter in self.chapters for result in chapter.results)

    @property
    def assumed(self) -> Assumed | None:
        """What the last bars assume; None where all is history."""
        return next(iter(self.tables.values())).assumed

    @property
    def coarsest(self) -> Bars:
        """The coarsest resolution among the eras: what may be set side by side."""
        return max((c.bars for c in self.chapters), key=RESOLUTIONS.index)


def compare(
    plan: Plan, tables: Tables, told: Told = untold, own: Sequence[StrategyClass] = ()
) -> Comparison:
    """Run the plan; `told` hears of each run before it starts.

    `own` are classes that the plan's `strategies` may name; where it names none they join the
    defaults. What the plan names must be there, else NoPrices or UnknownName; what only the
    defaults name is left out with a note where its prices are missing.
    """
    loaded: dict[Bars, PriceTable] = {}
    chapters, left_out = [], []
    for era in _eras(plan):
        try:
            classes = strategy_classes(plan, own, era)
            chapters.append(_Era(plan, era, classes).replay(tables, loaded, told))
        except NoPrices as error:
            if plan.eras:
                raise
            left_out.append(say("era {era} left out: {why}", era=era.name, why=str(error)))
    if not chapters:
        raise BadPlan(say("nothing could be replayed; {why}", why=left_out[0]))
    used = {c.bars for c in chapters}
    prices = {b: t for b, t in loaded.items() if b in used}
    return Comparison(plan, tuple(chapters), prices, tuple(left_out), tuple(own))


def chapter(
    plan: Plan, era: Era, classes: Sequence[StrategyClass], table: PriceTable, told: Told = untold
) -> Chapter:
    """Put strategies through an era of one's own on one table; raises NoPrices."""
    return _Era(plan, era, classes).replay({table.bars: lambda: table}, {}, told)


def replay(strategy: StrategyClass, era: Era, prices: PriceTable, terms: Terms) -> Result:
    """Replay one strategy through one era; raises NoPrices where prices are missing, RunFailed."""
    strategy = in_era(strategy, era)
    return _result(strategy, era, prices, view_of(strategy, prices, era, terms), terms)


def fitted(terms: Terms, prices: PriceTable) -> Terms:
    """Return the terms as they are on these prices, which bring consumer prices to grow with.

    Month-end bars know no day of the month.
    """
    schedule = terms.schedule
    if schedule.plain:
        return terms
    schedule = replace(schedule, consumer_prices=prices.cpi)
    if prices.bars == "monthly":
        schedule = replace(schedule, day=1, lost_day=schedule.day)
    return replace(terms, schedule=schedule)


def symbols_needed(plan: Plan, own: Sequence[StrategyClass] = ()) -> tuple[str, ...]:
    """Return every symbol that a plan's strategies hold in its eras, each once."""
    held = [
        symbols_of(strategy, era)
        for era in _eras(plan)
        for strategy in strategy_classes(plan, own, era)
        if has_basket(strategy, era)
    ]
    found = [*(s for symbols in held for s in symbols), *shelters(plan.terms)]
    return tuple(dict.fromkeys(found))


def shelters(terms: Terms) -> tuple[str, ...]:
    """Return what holds the money of a saver who has quit, where the prices have it."""
    return (SHELTER,) if terms.quit else ()


def first_day(plan: Plan) -> date:
    """Return the day on which the earliest of a plan's eras begins."""
    return min(era.start for era in _eras(plan))


def default_strategies() -> tuple[str, ...]:
    """List the strategies that are on by default, plainest first."""
    order = ("index-fund", "diversified", "ai-picks", "nasdaq")
    on = [name for name in discovery.names() if discovery.strategy(name).on_by_default]
    return tuple(sorted(on, key=lambda n: (order.index(n) if n in order else len(order), n)))


def strategy_classes(
    plan: Plan, own: Sequence[StrategyClass] = (), era: Era | None = None
) -> list[StrategyClass]:
    """Return the strategies a plan names, else those of the era or on by default, and its own."""
    taken = [*discovery.names(), *plan.strategy]
    for strategy in own:
        check_names(say("strategy"), [strategy.name], taken)
        taken.append(strategy.name)
    mine = {strategy.name: strategy for strategy in own}
    usual = (era.strategies if era else ()) or default_strategies()
    names = dict.fromkeys(plan.strategies or (*usual, *plan.strategy, *mine))
    return [mine.get(name) or strategy_called(name, plan, mine) for name in names]


def strategy_called(name: str, plan: Plan, known: Iterable[str] = ()) -> StrategyClass:
    """Return the plan's own strategy `name`, else the one found by file name.

    Raises UnknownName, which suggests from `known` as well.
    """
    own = plan.strategy.get(name)
    if own is not None:
        return own_strategy(name, own)
    found = discovery.names()
    if name not in found:
        raise UnknownName(say("strategy"), name, [*found, *plan.strategy, *known])
    return discovery.strategy(name)


def own_strategy(name: str, own: OwnStrategy) -> StrategyClass:
    """Return what a plan calls `name`: an allocation, or a declared strategy with other values.

    Raises UnknownName for a setting that the strategy has not, BadPlan for one out of its bounds.
    """
    if not own.base:
        return allocation(name, own.weights, own.rebalance, own.late_listings)
    base = discovery.strategy(own.base)
    for key, value in own.settings.items():
        _check_setting(base, key, value)
    if own.picks and not base.basket:
        raise BadPlan(
            say("strategy {name}: {base} holds no picks; leave them out", name=name, base=base.name)
        )
    said = {key: getattr(own, key) for key in own.model_fields_set - {"base", "settings"}}
    return derived(base, name=name, title=name, **said, **own.settings)


def _check_setting(strategy: StrategyClass, key: str, value: float) -> None:
    if key not in strategy.settings:
        raise UnknownName(
            say("setting of {strategy}", strategy=strategy.name), key, strategy.settings
        )
    low, high = strategy.settings[key]
    if not low <= value <= high:
        raise BadPlan(
            say(
                "{key} of {strategy} is {value:g}; give {low:g} to {high:g}",
                key=key,
                strategy=strategy.name,
                value=value,
                low=low,
                high=high,
            )
        )


def symbols_of(strategy: StrategyClass, era: Era) -> tuple[str, ...]:
    """Return what a strategy holds in an era; raises NoPrices where nothing stands for it there."""
    return tuple(in_era(strategy, era).held())


def in_era(strategy: StrategyClass, era: Era) -> StrategyClass:
    """Return a strategy with its picks in an era; raises NoPrices where nothing stands for them."""
    if not has_basket(strategy, era):
        raise NoPrices(
            say(
                "{strategy} has no basket in the era {era}; leave one of them out",
                strategy=strategy.name,
                era=era.name,
            )
        )
    if not strategy.basket or strategy.picks:
        return strategy
    return derived(strategy, picks=era.baskets[strategy.basket].symbols)


def has_basket(strategy: StrategyClass, era: Era) -> bool:
    """Say whether a strategy has something to hold in an era."""
    return not strategy.basket or bool(strategy.picks) or strategy.basket in era.baskets


def view_of(strategy: StrategyClass, prices: PriceTable, era: Era, terms: Terms) -> Window:
    """Cut out the prices a strategy sees in an era; raises NoPrices where they are missing.

    A saver who may quit sees SHELTER beside them where the prices have it.
    """
    held, span = symbols_of(strategy, era), (era.start, era.end, strategy.late_listings)
    more = [s for s in shelters(terms) if s in prices.symbols and s not in held]
    if more:
        try:
            return window(prices, (*held, *more), *span)
        except NoPrices:
            pass
    return window(prices, held, *span)


def no_bars(wanted: str, had: Iterable[str] = ()) -> str:
    """Say that data has not the bars that are wanted."""
    if not had:
        return say("the data has no {bars} bars; use --bars auto", bars=bars_said(wanted))
    return say(
        "the data has no {bars} bars, only {had}; use --bars auto",
        bars=bars_said(wanted),
        had=say_each([bars_said(bars) for bars in had]),
    )


def _eras(plan: Plan) -> list[Era]:
    return [plan.era_called(name) for name in dict.fromkeys(plan.eras or DEFAULT_ERAS)]


def _result(
    strategy: StrategyClass, era: Era, prices: PriceTable, view: Window, terms: Terms
) -> Result:
    terms = fitted(terms, prices)
    ledger = run(strategy, view, terms)
    levels = None if prices.cpi is None else prices.cpi.at(view.dates)
    free = None
    if any(symbol in prices.ter for symbol in view.symbols):
        free = float(
            run(strategy, view_of(strategy, uncharged(prices), era, terms), terms).value[-1]
        )
    return Result(
        strategy=strategy.name,
        title=strategy.title or strategy.name,
        era=era,
        course=Course(
            view.dates, ledger.value, ledger.flow, ledger.fees, ledger.before, view.bars,
            _bill(prices, view.dates), levels, ledger.taxes if terms.costs.tax else None, free,
        ),
        cash=ledger.cash,
        shares=ledger.shares,
        closes=view.closes,
        symbols=view.symbols,
        weights=dict(ledger.weights),
        rebalance=ledger.rule,
        notes=notes(strategy, era, prices, terms, ledger),
        currency=prices.currency or "USD",
        history_end=prices.assumed.since if prices.assumed else None,
    )  # fmt: skip


def _bill(prices: PriceTable, dates: Days) -> Floats | None:
    if "CASH" not in prices.symbols or not prices.risk_free:
        return None
    bill = prices.column("CASH")[np.searchsorted(prices.dates, dates)]
    return bill if np.isfinite(bill).all() else None


@dataclass(frozen=True)
class _Era:
    """One era of a plan and the strategies to be put through it."""

    plan: Plan
    era: Era
    classes: Sequence[StrategyClass]

    def replay(self, tables: Tables, loaded: dict[Bars, PriceTable], told: Told) -> Chapter:
        """Run every strategy that has a basket and prices; say why the others are left out."""
        era = self.era
        absent = [c.name for c in self.classes if not has_basket(c, era)]
        kept = [in_era(c, era) for c in self.classes if c.name not in absent]
        if not kept:
            raise NoPrices(
                say(
                    "no basket for {strategies} in the era {era}; name another",
                    strategies=say_each(absent),
                    era=era.name,
                )
            )
        table, views, missing = self._views(kept, tables, loaded)
        results = []
        for done, (strategy, view) in enumerate(views.items()):
            told(f"{era.name}: {strategy.name}", done, len(views))
            results.append(_result(strategy, era, table, view, self.plan.terms))
        said = [LeftOut(name, say("no basket is declared for this era")) for name in absent]
        return Chapter(era, table.bars, tuple(results), (*said, *missing))

    def _views(
        self, kept: list[StrategyClass], tables: Tables, loaded: dict[Bars, PriceTable]
    ) -> tuple[PriceTable, dict[StrategyClass, Window], list[LeftOut]]:
        """Cut the windows out of the finest table that covers every strategy."""
        wanted = RESOLUTIONS if self.plan.bars == "auto" else (self.plan.bars,)
        choices = [bars for bars in wanted if bars in tables]
        if not choices:
            raise BadPlan(no_bars(self.plan.bars, tables))
        problems: list[tuple[np.datetime64, NoPrices | UnknownName]] = []
        for bars in choices:
            loaded.setdefault(bars, tables[bars]())
            views, gaps = self._cut(kept, loaded[bars])
            if not gaps:
                break
            problems += [(loaded[bars].dates[0], error) for error in gaps.values()]
        mistaken = [
            error for name, error in gaps.items()
            if isinstance(error, UnknownName) and name in self.plan.strategy
        ]  # fmt: skip
        if mistaken:
            raise mistaken[0]
        if gaps and (self.plan.strategies or not views):
            # The table that reaches back furthest knows best; of equals the finest, the first.
            raise min(problems, key=lambda problem: problem[0])[1]
        return loaded[bars], views, [LeftOut(name, str(why)) for name, why in gaps.items()]

    def _cut(
        self, kept: list[StrategyClass], table: PriceTable
    ) -> tuple[dict[StrategyClass, Window], dict[str, NoPrices | UnknownName]]:
        """Cut each strategy's window; name those whose prices are missing, with the reason."""
        views: dict[StrategyClass, Window] = {}
        gaps: dict[str, NoPrices | UnknownName] = {}
        for strategy in kept:
            try:
                views[strategy] = view_of(strategy, table, self.era, self.plan.terms)
            except (NoPrices, UnknownName) as error:
                gaps[strategy.name] = error
        return views, gaps
