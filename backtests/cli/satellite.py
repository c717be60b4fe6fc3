"""`dca satellite`: how much of the picks one may hold and stay near the money put in."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from backtests.cli.answering import answer
from backtests.cli.compare import asked as planned
from backtests.cli.options import BUST, SOURCE, TERMS, given, reading, takes
from backtests.cli.speaking import Command
from data.language import say
from data.progress import Told

if TYPE_CHECKING:
    from backtests.scenarios.satellite import Satellite

_QUESTION = ("core", "rebalance", "max_loss", "in_era")


@click.command(cls=Command)
@takes("--core", "--rebalance", "--max-loss", "--in-era", rebalance=say("the core's own"))
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
    from backtests.report import satellite_page
    from backtests.scenarios.satellite import Question

    read, scenario = reading(options), assumed(counterparts, options)
    question = Question(**given({name: options.pop(name) for name in _QUESTION}))
    plan, _ = planned(plan_file, (), options)

    def ask(told: Told) -> "Satellite":
        return ask_satellite(plan, question, scenario, history or "ai-run", told, **read)

    folder = out or (None if as_json else Path("reports/satellite"))
    answer(satellite_page, ask, folder, as_json, plan.currency)


COMMANDS = (satellite,)
