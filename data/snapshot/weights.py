"""Weights inside the S&P 500 as published: of single members, of the ten largest, of technology."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from data.arrays import Days, Floats
from data.snapshot import embedded_lines

# What is no single member.
SEVEN, TOP10 = "SEVEN", "TOP10"
EFFECTIVE_NUMBER, TECH_SECTOR = "EFFECTIVE_NUMBER", "TECH_SECTOR"
_SUMS = (SEVEN, TOP10, EFFECTIVE_NUMBER, TECH_SECTOR)
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Weight:
    """One published figure: a fraction, or a number of holdings; `date` is a day, month or year."""

    date: str
    symbol: str
    figure: float
    source: str


@dataclass(frozen=True)
class Dated:
    """One symbol's figures on the days they are of, oldest first, shape (days,)."""

    days: Days
    figures: Floats


# Read from the same holdings, but of days or members that the table leaves out (SOURCES.md): the
# seven's highest day of 2022-10 to 2026-08, and the seven with Broadcom.
READ_HIGH = Weight("2025-11-03", SEVEN, 0.3592, "IVV-20251103")
WITH_BROADCOM = (
    Weight("2025-12-31", "SEVEN+AVGO", 0.3758, "IVV-20260101"),
    Weight("2026-09-30", "SEVEN+AVGO", 0.3718, "IVV-20260930"),
)


@cache
def published() -> tuple[Weight, ...]:
    """Return every figure of the table, oldest first; SOURCES.md names its sources."""
    rows = (line.split(",") for line in embedded_lines("index_weights")[1:])
    return tuple(Weight(date, symbol, float(text), source) for date, symbol, text, source in rows)


@cache
def dated() -> Mapping[str, Dated]:
    """Return, by symbol, the figures that are of a day."""
    found: dict[str, list[Weight]] = {}
    for weight in published():
        if _DAY.fullmatch(weight.date):
            found.setdefault(weight.symbol, []).append(weight)
    return {symbol: _dated(weights) for symbol, weights in found.items()}


def members() -> tuple[str, ...]:
    """Name the single members that the table has, the heaviest on its last day first."""
    single = {s: d for s, d in dated().items() if s not in _SUMS and "+" not in s}
    return tuple(sorted(single, key=lambda symbol: -single[symbol].figures[-1]))


def technology() -> tuple[Weight, Weight]:
    """Return technology's share in S&P's own words, at the top of 2000 and at the low of 2002."""
    own = [w for w in published() if (w.symbol, w.source) == (TECH_SECTOR, "LAT2008")]
    high, low = (next(w for w in own if w.date == month) for month in ("2000-03", "2002-10"))
    return high, low


def _dated(weights: list[Weight]) -> Dated:
    days = np.array([w.date for w in weights], dtype="datetime64[D]")
    return Dated(days, np.array([w.figure for w in weights]))
