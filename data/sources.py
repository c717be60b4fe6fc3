"""Where prices come from: the snapshot, a person's files, a freeze, or Yahoo."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from data.deadline import DEADLINE_SECONDS
from data.errors import BadInput
from data.files.cells import DateOrder, Decimal, Dialect
from data.prices import Bars, PriceTable
from data.progress import Told, untold
from data.resolution import month_ends
from data.splices import Own, with_own

Tables = Mapping[Bars, Callable[[], PriceTable]]


@dataclass(frozen=True)
class Options:
    """How a source is read; every field has its option on the command line.

    `symbols` are those a run will ask for (none: all that the catalogue has), `deadline` the
    seconds after which fetching gives up.
    """

    offline: bool = False
    cache_dir: Path | None = None
    date_order: DateOrder | None = None
    decimal: Decimal | None = None
    deadline: float = DEADLINE_SECONDS
    symbols: tuple[str, ...] = ()
    own: Own = field(default_factory=dict)
    told: Told = untold


def tables(
    where: str,
    *,
    offline: bool = False,
    cache_dir: Path | None = None,
    date_order: DateOrder | None = None,
    decimal: Decimal | None = None,
    deadline: float = DEADLINE_SECONDS,
    symbols: Sequence[str] = (),
    own: Own | None = None,
    told: Told = untold,
) -> Tables:
    """Return the loaders of `snapshot`, `yahoo` or a path, by resolution; nothing is read twice.

    A daily table is offered by the month as well. What a person must mend raises BadInput: for a
    path at once, for Yahoo when a loader is called.
    """
    options = Options(
        offline, cache_dir, date_order, decimal, deadline, tuple(symbols), own or {}, told
    )
    if where == "snapshot":
        return _snapshot(options)
    if where == "yahoo":
        return _yahoo(options)
    if not where:
        raise BadInput("--data is empty; write snapshot, yahoo, or the path of a file or folder")
    return _path(Path(where), options)


def unchecked(where: str, options: Options) -> Sequence[PriceTable]:
    """Return the tables of a source as they are, for the checks to say everything of them.

    Of Yahoo's figures only the kept ones are read; a freeze is held against its hashes.
    """
    if where == "snapshot":
        return [loader() for loader in _snapshot(options).values()]
    if where == "yahoo":
        return [_yahoo(replace(options, offline=True))["daily"]()]
    from data.files import freeze
    from data.files import load as files

    if freeze.is_freeze(Path(where)):
        return list(freeze.read(Path(where)).values())
    return [files.load(Path(where), Dialect(options.date_order, options.decimal))]


def by_resolution(table: PriceTable) -> Tables:
    """Offer a table as it is and, where it is daily, by the month."""
    offered: dict[Bars, Callable[[], PriceTable]] = {table.bars: lambda: table}
    if table.bars == "daily":
        offered["monthly"] = cache(lambda: month_ends(table))
    return offered


def _snapshot(options: Options) -> Tables:
    from data import snapshot

    return {
        "daily": cache(lambda: with_own(snapshot.load("daily"), options.own)),
        "monthly": cache(lambda: with_own(snapshot.load("monthly"), options.own)),
    }


def _path(path: Path, options: Options) -> Tables:
    from data.files import freeze

    if freeze.is_freeze(path):
        return {bars: _constant(table) for bars, table in freeze.read(path).items()}
    from data.checks.table import passed
    from data.files import load as files

    read = files.load(path, Dialect(options.date_order, options.decimal))
    return by_resolution(with_own(passed(read), options.own))


def _constant(table: PriceTable) -> Callable[[], PriceTable]:
    return lambda: table


def _yahoo(options: Options) -> Tables:
    from data.yahoo import table as yahoo

    daily = cache(lambda: yahoo.load(options))
    return {"daily": daily, "monthly": cache(lambda: month_ends(daily()))}
