"""Hand Backtrader a window's bars, one at a time."""

from typing import Any

import backtrader as bt
import numpy as np

from data.arrays import Floats
from data.window import Window

# datetime64 counts from 1970-01-01, Backtrader's dates from 0001-01-01.
_EPOCH = 719_163.0
# The closing bar stands late on the last day: orders of the last bar are filled on it.
_LATE = 0.999


def moments(window: Window) -> Floats:
    """Return the bars' dates as Backtrader's float days."""
    return window.dates.astype("datetime64[D]").astype(np.float64) + _EPOCH


class BarFeed(bt.feed.DataBase):
    """Feed one symbol's closes on the chosen bars, then a closing bar.

    `priced` is 1 where the symbol has a price of its own on the bar, `seen` from its first such bar
    on, `ended` where its declared end has passed. Closes are 0 before a listing.
    """

    lines = ("priced", "seen", "ended")
    params = (("window", None), ("column", 0), ("chosen", None))

    def start(self) -> None:
        """Rewind to the first bar."""
        super().start()
        view, column, chosen = self.p.window, self.p.column, self.p.chosen
        days = moments(view)[chosen]
        ended = chosen >= view.ends.get(view.symbols[column], len(view.dates))
        priced = view.priced[:, column]
        # Whether there was a price on any bar so far, also on those that are not chosen.
        seen = np.logical_or.accumulate(priced)
        rows = np.column_stack(
            [days, view.closes[chosen, column], priced[chosen], seen[chosen], ended]
        )
        closing = rows[-1] + [_LATE, 0.0, -rows[-1, 2], 0.0, 0.0]
        self._rows = iter([*rows.tolist(), closing.tolist()])

    def _load(self) -> bool:
        row = next(self._rows, None)
        if row is None:
            return False
        lines: Any = self.lines
        lines.datetime[0], close, lines.priced[0], lines.seen[0], lines.ended[0] = row
        lines.open[0] = lines.high[0] = lines.low[0] = lines.close[0] = close
        lines.volume[0] = lines.openinterest[0] = 0.0
        return True
