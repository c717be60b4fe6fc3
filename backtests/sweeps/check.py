"""Have Backtrader compute random rows of a sweep again, and collect the labels of the results."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from backtests.comparison import view_of
from backtests.eras import Era
from backtests.labels import standing
from backtests.measures.catalogue import Figure
from backtests.measures.running import KEPT
from backtests.sweeps.layout import windows
from backtests.sweeps.replayed import Pick
from backtests.sweeps.request import Layout, Variant
from data.arrays import Days, to_date
from data.errors import RunFailed
from data.language import say, say_each

CHECKS = 20
AGREE = 1e-9
_DRAW = 0x5EED


@dataclass(frozen=True)
class Check:
    """What the re-runs showed: how many there were, and the largest relative difference."""

    runs: int
    difference: float

    def __str__(self) -> str:
        if not self.runs:
            return say("every row was run by Backtrader")
        return say(
            "{n} random rows re-run by Backtrader: largest difference {difference:.0e}",
            n=self.runs,
            difference=self.difference,
        )


UNCHECKED = Check(0, float("nan"))


def picks(layout: Layout) -> list[Pick]:
    """Draw vectorised rows to check, every variant in turn; the same for the same seed."""
    dice = np.random.default_rng([_DRAW, layout.request.seed])
    fast = [place for place, variant in enumerate(layout.variants) if not variant.decides]
    order = dice.permutation(fast)
    places = [int(order[turn % len(order)]) for turn in range(CHECKS if fast else 0)]
    return [Pick(p, int(dice.integers(layout.rows(layout.variants[p])))) for p in places]


def difference(again: Mapping[str, Figure], figures: Mapping[str, float]) -> float:
    """Return the largest difference of a row's figures, relative where they exceed 1."""
    largest = 0.0
    for name in KEPT:
        wanted, came = again[name], figures[name]
        if wanted is None or np.isnan(came):
            largest = max(largest, 0.0 if wanted is None and np.isnan(came) else np.inf)
        else:
            apart = abs(float(wanted) - came) / max(abs(float(wanted)), 1.0)
            largest = max(largest, apart)
    return largest


def agreed(runs: int, largest: float) -> Check:
    """Return the check; raises RunFailed where twin and Backtrader do not agree."""
    if not largest <= AGREE:
        raise RunFailed(
            say(
                "Backtrader and the fast path differ by {largest:.1e}, more than {most:g}; nothing "
                "of this sweep can be trusted",
                largest=largest,
                most=AGREE,
            )
        )
    return Check(runs, largest)


def labels(layout: Layout) -> dict[str, tuple[str, ...]]:
    """Return what must stand beside each strategy's figures, over all the prices used."""
    found: dict[str, tuple[str, ...]] = {}
    for variant in layout.variants:
        if variant.name not in found:
            era = Era("window", "", *_range(layout, variant))
            # Of every strategy those who quit, and hold what they wait in, come last.
            quitting = [v.terms for v in layout.variants if v.name == variant.name][-1]
            view = view_of(variant.strategy_class, layout.table, era, quitting)
            terms = replace(variant.terms, parts=max(layout.request.parts, default=1))
            notes = standing(variant.strategy_class, era, layout.table, terms, view)
            found[variant.name] = (*map(str, notes), *_waits(layout))
    if layout.request.bootstrap is None:
        return found
    return {name: (*texts, _drawn(layout)) for name, texts in found.items()}


def _waits(layout: Layout) -> list[str]:
    """Say what the money of those who quit waits in."""
    if not layout.request.quit_at:
        return []
    # Of every strategy those who quit come last.
    shelter = layout.variants[-1].shelter
    if not shelter:
        return [say("who quits does so once, and her money waits as cash without interest")]
    symbols = say_each(shelter)
    return [say("who quits does so once, and her money waits as {symbols}", symbols=symbols)]


def _range(layout: Layout, variant: Variant) -> tuple[date, date]:
    if layout.request.bootstrap is not None:
        dates = layout.history(variant).dates
        return to_date(dates[0]), to_date(dates[-1])
    bars: Days = layout.table.select(variant.symbols).dates
    spans = windows(bars, layout.starts[variant.years][[0, -1]], variant.months)
    return to_date(bars[spans.first[0]]), to_date(bars[spans.last[1]])


def _drawn(layout: Layout) -> str:
    dates = layout.history(layout.variants[0]).dates
    first, last = (str(day.astype("datetime64[M]")) for day in dates[[0, -1]])
    return say(
        "paths are drawn from the months {first} to {last} in blocks of {block:g} months on "
        "average: what history has not seen is in none of them",
        first=first,
        last=last,
        block=layout.request.block,
    )
