"""Which tickers of Yahoo's make up each symbol, and what must be said beside them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from data.catalog import CATALOG, EMBEDDED, Asset, is_symbol
from data.errors import BadInput, printable
from data.language import say
from data.notes import Note
from data.splices import Own, check_own_name, own_notes

CASH = "CASH"


@dataclass(frozen=True)
class Recipe:
    """A symbol's parts, oldest first: tickers, or EMBEDDED for the snapshot's first column.

    No parts at all: the whole series is the snapshot's, because Yahoo no longer carries it.
    `stand_in` says whether the snapshot's series of that symbol is of the same thing.
    """

    symbol: str
    parts: tuple[str, ...]
    notes: tuple[Note, ...] = ()
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
    """Write the recipes of `symbols` (none: all that is not licensed), of `own` and of CASH."""
    usual = [symbol for symbol, asset in CATALOG.items() if not asset.licensed]
    wanted = dict.fromkeys([*(symbols or usual), *own, CASH])
    return Menu(tuple(recipe(symbol, own) for symbol in wanted), frozenset([*symbols, *own]))


def tickers_of(symbols: Iterable[str]) -> tuple[str, ...]:
    """Return the tickers behind `symbols`, and nothing beside them."""
    return Menu(tuple(recipe(symbol, {}) for symbol in symbols)).tickers


def recipe(symbol: str, own: Own) -> Recipe:
    """Write one recipe: the user's own, the catalogue's, or Yahoo's ticker of that name."""
    if symbol in own and own[symbol].parts:
        check_own_name(symbol)
        return Recipe(symbol, own[symbol].parts, own_notes(symbol, own[symbol]))
    if symbol in own:
        usual = recipe(symbol, {})
        return replace(usual, notes=(*usual.notes, *own_notes(symbol, own[symbol])))
    asset = CATALOG.get(symbol)
    if asset is None:
        if not is_symbol(symbol):
            raise BadInput(
                say(
                    "{symbol!r} is not a symbol; write it like SPY, BRK-B or ^IXIC",
                    symbol=printable(symbol, 30),
                )
            )
        return Recipe(symbol, (symbol,))
    if asset.yahoo == ():
        text = say("prices of the embedded snapshot: Yahoo no longer carries it")
        return from_snapshot(asset, text)
    notes, tickers = asset.said(asset.yahoo_note), asset.yahoo or (symbol,)
    return Recipe(symbol, tickers, notes, asset.listed, stand_in=_is_embedded(asset))


def from_snapshot(asset: Asset, why: str) -> Recipe:
    """Write the recipe of the snapshot's series, with the note that says why it stands in."""
    notes = (Note("stand-in", asset.symbol, why), *asset.said(asset.note))
    return Recipe(asset.symbol, (), notes, asset.listed, asset.ended, _is_embedded(asset))


def _is_embedded(asset: Asset) -> bool:
    return bool(asset.daily) or asset.symbol == CASH
