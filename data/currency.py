"""Bring prices quoted in another currency into the plan's by a series of rates; none, no prices.

A rate is called after its pair: EURUSD or EURUSD=X is what one euro costs in dollars. A price takes
the rate of its day, the one before where that has none, at most over the longest hole.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial

import numpy as np

from data.arrays import Days, Flags, Floats, Ints, runs, to_date
from data.errors import BadPlan, printable
from data.holes import LONGEST_HOLE
from data.language import say, say_each, say_either
from data.notes import Fault, Note
from data.options import Tables
from data.prices import BARS_SAID, RESOLUTIONS, PriceTable
from data.quotes import Quote
from data.splices import Own

DOLLARS = "USD"
# Markets quote a pair from the earlier of these; the other way round has few digits.
_FIRST = ("EUR", "GBP", "AUD", "NZD", "USD", "CAD", "CHF")
_PAIR = re.compile(r"([A-Z]{3})([A-Z]{3})(?:=X)?")


@dataclass(frozen=True)
class Rates:
    """A series of rates: its name, its source, and the tables that hold it, by resolution."""

    name: str
    source: str
    tables: Tables


Finder = Callable[[Sequence[str]], Rates | None]


@dataclass(frozen=True)
class Money:
    """The currency of a plan, what it declares of quotes, and the symbols needed (none: all).

    `find` looks for the first of several names of rates in the plan's sources.
    """

    currency: str
    declared: Mapping[str, Quote]
    needed: frozenset[str]
    find: Finder
    _found: dict[tuple[str, ...], Rates | None] = field(default_factory=dict)

    def tables(self, offered: Tables) -> Tables:
        """Return the loaders of tables whose every price is in the plan's currency.

        They raise BadPlan for what is needed and has no rates, and where a declaration contradicts
        its source.
        """
        return {bars: cache(partial(self._converted, load)) for bars, load in offered.items()}

    def _converted(self, load: Callable[[], PriceTable]) -> PriceTable:
        table = load()
        quotes = {s: self._quote(table, s) for s in table.symbols}
        foreign = {s: quote for s, quote in quotes.items() if quote.unit != self.currency}
        bare = [s for s, q in quotes.items() if not q.unit and self._is_needed(s)]
        foreign = {s: quote for s, quote in foreign.items() if quote.unit}
        if table.currency not in ("", self.currency):
            table = self._without_rates(table)
        table = self._without(table, [s for s in foreign if not self._is_needed(s)])
        for symbol in [s for s in table.symbols if s in foreign]:
            table = self._one(table, symbol, foreign[symbol])
        said = self._taken(bare)
        return replace(table, currency=self.currency, quoted={}, warnings=(*table.warnings, *said))

    def rates(self, symbol: str, quote: Quote) -> Rates:
        """Find the rates of a symbol; raises BadPlan where there are none."""
        base = quote.currency
        names = (quote.rate,) if quote.rate else _names(base, self.currency)
        if names not in self._found:
            self._found[names] = self.find(names)
        found = self._found[names]
        if found is None:
            raise BadPlan(
                say(
                    "{symbol} is in {base} and the plan in {currency}; give a rate series: a file "
                    "or column {names} in a source (--data DIR --data snapshot), or --data yahoo "
                    "beside it",
                    symbol=symbol,
                    base=base,
                    currency=self.currency,
                    names=say_either(names[:2]),
                )
            )
        return found

    def _is_needed(self, symbol: str) -> bool:
        return symbol in self.needed or not self.needed

    def _quote(self, table: PriceTable, symbol: str) -> Quote:
        """Return how a symbol is quoted, as its source knows or as declared; no unit: unknown."""
        known = table.quoted.get(symbol, Quote(table.currency))
        declared = self.declared.get(symbol, Quote(""))
        if known.unit and declared.unit and known.currency != declared.currency:
            raise BadPlan(
                say(
                    "symbol.{symbol}: its prices are in {known}, not in {declared}; leave its "
                    "currency out",
                    symbol=symbol,
                    known=known.unit,
                    declared=declared.unit,
                )
            )
        return Quote(known.unit or declared.unit, declared.rate or known.rate)

    def _taken(self, bare: Sequence[str]) -> Iterator[Note]:
        """Say which prices are taken to be in the plan's currency, unless that is dollars."""
        if bare and self.currency != DOLLARS:
            text = say(
                "{symbols}: taken to be quoted in {currency}, as nothing else is declared",
                symbols=say_each(bare),
                currency=self.currency,
            )
            yield Note("data", "", text)

    def _without(self, table: PriceTable, symbols: Sequence[str]) -> PriceTable:
        if not symbols:
            return table
        left = [s for s in table.symbols if s not in symbols]
        # Without any symbol the days still say how far the source reaches.
        kept = (
            table.select(left) if left else replace(table, symbols=(), closes=table.closes[:, :0])
        )
        return replace(kept, unread=(*table.unread, *symbols))

    def _without_rates(self, table: PriceTable) -> PriceTable:
        """Leave out bills and consumer prices that are of another currency's country."""
        text = say(
            "bills and consumer prices of {foreign} say nothing of {currency}: ratios are over "
            "zero and nothing is deflated, unless a source has columns TBILL and CPI",
            foreign=table.currency,
            currency=self.currency,
        )
        warnings = (*table.warnings, Note("data", "", text))
        return replace(table, cpi=None, risk_free=False, warnings=warnings)

    def _one(self, table: PriceTable, symbol: str, quote: Quote) -> PriceTable:
        """Convert one symbol, with its note; leave it out of bars finer than its rates."""
        column = table.column(symbol)
        if quote.currency == self.currency:
            return _put(table, symbol, np.full(len(column), quote.size), _said(quote))
        rates = self.rates(symbol, quote)
        known = _known(rates, table)
        if known is None:
            text = say(
                "{symbol} has no {bars} prices in {currency}: the rates {rates} are coarser; use "
                "--bars auto or monthly",
                symbol=symbol,
                bars=BARS_SAID[table.bars],
                currency=self.currency,
                rates=rates.name,
            )
            left = self._without(table, [symbol])
            return replace(left, lacking={**table.lacking, symbol: text})
        factors = quote.size * self._factors(symbol, quote, rates, _carried(known, rates, table))
        words = say(
            "{quoted}, converted to {currency} by {rates} of {source}",
            quoted=_said(quote),
            currency=self.currency,
            rates=rates.name,
            source=rates.source,
        )
        made = _put(table, symbol, factors, words)
        return _reached(made, symbol, np.isfinite(column), rates)

    def _factors(self, symbol: str, quote: Quote, rates: Rates, values: Floats) -> Floats:
        """Turn rates of either direction into what one of the quote's currency is worth."""
        base, mine, pair = quote.currency, self.currency, _pair(rates.name)
        if pair not in ((base, mine), (mine, base)):
            raise BadPlan(
                say(
                    "symbol.{symbol}: the rate {rates} is not called after {base} and {mine}; call "
                    "it {mine}{base} (what one {mine} costs) or {base}{mine}",
                    symbol=symbol,
                    rates=printable(rates.name),
                    base=base,
                    mine=mine,
                )
            )
        return values if pair == (base, mine) else 1.0 / values


