"""Compute a sweep's rows by Backtrader: those of strategies that decide in code, and the checks."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backtests.comparison import replay
from backtests.eras import Era
from backtests.measures.catalogue import Figure
from backtests.measures.running import KEPT
from backtests.result import Result
from backtests.sweeps.layout import windows
from backtests.sweeps.request import Chunk, Layout, Variant
from backtests.sweeps.rows import Rows
from backtests.vectorized import bootstrap
from data.arrays import to_date
from data.prices import PriceTable


@dataclass(frozen=True)
class Pick:
    """One row: a window or a path of a variant."""

    variant: int
    row: int


def rows(layout: Layout, chunk: Chunk) -> Rows:
    """Compute a chunk."""
    numbers = range(chunk.first, chunk.stop)
    results = [_seeded(layout, Pick(chunk.variant, row)) for row in numbers]
    figures = {
        name: np.array([_number(r.measures.figures[name]) for r in results]) for name in KEPT
    }
    if layout.request.bootstrap is not None:
        return Rows(chunk, [str(row) for row in numbers], [""] * len(numbers), figures)
    days = [[to_date(r.course.dates[at]).isoformat() for r in results] for at in (0, -1)]
    return Rows(chunk, days[0], days[1], figures)


def figures(layout: Layout, picks: Sequence[Pick]) -> list[Mapping[str, Figure]]:
    """Run single rows, those of one cell of paths, which is drawn once, after another."""
    found = {p: row(layout, p).measures.figures for p in sorted(picks, key=lambda p: p.row)}
    return [found[pick] for pick in picks]


def row(layout: Layout, pick: Pick) -> Result:
    """Run one row."""
    variant = layout.variants[pick.variant]
    if layout.request.bootstrap is not None:
        table = bootstrap.path_table(layout.history(variant), layout.design(variant), pick.row)
        return run(variant, table, table.dates[0], table.dates[-1])
    start = layout.starts[variant.years][pick.row : pick.row + 1]
    dates = layout.table.select(variant.symbols).dates
    spans = windows(dates, start, variant.months)
    return run(variant, layout.table, start[0].astype("datetime64[D]"), dates[spans.last[0]])


def run(variant: Variant, table: PriceTable, first: np.datetime64, last: np.datetime64) -> Result:
    """Run a variant from one bar to another."""
    era = Era("window", "", to_date(first), to_date(last))
    return replay(variant.strategy_class, era, table, variant.terms)


def _seeded(layout: Layout, pick: Pick) -> Result:
    """Run one row; a strategy that throws dice throws the same ones whenever it is run."""
    seed = layout.request.seed
    random.seed(f"{seed}/{pick.variant}/{pick.row}")
    np.random.seed([seed % 2**32, seed >> 32, pick.variant, pick.row])
    return row(layout, pick)


def _number(figure: float | int | str | None) -> float:
    return float("nan") if figure is None else float(figure)
