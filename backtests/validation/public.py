"""The indices that come with the package arch: public prices that others can compute with too."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from data.errors import NoPrices
from data.prices import PriceTable

PACKAGE = "arch"
MISSING = "pip install arch"


def here() -> bool:
    """Say whether the package is installed."""
    return find_spec(PACKAGE) is not None


@cache
def prices(index: str) -> PriceTable:
    """Return the daily closes of `sp500` or `nasdaq`, 1999 to 2018, without dividends.

    Raises:
        NoPrices: the package is not installed.

    """
    import pandas as pd

    found = find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise NoPrices(f"these prices come with a package that is not installed; {MISSING}")
    # Read as a file: importing the package takes a second or more.
    file = Path(found.origin).parent / "data" / index / f"{index}.csv.gz"
    frame = pd.read_csv(file, usecols=["Date", "Adj Close"])
    days = pd.to_datetime(frame["Date"], format="%m/%d/%Y").to_numpy().astype("datetime64[D]")
    closes = frame["Adj Close"].to_numpy(np.float64)[:, None]
    return PriceTable(days, (index,), closes, "daily", "file")
