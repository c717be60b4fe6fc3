"""`dca data`: fetch, look at, verify and freeze the prices that runs stand on."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from data.deadline import DEADLINE_SECONDS

if TYPE_CHECKING:
    from datetime import datetime

    from data.checks.series import Finding
    from data.prices import PriceTable
    from data.yahoo.cache import Entry


def _seconds(_: click.Context, __: click.Parameter, seconds: float) -> float:
    """Refuse what is no span of time; NaN slips through every comparison."""
    if not 1 <= seconds <= _A_DAY:
        raise click.BadParameter(f"{seconds:g} is not between 1 and {_A_DAY} seconds")
    return seconds


_A_DAY = 86_400
_CACHE = click.option(
    "--cache",
    "cache_dir",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Folder of kept figures.  [the platform's cache folder]",
)
_OFFLINE = click.option("--offline", is_flag=True, help="Open no connection; use what is kept.")
_DEADLINE = click.option(
    "--deadline",
    type=float,
    metavar="SECONDS",
    callback=_seconds,
    default=DEADLINE_SECONDS,
    show_default=True,
    help="Give up fetching after so long.",
)
_DIALECT = (
    click.option(
        "--date-order", type=click.Choice(["ymd", "mdy", "dmy"]), help="How a file writes dates."
    ),
    click.option("--decimal", type=click.Choice(["point", "comma"]), help="And its decimals."),
)
_PLAN = click.option(
    "--plan", "plan_file", type=click.Path(path_type=Path), help="A TOML plan, for its symbols."
)


def source_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command every option that says how prices are read."""
    for option in (*_DIALECT, _DEADLINE, _OFFLINE, _CACHE):
        command = option(command)
    return command


@click.group()
def data() -> None:
    """Fetch, look at, verify and freeze prices.

    Fetching sends the symbols to Yahoo, and nothing else leaves this machine.
    """


@data.command()
@click.argument("symbols", nargs=-1, metavar="[SYMBOL]...")
@click.option("--again", is_flag=True, help="Fetch also what was fetched within the hour.")
@_CACHE
@_DEADLINE
def fetch(symbols: tuple[str, ...], again: bool, cache_dir: Path | None, deadline: float) -> None:
    """Fetch whole histories from Yahoo and keep them; without SYMBOL, all of the catalogue's."""
    from data import progress
    from data.sources import Options
    from data.yahoo.collect import fetcher
    from data.yahoo.recipes import menu, tickers_of

    tickers = tickers_of(symbols) if symbols else menu((), {}).tickers
    with progress.bar(len(tickers)) as told:
        got = fetcher(Options(cache_dir=cache_dir, deadline=deadline), again).collect(tickers, told)
    for history in got.histories.values():
        rows = f"{len(history.dates):,} days"
        click.echo(f"{history.ticker:<9} {history.first} to {history.last}, {rows}")
        for text in history.warnings:
            click.echo(f"{'':<9} warning: {text}")
    for text in got.notes:
        click.echo(text, err=True)
    click.echo(f"{len(got.histories)} of {len(tickers)} tickers are kept")
    got.raise_failures()


@data.command()
@_CACHE
def status(cache_dir: Path | None) -> None:
    """Show what is kept: span, rows, age, source and hash of each ticker."""
    from backtests.report.terminal import console
    from data.yahoo.cache import Cache

    cache = Cache(cache_dir)
    entries, notes = cache.entries()
    for text in notes:
        click.echo(text, err=True)
    if entries:
        console().print(_status_table(entries))
    click.echo(f"{len(entries)} tickers are kept in {cache.folder}")


@data.command()
@click.option("--data", "where", default="snapshot", metavar="snapshot|yahoo|PATH")
@source_options
def verify(where: str, **options: Any) -> None:
    """Print everything the checks find; of Yahoo's figures, of those kept. Exits 1 at an error."""
    from data.sources import Options, unchecked

    errors = 0
    for table in unchecked(where, Options(**options)):
        found = _findings(table)
        for finding in found:
            click.echo(f"{finding.severity:<8} {table.bars:<8} {finding.rule:<10} {finding}")
        errors += sum(f.severity == "error" for f in found)
        click.echo(f"{table.bars}: {_counted(len(table.symbols), found)}")
    if errors:
        sys.exit(1)


@data.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("symbols", nargs=-1, metavar="[SYMBOL]...")
@click.option("--data", "where", default=None, metavar="snapshot|yahoo|PATH", help="[yahoo]")
@_PLAN
@source_options
def freeze(
    folder: Path,
    symbols: tuple[str, ...],
    where: str | None,
    plan_file: Path | None,
    **options: Any,
) -> None:
    """Write the tables of a run into FOLDER, with their hashes; then: dca compare --data FOLDER.

    They hold what the plan needs (without one, the defaults of dca compare) and SYMBOL.
    """
    from backtests.comparison import symbols_needed
    from backtests.plan import Plan, read_plan
    from data.files import freeze as freezing
    from data.sources import tables

    plan = read_plan(plan_file, {}) if plan_file else Plan()
    source = where or (plan.data if plan_file else "yahoo")
    needed = tuple(dict.fromkeys([*symbols_needed(plan), *symbols]))
    own = plan.symbol
    loaders = tables(source, symbols=needed, own=own, **options)
    frozen = {bars: loader() for bars, loader in loaders.items()}
    freezing.write(frozen, folder)
    for bars, table in frozen.items():
        click.echo(f"{bars}: {len(table.symbols)} symbols, {len(table.dates):,} bars")
    click.echo(f"frozen in {folder}")


def _findings(table: "PriceTable") -> "list[Finding]":
    """Return what the checks find now, and what stands beside Yahoo's figures since fetching."""
    from data.checks.series import Finding
    from data.checks.table import check
    from data.notes import joined

    notes = table.notes.items() if table.source == "yahoo" else ()
    noted = [Finding("warning", s, "note", joined(said)) for s, said in notes if said]
    said = (Finding("warning", "", "said", note.text) for note in table.warnings)
    return [*check(table), *noted, *said]


def _counted(symbols: int, found: "list[Finding]") -> str:
    errors = sum(f.severity == "error" for f in found)
    return f"{symbols} symbols, {errors} errors, {len(found) - errors} warnings"


def _status_table(entries: "list[Entry]") -> Any:
    from rich.table import Table

    from data.sessions import now

    table = Table("ticker", "first", "last", "rows", "age", "source", "warnings", "sha256")
    for entry in entries:
        history = entry.history
        table.add_row(
            entry.ticker,
            str(history.first),
            str(history.last),
            f"{len(history.dates):,}",
            _age(history.fetched, now()),
            "yahoo",
            str(len(history.warnings)),
            entry.sha256[:12],
        )
    return table


def _age(fetched: "datetime", now: "datetime") -> str:
    hours = max(0.0, (now - fetched).total_seconds() / 3600)
    return f"{hours / 24:.0f} days" if hours >= 48 else f"{hours:.1f} hours"
