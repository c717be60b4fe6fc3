"""`dca reports`: which reports lie in a folder, and what each says."""

from pathlib import Path

import click

from backtests.cli.speaking import Argument, Command
from data.language import tr

_PATH: click.Path = click.Path(path_type=Path)


@click.command(cls=Command)
@click.argument(
    "folder", metavar="[DIR]", default="reports", type=click.Path(path_type=Path), cls=Argument
)
def reports(folder: Path) -> None:
    """List the reports in a folder, by default reports: plan, eras, prices and the worst of each.

    A report that cannot be read is listed with the reason.
    """
    from backtests.report.listing import entry, found
    from backtests.report.terminal import console, put, words

    places = found(folder)
    if not places:
        named = click.format_filename(folder)
        click.echo(tr("no report in {folder}; dca compare writes one", folder=named))
    out = console()
    for place in places:
        name, *lines = entry(place)
        put(out, [words(name, "bold"), *(words(f"  {line}") for line in lines)])


COMMANDS = (reports,)
