"""`dca diff`: say what differs between reports, in their plans first and then in their numbers."""

from pathlib import Path

import click

from backtests.cli.options import takes


@click.command()
@click.argument("folders", metavar="A B [C...]", nargs=-1, type=click.Path(path_type=Path))
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
        raise click.UsageError("name two report folders or more, as dca diff reports/a reports/b")
    reports = differences.read(folders)
    shown = page.shown(everything)
    if csv:
        page.write(csv, differences.csv(reports, shown))
    if html:
        page.write(html, page.page(reports, shown))
    out = console()
    put(out, page.pieces(reports, shown, out.width, everything))
    warning = differences.alarm(reports)
    if warning:
        click.echo(f"dca: {warning}", err=True)
    if differences.apart(reports):
        raise click.exceptions.Exit(1)


COMMANDS = (diff,)
