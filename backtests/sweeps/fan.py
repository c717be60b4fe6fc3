"""The fan: how value over money put in spreads as the months go by."""

import numpy as np

from backtests.measures.running import Running
from backtests.measures.series import ratio
from backtests.sweeps.quantiles import LEVELS
from backtests.sweeps.request import Variant
from backtests.sweeps.rows import Twin, saver_of
from backtests.vectorized import bootstrap, walk
from backtests.vectorized.book import book_of
from backtests.vectorized.market import Market, Spans, alike
from backtests.vectorized.walk import Measuring, Stretch
from data.arrays import Floats

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


def fan(twin: Twin, place: int) -> Floats:
    """Return the quantiles of a variant's value over money put in, shape (levels, months)."""
    return np.asarray(np.nanquantile(_multiples(twin, place), LEVELS, axis=1))


def _multiples(twin: Twin, place: int) -> Floats:
    variant = twin.layout.variants[place]
    if twin.layout.request.bootstrap is None:
        market = twin.market(variant)
        return _walked(market, twin.spans(variant, 0, None), variant)
    paths, machine = fan_rows(twin, variant), twin.machine(place)
    if machine is not None:
        seen: list[Floats] = []
        machine.play(0, lambda at: seen.append(ratio(at.value[:paths], at.contributed[:paths])))
        return np.array(seen)
    history, design = twin.layout.history(variant), twin.layout.design(variant)
    market = bootstrap.market(history, design, 0, slice(0, paths))
    return _walked(market, Spans.whole(len(market.dates), paths), variant)


def fan_rows(twin: Twin, variant: Variant) -> int:
    """Count the rows that a fan is drawn from."""
    rows = twin.layout.rows(variant)
    return rows if twin.layout.request.bootstrap is None else min(rows, FAN_PATHS)


def _walked(market: Market, spans: Spans, variant: Variant) -> Floats:
    found = np.empty((variant.months, spans.paths))
    for who, calendar in alike(market, spans, variant.terms.schedule):
        running = Running(len(who))
        book = book_of(market, saver_of(variant), running)
        ends = MonthEnds(variant.months, running)
        walk.play(market, spans.part(who), calendar, book, [Measuring(running), ends])
        found[:, who] = ends.multiple
    return found
