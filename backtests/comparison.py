"""Put every strategy through every era: the main job."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from backtests import engine
from backtests.eras import DEFAULT_ERAS, Era
from backtests.plan import Plan, check_names
from backtests.result import Result
from data.errors import BadPlan, NoPrices, UnknownName
from data.prices import Bars, PriceTable, to_date
from data.progress import Told, untold
from strategies.dca import discovery

# Finest first: `auto` takes the first that covers every strategy of an era.
RESOLUTIONS: tuple[Bars, ...] = ("daily", "weekly", "monthly")

Tables = Mapping[Bars, Callable[[], PriceTable]]


@dataclass(frozen=True)
class Chapter:
    """One era: the results on one resolution, and what was left out and why."""

    era: Era
    bars: Bars
    results: tuple[Result, ...]
    left_out: tuple[str, ...]

    @property
    def start(self) -> date:
        """First bar of the era's window over all strategies."""
        return to_date(min(r.dates[0] for r in self.results))

    @property
    def end(self) -> date:
        """Last bar of the era's window over all strategies."""
        return to_date(max(r.dates[-1] for r in self.results))


@dataclass(frozen=True)
class Comparison:
    """Everything a report is made of; `tables` are the prices used, by resolution."""

    plan: Plan
    chapters: tuple[Chapter, ...]
    tables: Mapping[Bars, PriceTable]
    left_out: tuple[str, ...]
    own: tuple[engine.Kind, ...] = ()

    @property
    def results(self) -> Iterator[Result]:
        """Every result, era by era."""
        return (result for chapter in self.chapters for result in chapter.results)

    @property
    def coarsest(self) -> Bars:
        """The coarsest resolution among the eras: what may be set side by side."""
        return max((c.bars for c in self.chapters), key=RESOLUTIONS.index)


def compare(
    plan: Plan, tables: Tables, told: Told = untold, own: Sequence[engine.Kind] = ()
) -> Comparison:
    """Run the plan; `told` hears of each run before it starts.

    `own` are classes that the plan's `strategies` may name; where it names none they join the
    defaults. What the plan names must be there, else NoPrices or UnknownName; what only the
    defaults name is left out with a note where its figures are missing.
    """
    named, kinds = bool(plan.eras), _strategies(plan, own)
    loaded: dict[Bars, PriceTable] = {}
    chapters, left_out = [], []
    for era in [plan.era_called(name) for name in dict.fromkeys(plan.eras or DEFAULT_ERAS)]:
        try:
            chapters.append(_chapter(plan, era, kinds, tables, loaded, told))
        except NoPrices as error:
            if named:
                raise
            left_out.append(f"era {era.name} left out: {error}")
    if not chapters:
        raise BadPlan(f"nothing could be replayed; {left_out[0]}")
    used = {c.bars for c in chapters}
    prices = {b: t for b, t in loaded.items() if b in used}
    return Comparison(plan, tuple(chapters), prices, tuple(left_out), tuple(own))


def symbols_needed(plan: Plan, own: Sequence[engine.Kind] = ()) -> tuple[str, ...]:
    """Return every symbol that a plan's strategies hold in its eras, each once."""
    eras = [plan.era_called(name) for name in plan.eras or DEFAULT_ERAS]
    kinds = _strategies(plan, own)
    held = [
        engine.symbols_of(kind, era)
        for era in eras
        for kind in kinds
        if not kind.era_basket or kind.name in era.baskets
    ]
    return tuple(dict.fromkeys(symbol for symbols in held for symbol in symbols))


def default_strategies() -> tuple[str, ...]:
    """List the strategies that are on by default, plainest first."""
    order = ("index-fund", "diversified", "ai-picks", "nasdaq")
    on = [name for name in discovery.names() if discovery.strategy(name).on_by_default]
    return tuple(sorted(on, key=lambda n: (order.index(n) if n in order else len(order), n)))


def _strategies(plan: Plan, own: Sequence[engine.Kind]) -> list[engine.Kind]:
    """Return the strategies a plan names, else those on by default and its own; each once."""
    taken = [*discovery.names(), *plan.strategy]
    for kind in own:
        check_names("strategy", [kind.name], taken)
        taken.append(kind.name)
    mine = {kind.name: kind for kind in own}
    names = dict.fromkeys(plan.strategies or (*default_strategies(), *plan.strategy, *mine))
    return [mine.get(name) or _kind(name, plan, mine) for name in names]


def _kind(name: str, plan: Plan, own: Iterable[str]) -> engine.Kind:
    try:
        return engine.strategy_called(name, plan)
    except UnknownName as error:
        raise UnknownName("strategy", name, [*discovery.names(), *plan.strategy, *own]) from error


def _chapter(
    plan: Plan,
    era: Era,
    kinds: Sequence[engine.Kind],
    tables: Tables,
    loaded: dict[Bars, PriceTable],
    told: Told,
) -> Chapter:
    chosen, absent = _with_basket(kinds, era)
    table, chosen, missing = _table(plan, era, chosen, tables, loaded)
    results = []
    for done, kind in enumerate(chosen):
        told(f"{era.name}: {kind.name}", done, len(chosen))
        results.append(engine.run(kind, table, era, plan))
    return Chapter(era, table.bars, tuple(results), (*absent, *missing))


def _with_basket(kinds: Sequence[engine.Kind], era: Era) -> tuple[list[engine.Kind], list[str]]:
    """Return the strategies an era has a basket for, and a sentence on each that it has not."""
    absent = [k.name for k in kinds if k.era_basket and k.name not in era.baskets]
    kept = [k for k in kinds if k.name not in absent]
    if not kept:
        raise NoPrices(f"no basket for {', '.join(absent)} in the era {era.name}; name another")
    return kept, [f"{name} left out: no basket is declared for this era" for name in absent]


def _table(
    plan: Plan,
    era: Era,
    kinds: list[engine.Kind],
    tables: Tables,
    loaded: dict[Bars, PriceTable],
) -> tuple[PriceTable, list[engine.Kind], list[str]]:
    """Choose the finest table that covers every strategy of the era over its whole window."""
    wanted = RESOLUTIONS if plan.bars == "auto" else (plan.bars,)
    choices = [bars for bars in wanted if bars in tables]
    if not choices:
        raise BadPlan(
            f"the data has no {plan.bars} bars, only {', '.join(tables)}; use --bars auto"
        )
    for bars in choices:
        loaded.setdefault(bars, tables[bars]())
        gaps = _gaps(loaded[bars], era, kinds)
        if not gaps:
            return loaded[bars], kinds, []
    covered = [k for k in kinds if k.name not in gaps]
    if plan.strategies or not covered:
        raise next(iter(gaps.values()))
    return loaded[bars], covered, [f"{name} left out: {error}" for name, error in gaps.items()]


def _gaps(
    table: PriceTable, era: Era, kinds: Sequence[engine.Kind]
) -> dict[str, NoPrices | UnknownName]:
    """Name the strategies whose figures are missing in the era, with the reason."""
    found: dict[str, NoPrices | UnknownName] = {}
    for kind in kinds:
        try:
            engine.view_of(kind, table, era)
        except (NoPrices, UnknownName) as error:
            found[kind.name] = error
    return found
