"""`dca data`: fetch, look at, verify and freeze the prices that runs stand on."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from backtests.cli.options import FETCHING, READING, SYMBOL, given, reading, takes
from backtests.cli.progress import progress
from backtests.cli.speaking import Argument, Group
from data.language import say, say_in, shown, tr

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from data.checks.series import Finding
    from data.prices import PriceTable
    from data.yahoo.cache import Entry


_SEVERITIES = {"error": say("error"), "warning": say("warning")}
_BARS = {
    "daily": say_in("bars", "daily"),
    "weekly": say_in("bars", "weekly"),
    "monthly": say_in("bars", "monthly"),
}
_HELD = (
    *(say("ticker"), say_in("day", "first"), say_in("day", "last"), say_in("table", "rows")),
    *(say("age"), say("source"), say("warnings"), "sha256"),
)
_PLANS = say("the plan's, else yahoo")


@click.group(cls=Group)
def data() -> None:
    """Fetch, look at, verify and freeze prices.

    Fetching sends the symbols to Yahoo, and nothing else leaves this machine.
    """


@data.command()
@click.argument("symbols", nargs=-1, metavar="[SYMBOL]...", type=SYMBOL, cls=Argument)
@takes("--again", *FETCHING)
def fetch(symbols: tuple[str, ...], again: bool, cache_dir: Path | None, deadline: float) -> None:
    """Fetch whole histories from Yahoo and keep them; without SYMBOL, all of the catalogue's."""
    from data.options import Options
    from data.yahoo.collect import fetcher
    from data.yahoo.recipes import menu, tickers_of

    tickers = tickers_of(symbols) if symbols else menu((), {}).tickers
    with progress(say("fetching"), piped=True) as told:
        got = fetcher(Options(cache_dir=cache_dir, deadline=deadline), again).collect(tickers, told)
    for history in got.histories.values():
        first, last, days = history.first, history.last, len(history.dates)
        span = tr("{first} to {last}, {days:,} days", first=first, last=last, days=days)
        click.echo(f"{history.ticker:<9} {span}")
        for text in history.warnings:
            click.echo(" " * 10 + tr("warning: {note}", note=text))
    for text in got.notes:
        click.echo(shown(text), err=True)
    click.echo(tr("{n} of {all} tickers are kept", n=len(got.histories), all=len(tickers)))
    got.raise_failures()


@data.command()
@takes("--cache")
def status(cache_dir: Path | None) -> None:
    """Show what is kept: span, rows, age, source and hash of each ticker."""
    from backtests.report.terminal import console
    from data.yahoo.cache import Cache

    cache = Cache(cache_dir)
    entries, notes = cache.entries()
    for text in notes:
        click.echo(shown(text), err=True)
    if entries:
        console().print(_status_table(entries))
    click.echo(tr("{n} tickers are kept in {folder}", n=len(entries), folder=cache.folder))


@data.command()
@takes("--data", *READING, "--accept-jumps")
def verify(data: tuple[str, ...], **options: Any) -> None:
    """Print everything the checks find; of Yahoo's figures, of those kept. Exits 1 at an error."""
    from rich.cells import set_cell_size

    from data.options import Options
    from data.sources import unchecked

    with progress(say("reading prices"), piped=True) as told:
        reading = Options(since=date.min, told=told, **options)
        tables = [t for each in data or ("snapshot",) for t in unchecked(each, reading)]
    errors = 0
    for table in tables:
        found = _findings(table, options["accept_jumps"])
        for finding in found:
            severity = set_cell_size(shown(_SEVERITIES[finding.severity]), 8)
            beside = f"{severity} {table.bars:<8} {finding.rule:<10}"
            click.echo(f"{beside} {shown(str(finding))}")
        wrong = sum(f.severity == "error" for f in found)
        counts = tr(
            "{bars}: {symbols} symbols, {errors} errors, {warnings} warnings",
            bars=_BARS[table.bars], symbols=len(table.symbols),
            errors=wrong, warnings=len(found) - wrong,
        )  # fmt: skip
        click.echo(counts)
        errors += wrong
    if errors:
        raise click.exceptions.Exit(1)


@data.command()
@click.argument("folder", type=click.Path(path_type=Path), cls=Argument)
@click.argument("symbols", nargs=-1, metavar="[SYMBOL]...", type=SYMBOL, cls=Argument)
@takes(
    "--data", "--currency", "--plan", *READING, "--accept-jumps", data=say("the plan's, else yahoo")
)
def freeze(folder: Path, symbols: tuple[str, ...], plan_file: Path | None, **options: Any) -> None:
    """Write the tables of a run into FOLDER, with their hashes; then: dca compare --data FOLDER.

    They hold what the plan needs (without one, the defaults of dca compare) and SYMBOL.
    """
    from backtests.asking import options_of
    from backtests.comparison import first_day, symbols_needed
    from backtests.plan import make_plan, read_plan
    from data.files import freeze as freezing
    from data.sources import tables

    read, said = reading(options), given(options)
    plan = read_plan(plan_file, said) if plan_file else make_plan(**({"data": "yahoo"} | said))
    needed = tuple(dict.fromkeys([*symbols_needed(plan), *symbols]))
    with progress(say("reading prices"), piped=True) as told:
        source = options_of(plan, needed, told, since=first_day(plan), **read)
        loaders = tables(plan.data, source)
        frozen = {bars: loader() for bars, loader in loaders.items()}
    freezing.write(frozen, folder)
    for bars, table in frozen.items():
        held = {"symbols": len(table.symbols), "n": len(table.dates)}
        click.echo(tr("{bars}: {symbols} symbols, {n:,} bars", bars=_BARS[bars], **held))
    click.echo(tr("frozen in {folder}", folder=folder))


def _findings(table: "PriceTable", accepted: "Collection[date]") -> "list[Finding]":
    """Return what the checks find now, and what was said where the prices were fetched or read."""
    from data.checks.series import Finding
    from data.checks.table import check
    from data.notes import joined

    notes = table.notes.items() if table.source != "snapshot" else ()
    noted = [Finding("warning", s, "note", joined(said)) for s, said in notes if said]
    said = (Finding("warning", "", "said", note.text) for note in table.warnings)
    return [*check(table, accepted=accepted), *noted, *said]


def _status_table(entries: "list[Entry]") -> Any:
    from backtests.report.records import Records
    from data.sessions import now

    table = Records(*_HELD)
    for entry in entries:
        kept = entry.history
        rows, age = f"{len(kept.dates):,}", _age(kept.fetched, now())
        span, warnings = (str(kept.first), str(kept.last)), str(len(kept.warnings))
        table.add_row(entry.ticker, *span, rows, age, "yahoo", warnings, entry.sha256[:12])
    return table


def _age(fetched: "datetime", now: "datetime") -> str:
    hours = max(0.0, (now - fetched).total_seconds() / 3600)
    if hours >= 48:
        return tr("{days:.0f} days", days=hours / 24)
    return tr("{hours:.1f} hours", hours=hours)


COMMANDS = (data,)
