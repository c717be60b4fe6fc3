"""`dca sweep`: every start month, or thousands of drawn paths, over a grid of terms."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from backtests.cli.options import SOURCE, TERMS, given, reading, takes
from backtests.cli.progress import progress
from backtests.cli.speaking import Command
from data.errors import BadPlan
from data.language import say, tr

if TYPE_CHECKING:
    from backtests.plan import Plan
    from backtests.sweeps.request import Request
    from backtests.sweeps.run import Outcome, Sweep

# One side of the grid each.
_GRID = (
    "--years",
    "--monthly",
    "--rebalance",
    "--fee-bps",
    "--parts",
    "--quit-at",
    "--return-after",
)


@click.command(cls=Command)
@takes("--strategy", "--weights", strategies=say("index-fund and diversified"))
@takes("--own", "--plan", "--from-month", "--to-month", "--years", repeated=_GRID)
@takes("--rebalance", *TERMS, repeated=_GRID, rebalance=say("the strategy's own"))
@takes("--against", "--bootstrap", "--block", "--seed", *SOURCE, "--out", out="reports/sweep")
@takes("--formats", "--resume", "--format", "--workers", "--scheduler")
def sweep(
    plan_file: Path | None,
    out: Path | None,
    formats: tuple[str, ...],
    resume: bool,
    form: Any,
    own: str | None,
    workers: int | None,
    scheduler: str | None,
    **options: Any,
) -> None:
    """Sweep: how outcomes spread over every start month, or over paths drawn from the past.

    The grid is every combination of what is given more than once. Of a plan it takes everything
    but the eras. Rows are kept as they come: a sweep that was stopped goes on with --resume.
    """
    from backtests.asking import options_of, tables_of
    from backtests.sweeps.custom import read_own
    from backtests.sweeps.executors import Where
    from backtests.sweeps.layout import lay_out, symbols_needed
    from backtests.sweeps.run import Sweep
    from backtests.sweeps.store import Store

    read, said = reading(options), given(options)
    if own and {"strategies", "weights"} & said.keys():
        raise BadPlan(say("--own runs alone; leave --strategy and --weights out"))
    mine = read_own(own) if own else None
    plan = _plan(plan_file, said | {"strategies": ()} if own else said)
    request, strategy = _request(plan, said), mine.load() if mine else None
    with progress(say("reading prices")) as told:
        needed = symbols_needed(request, strategy)
        source = options_of(plan, needed, told, since=request.since, **read)
        layout = lay_out(request, tables_of(plan.data, source), strategy)
    store = Store(out or Path("reports/sweep"), form)
    _run(Sweep(layout, store, Where(workers, scheduler), mine), resume, formats)


def _plan(plan_file: Path | None, said: dict[str, Any]) -> "Plan":
    """Return the plan behind a sweep; of what spans the grid it holds the first."""
    from backtests.plan import Plan, make_plan, read_plan

    shared = {key: value for key, value in said.items() if key in Plan.model_fields}
    firsts = {key: shared[key][0] for key in _FIRSTS if key in shared}
    return read_plan(plan_file, shared | firsts) if plan_file else make_plan(**(shared | firsts))


def _request(plan: "Plan", said: dict[str, Any]) -> "Request":
    """Ask for the grid that was said, for the rest by the plan."""
    from backtests.sweeps.request import AS_IN_A_PLAN, Request

    alike = (*_TERMS, *AS_IN_A_PLAN)
    asked = {
        "strategies": plan.strategies,
        "declared": plan.strategy,
        "monthly": (plan.monthly,),
        "fee_bps": (plan.fee_bps,),
        "parts": (plan.parts,) if plan.parts > 1 else (),
        "quit_at": () if plan.quit_at is None else (plan.quit_at,),
        "return_after": () if plan.quit_at is None else (plan.return_after,),
        **{name: getattr(plan, name) for name in alike},
    }
    names = {field.name for field in fields(Request)} - {*alike}
    return Request(**(asked | {name: said[name] for name in said.keys() & names}))


# What spans the grid in a sweep and is one number in a plan.
_FIRSTS = ("monthly", "fee_bps", "parts", "quit_at", "return_after")
# What a plan and a sweep's request say in the same words, beside AS_IN_A_PLAN.
_TERMS = ("initial", "currency", "fee_per_order", "fill", "whole_shares", "bars")


def _run(sweep: "Sweep", resume: bool, formats: tuple[str, ...]) -> None:
    """Run a sweep, print its tables and say where its report is."""
    with progress(say("computing rows")) as told:
        outcome = sweep.run(resume, told, lambda outcome: _report(outcome, formats))
    page = sweep.store.folder / "sweep.html"
    if outcome is None:
        click.echo(
            tr(
                "{folder} is complete already; its report is {file}",
                folder=sweep.store.folder,
                file=page,
            )
        )
        return
    from backtests.report.sweep_page import pieces
    from backtests.report.terminal import console, put
    from backtests.report.wording import kept_in

    out = console()
    with kept_in(outcome.layout.request.currency):
        put(out, pieces(outcome, out.width))
    click.echo("\n" + tr("Report: {file}", file=page))


def _report(outcome: "Outcome", formats: tuple[str, ...]) -> dict[str, bytes]:
    """Return the page and its pictures, by file name."""
    from importlib.metadata import version

    from backtests.report.sweep_page import render_html
    from backtests.report.wording import kept_in

    with kept_in(outcome.layout.request.currency):
        figures = _figures(outcome, formats)
        page = render_html(outcome, figures, version("three-drawdowns"))
    pictures = {name: content for figure in figures for name, content in figure.files.items()}
    return pictures | {"sweep.html": page.encode()}


def _figures(outcome: "Outcome", formats: tuple[str, ...]) -> list[Any]:
    """Draw the fan of what is vectorised; rows of Backtrader keep no months to draw it from."""
    from backtests.report.charts import canvas, fan, quits
    from backtests.report.spread import worn
    from backtests.report.sweep_page import QUITS_PICTURE, rows_word
    from backtests.sweeps.fan import fan as spread
    from backtests.sweeps.fan import fan_rows
    from backtests.sweeps.rows import Twin

    twin, variants = Twin(outcome.layout), outcome.layout.variants
    names, looks = worn(variants)
    shown = [place for place, v in enumerate(variants) if not v.decides and names[place] in looks]
    fans = [
        fan.Fan(name, v.years, fan_rows(twin, v), looks[name].colour, spread(twin, place))
        for place, v, name in (
            (place, variants[place], names[place]) for place in shown[: fan.MOST_PANELS + 1]
        )
    ]

    def sketches() -> Iterator[canvas.Sketch]:
        if fans:
            yield fan.sketch(fans, rows_word(outcome))
        if outcome.grids:
            yield quits.sketch(outcome.grids, QUITS_PICTURE, rows_word(outcome))

    return canvas.render(sketches, formats)


COMMANDS = (sweep,)
