"""`dca verify`: every published figure that we know of, held against a run of ours."""

import click

from backtests.cli.options import takes
from backtests.cli.progress import progress
from backtests.cli.speaking import Command
from data.errors import RunFailed
from data.language import say, say_all


@click.command(cls=Command)
@takes("--markdown", "--json")
def verify(markdown: bool, as_json: bool) -> None:
    """Hold what others publish against runs on the embedded prices; exit 1 if a figure is off.

    Figures on public indices need their prices: pip install arch.
    """
    from backtests.digits import json_text
    from backtests.report import validation_page
    from backtests.report.terminal import console, put
    from backtests.validation.verify import verify as held

    with progress(say("verifying")) as told:
        found = held(told)
    if as_json:
        click.echo(json_text(found.as_json()), nl=False)
    elif markdown:
        click.echo(validation_page.markdown(found), nl=False)
    else:
        put(console(), validation_page.pieces(found))
    if found.off:
        named = say_all(
            say("{what}: {figure}", what=row.case.what, figure=row.figure) for row in found.off[:3]
        )
        raise RunFailed(
            say(
                "{n} of {all} figures are off, as {named}",
                n=len(found.off),
                all=len(found.rows),
                named=named,
            )
        )


COMMANDS = (verify,)
