"""The price table: adjusted closes in USD, one row a bar, one column a symbol."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from hashlib import sha256
from typing import Any, Literal

import numpy as np

from data.arrays import Days, Flags, Floats, to_date
from data.catalog import sold_as
from data.errors import BadPrices, NoPrices, UnknownSymbol
from data.language import Said, say, say_each, say_in
from data.notes import Fault, Note
from data.quotes import Quote
from data.rates import Cpi

Bars = Literal["daily", "weekly", "monthly"]

# Beyond these a price is a typing error, and what is computed from it leaves a float's range.
LEAST, MOST = 1e-100, 1e100
# Finest first.
RESOLUTIONS: tuple[Bars, ...] = ("daily", "weekly", "monthly")
# How a sentence calls them: "daily bars".
BARS_SAID: Mapping[Bars, Said] = {
    "daily": say_in("bars", "daily"),
    "weekly": say_in("bars", "weekly"),
    "monthly": say_in("bars", "monthly"),
}
BARS_A_YEAR: Mapping[str, int] = {"daily": 252, "weekly": 52, "monthly": 12}

OTHERS = say("--data yahoo fetches others, --data PATH reads a file of yours")
_HAS = {
    "snapshot": say("the embedded prices have {symbols}"),
    "yahoo": say("what was fetched has {symbols}"),
}
_ELSEWHERE = {"snapshot": OTHERS, "file": say("--data yahoo fetches others")}


@dataclass(frozen=True)
class Part:
    """One source inside a symbol's series.

    `no_costs`: an index that nobody could buy; `assumed`: a scenario.
    """

    name: str
    first: date
    last: date
    no_costs: bool = False
    assumed: bool = False


@dataclass(frozen=True)
class Assumed:
    """Say of a table that its bars after `since` are a scenario and no prices.

    `title` says in few words what they follow, `said` in a sentence what is assumed; `terms` are
    all that shaped them, in plain values.
    """

    since: date
    title: str
    said: str
    terms: Mapping[str, Any]


@dataclass(frozen=True)
class PriceTable:
    """Hold closes of shape (bars, symbols); NaN where a symbol has no price on a bar.

    `listed` and `ended` are declared first and last trading days: only a declared end makes a
    series that stops a delisting, and only prices that begin near the listing make a late start a
    late listing. `last_prices` are declared for the end, 0 for a total loss. `notes` stand beside a
    symbol's prices, `warnings` beside the whole table. `faults` forbid windows that hold their
    days. `unread` names what its source has and nobody asked for, `lacking` says of symbols why
    they are not on these bars; `sources` names, in a mix of sources, that of each symbol and of
    consumer prices (CPI). `currency` is what prices are in where that is known, but for symbols
    `quoted` otherwise; `risk_free`: CASH is without risk in that currency; `exchanges` are the
    calendars that are known of symbols outside of New York, empty where none is. `ter` are yearly
    costs that were taken from a symbol's prices. `assumed` says where prices end and a scenario
    begins.
    """

    dates: Days
    symbols: tuple[str, ...]
    closes: Floats
    bars: Bars
    source: str
    listed: Mapping[str, date] = field(default_factory=dict)
    ended: Mapping[str, date] = field(default_factory=dict)
    last_prices: Mapping[str, float] = field(default_factory=dict)
    notes: Mapping[str, tuple[Note, ...]] = field(default_factory=dict)
    parts: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)
    cpi: Cpi | None = None
    warnings: tuple[Note, ...] = ()
    faults: tuple[Fault, ...] = ()
    unread: tuple[str, ...] = ()
    assumed: Assumed | None = None
    lacking: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    currency: str = ""
    quoted: Mapping[str, Quote] = field(default_factory=dict)
    risk_free: bool = True
    ter: Mapping[str, float] = field(default_factory=dict)
    exchanges: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_table(self.dates, self.symbols, self.closes)

    def column(self, symbol: str) -> Floats:
        """Return one symbol's closes, shape (bars,); raises UnknownName, or NoPrices."""
        if symbol in self.lacking:
            raise NoPrices(self.lacking[symbol])
        if symbol not in self._places:
            raise self.unknown(symbol)
        return self.closes[:, self._places[symbol]]

    def unknown(self, symbol: str) -> UnknownSymbol:
        """Return the refusal of a symbol that is not here: what is, and where others are."""
        source, elsewhere = (
            _HAS.get(self.source, say("the prices have {symbols}")),
            _ELSEWHERE.get(self.source, OTHERS),
        )
        part_of = sold_as(symbol)
        if part_of in self.symbols:
            elsewhere = say(
                "{symbol} is inside {whole} here, and {elsewhere}",
                symbol=symbol,
                whole=part_of,
                elsewhere=elsewhere,
            )
        return UnknownSymbol(symbol, [*self.symbols, *self.unread], source, elsewhere)

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {symbol: at for at, symbol in enumerate(self.symbols)}

    def first(self, symbol: str) -> date:
        """Return the date of the symbol's first price; raises NoPrices without any."""
        return to_date(self._priced_days(symbol)[0])

    def last(self, symbol: str) -> date:
        """Return the date of the symbol's last price; raises NoPrices without any."""
        return to_date(self._priced_days(symbol)[-1])

    def _priced_days(self, symbol: str) -> Days:
        days = self.dates[np.isfinite(self.column(symbol))]
        if not len(days):
            raise NoPrices(
                say(
                    "{symbol} has no price on {bars} bars; leave it out",
                    symbol=symbol,
                    bars=BARS_SAID[self.bars],
                )
            )
        return days

    def rows(self, symbol: str) -> int:
        """Count the symbol's prices."""
        return int(np.isfinite(self.column(symbol)).sum())

    def sha256(self, symbol: str) -> str:
        """Hash the symbol's priced days (little-endian int64 since 1970) and closes (float64)."""
        column = self.column(symbol)
        priced = np.isfinite(column)
        digest = sha256(self.dates[priced].astype("datetime64[D]").astype("<i8").tobytes())
        digest.update(column[priced].astype("<f8").tobytes())
        return digest.hexdigest()

    def select(self, symbols: Sequence[str]) -> "PriceTable":
        """Keep these symbols, in this order, and the bars on which at least one has a price."""
        columns = np.empty((len(self.dates), len(symbols)))
        for place, symbol in enumerate(symbols):
            columns[:, place] = self.column(symbol)
        keep = np.isfinite(columns).any(axis=1)
        return self._with(self.dates[keep], tuple(symbols), columns[keep])

    def until(self, last: date) -> "PriceTable":
        """Cut the table after `last`: what was known then."""
        keep = self.dates <= np.datetime64(last)
        return self._with(self.dates[keep], self.symbols, self.closes[keep])

    def _with(self, dates: Days, symbols: tuple[str, ...], closes: Floats) -> "PriceTable":
        return replace(self, dates=dates, symbols=symbols, closes=closes)


