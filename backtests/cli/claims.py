"""`dca claims`: the sayings that this project was asked to test, each held against the numbers."""

from pathlib import Path
from typing import Any

import click

from backtests.cli.options import READING, reading, takes
from backtests.cli.progress import progress
from backtests.cli.speaking import Command
from data.language import say, tr


@click.command(cls=Command)
@takes("--seed", "--data", *READING, "--accept-jumps")
@takes("--out", "--json", out="reports/claims")
def claims(
    seed: int | None, data: tuple[str, ...], out: Path | None, as_json: bool, **options: Any
) -> None:
    """Hold nine sayings about saving through a bubble against the numbers."""
    from backtests.asking import judged
    from backtests.digits import json_text
    from backtests.report import claims_page
    from backtests.report.terminal import console, put

    folder = out or (None if as_json else Path("reports/claims"))
    jumps = options.pop("accept_jumps")
    with progress(say("reading prices")) as told:
        draws = 1 if seed is None else seed
        judging = judged(data or "snapshot", draws, told, accept_jumps=jumps, **reading(options))
        found = claims_page.told(judging)
        page = claims_page.write(found, folder) if folder else None
    if as_json:
        click.echo(json_text(found.as_json()), nl=False)
        return
    put(console(), claims_page.pieces(found))
    click.echo("\n" + tr("Report: {file}", file=page))


COMMANDS = (claims,)
