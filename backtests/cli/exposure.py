"""`dca exposure`: how much of each strategy is in a few members of the index."""

from pathlib import Path
from typing import Any

import click

from backtests.cli.compare import asked as planned
from backtests.cli.options import SOURCE, TERMS, reading, takes
from backtests.cli.progress import progress


@click.command()
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
    from backtests.digits import json_text
    from backtests.exposures import INDEX, asked
    from backtests.exposures import exposure as exposed
    from backtests.report import exposure_page
    from backtests.report.terminal import console, put
    from backtests.report.wording import spoken

    read = reading(options)
    plan, mine = planned(plan_file, own, options)
    question = asked(plan, basket or (), fall)
    folder = out or (None if as_json else Path("reports/exposure"))
    with progress("reading prices") as told:
        symbols = (INDEX, *question.basket)
        found = exposed(replay(question.plan, told, mine, also=symbols, **read), question)
        if folder:
            told("drawing the report")
            with spoken(plan.currency):
                page = exposure_page.write(found, folder)
    if as_json:
        click.echo(json_text(found.as_json()), nl=False)
        return
    shown = console()
    with spoken(plan.currency):
        put(shown, exposure_page.pieces(found, shown.width))
    click.echo(f"\nReport: {page}")


COMMANDS = (exposure,)
