"""Which tickers of Yahoo's make up each symbol, and what must be said beside them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from data.catalog import CATALOG, EMBEDDED
from data.errors import BadInput, printable
from data.files.cells import is_symbol
from data.splices import Own, check_own_name, own_note

CASH = "CASH"


@dataclass(frozen=True)
class Recipe:
    """A symbol's parts, oldest first: tickers, or EMBEDDED for the snapshot's first column.

    No parts at all: the whole series is the snapshot's, because Yahoo no longer carries it.
    `stand_in` says whether the snapshot's series of that symbol is of the same thing.
    """

    symbol: str
    parts: tuple[str, ...]
    note: str = ""
    listed: date | None = None
    ended: date | None = None
    stand_in: bool = False

    @property
    def tickers(self) -> tuple[str, ...]:
        """The parts that must be fetched."""
        return tuple(p for p in self.parts if p != EMBEDDED)


@dataclass(frozen=True)
class Menu:
    """The recipes of a run; those of `named` symbols must be served, the others may."""

    recipes: tuple[Recipe, ...] = ()
    named: frozenset[str] = frozenset()

    @property
    def tickers(self) -> tuple[str, ...]:
        """Tickers in the order of the recipes."""
        return tuple(dict.fromkeys(t for r in self.recipes for t in r.tickers))


def menu(symbols: Sequence[str], own: Own) -> Menu:
    """Write the recipes of `symbols` (none: the whole catalogue), of `own` and of CASH."""
    wanted = dict.fromkeys([*(symbols or CATALOG), *own, CASH])
    return Menu(tuple(recipe(symbol, own) for symbol in wanted), frozenset([*symbols, *own]))


def tickers_of(symbols: Iterable[str]) -> tuple[str, ...]:
    """Return the tickers behind `symbols`, and nothing beside them."""
    return Menu(tuple(recipe(symbol, {}) for symbol in symbols)).tickers


def recipe(symbol: str, own: Own) -> Recipe:
    """Write one recipe: the user's own, the catalogue's, or Yahoo's ticker of that name."""
    if symbol in own:
        check_own_name(symbol)
        return Recipe(symbol, own[symbol].parts, own_note(own[symbol]))
    asset = CATALOG.get(symbol)
    if asset is None:
        if not is_symbol(symbol):
            raise BadInput(
                f"{printable(symbol, 30)!r} is not a symbol; write it like SPY, BRK-B or ^IXIC"
            )
        return Recipe(symbol, (symbol,))
    embedded = bool(asset.daily) or symbol == CASH
    if asset.yahoo == ():
        note = "; ".join(
            text
            for text in ("figures of the embedded snapshot: Yahoo no longer carries it", asset.note)
            if text
        )
        return Recipe(symbol, (), note, asset.listed, asset.ended, embedded)
    return Recipe(symbol, asset.yahoo or (symbol,), asset.yahoo_note, asset.listed, None, embedded)
