"""Sum a sweep up: quantiles of every variant, exact, with memory that does not grow with the rows.

Quantiles are numpy's (linear between order statistics; Hyndman & Fan 1996, type 7). The rows are
read twice: once to count them by the leading bits of their figures, which sort as the figures do,
and once to collect those few that share their bits with a wanted one.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.prices import Floats

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
SHOWN = ("xirr", "multiple", "max_drawdown", "account_max_drawdown", "worst_shortfall")
# Sign, exponent and 12 bits of the fraction: 4,096 classes for each doubling.
_DROPPED = 40
_POSITIVE = np.int64(0x7FFF_FFFF_FFFF_FFFF)

# Calling it reads all rows anew, block by block, shape (rows, columns).
Blocks = Callable[[], Iterator[Floats]]


@dataclass(frozen=True)
class Summary:
    """A variant's distribution: `quantiles` by column and level, None where no row has a figure.

    `below` is the share of rows that ended with less than was put in, `lowest` and `highest` the
    places of the smallest and largest multiple, `blanks` the rows without a figure by column.
    """

    rows: int
    quantiles: dict[str, list[float | None]]
    below: float
    lowest: int
    highest: int
    blanks: dict[str, int]


def summarise(blocks: Blocks, names: Sequence[str] = SHOWN) -> Summary:
    """Read the rows and sum them up; `names` are the blocks' columns."""
    multiple = names.index("multiple")
    rows = below = 0
    lowest = highest = (0, float("nan"))
    for block in blocks():
        values = block[:, multiple]
        below += int((values < 1.0).sum())
        for at, better in ((int(np.nanargmin(values)), True), (int(np.nanargmax(values)), False)):
            came = (rows + at, float(values[at]))
            if better and not came[1] >= lowest[1]:
                lowest = came
            if not better and not came[1] <= highest[1]:
                highest = came
        rows += len(block)
    found = quantiles(blocks, len(names))
    return Summary(
        rows,
        {name: column for name, (_, column) in zip(names, found, strict=True)},
        below / rows,
        lowest[0],
        highest[0],
        {name: rows - count for name, (count, _) in zip(names, found, strict=True)},
    )


def quantiles(blocks: Blocks, columns: int) -> list[tuple[int, list[float | None]]]:
    """Return each column's count of figures and its quantiles at LEVELS."""
    counts: list[Counter[int]] = [Counter() for _ in range(columns)]
    for block in blocks():
        for column, counter in enumerate(counts):
            keys, times = np.unique(_classes(_known(block[:, column])), return_counts=True)
            counter.update(dict(zip(keys.tolist(), times.tolist(), strict=True)))
    wanted = [_Wanted(counter) for counter in counts]
    for block in blocks():
        for column, picker in enumerate(wanted):
            picker.collect(_known(block[:, column]))
    return [(picker.total, picker.quantiles()) for picker in wanted]


class _Wanted:
    """The order statistics that a column's quantiles need."""

    def __init__(self, counter: Counter[int]) -> None:
        self.total = counter.total()
        places = [(self.total - 1) * level for level in LEVELS] if self.total else []
        self._between = [(int(place), place - int(place)) for place in places]
        keys = np.array(sorted(counter), dtype=np.int64)
        self._upto = np.cumsum([counter[int(key)] for key in keys])
        ranks = [min(low + more, self.total - 1) for low, _ in self._between for more in (0, 1)]
        self._at = np.unique(np.searchsorted(self._upto, ranks, side="right"))
        self._keys = keys[self._at]
        self._kept: list[Floats] = []

    def collect(self, values: Floats) -> None:
        """Keep the figures that may be wanted."""
        if len(self._keys):
            self._kept.append(values[np.isin(_classes(values), self._keys)])

    def quantiles(self) -> list[float | None]:
        """Return the quantiles at LEVELS."""
        if not self.total:
            return [None] * len(LEVELS)
        kept = np.sort(np.concatenate(self._kept))
        return [self._one(kept, low, part) for low, part in self._between]

    def _one(self, kept: Floats, low: int, part: float) -> float:
        left = self._rank(kept, low)
        right = self._rank(kept, min(low + 1, self.total - 1))
        return left + (right - left) * part

    def _rank(self, kept: Floats, rank: int) -> float:
        """Return the figure of this rank among all; `kept` holds whole classes only."""
        before = 0
        for at in self._at:
            start = int(self._upto[at - 1]) if at else 0
            if rank < int(self._upto[at]):
                return float(kept[before + rank - start])
            before += int(self._upto[at]) - start
        raise IndexError(rank)


def _known(values: Floats) -> Floats:
    return values[np.isfinite(values)] + 0.0


def _classes(values: Floats) -> NDArray[np.int64]:
    """Return the leading bits as numbers that sort as the figures do."""
    bits = values.view(np.int64)
    return np.where(bits < 0, bits ^ _POSITIVE, bits) >> np.int64(_DROPPED)
