"""How the newest era stands after as many months among all start months of the same holdings."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np

from backtests.comparison import Chapter, Comparison, StrategyClass, strategy_classes
from backtests.measures.running import Figures
from backtests.result import Result
from backtests.sweeps.rows import window_figures
from backtests.vectorized.market import Market, Spans
from data.arrays import MONTH_DAYS, to_date
from data.errors import NoPrices, UnknownName
from data.language import say
from data.prices import PriceTable
from data.window import Window, window
from strategies.dca.terms import Rebalance, Terms
from strategies.dca.trading import Saver

# The last session of a month is at most so many days before the next one.
_MONTH_EDGE = np.timedelta64(6, "D")


@dataclass(frozen=True)
class Standing:
    """One strategy's newest era among all windows of as many months, all by month ends.

    `growth` and `depth` are the unit value's change and deepest fall from `start` to `end`;
    `grew_less` and `fell_deeper` the shares of the other windows that did so. The windows begin
    from `first` to `last`; neighbours overlap. `eras` has the unit value's change from
    each era's own start after as many months, the newest among them, where it ran that long.
    `notes` name what nobody could buy among the prices.
    """

    strategy: str
    months: int
    start: date
    end: date
    growth: float
    depth: float
    windows: int
    first: date
    last: date
    grew_less: float
    fell_deeper: float
    eras: Mapping[str, float]
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return what results.json holds of it."""
        return {k: v.isoformat() if isinstance(v, date) else v for k, v in asdict(self).items()}


def standings(comparison: Comparison) -> tuple[Standing, ...]:
    """Place every strategy of the era that starts last.

    None without past month ends to hold to, nor for a saver who quits: what she holds changes.
    """
    past = comparison.past
    if past is None or comparison.plan.quit_at is not None:
        return ()
    newest = max(comparison.chapters, key=lambda chapter: chapter.start)
    classes = strategy_classes(comparison.plan, comparison.own, newest.era)
    kinds = {kind.name: kind for kind in classes}
    kept = (result for result in newest.results if _plain(kinds[result.strategy], result))
    found = (_standing(result, newest, past, comparison) for result in kept)
    return tuple(each for each in found if each is not None)


def _plain(kind: StrategyClass, result: Result) -> bool:
    """Tell whether fixed weights and a rule are all there is to a strategy, once it has them."""
    held: StrategyClass = type(kind.__name__, (kind,), {"weights": result.weights})
    return held.vectorizable()


def _standing(
    result: Result, era: Chapter, past: PriceTable, comparison: Comparison
) -> Standing | None:
    """Place one strategy; None where the past has no other window of its holdings."""
    try:
        view = _common(past, result.symbols)
    except (NoPrices, UnknownName):
        return None
    # The era is bought at the month end before its first bar and ends with its last whole month.
    begin, end = (_last_up_to(view, day) for day in (era.start, era.end))
    starts = len(view.dates) - (end - begin)
    if begin < 0 or end == begin or starts < 2:
        return None
    figures = _figures(view, end - begin, result, comparison)
    others = np.arange(starts) != begin
    growth, depth = (figures[key] for key in ("twr", "max_drawdown"))
    less, deeper = (float((f[others] < f[begin]).mean()) for f in (growth, depth))
    days = [to_date(view.dates[bar]) for bar in (begin, end, 0, starts - 1)]
    return Standing(
        result.strategy,
        end - begin,
        days[0],
        days[1],
        growth=float(growth[begin]),
        depth=float(depth[begin]),
        windows=int(others.sum()),
        first=days[2],
        last=days[3],
        grew_less=less,
        fell_deeper=deeper,
        eras=dict(_eras(result.strategy, end - begin, comparison)),
        notes=tuple(_indices(past, view)),
    )


def _eras(strategy: str, months: int, comparison: Comparison) -> Iterator[tuple[str, float]]:
    """Yield an era and how a strategy's unit value had changed so many months after its start."""
    for found in comparison.results:
        dates, age = found.course.dates, np.timedelta64(round(months * MONTH_DAYS), "D")
        bar = int(np.searchsorted(dates, dates[0] + age, side="right")) - 1
        if found.strategy == strategy and dates[-1] - dates[0] >= age:
            yield found.era.name, float(found.course.unit_value[bar] - 1.0)


def _indices(past: PriceTable, view: Window) -> Iterator[str]:
    """Name the indices without costs that stand for what is held, and until when."""
    for symbol in view.symbols:
        for part in past.parts.get(symbol, ()):
            if part.no_costs and part.last > to_date(view.dates[0]):
                yield say(
                    "{symbol} to {last}: {name}", symbol=symbol, last=part.last, name=part.name
                )


def _common(past: PriceTable, symbols: tuple[str, ...]) -> Window:
    """Cut the month ends that all symbols have; a month that is still going on is none."""
    first, last = max(map(past.first, symbols)), min(map(past.last, symbols))
    month = np.datetime64(last, "M")
    if (month + 1).astype("datetime64[D]") - np.datetime64(last) > _MONTH_EDGE:
        last = to_date(month.astype("datetime64[D]") - 1)
    return window(past, symbols, first, last)


def _last_up_to(view: Window, day: date) -> int:
    """Return the last bar up to a day, -1 where there is none."""
    return int(np.searchsorted(view.dates, np.datetime64(day), side="right")) - 1


def _figures(view: Window, months: int, result: Result, comparison: Comparison) -> Figures:
    first = np.arange(len(view.dates) - months)
    weights = np.array([result.weights[symbol] for symbol in view.symbols])[:, None]
    rule = Rebalance.parse(result.rebalance)
    terms = Terms(rebalance=rule, costs=comparison.plan.terms.costs)
    return window_figures(
        Market.of(view), Spans(first, first + months), Saver(weights, rule, terms)
    )
