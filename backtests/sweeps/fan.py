"""The fan: how value over money put in spreads as the months go by."""

import numpy as np

from backtests.measures.running import Running
from backtests.measures.series import ratio
from backtests.sweeps.quantiles import LEVELS
from backtests.sweeps.request import Variant
from backtests.sweeps.rows import Twin, saver_of
from backtests.vectorized import bootstrap, walk
from backtests.vectorized.market import Market, Spans, alike
from backtests.vectorized.walk import Book, Measuring, Stretch
from data.prices import Floats

# Paths that the fan of a bootstrap is drawn from: more would not be seen.
FAN_PATHS = 2_000


class MonthEnds:
    """Keep value over money put in at the end of each month, shape (months, paths)."""

    def __init__(self, months: int, running: Running) -> None:
        paths = len(running.value)
        self.multiple = np.full((months, paths), np.nan)
        self._month = np.zeros(paths, dtype=np.int64)
        self._running = running

    def see(self, stretch: Stretch) -> None:
        """Note the last bar of a stretch where it ends a month."""
        paths = np.arange(len(self._month))[stretch.who][stretch.month_ends]
        worth = ratio(stretch.value[-1], self._running.contributed[stretch.who])
        self.multiple[self._month[paths], paths] = worth[stretch.month_ends]
        self._month[paths] += 1


def fan(twin: Twin, variant: Variant) -> Floats:
    """Return the quantiles of value over money put in, shape (levels, months)."""
    if twin.layout.request.bootstrap is None:
        market = twin.market(variant)
        multiples = _multiples(market, twin.spans(variant, 0, None), variant)
    else:
        paths = slice(0, fan_rows(twin, variant))
        history, design = twin.layout.history(variant), twin.layout.design(variant)
        market = bootstrap.market(history, design, 0, paths)
        multiples = _multiples(market, Spans.whole(len(market.dates), paths.stop), variant)
    return np.asarray(np.nanquantile(multiples, LEVELS, axis=1))


def fan_rows(twin: Twin, variant: Variant) -> int:
    """Count the rows that a fan is drawn from."""
    rows = twin.layout.rows(variant)
    return rows if twin.layout.request.bootstrap is None else min(rows, FAN_PATHS)


def _multiples(market: Market, spans: Spans, variant: Variant) -> Floats:
    found = np.empty((variant.months, spans.paths))
    for who, calendar in alike(market, spans):
        running, book = Running(len(who)), Book(market, saver_of(variant), len(who))
        ends = MonthEnds(variant.months, running)
        walk.play(market, spans.part(who), calendar, book, [Measuring(running), ends])
        found[:, who] = ends.multiple
    return found
