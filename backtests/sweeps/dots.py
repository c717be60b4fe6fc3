"""Every window by itself: how it ended and how far it fell."""

from dataclasses import dataclass, replace

import numpy as np

from backtests.sweeps.request import Layout
from backtests.sweeps.store import Store
from data.arrays import Days, Floats, Ints

# Variants of a horizon that are told apart by colour and mark.
MOST_SAVERS = 8
SEEN = (
    "contributed",
    "final_value",
    "multiple",
    "max_drawdown",
    "account_max_drawdown",
    "worst_shortfall",
)


@dataclass(frozen=True)
class Dots:
    """A variant's windows: the months they begin in, and SEEN, shape (windows, SEEN)."""

    variant: int
    starts: Days
    figures: Floats

    def column(self, name: str) -> Floats:
        """Return one figure of every window."""
        return self.figures[:, SEEN.index(name)]

    def part(self, rows: Ints) -> "Dots":
        """Keep some windows."""
        return replace(self, starts=self.starts[rows], figures=self.figures[rows])


def dots(layout: Layout, store: Store) -> tuple[Dots, ...]:
    """Read the windows of each horizon's first variants.

    Drawn paths have none: one of a hundred thousand says nothing by itself.
    """
    found: list[Dots] = []
    if layout.request.bootstrap is not None:
        return ()
    for years, starts in layout.starts.items():
        mine = [at for at, variant in enumerate(layout.variants) if variant.years == years]
        for place in mine[:MOST_SAVERS]:
            blocks = list(store.blocks(layout.chunks_of(place), SEEN))
            found.append(Dots(place, starts, np.concatenate(blocks)))
    return tuple(found)
