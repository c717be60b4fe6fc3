"""Compute a sweep's rows by the twin."""

from dataclasses import dataclass

import numpy as np

from backtests.measures.running import KEPT, Figures
from backtests.sweeps.layout import spans_of, view_of
from backtests.sweeps.request import Chunk, Layout, Variant
from backtests.vectorized import bootstrap, closed_form, monthly, walk
from backtests.vectorized.bootstrap import CELL
from backtests.vectorized.market import Market, Spans
from data.arrays import to_date
from data.errors import RunFailed
from data.language import say
from strategies.dca.trading import Saver

# A part of a cell that is walked at once; it divides CELL.
PATHS_A_WALK = 500


@dataclass(frozen=True)
class Rows:
    """A chunk's outcome: window dates or path numbers, and KEPT, one entry a row."""

    chunk: Chunk
    starts: list[str]
    ends: list[str]
    figures: Figures


class Twin:
    """Compute rows of a layout; what many chunks share is prepared once."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._market: tuple[object, Market] | None = None
        self._machines: dict[int, monthly.Machine] = {}

    def rows(self, chunk: Chunk) -> Rows:
        """Compute a chunk."""
        variant = self.layout.variants[chunk.variant]
        if variant.decides:
            raise RunFailed(
                say("{name} decides in code; Backtrader must run its rows", name=variant.name)
            )
        if self.layout.request.bootstrap is not None:
            return self._paths(chunk)
        market = self.market(variant)
        spans = self.spans(variant, chunk.first, chunk.stop)
        days = [
            [to_date(day).isoformat() for day in market.dates[bars]]
            for bars in (spans.first, spans.last)
        ]
        return Rows(chunk, days[0], days[1], window_figures(market, spans, saver_of(variant)))

    def market(self, variant: Variant) -> Market:
        """Return the prices of all of a variant's windows."""
        key = variant.symbols, variant.years
        if self._market is None or self._market[0] != key:
            self._market = key, Market.of(view_of(self.layout, variant))
        return self._market[1]

    def spans(self, variant: Variant, first: int, stop: int | None) -> Spans:
        """Return the bars of some of a variant's windows."""
        return spans_of(self.layout, variant, self.market(variant), slice(first, stop))

    def _paths(self, chunk: Chunk) -> Rows:
        cells = range(chunk.first // CELL, -(-chunk.stop // CELL))
        found = [self._cell(chunk.variant, cell) for cell in cells]
        kept = slice(chunk.first % CELL, chunk.first % CELL + chunk.stop - chunk.first)
        figures = {name: np.concatenate([one[name] for one in found])[kept] for name in KEPT}
        numbers = [str(path) for path in range(chunk.first, chunk.stop)]
        return Rows(chunk, numbers, [""] * len(numbers), figures)

    def _cell(self, place: int, cell: int) -> Figures:
        """Compute a cell of paths the short way, or by the walk where that does not serve."""
        machine = self.machine(place)
        if machine is not None:
            return machine.play(cell)
        variant = self.layout.variants[place]
        parts = [self.walk(variant, cell, at) for at in range(0, CELL, PATHS_A_WALK)]
        return {name: np.concatenate([part[name] for part in parts]) for name in KEPT}

    def machine(self, place: int) -> monthly.Machine | None:
        """Return what plays a variant's paths the short way, where that serves."""
        variant = self.layout.variants[place]
        if not monthly.applies(len(variant.symbols), variant.rule, variant.funded):
            return None
        if place not in self._machines:
            history, design = self.layout.history(variant), self.layout.design(variant)
            self._machines[place] = monthly.Machine(history, design, saver_of(variant))
        return self._machines[place]

    def walk(self, variant: Variant, cell: int, first: int) -> Figures:
        """Compute some paths of a cell by the walk; their prices are held all at once."""
        history, design = self.layout.history(variant), self.layout.design(variant)
        market = bootstrap.market(history, design, cell, slice(first, first + PATHS_A_WALK))
        spans = Spans.whole(len(market.dates), PATHS_A_WALK)
        return window_figures(market, spans, saver_of(variant))


def saver_of(variant: Variant) -> Saver:
    """Return how a variant puts its money to work."""
    held = variant.strategy_class.held()
    weights = np.array([held.get(symbol, 0.0) for symbol in variant.symbols])[:, None]
    return Saver(weights, variant.rule, variant.funded)


def window_figures(market: Market, spans: Spans, saver: Saver) -> Figures:
    """Return KEPT of windows, the short way where it serves."""
    if closed_form.applies(market, spans, saver):
        return closed_form.play(market, spans, saver)[0]
    return walk.figures(market, spans, saver)
