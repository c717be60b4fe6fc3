"""`dca verify`: every published figure that we know of, held against a run of ours."""

import click

from backtests.cli.options import takes
from backtests.cli.progress import progress
from data.errors import RunFailed


@click.command()
@takes("--markdown", "--json")
def verify(markdown: bool, as_json: bool) -> None:
    """Hold what others publish against runs on the embedded prices; exit 1 if a figure is off.

    Figures on public indices need their prices: pip install arch.
    """
    from backtests.digits import json_text
    from backtests.report import validation_page
    from backtests.report.terminal import console, put
    from backtests.validation.verify import verify as held

    with progress("verifying") as told:
        found = held(told)
    if as_json:
        click.echo(json_text(found.as_json()), nl=False)
    elif markdown:
        click.echo(validation_page.markdown(found), nl=False)
    else:
        put(console(), validation_page.pieces(found))
    if found.off:
        named = "; ".join(f"{row.case.what}: {row.figure}" for row in found.off[:3])
        raise RunFailed(f"{len(found.off)} of {len(found.rows)} figures are off, as {named}")


COMMANDS = (verify,)
