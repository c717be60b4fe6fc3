"""Prices from a pandas DataFrame: dates in the index, a column a symbol or what yfinance gives."""

from typing import TYPE_CHECKING

import numpy as np

from data.errors import BadPrices, printable
from data.files.choice import Ask, choose
from data.files.columns import Columns, too_few
from data.files.exports import asked_alone, columns_of
from data.files.header import of_names
from data.files.load import as_table, checked
from data.language import say
from data.notes import taken
from data.options import Options
from data.prices import PriceTable

if TYPE_CHECKING:
    import pandas as pd

_NAME = say("the DataFrame")


def of_frame(frame: "pd.DataFrame", options: Options) -> PriceTable:
    """Return the frame as a checked table, as if it were a file; raises BadPrices.

    Columns TBILL and CPI are rates; of `options` the user's own symbols and accepted jumps hold. A
    time zone is dropped, each row keeping its own date.
    """
    import pandas as pd

    if not isinstance(frame.index, pd.DatetimeIndex):
        raise BadPrices(say("the DataFrame's index holds no dates; set a DatetimeIndex"))
    names: list[tuple[object, ...]]
    names = [c if isinstance(c, tuple) else (c,) for c in frame.columns] or [()]
    rows = [["date", *map(str, row)] for row in zip(*names, strict=True)] or [["date"]]
    only = asked_alone(options)
    ask = Ask(symbol=only, only=only, columns=columns_of(options.own))
    choice = choose(of_names(_NAME, rows), ask)
    try:
        chosen = frame.iloc[:, [at - 1 for at in choice.at]]
        values = chosen.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise BadPrices(
            say("the DataFrame holds more than numbers: {why}", why=printable(str(error)))
        ) from error
    dates = frame.index.tz_localize(None).to_numpy().astype("datetime64[D]")
    if len(dates) < 2:
        raise BadPrices(too_few(_NAME, len(dates)))
    notes = (*choice.notes, *taken(_NAME, choice.symbols, choice.said))
    read = Columns(_NAME, dates, choice.symbols, values, notes=notes)
    return checked(as_table(read), options.own, options)
