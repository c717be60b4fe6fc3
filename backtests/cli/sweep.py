"""`dca sweep`: every start month, or thousands of drawn paths, over a grid of terms."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from data.errors import BadPlan

if TYPE_CHECKING:
    from backtests.sweeps.custom import Own
    from backtests.sweeps.request import Layout, Request
    from backtests.sweeps.run import Outcome, Where
    from backtests.sweeps.store import Store

MONTH = click.DateTime(["%Y-%m", "%Y-%m-%d"])
_GRID = (
    click.option("--strategy", "strategies", multiple=True, metavar="NAME", help="Repeatable."),
    click.option("--weights", metavar="SP500=0.6,BOND=0.4", help="An allocation, fractions sum 1."),
    click.option("--own", metavar="FILE.py:Class", help="A Backtrader strategy of your own."),
    click.option("--from", "start", type=MONTH, help="First month of the first window."),
    click.option("--to", "end", type=MONTH, help="Last month of the last window."),
    click.option(
        "--years", multiple=True, type=int, default=(10,), show_default=True,
        help="Length of a window or path. Repeatable.",
    ),
    click.option(
        "--monthly", multiple=True, type=float, default=(1000.0,), show_default=True,
        help="USD paid in each month. Repeatable.",
    ),
    click.option("--initial", type=float, help="USD paid in first, instead of the monthly sum."),
    click.option(
        "--rebalance", multiple=True, metavar="RULE",
        help="none|annual|contribute|band:X. Repeatable.  [the strategy's own]",
    ),
    click.option(
        "--fee-bps", multiple=True, type=float, default=(0.0,), show_default=True,
        help="Fee in basis points of every dollar traded. Repeatable.",
    ),
    click.option("--fee-per-order", type=float, default=0.0, help="Fee in USD an order."),
    click.option("--fill", type=click.Choice(["close", "next"]), default="close", help="As run."),
    click.option("--whole-shares", is_flag=True, help="Buy whole shares only."),
)  # fmt: skip
_HOW = (
    click.option("--bootstrap", type=int, metavar="N", help="Draw N paths out of past months."),
    click.option(
        "--block", type=float, default=12.0, show_default=True,
        help="Mean length of a drawn block, in months.",
    ),
    click.option("--seed", type=int, default=1, show_default=True, help="Same seed, same paths."),
    click.option("--data", default="snapshot", metavar="snapshot|yahoo|PATH", help="[snapshot]"),
    click.option("--bars", type=click.Choice(["auto", "daily", "monthly"]), default="auto"),
    click.option(
        "--out", type=click.Path(path_type=Path), default=Path("reports/sweep"),
        show_default=True, help="Folder of rows and report.",
    ),
    click.option("--resume", is_flag=True, help="Go on with what --out holds."),
    click.option(
        "--format", "form", type=click.Choice(["csv", "parquet"]), default="csv",
        show_default=True, help="Of the rows.",
    ),
    click.option("--workers", type=click.IntRange(0, 1024), help="Processes; 0: in this one."),
    click.option("--scheduler", metavar="tcp://HOST:PORT", help="A dask scheduler to run on."),
)  # fmt: skip


def _all_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed((*_GRID, *_HOW)):
        command = option(command)
    return command


@click.command()
@_all_options
def sweep(
    out: Path,
    resume: bool,
    form: Any,
    data: str,
    own: str | None,
    workers: int | None,
    scheduler: str | None,
    **options: Any,
) -> None:
    """Sweep: how outcomes spread over every start month, or over paths drawn from the past.

    The grid is every combination of what is given more than once. Rows are kept as they come: a
    sweep that was stopped goes on with --resume.
    """
    from backtests.sweeps.custom import read_own
    from backtests.sweeps.layout import lay_out
    from backtests.sweeps.run import Where
    from backtests.sweeps.store import Store
    from data.sources import tables

    request = _request(options)
    if own and (request.strategies or request.weights):
        raise BadPlan("--own runs alone; leave --strategy and --weights out")
    mine = read_own(own) if own else None
    layout = lay_out(request, tables(data), mine.load() if mine else None)
    where = Where(_processes(workers, own, scheduler), scheduler)
    _run(layout, Store(out, form), where, mine, resume)


def _request(options: dict[str, Any]) -> "Request":
    from backtests.cli.main import parse_weights
    from backtests.sweeps.request import Request

    weights = options.pop("weights")
    start, end = options.pop("start"), options.pop("end")
    return Request(
        weights=parse_weights(weights) if weights else {},
        start=start.strftime("%Y-%m") if start else None,
        end=end.strftime("%Y-%m") if end else None,
        **options,
    )


def _processes(workers: int | None, own: str | None, scheduler: str | None) -> int:
    """Use every processor for Backtrader runs; the fast path needs but one."""
    import os

    if workers is not None or scheduler:
        return workers or 0
    return (os.cpu_count() or 1) if own else 0


def _run(layout: "Layout", store: "Store", where: "Where", own: "Own | None", resume: bool) -> None:
    from backtests.sweeps.run import asked_of, compute, finish

    done = store.begin(asked_of(layout, store.form, own), resume)
    if store.complete:
        click.echo(f"{store.folder} is complete already; its report is {store.folder}/sweep.html")
        return
    chunks = layout.chunks
    rows = sum(c.stop - c.first for c in chunks)
    kept = sum(c.stop - c.first for c in chunks if c.number in done)
    with _progress(rows, kept) as told:
        compute(layout, store, done, where, own, told)
    outcome = finish(layout, store)
    _report(outcome, store)


def _report(outcome: "Outcome", store: "Store") -> None:
    """Write the page and the summary, and print the tables."""
    from importlib.metadata import version

    from backtests.report.sweep_page import pieces, render_html
    from backtests.report.terminal import console
    from backtests.sweeps.run import summary_json
    from backtests.sweeps.store import write_whole

    figures = _figures(outcome)
    for figure in figures:
        write_whole(store.folder / f"{figure.name}.png", figure.png)
    page = render_html(outcome, figures, version("three-drawdowns"))
    write_whole(store.folder / "sweep.html", page.encode())
    store.finish(summary_json(outcome))
    out = console()
    for piece in pieces(outcome):
        out.print(piece, highlight=False)
    click.echo(f"\nReport: {store.folder / 'sweep.html'}")


def _figures(outcome: "Outcome") -> list[Any]:
    """Draw the fan; rows of a user's own strategy keep no months to draw it from."""
    if outcome.layout.own:
        return []
    from backtests.report.charts import canvas, fan
    from backtests.report.sweep_page import rows_word
    from backtests.sweeps.fan import fan as spread
    from backtests.sweeps.fan import fan_rows
    from backtests.sweeps.rows import Twin

    twin = Twin(outcome.layout)
    fans = [
        fan.Fan(str(v), v.name, fan_rows(twin, v), spread(twin, v))
        for v in outcome.layout.variants[: fan.MOST_PANELS + 1]
    ]
    return canvas.render([fan.sketch(fans, rows_word(outcome))])


@contextmanager
def _progress(rows: int, kept: int) -> Iterator[Callable[[int], None]]:
    """Show rows done, their rate and the time left on standard error, if it is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn
    from rich.progress import TextColumn as Words

    rate = Words("{task.fields[rate]}")
    columns = (BarColumn(), MofNCompleteColumn(), rate, TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("rows", total=rows, completed=kept, rate="")

        def told(more: int) -> None:
            shown.advance(task, more)
            speed = shown.tasks[0].speed
            shown.update(task, rate=f"{speed:,.0f} rows/s" if speed else "")

        yield told
