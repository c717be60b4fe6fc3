"""Make prices up: seeded random walks on weekdays, the same on every machine."""

from pathlib import Path

import numpy as np

from benchmarks.peers.harness import Floats, Prices

FIRST_DAY = "1995-01-02"
# About the drift and the daily movement of a broad share index.
DRIFT, SPREAD = 3e-4, 0.011


def prices(bars: int, assets: int, seed: int = 1) -> Prices:
    """Return closes that begin near 100."""
    dates = np.busday_offset(FIRST_DAY, np.arange(bars), roll="forward").astype("datetime64[D]")
    steps = np.random.default_rng(seed).normal(DRIFT, SPREAD, (bars, assets))
    return Prices(dates, 100 * np.exp(np.cumsum(steps, axis=0)))


def monthly_returns(months: int, assets: int, seed: int = 2) -> Floats:
    """Return simple returns of a history to draw from, shape (months, assets)."""
    return np.random.default_rng(seed).normal(0.006, 0.045, (months, assets))


def write(made: Prices, path: Path) -> str:
    """Write prices where a worker can read them; return the path."""
    np.savez(path, dates=made.dates, closes=made.closes)
    return str(path)
