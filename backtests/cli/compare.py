"""`dca compare`, every strategy through every era, and `dca run`, one allocation in one window."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from backtests.cli.options import SOURCE, TERMS, given, reading, takes
from backtests.cli.progress import progress

if TYPE_CHECKING:
    from backtests.plan import Plan


@click.command()
@takes("--era", "--strategy", "--plan", *TERMS, *SOURCE)
@takes("--out", "--json", out="reports/ and the plan's name, else reports/compare")
def compare(plan_file: Path | None, out: Path | None, as_json: bool, **options: Any) -> None:
    """Put every strategy through every era: the table, and a report with figures and ledgers."""
    from backtests.plan import make_plan, read_plan

    read = reading(options)
    said = given(options)
    plan = read_plan(plan_file, said) if plan_file else make_plan(**said)
    _produce(plan, out, as_json, read)


@click.command()
@takes("--weights", "--from", "--to", "--rebalance", "--late-listings", rebalance="none")
@takes(*TERMS, *SOURCE, "--out", "--json", out="reports/run")
def run(
    weights: dict[str, float],
    start: date,
    end: date | None,
    rebalance: str | None,
    late_listings: bool,
    out: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Put one allocation, named on the spot, through one window."""
    from backtests.plan import make_plan

    read = reading(options)
    own = {"weights": weights, "rebalance": rebalance or "none", "late_listings": late_listings}
    window = {"start": start, "end": end, "title": "your window"}
    plan = make_plan(
        name="run",
        strategies=("allocation",),
        strategy={"allocation": own},
        eras=("window",),
        era={"window": window},
        **given(options),
    )
    _produce(plan, out, as_json, read)


def _produce(plan: "Plan", out: Path | None, as_json: bool, read: dict[str, Any]) -> None:
    """Run a plan and write its report; print its table, or its results alone."""
    from backtests.api import folder_of, replay
    from backtests.report import files
    from backtests.report.terminal import console, show

    folder = out or (None if as_json else folder_of(plan))
    if folder:
        files.refuse_foreign(folder)
    with progress("reading prices") as told:
        comparison = replay(plan, told, **read)
        if folder:
            told("drawing the report")
            files.write(comparison, folder)
    if as_json:
        click.echo(files.results_json(comparison), nl=False)
        return
    show(comparison, console())
    click.echo(f"\nReport: {folder}/report.html")


COMMANDS = (compare, run)