def quotes_of(own: Own) -> Mapping[str, Quote]:
    """Return what a user declares of quotes; what is said of a chained symbol is of its parts."""
    return {
        part: Quote(one.currency, one.rate)
        for symbol, one in own.items()
        if one.currency or one.rate
        for part in one.parts or (symbol,)
    }


def _said(quote: Quote) -> str:
    if quote.size != 1:
        return say(
            "quoted in {unit} (hundredths of {currency})",
            unit=quote.unit,
            currency=quote.currency,
        )
    return say("quoted in {unit}", unit=quote.unit)


def _names(base: str, mine: str) -> tuple[str, ...]:
    """List what rates between two currencies may be called, as markets call them first."""
    first, second = sorted(
        (mine, base), key=lambda c: _FIRST.index(c) if c in _FIRST else len(_FIRST)
    )
    pairs = (first + second, second + first)
    return tuple(name for pair in pairs for name in (f"{pair}=X", pair))


def _pair(name: str) -> tuple[str, str] | None:
    """Return which currency a rate prices and in which; EUR=X is Yahoo's for USDEUR."""
    found = _PAIR.fullmatch(f"USD{name}" if re.fullmatch(r"[A-Z]{3}=X", name) else name)
    return (found[1], found[2]) if found else None


def _known(rates: Rates, table: PriceTable) -> PriceTable | None:
    """Return the finest rates that are no coarser than the table's bars, None where all are."""
    for bars in RESOLUTIONS[: RESOLUTIONS.index(table.bars) + 1]:
        if bars in rates.tables and rates.name in (found := rates.tables[bars]()).symbols:
            return found
    return None


