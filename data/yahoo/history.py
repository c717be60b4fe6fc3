"""What one source knows of one ticker: closes and every event that adjusts them."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from data.arrays import Days, Flags, Floats, to_date
from data.sessions import IN_NEW_YORK, Place

# Yields in percent, not prices: they may be zero or below.
RATE_TICKERS = frozenset({"^IRX", "^FVX", "^TNX", "^TYX"})
COLUMNS = ("close", "adj_close", "dividends", "splits", "capital_gains")


@dataclass(frozen=True)
class History:
    """Daily rows of one ticker, arrays of shape (rows,), in its `unit` or, for a rate, percent.

    `close` has splits in it and dividends out, `adj_close` both in; `splits` are new shares for an
    old one (0: none). `warnings` are what the checks said when it was fetched.
    """

    ticker: str
    dates: Days
    close: Floats
    adj_close: Floats
    dividends: Floats
    splits: Floats
    capital_gains: Floats
    fetched: datetime
    warnings: tuple[str, ...] = ()
    unit: str = "USD"
    place: Place = IN_NEW_YORK

    @property
    def is_rate(self) -> bool:
        """Say whether the values are yields."""
        return self.ticker in RATE_TICKERS

    @property
    def first(self) -> date:
        """First day with a value."""
        return to_date(self.dates[0])

    @property
    def last(self) -> date:
        """Last day with a value."""
        return to_date(self.dates[-1])

    def keep(self, rows: Flags) -> "History":
        """Return the history of these rows alone."""
        kept = {name: getattr(self, name)[rows] for name in ("dates", *COLUMNS)}
        return replace(self, **kept)
