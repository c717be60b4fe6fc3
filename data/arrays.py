"""Dates and prices as arrays, and what is done with them everywhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from data.language import say, say_each

Days = NDArray[np.datetime64]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
# The mean length of a month, of 400 years' 4,800.
MONTH_DAYS = 146_097 / 4_800


@dataclass(frozen=True)
class Series:
    """One symbol's own days and closes; `splits` are new shares for an old one, 0 where none."""

    symbol: str
    dates: Days
    closes: Floats
    splits: Floats | None = None


def align(series: Sequence[Series]) -> tuple[Days, tuple[str, ...], Floats]:
    """Put series side by side on the union of their dates, NaN where one has none."""
    dates = np.unique(np.concatenate([s.dates for s in series]))
    closes = np.full((len(dates), len(series)), np.nan)
    for column, one in enumerate(series):
        closes[np.searchsorted(dates, one.dates), column] = one.closes
    return dates, tuple(s.symbol for s in series), closes


def chain(old: Floats, new: Floats, join: int) -> Floats:
    """Chain two series of one length by returns at bar `join`: `new` is scaled to meet `old`.

    Where either has no price at `join` nothing connects them: both keep their levels and the gap
    between them stays a gap, which no window may span.
    """
    scale = old[join] / new[join]
    if not np.isfinite(scale):
        return np.where(np.isfinite(old), old, new)
    after = np.arange(len(old)) > join
    return np.where(after, new * scale, old)


def month_of(dates: Days) -> Ints:
    """Count calendar months from January 1970 on, which is 0."""
    return dates.astype("datetime64[M]").astype(np.int64)


def month_firsts(dates: Days) -> Flags:
    """Mark the first bar of each calendar month, the first bar of all included."""
    months = dates.astype("datetime64[M]")
    return np.concatenate([[True], months[1:] != months[:-1]])


def month_lasts(dates: Days) -> Flags:
    """Mark the last bar of each calendar month, the last bar of all included."""
    return np.roll(month_firsts(dates), -1)


def steps(dates: Days) -> Ints:
    """Count the calendar days between neighbouring bars, shape (rows - 1,)."""
    return np.diff(dates.astype("datetime64[D]")).astype(np.int64)


def runs(marks: Flags) -> list[tuple[int, int]]:
    """Return each run of marks: its first place, and the one behind its last."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marks, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def longest_run(marks: Flags) -> int:
    """Count the longest run of marks."""
    return max((stop - start for start, stop in runs(marks)), default=0)


def listing(days: Days, most: int = 3) -> str:
    """Write the first few days and how many more there are."""
    words, more = say_each([str(d) for d in days[:most]]), len(days) - most
    return say("{days} and {n} more", days=words, n=more) if more > 0 else words


def to_date(moment: np.datetime64) -> date:
    """Return a day of a date axis as a Python date."""
    day: date = moment.astype("datetime64[D]").item()
    return day
