"""Sum a sweep up: quantiles of every variant, exact, with memory that does not grow with the rows.

Quantiles are numpy's (linear between order statistics; Hyndman & Fan 1996, type 7). The rows are
read twice: once to count them by the leading bits of their figures, which sort as the figures do,
and once to collect those few that share their bits with a wanted one. Figures count as they are
written, with 12 significant digits; rounding keeps their order.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from backtests.digits import rounded
from data.arrays import Floats, Ints

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
SHOWN = (
    "xirr",
    "multiple",
    "max_drawdown",
    "account_max_drawdown",
    "worst_shortfall",
    "mwr",
    "cushion",
)
# Sign, exponent and 6 bits of the fraction: 64 classes for each doubling.
_CLASS_BITS = 18
# Half of the last digit written below 1.
_HALF_DIGIT = 5e-13
_POSITIVE = np.int64(0x7FFF_FFFF_FFFF_FFFF)

# Calling it reads all rows anew, block by block, shape (rows, columns).
Blocks = Callable[[], Iterator[Floats]]


@dataclass(frozen=True)
class Summary:
    """A variant's distribution: `quantiles` by column and level, None where no row has a figure.

    `below` is the share of rows that ended with less than was put in, `lowest` the place of the
    smallest multiple, which is `least`, `blanks` the rows without a figure by column.
    """

    rows: int
    quantiles: dict[str, list[float | None]]
    below: float
    lowest: int
    least: float
    blanks: dict[str, int]


def summarise(blocks: Blocks, names: Sequence[str] = SHOWN) -> Summary:
    """Read the rows and sum them up; `names` are the blocks' columns."""
    seen = _Multiples(names.index("multiple"))
    columns = spread(blocks, len(names), seen.see)
    return Summary(
        seen.rows,
        dict(zip(names, (column.quantiles() for column in columns), strict=True)),
        seen.below / seen.rows,
        seen.lowest,
        seen.least,
        {name: seen.rows - column.total for name, column in zip(names, columns, strict=True)},
    )


def spread(blocks: Blocks, width: int, see: Callable[[Floats], None]) -> "list[Column]":
    """Find every column's order statistics; `see` is shown each block once."""
    columns = [Column() for _ in range(width)]
    for block in blocks():
        see(block)
        for column, values in zip(columns, block.T, strict=True):
            column.count(values)
    for column in columns:
        column.aim()
    for block in blocks():
        for column, values in zip(columns, block.T, strict=True):
            column.collect(values)
    return columns


@dataclass
class _Multiples:
    """Count the rows, those that ended below the money put in, and find the lowest."""

    column: int
    rows: int = 0
    below: int = 0
    lowest: int = 0
    least: float = np.inf

    def see(self, block: Floats) -> None:
        multiple = block[:, self.column]
        self.below += int((multiple < 1.0 - _HALF_DIGIT).sum())
        at = _lowest(multiple)
        if rounded(float(multiple[at])) < self.least:
            self.least, self.lowest = rounded(float(multiple[at])), self.rows + at
        self.rows += len(block)


@dataclass
class Column:
    """The order statistics around each level: counted by class first, then the few collected."""

    counts: Ints = field(default_factory=lambda: np.zeros(1 << _CLASS_BITS, np.int64))
    kept: list[Floats] = field(default_factory=list)
    total: int = 0

    def count(self, values: Floats) -> None:
        """Count values by their class."""
        np.add.at(self.counts, _classes(_known(values)), 1)

    def aim(self) -> None:
        """Choose the classes that hold what the quantiles lie between."""
        self.total = int(self.counts.sum())
        last = max(self.total - 1, 0)
        places = [last * level for level in LEVELS]
        self.parts = [place - int(place) for place in places]
        ranks = np.array([[int(place), min(int(place) + 1, last)] for place in places])
        upto = np.cumsum(self.counts)
        wanted = np.searchsorted(upto, ranks, side="right") if self.total else ranks
        self.chosen = np.zeros(len(upto), np.bool_)
        self.chosen[wanted] = True
        # How many figures that are not kept come before each rank.
        self.ranks = ranks - np.cumsum(np.where(self.chosen, 0, self.counts))[wanted]

    def collect(self, values: Floats) -> None:
        """Keep the values of the chosen classes."""
        known = _known(values)
        self.kept.append(known[self.chosen[_classes(known)]])

    def quantiles(self) -> list[float | None]:
        """Return the quantiles at LEVELS, None without any value."""
        if not self.total:
            return [None] * len(LEVELS)
        kept = np.sort(np.concatenate(self.kept))
        pairs = zip(rounded(kept[self.ranks].tolist()), self.parts, strict=True)
        return [low + (high - low) * part for (low, high), part in pairs]


def _lowest(values: Floats) -> int:
    """Return the first of those that are the lowest once written."""
    least = np.fmin.reduce(values)
    near = np.flatnonzero(values <= least + abs(least) * 1e-11)
    return next((int(at) for at in near if rounded(float(values[at])) == rounded(float(least))), 0)


def _known(values: Floats) -> Floats:
    return values[np.isfinite(values)] + 0.0


def _classes(values: Floats) -> Ints:
    """Return the leading bits as numbers from 0 on that sort as the figures do."""
    bits = values.view(np.int64)
    ordered = np.where(bits < 0, bits ^ _POSITIVE, bits)
    return (ordered >> np.int64(64 - _CLASS_BITS)) + (1 << (_CLASS_BITS - 1))
