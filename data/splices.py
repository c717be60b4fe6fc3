"""Series chained from others by returns: the catalogue's and those a plan declares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field

from data.arrays import Days, Floats, chain, to_date
from data.catalog import as_symbol, is_symbol
from data.errors import BadPlan, BadPrices, UnknownName, printable
from data.language import say, say_each
from data.notes import Note
from data.prices import MOST, Part, PriceTable, after
from data.quotes import Quote, check_unit

# A symbol in a plan; what is none is left as it is, for its reader to refuse.
SymbolName = Annotated[str, AfterValidator(lambda text: as_symbol(text) or text)]


def _is_empty(text: str) -> bool:
    return not text


class OwnSymbol(BaseModel):
    """What a user declares of a symbol: others to chain by returns into it, or when it ended.

    `last_price` is what was left at the end, in the prices' dollars: 0 is a total loss.
    `counterpart` is what it follows in a scenario; `file` is which of a folder's files holds it,
    `column` which of a file's columns, `ter` a yearly cost that is taken from its prices.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    parts: tuple[SymbolName, ...] = Field(
        default=(),
        max_length=10,
        strict=False,
        examples=[["^IXIC", "QQQ"]],
        description=say("Chain these by returns into it, oldest first."),
    )
    title: str = Field(
        "",
        max_length=200,
        validation_alias=AliasChoices("title", "label"),
        description=say("Call it so in the report."),
        examples=["My technology fund"],
    )
    note: str = Field(
        default="",
        max_length=500,
        description=say("Let this stand beside its figures."),
        examples=["the index before the fund"],
    )
    ended: date | None = Field(
        default=None,
        description=say("Sell it when its prices have stopped on this day."),
        examples=[date(2023, 3, 10)],
    )
    last_price: float | None = Field(
        default=None,
        ge=0,
        le=MOST,
        examples=[0.0],
        description=say("Sell it then at this price. [default: its last one]"),
    )
    file: str = Field(
        default="",
        max_length=200,
        description=say("Read it from this file of the folder of prices."),
        examples=["HistoricalData_1704.csv"],
    )
    column: str = Field(
        default="",
        max_length=200,
        description=say("Read it from this column."),
        examples=["Net asset value"],
    )
    counterpart: SymbolName | None = Field(
        default=None, description=say("Let it follow this symbol in a scenario."),
        examples=["IXIC"],
    )  # fmt: skip
    ter: float = Field(
        default=0.0, ge=0, lt=1, exclude_if=lambda value: not value,
        description=say("Take this fraction from its prices each year, as a fund's costs; funds' "
        "prices have theirs in already."),
        examples=[0.002],
    )  # fmt: skip
    currency: str = Field(
        default="",
        exclude_if=_is_empty,
        description=say(
            "Take its prices as quoted in this currency, GBp for pence. [default: as its "
            "source says, else the plan's]"
        ),
        examples=["USD"],
    )
    rate: SymbolName = Field(
        default="",
        exclude_if=_is_empty,
        description=say(
            "Convert it by these rates. [default: those called after the two currencies]"
        ),
        examples=["EURUSD=X"],
    )

    def model_post_init(self, _context: Any) -> None:
        """Refuse parts that are not symbols or stand twice, and declarations of nothing."""
        for part in self.parts:
            if not is_symbol(part):
                raise BadPlan(
                    say(
                        "parts: {symbol!r} is not a symbol; write it like SPY or ^IXIC",
                        symbol=printable(part, 30),
                    )
                )
        if len(set(self.parts)) != len(self.parts):
            raise BadPlan(
                say(
                    "parts: a symbol stands twice in {symbols}; name it once",
                    symbols=say_each(self.parts),
                )
            )
        if self.last_price is not None and self.ended is None:
            raise BadPlan(say("last_price: it needs the day; write ended = YYYY-MM-DD"))
        if self.parts and (self.file or self.column):
            raise BadPlan(
                say("a symbol is made of parts, or read from a file or a column; give one")
            )
        if self.currency:
            check_unit(self.currency)
        said = (
            self.parts,
            self.ended,
            self.title,
            self.note,
            self.counterpart,
            self.file,
            self.column,
        )
        if not any((*said, self.currency, self.rate, self.ter)):
            raise BadPlan(say("a symbol is declared without parts and without an end; give one"))


Own = Mapping[str, OwnSymbol]


@dataclass(frozen=True)
class Line:
    """One series on a date axis: values (bars,), NaN where there is none."""

    name: str
    values: Floats


def splice(
    symbol: str, dates: Days, lines: Sequence[Line], joins: Sequence[np.datetime64 | None] = ()
) -> tuple[Floats, tuple[Part, ...]]:
    """Chain `lines`, oldest first, by returns; return the series and what each part gave.

    A join is the day given in `joins` where both have a price there, else the first common bar.
    Raises BadPrices where two neighbours have no bar in common.
    """
    series, bounds = lines[0].values, []
    wanted = [*joins, *[None] * len(lines)]
    for newer, day in zip(lines[1:], wanted, strict=False):
        at = _join(symbol, dates, series, newer, day)
        series = chain(series, newer.values, at)
        bounds.append(at)
    return series, _parts(dates, series, [line.name for line in lines], bounds)