def check_table(dates: Days, symbols: Sequence[str], closes: Floats) -> None:
    """Refuse a table whose dates do not increase or whose prices are not finite and positive."""
    if closes.shape != (len(dates), len(symbols)):
        shape, wanted = (str(each) for each in (closes.shape, (len(dates), len(symbols))))
        raise BadPrices(
            say("prices have shape {shape}, wanted {wanted}", shape=shape, wanted=wanted)
        )
    if len(set(symbols)) != len(symbols):
        twice = say_each(symbols)
        raise BadPrices(
            say("a symbol stands twice among {symbols}; keep one column each", symbols=twice)
        )
    steps = np.diff(dates.astype("datetime64[D]").astype(np.int64))
    if (steps <= 0).any():
        at = dates[1:][steps <= 0][0]
        raise BadPrices(
            say("dates do not increase at {day}; sort them and keep one row a day", day=at)
        )
    bad = ~(np.isnan(closes) | ((closes >= LEAST) & (closes <= MOST)))
    if bad.any():
        row, column = (int(i[0]) for i in np.nonzero(bad))
        raise BadPrices(
            say(
                "{symbol} is {price:g} on {day}; a price must be positive and finite (leave the "
                "cell empty where there is none)",
                symbol=symbols[column],
                price=closes[row, column],
                day=dates[row],
            )
        )


def after(dates: Days, ended: date, bars: Bars) -> Flags:
    """Mark the bars after a declared end; a month-end bar belongs to its whole month."""
    unit = "datetime64[M]" if bars == "monthly" else "datetime64[D]"
    return np.asarray(dates.astype(unit) > np.datetime64(ended).astype(unit))
