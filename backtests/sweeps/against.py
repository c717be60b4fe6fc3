"""Set strategies against one of them, window by window: who ends with more, and by how much."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from backtests.digits import significant
from backtests.sweeps.quantiles import spread
from backtests.sweeps.request import Layout
from backtests.sweeps.store import Store
from data.arrays import Floats

FALLS = ("max_drawdown", "account_max_drawdown", "worst_shortfall")
COMPARED = ("final_value", "contributed", *FALLS)
# Final values that differ by no more than this fraction are even.
EVEN = 1e-11


@dataclass(frozen=True)
class Duel:
    """What came of a variant set against another, row by row; both are places in the layout.

    `won` and `even` are shares of the rows by final value. A difference is the variant's figure
    less the other's: dollars, or for falls a fraction that is negative where the variant fell
    deeper. `quantiles` hold them at quantiles.LEVELS, `worst` the least of each, `row` the row of
    the least in dollars. `contributed` is among them where the two put in different sums somewhere.
    """

    variant: int
    other: int
    rows: int
    won: float
    even: float
    quantiles: dict[str, list[float | None]]
    worst: dict[str, float]
    row: int


def duels(layout: Layout, store: Store) -> list[Duel]:
    """Read the rows of every pair that was asked for."""
    return [_duel(layout, store, pair) for pair in pairs(layout)]


def pairs(layout: Layout) -> list[tuple[int, int]]:
    """Return which variant meets which: another strategy, all at once and in parts, to stay."""
    return [*_strategies(layout), *_parts(layout), *quitters(layout)]


def _strategies(layout: Layout) -> list[tuple[int, int]]:
    places: dict[str, list[int]] = {}
    for place, variant in enumerate(layout.variants):
        places.setdefault(variant.name, []).append(place)
    others = places.pop(layout.request.against or "", [])
    return [pair for mine in places.values() for pair in zip(mine, others, strict=False)]


def _parts(layout: Layout) -> list[tuple[int, int]]:
    found, whole = [], 0
    for place, variant in enumerate(layout.variants):
        # All at once comes first among the numbers of parts.
        whole = place if variant.terms.parts == 1 else whole
        if variant.terms.parts > 1:
            found.append((whole, place))
    return found


def quitters(layout: Layout) -> list[tuple[int, int]]:
    """Return who quits, each with who stays."""
    found, stays = [], 0
    for place, variant in enumerate(layout.variants):
        # Who stays comes first among the quitters.
        stays = stays if variant.terms.quit else place
        if variant.terms.quit:
            found.append((place, stays))
    return found


def _duel(layout: Layout, store: Store, pair: tuple[int, int]) -> Duel:
    def apart() -> Iterator[Floats]:
        sides = [store.blocks(layout.chunks_of(place), COMPARED) for place in pair]
        return (_apart(*both) for both in _side_by_side(*sides))

    tally = _Tally()
    columns = spread(apart, len(COMPARED), tally.see)
    quantiles = (column.quantiles() for column in columns)
    shown = [key for key in COMPARED if key != "contributed" or tally.unequal]
    levels = dict(zip(COMPARED, quantiles, strict=True))
    least = dict(zip(COMPARED, tally.least.tolist(), strict=True))
    return Duel(
        *pair,
        tally.rows,
        tally.won / tally.rows,
        tally.even / tally.rows,
        {key: levels[key] for key in shown},
        {key: least[key] for key in shown},
        tally.row,
    )


def _side_by_side(
    one: Iterator[Floats], other: Iterator[Floats]
) -> Iterator[tuple[Floats, Floats]]:
    """Yield blocks of equal length out of two streams of as many rows."""
    left = right = np.empty((0, len(COMPARED)))
    while True:
        left = left if len(left) else next(one, left)
        right = right if len(right) else next(other, right)
        rows = min(len(left), len(right))
        if not rows:
            return
        yield left[:rows], right[:rows]
        left, right = left[rows:], right[rows:]


def _apart(mine: Floats, theirs: Floats) -> Floats:
    """Return the differences of COMPARED; 0 where rounding makes them."""
    apart = significant(mine) - significant(theirs)
    size = np.maximum(np.maximum(np.abs(mine), np.abs(theirs)), 1e-300)
    size[:, -len(FALLS) :] = 1.0
    return np.where(np.abs(apart) <= EVEN * size, 0.0, apart)


@dataclass
class _Tally:
    """Count what was won and what was even, and find the least of each difference."""

    rows: int = 0
    won: int = 0
    even: int = 0
    row: int = 0
    unequal: bool = False
    least: Floats = field(default_factory=lambda: np.full(len(COMPARED), np.inf))

    def see(self, block: Floats) -> None:
        money = block[:, 0]
        self.won += int((money > 0).sum())
        self.even += int((money == 0).sum())
        self.unequal |= bool(block[:, COMPARED.index("contributed")].any())
        if money.min() < self.least[0]:
            self.row = self.rows + int(money.argmin())
        self.least = np.minimum(self.least, block.min(axis=0))
        self.rows += len(block)
