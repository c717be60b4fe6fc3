"""Sum up what quitting cost or spared: by the fall at which one leaves and the wait."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from backtests.sweeps.against import EVEN, quitters
from backtests.sweeps.request import Layout, Variant
from backtests.sweeps.store import Store
from data.arrays import Floats
from strategies.dca.terms import Quit

# Of more paths than this the rest is left aside: a median does not need them.
MOST_ROWS = 1_000_000


@dataclass(frozen=True)
class Cell:
    """One fall and wait; `left` counts the rows in which the saver quit, of `rows`.

    Of those alone `median`, `worst` and `best` are the worth at the end over that of who stayed,
    less 1, and `gained` the share that ended with more; None where nobody left.
    """

    quit: Quit
    rows: int
    left: int
    median: float | None
    worst: float | None
    best: float | None
    gained: float | None

    def as_json(self) -> dict[str, Any]:
        """Return it in plain values."""
        names = ("rows", "left", "median", "worst", "best", "gained")
        found = {name: getattr(self, name) for name in names}
        return {"quit_at": self.quit.depth, "return_after": self.quit.months or "never", **found}


@dataclass(frozen=True)
class Grid:
    """All falls and waits of one variant, `stays`, in their order."""

    stays: Variant
    cells: tuple[Cell, ...]


def grids(layout: Layout, store: Store) -> tuple[Grid, ...]:
    """Return a grid for each variant that others of it quit."""
    found: dict[int, list[Cell]] = {}
    for place, stays in quitters(layout):
        quit_ = layout.variants[place].terms.quit
        if quit_:
            pair = (_finals(layout, store, at) for at in (place, stays))
            found.setdefault(stays, []).append(_cell(quit_, *pair))
    return tuple(Grid(layout.variants[stays], tuple(cells)) for stays, cells in found.items())


def _finals(layout: Layout, store: Store, place: int) -> Floats:
    kept, rows = [], 0
    for chunk in layout.chunks_of(place):
        if rows < MOST_ROWS:
            kept += [block[:, 0] for block in store.blocks([chunk], ["final_value"])]
            rows += len(kept[-1])
    return np.concatenate(kept)[:MOST_ROWS]


def _cell(quit_: Quit, mine: Floats, stayed: Floats) -> Cell:
    apart = mine / stayed - 1.0
    left = apart[np.abs(apart) > EVEN]
    if not left.size:
        return Cell(quit_, len(mine), 0, None, None, None, None)
    low, middle, high = (float(q) for q in np.quantile(left, [0.0, 0.5, 1.0]))
    return Cell(quit_, len(mine), len(left), middle, low, high, float((left > 0).mean()))
