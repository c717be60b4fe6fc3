"""The indices that come with the package arch: public prices that others can compute with too."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from data.errors import NoPrices
from data.language import say
from data.prices import PriceTable

PACKAGE = "arch"
MISSING = "pip install arch"


def here() -> bool:
    """Say whether the package is installed, and its prices with it."""
    return all(_file(index) for index in ("nasdaq", "sp500"))


@cache
def prices(index: str) -> PriceTable:
    """Return the daily closes of `sp500` or `nasdaq`, 1999 to 2018, without dividends.

    Raises:
        NoPrices: the package is not installed.

    """
    import pandas as pd

    file = _file(index)
    if file is None:
        raise NoPrices(
            say(
                "these prices come with a package that is not installed; {command}", command=MISSING
            )
        )
    frame = pd.read_csv(file, usecols=["Date", "Adj Close"])
    days = pd.to_datetime(frame["Date"], format="%m/%d/%Y").to_numpy().astype("datetime64[D]")
    closes = frame["Adj Close"].to_numpy(np.float64)[:, None]
    return PriceTable(days, (index,), closes, "daily", "file")


def _file(index: str) -> Path | None:
    """Find an index's prices; the package is not imported, which takes seconds."""
    found = find_spec(PACKAGE)
    folder = Path(found.origin).parent if found and found.origin else Path()
    file = folder / "data" / index / f"{index}.csv.gz"
    return file if found and file.is_file() else None
