"""`dca diff`: say what differs between reports, in their plans first and then in their numbers."""

from pathlib import Path

import click

from backtests.cli.options import takes
from backtests.cli.speaking import Argument, Command
from data.language import shown, tr

_PATH: click.Path = click.Path(path_type=Path)


@click.command(cls=Command)
@click.argument(
    "folders", metavar="A B [C...]", nargs=-1, type=click.Path(path_type=Path), cls=Argument
)
@takes("--all", "--html", "--csv")
def diff(folders: tuple[Path, ...], everything: bool, html: Path | None, csv: Path | None) -> None:
    """Say how reports differ from the first: in their plans and prices, then in their measures.

    Runs are matched by strategy and era. The exit code is 0 where every figure agrees and 1 where
    any differs; where the same plan, prices and version gave other numbers, that is an alarm on
    standard error.
    """
    from backtests.report import difference_page as page
    from backtests.report import differences
    from backtests.report.terminal import console, put

    if len(folders) < 2:
        raise click.UsageError(
            tr("name two report folders or more, as dca diff reports/a reports/b")
        )
    reports = differences.read(folders)
    measures = page.chosen(everything)
    if csv:
        page.write(csv, differences.csv(reports, measures))
    if html:
        page.write(html, page.page(reports, measures))
    out = console()
    put(out, page.pieces(reports, measures, out.width, everything))
    warning = differences.alarm(reports)
    if warning:
        click.echo(f"dca: {shown(warning)}", err=True)
    if differences.apart(reports):
        raise click.exceptions.Exit(1)


COMMANDS = (diff,)