def with_own(table: PriceTable, own: Own, beside: bool = False) -> PriceTable:
    """Add what the user declares to a table that holds its parts as columns.

    Raises UnknownName for a part that its source does not have, or, unless another source stands
    `beside` it, for a symbol without parts.
    """
    for symbol, wanted in own.items():
        check_own_name(symbol)
        missing = [p for p in wanted.parts if p not in table.symbols]
        if missing:
            raise UnknownName(
                say("part of the symbol {symbol}", symbol=symbol), missing[0], table.symbols
            )
        if wanted.parts:
            lines = [Line(p, table.column(p)) for p in wanted.parts]
            series, parts = splice(symbol, table.dates, lines)
            table = put(table, symbol, series, parts, own_notes(symbol, wanted))
            table = _quoted_as(table, symbol, wanted.parts)
        elif symbol in table.symbols:
            notes = (*table.notes.get(symbol, ()), *own_notes(symbol, wanted))
            table = replace(table, notes={**table.notes, symbol: notes})
        elif symbol not in table.unread and not beside:
            raise table.unknown(symbol)
    return with_ends(table, own)


def _quoted_as(table: PriceTable, symbol: str, parts: Sequence[str]) -> PriceTable:
    """Quote a chained symbol as its parts are; raises BadPlan where these differ."""
    quotes = {p: table.quoted.get(p, Quote(table.currency)) for p in parts}
    if len({(q.currency, q.size) for q in quotes.values()}) > 1:
        nothing = say("no declared currency")
        units = [
            say("{symbol} in {unit}", symbol=p, unit=q.unit or nothing) for p, q in quotes.items()
        ]
        raise BadPlan(
            say(
                "{symbol}: its parts are quoted differently: {units}; declare them in a plan",
                symbol=symbol,
                units=say_each(units),
            )
        )
    return replace(table, quoted={**table.quoted, symbol: quotes[parts[0]]})


def with_ends(table: PriceTable, own: Own) -> PriceTable:
    """Write the ends that the user declares into a table; what it has after them is left out."""
    ends = {s: o.ended for s, o in own.items() if o.ended and s in table.symbols}
    if not ends:
        return table
    closes = table.closes.copy()
    for symbol, day in ends.items():
        closes[after(table.dates, day, table.bars), table.symbols.index(symbol)] = np.nan
    last = {s: own[s].last_price for s in ends}
    known = {s: price for s, price in last.items() if price is not None}
    return replace(
        table,
        closes=closes,
        ended={**table.ended, **ends},
        last_prices={**table.last_prices, **known},
    )


def put(
    table: PriceTable, symbol: str, series: Floats, parts: tuple[Part, ...], notes: tuple[Note, ...]
) -> PriceTable:
    """Add a column, or replace the one of that name with all that was said of it."""
    kept = [s for s in table.symbols if s != symbol]
    columns = [table.column(s) for s in kept]
    return replace(
        table,
        symbols=(*kept, symbol),
        closes=np.column_stack([*columns, series]),
        listed={k: v for k, v in table.listed.items() if k != symbol},
        ended={k: v for k, v in table.ended.items() if k != symbol},
        last_prices={k: v for k, v in table.last_prices.items() if k != symbol},
        notes={**table.notes, symbol: notes},
        parts={**table.parts, symbol: parts},
    )


def own_notes(symbol: str, wanted: OwnSymbol) -> tuple[Note, ...]:
    """Return what the user wants to stand beside a symbol of theirs."""
    return tuple(Note("data", symbol, text) for text in (wanted.title, wanted.note) if text)


def check_own_name(symbol: str) -> None:
    """Raise BadPlan unless `symbol` may name a series."""
    if not is_symbol(symbol):
        raise BadPlan(
            say(
                "symbol.{symbol}: not a symbol; use up to 24 letters and digits, as MY-FUND",
                symbol=printable(symbol, 30),
            )
        )


def _join(symbol: str, dates: Days, older: Floats, newer: Line, day: np.datetime64 | None) -> int:
    common = np.isfinite(older) & np.isfinite(newer.values)
    if day is not None:
        at = int(np.searchsorted(dates, day))
        if at < len(dates) and dates[at] == day and common[at]:
            return at
    if not common.any():
        raise BadPrices(
            say(
                "{symbol}: {part} has no bar in common with what stands before it; nothing "
                "connects the two",
                symbol=symbol,
                part=newer.name,
            )
        )
    return int(np.argmax(common))


def _parts(
    dates: Days, series: Floats, names: Sequence[str], bounds: Sequence[int]
) -> tuple[Part, ...]:
    priced = np.flatnonzero(np.isfinite(series))
    edges = [int(priced[0]), *bounds, int(priced[-1])]
    return tuple(
        Part(name, to_date(dates[first]), to_date(dates[last]))
        for name, first, last in zip(names, edges, edges[1:], strict=False)
    )
