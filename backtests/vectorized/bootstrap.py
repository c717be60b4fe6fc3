"""Draw price paths out of history: the stationary block bootstrap of Politis & Romano (1994).

A path strings together blocks of months out of history. Each month begins a new block with
probability 1/block, else it is the month after the last one; the last month of history is followed
by the first. All assets take the same months, so what moved together stays together. Paths come
in cells of CELL: a cell depends on the seed and its number alone, never on how many are asked for.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from backtests.vectorized.market import Market
from data.arrays import Days, Flags, Floats, Ints, month_of
from data.errors import BadPlan, NoPrices
from data.language import say, say_each
from data.prices import PriceTable

# Large enough that numpy's calls cost little beside their work, small enough for the cache.
CELL = 5_000
FEWEST_MONTHS = 24
LONGEST_PATH = 1_200
# A path's prices begin here; nothing depends on it but shares, and whole ones not at all well.
OPENING = 100.0
ALL = slice(None)
_HALF = 32


@dataclass(frozen=True)
class History:
    """What paths are drawn from: month-on-month price ratios, shape (months, assets)."""

    symbols: tuple[str, ...]
    dates: Days
    ratios: Floats

    @classmethod
    def of(cls, table: PriceTable, symbols: tuple[str, ...]) -> "History":
        """Take the months in which every symbol has a price at both ends."""
        chosen = table.select(symbols)
        complete = np.asarray(np.isfinite(chosen.closes).all(axis=1))
        months = month_of(chosen.dates)
        follows: Flags = complete[1:] & complete[:-1] & (np.diff(months) == 1)
        if follows.sum() < FEWEST_MONTHS:
            raise NoPrices(
                say(
                    "{symbols}: only {months} months in common, a bootstrap needs {fewest}; leave "
                    "the newest symbol out",
                    symbols=say_each(symbols),
                    months=int(follows.sum()),
                    fewest=FEWEST_MONTHS,
                )
            )
        ratios = chosen.closes[1:][follows] / chosen.closes[:-1][follows]
        return cls(symbols, chosen.dates[1:][follows], ratios)


def check_seed(seed: int) -> None:
    """Refuse what nothing can be drawn by; raises BadPlan."""
    if not 0 <= seed < 1 << 64:
        raise BadPlan(say("seed is {seed}; give a whole number from 0 to 2^64 - 1", seed=seed))


@dataclass(frozen=True)
class Design:
    """How paths are drawn: their length in months, the mean block length, and the seed."""

    months: int
    block: float = 12.0
    seed: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.block <= LONGEST_PATH:
            raise BadPlan(
                say(
                    "block is {block:g} months; give 1 to {most}",
                    block=self.block,
                    most=LONGEST_PATH,
                )
            )
        if not 2 <= self.months <= LONGEST_PATH:
            raise BadPlan(
                say(
                    "a path of {months} months; give 2 to {most}",
                    months=self.months,
                    most=LONGEST_PATH,
                )
            )
        check_seed(self.seed)


class Blocks:
    """The months that a cell's paths take, step by step.

    Only raw bits of the generator are used: numpy promises that they never change, so a seed
    gives the same paths for good. 32 of them decide whether a block begins and another 32 where;
    their bias, months/2^32, is below one in ten million.
    """

    def __init__(self, design: Design, cell: int, history: int) -> None:
        self._paths, self._offsets, self._bounds = _drawn(design, cell, history)
        self.offsets = np.zeros(CELL, dtype=np.int64)

    def turn(self, step: int) -> Ints:
        """Return the paths' offsets in this step: month `offset + step`, history repeated."""
        new = slice(self._bounds[step], self._bounds[step + 1])
        self.offsets[self._paths[new]] = self._offsets[new]
        return self.offsets


@lru_cache(maxsize=2)
def _drawn(design: Design, cell: int, history: int) -> tuple[Ints, Ints, list[int]]:
    """Draw a cell's blocks: whose, where in history, and the first block of each step.

    Strategies that are swept side by side take the same paths, cell after cell.
    """
    seeds = np.random.SeedSequence(design.seed, spawn_key=(cell,))
    source = np.random.SFC64(seeds)
    bits = source.random_raw((design.months - 1) * CELL // 2)
    halves = bits.astype("<u8", copy=False).view("<u4")
    # At block 1 every month begins one: the largest number is let through as well.
    begins = halves <= np.uint32(min(int((1 << _HALF) / design.block), (1 << _HALF) - 1))
    begins[:CELL] = True
    at = np.flatnonzero(begins)
    high = source.random_raw(len(at)) >> np.uint64(_HALF)
    starts = (high * np.uint64(history) >> np.uint64(_HALF)).astype(np.int64)
    step = at // CELL
    bounds = np.searchsorted(step, np.arange(design.months)).tolist()
    # Counted from the path's beginning, a month's place in history stands still in a block.
    return at - step * CELL, (starts - step) % history, bounds


def months_taken(design: Design, cell: int, history: int, paths: slice = ALL) -> Ints:
    """Return which month of history each step takes, shape (months - 1, paths)."""
    blocks = Blocks(design, cell, history)
    steps = range(design.months - 1)
    return np.array([(blocks.turn(step)[paths] + step) % history for step in steps])


def repeated(history: History, months: int) -> Floats:
    """Return history's ratios one asset a row, begun again at the end for `months` more."""
    rows = np.arange(len(history.ratios) + months) % len(history.ratios)
    return np.ascontiguousarray(history.ratios[rows].T)


def calendar(history: History, months: int) -> Days:
    """Date a path's bars: the month ends from history's last on."""
    first = history.dates[-1].astype("datetime64[M]")
    ends = (first + np.arange(1, months + 1)).astype("datetime64[D]")
    return np.asarray(ends - np.timedelta64(1, "D"))


def market(history: History, design: Design, cell: int, paths: slice = ALL) -> Market:
    """Return some of a cell's paths as prices of shape (months, assets, paths)."""
    taken = months_taken(design, cell, len(history.ratios), paths)
    steps = history.ratios[taken].transpose(0, 2, 1)
    opening = np.full((1, *steps.shape[1:]), OPENING)
    closes = np.cumprod(np.concatenate([opening, steps]), axis=0)
    priced = np.ones(closes.shape[:2], dtype=np.bool_)
    nothing = np.full(len(history.symbols), -1, dtype=np.int64)
    return Market(calendar(history, design.months), history.symbols, closes, priced, nothing)


def path_table(history: History, design: Design, path: int) -> PriceTable:
    """Return one path as a price table, for Backtrader."""
    cell, place = divmod(path, CELL)
    drawn = market(history, design, cell, slice(place, place + 1))
    return PriceTable(drawn.dates, drawn.symbols, drawn.closes[:, :, 0], "monthly", "bootstrap")
