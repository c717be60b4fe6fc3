"""How a source of prices is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from data.deadline import DEADLINE_SECONDS
from data.prices import Bars, PriceTable
from data.progress import Told, untold
from data.splices import Own

Tables = Mapping[Bars, Callable[[], PriceTable]]
DateOrder = Literal["ymd", "mdy", "dmy"]
Decimal = Literal["point", "comma"]


@dataclass(frozen=True)
class Dialect:
    """How a file writes dates and numbers; None: only what has one reading is accepted."""

    date_order: DateOrder | None = None
    decimal: Decimal | None = None


@dataclass(frozen=True)
class Options:
    """How a source is read; every field has its option on the command line but `told`.

    `accept_jumps` are days on which a jump of the prices is right, `symbols` those a run will ask
    for (none: all there are), `since` the first day it asks for (None: what the source offers
    unasked), `deadline` the seconds after which fetching gives up; `told` hears what is read before
    it is. `beside`: another source is asked for what this one does not have;
    `currency` is what all prices are to be in.
    """

    offline: bool = False
    cache_dir: Path | None = None
    date_order: DateOrder | None = None
    decimal: Decimal | None = None
    price_column: str | None = None
    accept_jumps: tuple[date, ...] = ()
    deadline: float = DEADLINE_SECONDS
    symbols: tuple[str, ...] = ()
    since: date | None = None
    own: Own = field(default_factory=dict)
    told: Told = untold
    beside: bool = False
    currency: str = "USD"

    @property
    def dialect(self) -> Dialect:
        """How a file is written."""
        return Dialect(self.date_order, self.decimal)
