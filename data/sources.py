"""Where prices come from: a provider of the list below, a person's files, or several of them.

A new provider is a folder of its own with a function of `Options`, and one line in `PROVIDERS`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache, partial
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from data.currency import DOLLARS, Money, Rates, quotes_of
from data.errors import BadInput, UnknownName, printable, why
from data.language import say, say_each
from data.mixing import Source, mixed
from data.options import Options, Tables
from data.prices import Bars, PriceTable
from data.resolution import month_ends
from data.splices import with_own

if TYPE_CHECKING:
    import pandas as pd

    One = str | PriceTable | pd.DataFrame
    Prices = One | list[One] | tuple[One, ...]


@dataclass(frozen=True)
class Provider:
    """A named source: what it is, and where its function from `Options` to `Tables` stands.

    The function fetches nothing itself; its loaders do, and only the symbols asked for.
    """

    label: str
    path: str

    def open(self, options: Options) -> Tables:
        """Return the loaders by resolution; the provider's code is imported here."""
        opener: Callable[[Options], Tables] = resolve_name(self.path)
        return opener(options)


PROVIDERS: Mapping[str, Provider] = {
    "snapshot": Provider(say("the embedded prices"), "data.snapshot:tables"),
    "yahoo": Provider("Yahoo Finance", "data.yahoo.table:tables"),
}


def tables(prices: "Prices", options: Options | None = None) -> Tables:
    """Return the loaders of providers, paths, tables or DataFrames, by resolution.

    Of several the first that has a symbol gives it. Nothing is read twice, and a daily table is
    offered by the month as well.

    Raises:
        BadInput: what a person must put right; for a path at once, else when a loader is called.
        FetchFailed: when a loader is called, or at once for one of several.

    """
    options = options or Options()
    several = list(prices) if isinstance(prices, list | tuple) else [prices]
    money = _money(several, options)
    if len(several) == 1 and not _chained_across(several[0], options):
        return money.tables(_of_one(several[0], options))
    opened = [partial(_in_money, each, money) for each in several]
    return mixed([Source(n, o) for n, o in zip(_names(several), opened, strict=True)], options)


def _in_money(where: "One", money: Money, options: Options) -> Tables:
    return money.tables(_of_one(where, options))


def _money(several: "Sequence[One]", options: Options) -> Money:
    parts = [part for one in options.own.values() for part in one.parts]
    needed = frozenset([*options.symbols, *parts] if options.symbols else ())
    find = partial(_rates, several, options)
    return Money(options.currency, quotes_of(options.own), needed, find)


def _chained_across(where: "One", options: Options) -> bool:
    """Say whether the user chains parts that may be quoted in several currencies."""
    from data.files.freeze import is_freeze

    own = options.own.values()
    foreign = options.currency != DOLLARS or any(one.currency for one in own)
    if not (foreign and any(one.parts for one in own)):
        return False
    with _readable(str(where)):
        return not (isinstance(where, str) and is_freeze(Path(where)))


def _rates(several: "Sequence[One]", options: Options, names: Sequence[str]) -> Rates | None:
    """Find the first of the sources with rates of one of these names; the snapshot has none."""
    for source, each in zip(_names(several), several, strict=True):
        kind = each if isinstance(each, str) else ""
        asked = () if kind == "snapshot" else tuple(names)
        if kind == "yahoo":
            asked = tuple(name for name in names if name.endswith("=X"))[:1]
        own = {name: options.own[name] for name in asked if name in options.own}
        reading = replace(options, symbols=asked, own=own, beside=True)
        offered = _of_one(each, reading) if asked else {}
        for name in asked:
            if any(name in load().symbols for load in offered.values()):
                return Rates(name, source, offered)
    return None


def _names(several: "Sequence[One]") -> list[str]:
    """Name sources as a reader knows them, no two alike; a path by its last part."""
    names: list[str] = []
    for each in several:
        name = each if isinstance(each, str) else getattr(each, "source", "DataFrame")
        if isinstance(each, str) and each not in PROVIDERS:
            name = printable(Path(each).name or each)
            name = f"./{name}" if name in PROVIDERS else name
        names.append(f"{name} ({names.count(name) + 1})" if name in names else name)
    return names


def _of_one(where: "One", options: Options) -> Tables:
    if isinstance(where, PriceTable):
        return by_resolution(with_own(where, options.own, options.beside))
    if not isinstance(where, str):
        from data.files.frame import of_frame

        return by_resolution(of_frame(where, options))
    if where in PROVIDERS:
        return _by_month(PROVIDERS[where].open(options))
    if not where:
        known = say_each([*PROVIDERS])
        raise BadInput(
            say("--data is empty; write {known}, or the path of a file or folder", known=known)
        )
    if get_close_matches(where, PROVIDERS) and not Path(where).exists():
        raise UnknownName(say("source"), where, PROVIDERS)
    from data.files import load as files

    with _readable(where):
        return _by_month(files.tables(Path(where), options))


def unchecked(where: str, options: Options) -> Sequence[PriceTable]:
    """Return the tables of a source as they are, for the checks to say everything of them.

    Of what is fetched only the kept prices are read; a freeze is held against its hashes.
    """
    if where in PROVIDERS:
        return [load() for load in PROVIDERS[where].open(replace(options, offline=True)).values()]
    from data.files import load as files

    with _readable(where):
        return files.unchecked(Path(where), options)


@contextmanager
def _readable(where: str) -> Iterator[None]:
    """Refuse a path that the system will not even look at."""
    try:
        yield
    except OSError as error:
        path = printable(where, 200)
        raise BadInput(
            say("cannot read {path}: {why}; check the path", path=path, why=why(error))
        ) from error


def by_resolution(table: PriceTable) -> Tables:
    """Offer a table as it is and, where it is daily, by the month."""
    return _by_month({table.bars: lambda: table})


def _by_month(offered: Tables) -> Tables:
    once: dict[Bars, Callable[[], PriceTable]] = {b: cache(load) for b, load in offered.items()}
    if "daily" in once and "monthly" not in once:
        once["monthly"] = cache(lambda: month_ends(once["daily"]()))
    return once
