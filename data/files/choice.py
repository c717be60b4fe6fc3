"""Choose which columns of an export are read, as the prices of what.

Where a column has a name of a price, the file holds one series: the column asked for, else the
adjusted one, else the one price there is. Else each column is called by its symbol. Two that may be
meant are an error which names the option that tells them apart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from data.catalog import as_symbol, sold_as, trades_in_new_york
from data.errors import BadPrices, printable
from data.files.columns import NO_COLUMN, RATES, check_names, check_once
from data.files.header import Header
from data.files.presets import ADJUSTED, CLOSES, OTHERS, PRESETS, SYMBOLS, Preset, plain
from data.language import say, say_both, say_each, say_either
from data.notes import Note, of
from data.options import DateOrder, Dialect
from data.progress import Told, untold

_NAMES_AT_MOST = 8


@dataclass(frozen=True)
class Ask:
    """How a file is read, and what is wanted of it (none: all that it has).

    `symbol` is what the file is called after, `stated` that a person declared it; `only` the one
    symbol asked for, which a file of one series may serve; `columns` what declared symbols are
    called in it. `exact`: a wide file of ours, of which every column is a symbol.
    """

    dialect: Dialect = field(default_factory=Dialect)
    wanted: frozenset[str] = frozenset()
    symbol: str = ""
    stated: bool = False
    only: str = ""
    price_column: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    exact: bool = False
    told: Told = untold


@dataclass(frozen=True)
class Choice:
    """Which columns are read, under which symbols; one of `keys` names them row by row."""

    at: tuple[int, ...]
    symbols: tuple[str, ...]
    keys: tuple[int, ...] = ()
    unread: tuple[str, ...] = ()
    order: DateOrder | None = None
    said: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()


def choose(header: Header, ask: Ask) -> Choice:
    """Say which columns are read; raises BadPrices where that is not clear."""
    if len(header.names) < 2:
        raise BadPrices(of(header.where, NO_COLUMN))
    if ask.exact:
        symbols = check_names(header.where, header.names[1:])
        return Choice(tuple(range(1, len(header.names))), symbols)
    names = {at: plain(n) for at, n in enumerate(header.names) if at != header.day}
    written = {i: header.names[i].casefold() for i in names}
    declared = {i: ask.columns[n] for i, n in written.items() if n in ask.columns}
    found = {*names.values()}
    preset = next((p for p in PRESETS if p.marks <= found), Preset(frozenset()))
    if header.owners:
        return _owned(header, ask, names)
    fields = ADJUSTED | CLOSES
    if declared and not fields.isdisjoint(found):
        return _chosen(header, ask, declared, "")
    if preset.columns and not ask.price_column and not declared:
        known = {at: preset.columns[n] for at, n in names.items() if n in preset.columns}
        return _chosen(header, ask, known, preset.said)
    if ask.price_column or not fields.isdisjoint(found):
        return _series(header, ask, names, preset.order)
    return _wide(header, ask, names, declared)


def _chosen(header: Header, ask: Ask, at: Mapping[int, str], said: str) -> Choice:
    """Read the columns whose symbols are known, and leave the others aside."""
    others = [n for i, n in enumerate(header.names) if i != header.day and i not in at]
    texts = [said] if said else []
    aside = say("its columns {columns} are left aside", columns=_listed(others))
    texts += [aside] if others else []
    return _served(header, ask, at, tuple(texts))


def _served(header: Header, ask: Ask, at: Mapping[int, str], said: tuple[str, ...]) -> Choice:
    """Keep the columns that are wanted, and rates.

    A file's only series is given the name that it is asked for, or declared by, and says so.
    """
    series = [symbol for symbol in at.values() if symbol not in RATES]
    if len(series) == 1 and (name := served(header.file, ask, series[0])):
        symbols = tuple(name[0] if s == series[0] else s for s in at.values())
        return Choice(tuple(at), symbols, said=said, notes=name[1])
    if ask.stated:
        text = say(
            "{n} series, {series}; say which column is {symbol}: [symbol.{symbol}] column = ...",
            n=len(series),
            series=_listed(series),
            symbol=ask.symbol,
        )
        raise BadPrices(of(header.where, text))
    wanted = {*ask.wanted, *RATES} if ask.wanted else {*at.values()}
    kept = {i: symbol for i, symbol in at.items() if symbol in wanted}
    check_once(header.where, list(kept.values()))
    unread = tuple(s for s in at.values() if s and s not in wanted)
    return Choice(tuple(kept), tuple(kept.values()), unread=unread, said=said)


def served(file: str, ask: Ask, series: str) -> tuple[str, tuple[Note, ...]] | None:
    """Return the name that a file's only series goes by instead of `series`, with a note.

    It is the one a person declared, or the only symbol asked for, unless `series` is what the
    catalogue calls something else; None where it goes by its own.
    """
    if ask.stated:
        return ask.symbol, ()
    if not ask.only or series == ask.only:
        return None
    ours, theirs = (sold_as(name) or name for name in (ask.only, series))
    if trades_in_new_york(series) and ours != theirs:
        return None
    if series == ask.symbol:
        text = say("the one series of {file} is taken for it", file=file)
    else:
        text = say(
            "the one series of {file}, called {name} there, is taken for it",
            file=file,
            name=printable(series, 30),
        )
    return ask.only, (Note("stand-in", ask.only, text),)


def _owned(header: Header, ask: Ask, names: Mapping[int, str]) -> Choice:
    """Choose one price for each owner that a second line of the header names."""
    columns: dict[str, dict[int, str]] = {}
    for at, name in names.items():
        columns.setdefault(header.owners[at], {})[at] = name
    symbols = check_names(header.where, [ask.columns.get(o.casefold(), o) for o in columns])
    priced = [_price(header, ask, mine) for mine in columns.values()]
    known = {place: symbol for symbol, (place, _) in zip(symbols, priced, strict=True)}
    return _served(header, ask, known, tuple(dict.fromkeys(text for _, text in priced)))


def _series(header: Header, ask: Ask, names: Mapping[int, str], order: DateOrder | None) -> Choice:
    """Choose the price of a file of one series, or of one that names its symbols row by row."""
    place, said = _price(header, ask, names)
    keys = [i for name in SYMBOLS for i, n in names.items() if n == name and i != place]
    if keys:
        return Choice((place,), ("",), tuple(keys), order=order, said=(said,))
    return replace(_served(header, ask, {place: ask.symbol}, (said,)), order=order)


def _price(header: Header, ask: Ask, names: Mapping[int, str]) -> tuple[int, str]:
    """Return the place of the price column and what is said of it."""
    asked, where = plain(ask.price_column), header.where
    tables = [{asked}] if asked else [ADJUSTED, CLOSES]
    found = next((f for t in tables if (f := [i for i, n in names.items() if n in t])), [])
    words = [printable(header.names[i], 30) for i in found]
    check_once(where, [names[i] for i in found])
    if len(found) > 1:
        text = say(
            "{columns} may each be the prices; say {options}",
            columns=say_both(words),
            options=say_either(f"--price-column '{word}'" for word in words),
        )
        raise BadPrices(of(where, text))
    if not found:
        raise BadPrices(of(where, _none_among([header.names[i] for i in names], ask.price_column)))
    if asked:
        return found[0], say("prices are its column {column}, as asked", column=words[0])
    if tables[0] is ADJUSTED and names[found[0]] in ADJUSTED:
        return found[0], say("prices are its column {column}", column=words[0])
    return found[0], say(
        "prices are its column {column} as it stands, with dividends only where the source put "
        "them in",
        column=words[0],
    )


def _none_among(names: Sequence[str], asked: str = "") -> str:
    had = _listed(names)
    if not asked:
        return say("no price column among {columns}; name one with --price-column", columns=had)
    return say(
        "no column {column!r} among {columns}; name one with --price-column",
        column=printable(asked, 30),
        columns=had,
    )


def _wide(
    header: Header, ask: Ask, names: Mapping[int, str], declared: Mapping[int, str]
) -> Choice:
    """Take each column for a symbol; what stands beside prices and is none is left aside.

    So are names that are no symbols, where columns are declared.
    """
    written = {i: declared.get(i, header.names[i]) for i in names}
    # pandas writes the numbers of rows before the dates, in a column that it has no name for.
    aside = dict.fromkeys(
        i for i, n in names.items()
        if (n in OTHERS and written[i] != written[i].upper())
        or (i < header.day and (not n or n.startswith("unnamed:")))
        or (declared and not as_symbol(written[i]))
    )  # fmt: skip
    columns = {i: text for i, text in written.items() if i not in aside}
    if not columns:
        raise BadPrices(of(header.where, _none_among(list(written.values()))))
    symbols = {i: as_symbol(text) for i, text in columns.items()}
    said: tuple[str, ...] = ()
    if aside:
        listed = _listed([written[i] for i in aside])
        said = (say("its columns {columns} are no prices", columns=listed),)
    if [*symbols.values()] == [""] and ask.symbol:
        symbols = dict.fromkeys(symbols, ask.symbol)
        listed = _listed(list(columns.values()))
        said += (say("prices are its column {column}", column=listed),)
    elif ask.wanted.isdisjoint(symbols.values()):
        check_names(header.where, list(columns.values()))
    return _served(header, ask, symbols, said)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMES_AT_MOST
    shown = say_each([printable(name, 30) for name in names[:_NAMES_AT_MOST]])
    return say("{names} and {n:,} more", names=shown, n=more) if more > 0 else shown
