"""`dca exposure`: how much of each strategy is in a few members of the index."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from backtests.cli.answering import answer
from backtests.cli.compare import asked as planned
from backtests.cli.options import SOURCE, TERMS, reading, takes
from backtests.cli.speaking import Command
from data.progress import Told

if TYPE_CHECKING:
    from backtests.exposures import Exposure


@click.command(cls=Command)
@takes("--basket", "--fall", "--era", "--strategy", "--own", "--plan", repeated=["--own"],
       eras="ai-run")  # fmt: skip
@takes(*TERMS, *SOURCE)
@takes("--out", "--json", out="reports/exposure")
def exposure(
    basket: tuple[str, ...] | None,
    fall: float | None,
    plan_file: Path | None,
    own: tuple[str, ...],
    out: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Show how much of each strategy is in the seven: over time, in per cent and in dollars."""
    from backtests.asking import replay
    from backtests.exposures import INDEX, asked
    from backtests.exposures import exposure as exposed
    from backtests.report import exposure_page

    read = reading(options)
    plan, mine = planned(plan_file, own, options)
    question = asked(plan, basket or (), fall)
    symbols = (INDEX, *question.basket)

    def ask(told: Told) -> "Exposure":
        return exposed(replay(question.plan, told, mine, also=symbols, **read), question)

    folder = out or (None if as_json else Path("reports/exposure"))
    answer(exposure_page, ask, folder, as_json, plan.currency)


COMMANDS = (exposure,)
