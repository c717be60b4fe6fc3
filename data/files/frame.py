"""Prices from a pandas DataFrame of adjusted closes: dates in the index, a column a symbol."""

from typing import TYPE_CHECKING

import numpy as np

from data.errors import BadPrices, printable
from data.files.columns import Columns, check_names
from data.files.load import as_table, checked
from data.options import Options
from data.prices import PriceTable

if TYPE_CHECKING:
    import pandas as pd


def of_frame(frame: "pd.DataFrame", options: Options) -> PriceTable:
    """Return the frame as a checked table, as if it were a wide file; raises BadPrices.

    Columns TBILL and CPI are rates; of `options` the user's own symbols and accepted jumps hold. A
    time zone is dropped, each row keeping its own date.
    """
    import pandas as pd

    if not isinstance(frame.index, pd.DatetimeIndex):
        raise BadPrices("the DataFrame's index holds no dates; set a DatetimeIndex")
    names = check_names("the DataFrame", [str(name) for name in frame.columns])
    try:
        values = frame.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise BadPrices(
            f"the DataFrame holds more than numbers: {printable(str(error))}"
        ) from error
    dates = frame.index.tz_localize(None).to_numpy().astype("datetime64[D]")
    if len(dates) < 2:
        raise BadPrices(f"the DataFrame has {len(dates)} rows of prices; a table needs two or more")
    return checked(as_table(Columns("the DataFrame", dates, names, values)), options.own, options)
