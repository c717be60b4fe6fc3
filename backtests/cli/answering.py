"""Give a question's answer: a page in a folder, JSON alone, or the terminal's tables."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from backtests.cli.progress import progress
from data.language import say, tr
from data.progress import Told


def answer(
    page: Any, ask: Callable[[Told], Any], folder: Path | None, as_json: bool, currency: str
) -> None:
    """Have `ask` answer, and show it by `page`, a module with `write` and `pieces`."""
    from backtests.digits import json_text
    from backtests.report.terminal import console, put
    from backtests.report.wording import kept_in

    with progress(say("reading prices")) as told:
        found = ask(told)
        if folder:
            told(say("drawing the report"))
            with kept_in(currency):
                written = page.write(found, folder)
    if as_json:
        click.echo(json_text(found.as_json()), nl=False)
        return
    shown = console()
    with kept_in(currency):
        put(shown, page.pieces(found, shown.width))
    click.echo("\n" + tr("Report: {file}", file=written))