def _carried(known: PriceTable, rates: Rates, table: PriceTable) -> Floats:
    """Return the rate of each bar, of its month where rates are monthly; NaN where too old."""
    column = known.column(rates.name)
    unit = "datetime64[M]" if known.bars == "monthly" else "datetime64[D]"
    asked = table.dates.astype(unit)
    days = known.dates[np.isfinite(column)].astype(unit)
    at = np.searchsorted(days, asked, side="right") - 1
    age = _age(days[np.maximum(at, 0)], asked)
    longest = LONGEST_HOLE[known.bars] * (10 if known.bars == "weekly" else 1)
    values = column[np.isfinite(column)][np.maximum(at, 0)]
    return np.where((at >= 0) & (age <= longest), values, np.nan)


def _age(since: Days, asked: Days) -> Ints:
    """Count months, or weekdays."""
    if asked.dtype == np.dtype("datetime64[M]"):
        return (asked - since).astype(np.int64)
    return np.asarray(np.busday_count(since, asked))


def _put(table: PriceTable, symbol: str, factors: Floats, words: str) -> PriceTable:
    closes = table.closes.copy()
    closes[:, table.symbols.index(symbol)] *= factors
    known = factors[np.isfinite(factors)]
    last = {s: p for s, p in table.last_prices.items() if s == symbol and known.size}
    said = (*table.notes.get(symbol, ()), Note("data", symbol, words))
    return replace(
        table,
        closes=closes,
        last_prices={**table.last_prices, **{s: p * float(known[-1]) for s, p in last.items()}},
        notes={**table.notes, symbol: said},
    )


def _reached(table: PriceTable, symbol: str, priced: Flags, rates: Rates) -> PriceTable:
    """Judge prices without a rate: begin after them, end before them, refuse their days."""
    lost = priced & np.isnan(table.column(symbol))
    have = np.flatnonzero(priced & ~lost)
    if not lost.any():
        return table
    if not have.size:
        text = say(
            "{symbol}: no rate {rates} on any of its {bars} bars; give others",
            symbol=symbol,
            rates=rates.name,
            bars=BARS_SAID[table.bars],
        )
        left = table.select([s for s in table.symbols if s != symbol])
        return replace(left, lacking={**table.lacking, symbol: text})
    first, last = (to_date(table.dates[i]) for i in have[[0, -1]])
    if lost[: have[0]].any():
        text = say("begins on {first}, as the rates {rates} do", first=first, rates=rates.name)
        said = (*table.notes[symbol], Note("data", symbol, text))
        table = replace(table, notes={**table.notes, symbol: said})
    faults = _holes(table, symbol, lost, rates)
    table = replace(table, faults=(*table.faults, *faults))
    if not lost[have[-1] :].any():
        return table
    text = say(
        "all prices are cut on {last}, where the rates {rates} end", last=last, rates=rates.name
    )
    return replace(table.until(last), warnings=(*table.warnings, Note("data", "", text)))


def _holes(table: PriceTable, symbol: str, lost: Flags, rates: Rates) -> Iterator[Fault]:
    have = np.flatnonzero(np.isfinite(table.column(symbol)))
    bars = np.arange(len(lost))
    for start, stop in runs(lost & (bars > have[0]) & (bars < have[-1])):
        days = to_date(table.dates[start]), to_date(table.dates[stop - 1])
        text = say(
            "no rate {rates} from {first} to {last}",
            rates=rates.name,
            first=days[0],
            last=days[1],
        )
        yield Fault(symbol, *days, text, say("add the rates, or choose another window"))
