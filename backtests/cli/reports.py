"""`dca reports`: which reports lie in a folder, and what each says."""

from pathlib import Path

import click


@click.command()
@click.argument("folder", metavar="[DIR]", default="reports", type=click.Path(path_type=Path))
def reports(folder: Path) -> None:
    """List the reports in a folder, by default reports: plan, eras, prices and the worst of each.

    A report that cannot be read is listed with the reason.
    """
    from backtests.report.listing import entry, found
    from backtests.report.terminal import console, put, words

    places = found(folder)
    if not places:
        click.echo(f"no report in {click.format_filename(folder)}; dca compare writes one")
    out = console()
    for place in places:
        name, *lines = entry(place)
        put(out, [words(name, "bold"), *(words(f"  {line}") for line in lines)])


COMMANDS = (reports,)
