"""`dca satellite`: how much of the picks one may hold and stay near the money put in."""

from pathlib import Path
from typing import Any

import click

from backtests.cli.compare import asked as planned
from backtests.cli.options import BUST, SOURCE, TERMS, given, reading, takes
from backtests.cli.progress import progress

_QUESTION = ("core", "rebalance", "max_loss", "in_era")


@click.command()
@takes("--core", "--rebalance", "--max-loss", "--in-era", rebalance="the core's own")
@takes(*BUST, "--plan", *TERMS, *SOURCE, "--out", "--json", out="reports/satellite")
def satellite(
    plan_file: Path | None,
    history: str | None,
    counterparts: tuple[tuple[str, str], ...],
    out: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Say how much of the picks one may hold beside a core and stay near the money put in.

    Every share from 0 to 100 % is replayed through history and a scenario, or with --in-era
    through an era as it was.
    """
    from backtests.asking import ask_satellite
    from backtests.cli.scenario import assumed
    from backtests.digits import json_text
    from backtests.report import satellite_page
    from backtests.report.terminal import console, put
    from backtests.report.wording import spoken
    from backtests.scenarios.satellite import Question

    read, scenario = reading(options), assumed(counterparts, options)
    question = Question(**given({name: options.pop(name) for name in _QUESTION}))
    plan, _ = planned(plan_file, (), options)
    folder = out or (None if as_json else Path("reports/satellite"))
    with progress("reading prices") as told:
        found = ask_satellite(plan, question, scenario, history or "ai-run", told, **read)
        if folder:
            told("drawing the report")
            with spoken(plan.currency):
                page = satellite_page.write(found, folder)
    if as_json:
        click.echo(json_text(found.as_json()), nl=False)
        return
    shown = console()
    with spoken(plan.currency):
        put(shown, satellite_page.pieces(found, shown.width))
    click.echo(f"\nReport: {page}")


COMMANDS = (satellite,)
