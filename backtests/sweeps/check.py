"""Have Backtrader compute random rows of a sweep again, and collect the labels of the results."""

from dataclasses import dataclass

import numpy as np

from backtests.comparison import replay
from backtests.eras import Era
from backtests.result import Result
from backtests.sweeps.layout import windows
from backtests.sweeps.request import Layout, Variant
from backtests.vectorized import bootstrap
from data.errors import RunFailed
from data.prices import Days, PriceTable, to_date

CHECKS = 20
AGREE = 1e-9
# What Backtrader and the twin are compared in.
COMPARED = ("final_value", "xirr", "twr", "max_drawdown", "account_max_drawdown", "worst_shortfall")
_DRAW = 0x5EED


@dataclass(frozen=True)
class Pick:
    """A row to be computed again: a window or a path of a variant."""

    variant: int
    row: int


@dataclass(frozen=True)
class Check:
    """What the re-runs showed: how many there were, and the largest relative difference."""

    runs: int
    difference: float

    def __str__(self) -> str:
        if not self.runs:
            return "every row was run by Backtrader"
        return (
            f"{self.runs} random rows re-run by Backtrader: "
            f"largest difference {self.difference:.0e}"
        )


def picks(layout: Layout) -> list[Pick]:
    """Draw the rows to check, every variant in turn; the same for the same seed."""
    dice = np.random.default_rng([_DRAW, layout.request.seed])
    order = dice.permutation(len(layout.variants))
    found = []
    for turn in range(CHECKS):
        place = int(order[turn % len(order)])
        found.append(Pick(place, int(dice.integers(layout.rows(layout.variants[place])))))
    return found


def by_backtrader(layout: Layout, pick: Pick) -> Result:
    """Run one row through Backtrader."""
    variant = layout.variants[pick.variant]
    if layout.request.bootstrap is not None:
        table = bootstrap.path_table(layout.history(variant), layout.design(variant), pick.row)
        return run(variant, table, table.dates[0], table.dates[-1])
    start = layout.starts[variant.years][pick.row : pick.row + 1]
    dates = layout.table.select(variant.symbols).dates
    spans = windows(dates, start, variant.months)
    return run(variant, layout.table, dates[spans.first[0]], dates[spans.last[0]])


def run(variant: Variant, table: PriceTable, first: np.datetime64, last: np.datetime64) -> Result:
    """Run a variant from one bar to another."""
    era = Era("window", "", to_date(first), to_date(last))
    return replay(variant.kind, era, table, variant.terms)


def difference(result: Result, figures: dict[str, float]) -> float:
    """Return the largest difference of a row's figures, relative where they exceed 1."""
    largest = 0.0
    for name in COMPARED:
        wanted, came = result.measures.figures[name], figures[name]
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
            f"Backtrader and the fast path differ by {largest:.1e}, more than {AGREE:g}; "
            "nothing of this sweep can be trusted"
        )
    return Check(runs, largest)


def labels(layout: Layout) -> dict[str, tuple[str, ...]]:
    """Return what must stand beside each strategy's figures, from runs over all the prices used."""
    found: dict[str, tuple[str, ...]] = {}
    for variant in layout.variants:
        if variant.name not in found:
            first, last = _range(layout, variant)
            notes = run(variant, layout.table, first, last).notes
            found[variant.name] = tuple(str(n) for n in notes if n.kind != "cash")
    if layout.request.bootstrap is None:
        return found
    return {name: (*texts, _drawn(layout)) for name, texts in found.items()}


def _range(layout: Layout, variant: Variant) -> tuple[np.datetime64, np.datetime64]:
    if layout.request.bootstrap is not None:
        dates = layout.history(variant).dates
        return dates[0], dates[-1]
    bars: Days = layout.table.select(variant.symbols).dates
    spans = windows(bars, layout.starts[variant.years][[0, -1]], variant.months)
    return bars[spans.first[0]], bars[spans.last[1]]


def _drawn(layout: Layout) -> str:
    dates = layout.history(layout.variants[0]).dates
    return (
        f"paths are drawn from the months {dates[0].astype('datetime64[M]')} to "
        f"{dates[-1].astype('datetime64[M]')} in blocks of {layout.request.block:g} months on "
        "average: what history has not seen is in none of them"
    )
