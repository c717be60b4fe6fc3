"""The `dca` command. Heavy modules load inside the commands, so that `--help` is immediate."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from backtests.cli.data import data, source_options
from backtests.cli.sweep import sweep
from data.errors import BadPlan, DcaError

if TYPE_CHECKING:
    from backtests.plan import Plan

STOPPED = 130
DAY = click.DateTime(["%Y-%m-%d"])


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="three-drawdowns", prog_name="dca")
def dca() -> None:
    """Replay monthly saving through the dot-com period and the AI run.

    Start with `dca compare`: what would a monthly saver have lived through?
    """


# Options of data.sources.tables: they say how prices are read, not what is done with them.
_READING = ("date_order", "decimal", "cache_dir", "offline", "deadline")
_SHARED = (
    click.option("--monthly", type=float, help="USD paid in each month.  [default: 1000]"),
    click.option("--initial", type=float, help="USD paid in first, instead of the monthly sum."),
    click.option("--data", metavar="snapshot|yahoo|PATH", help="Source of prices.  [snapshot]"),
    click.option(
        "--bars",
        type=click.Choice(["auto", "daily", "monthly"]),
        help="auto: the finest that covers every strategy of an era.  [auto]",
    ),
    click.option(
        "--fill",
        type=click.Choice(["close", "next"]),
        help="Trade at the contribution day's close or the next bar's.  [close]",
    ),
    click.option("--whole-shares", is_flag=True, default=None, help="Buy whole shares only."),
    click.option("--fee-bps", type=float, help="Fee in basis points of every dollar traded."),
    click.option("--fee-per-order", type=float, help="Fee in USD an order."),
    click.option("--out", type=click.Path(path_type=Path), help="Folder of the report."),
    click.option("--json", "as_json", is_flag=True, help="Print results.json, write no folder."),
)


def shared_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that `compare` and `run` share."""
    command = source_options(command)
    for option in reversed(_SHARED):
        command = option(command)
    return command


@dca.command()
@click.option("--era", "eras", multiple=True, metavar="NAME", help="May be given more than once.")
@click.option("--strategy", "strategies", multiple=True, metavar="NAME", help="Likewise.")
@click.option("--plan", "plan_file", type=click.Path(path_type=Path), help="A TOML plan.")
@shared_options
def compare(plan_file: Path | None, out: Path | None, as_json: bool, **options: Any) -> None:
    """Put every strategy through every era: the table, and a report with figures and ledgers."""
    from backtests.plan import make_plan, read_plan

    reading = _reading(options)
    given = _given(options)
    plan = read_plan(plan_file, given) if plan_file else make_plan(**given)
    _produce(plan, out, as_json, reading)


@dca.command()
@click.option("--weights", required=True, metavar="SP500=0.6,BOND=0.4", help="Fractions, sum 1.")
@click.option("--from", "start", required=True, type=DAY, help="First day.")
@click.option("--to", "end", type=DAY, help="Last day.  [newest bar]")
@click.option("--rebalance", default="none", metavar="RULE", help="none|annual|contribute|band:X")
@click.option("--late-listings", is_flag=True, help="Let a symbol enter when it is listed.")
@shared_options
def run(
    weights: str,
    start: datetime,
    end: datetime | None,
    rebalance: str,
    late_listings: bool,
    out: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Put one allocation, named on the spot, through one window."""
    from backtests.plan import make_plan

    reading, fractions = _reading(options), parse_weights(weights)
    own = {"weights": fractions, "rebalance": rebalance, "late_listings": late_listings}
    window = {"start": start.date(), "end": end.date() if end else None, "title": "your window"}
    plan = make_plan(
        name="run",
        strategies=("allocation",),
        strategy={"allocation": own},
        eras=("window",),
        era={"window": window},
        **_given(options),
    )
    _produce(plan, out, as_json, reading)


@dca.command("list")
@click.argument("what", type=click.Choice(["strategies", "eras", "symbols"]))
def list_(what: str) -> None:
    """List what can be named: strategies, eras or symbols."""
    from backtests.cli.listing import listing
    from backtests.report.terminal import console

    console().print(listing(what))


@dca.command()
@click.argument("one", type=click.Path(path_type=Path))
@click.argument("other", type=click.Path(path_type=Path))
def diff(one: Path, other: Path) -> None:
    """Show every figure in which two reports differ; exits 1 if any does."""
    from backtests.cli.diff import differences, read_results

    found = list(differences(read_results(one), read_results(other)))
    for where, left, right in found:
        click.echo(f"{where}: {left} -> {right}")
    click.echo(f"{len(found)} differences" if found else "the two reports agree in every figure")
    if found:
        sys.exit(1)


def parse_weights(text: str) -> dict[str, float]:
    """Read SP500=0.6,BOND=0.4."""
    weights: dict[str, float] = {}
    for item in text.split(","):
        symbol, _, number = (part.strip() for part in item.partition("="))
        try:
            weight = float(number)
        except ValueError:
            weight = float("nan")
        if not symbol or weight != weight:
            raise BadPlan(f"weights has {item!r}; write SYMBOL=FRACTION, as SP500=0.6,BOND=0.4")
        if symbol in weights:
            raise BadPlan(f"weights names {symbol} twice; name it once")
        weights[symbol] = weight
    return weights


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """Keep what was said; the rest is the plan's to decide."""
    return {key: value for key, value in options.items() if value not in (None, ())}


def _reading(options: dict[str, Any]) -> dict[str, Any]:
    """Take the options that say how prices are read out of `options`."""
    return {name: options.pop(name) for name in _READING}


def _produce(plan: "Plan", out: Path | None, as_json: bool, reading: dict[str, Any]) -> None:
    """Run a plan, then print its table and write its report, or print its results alone."""
    if as_json:
        _print_results(plan, out, reading)
        return
    from backtests.api import report_eras

    with progress() as told:
        report_eras(plan, out, told, **reading)


def _print_results(plan: "Plan", out: Path | None, reading: dict[str, Any]) -> None:
    from backtests.api import replay
    from backtests.report import files as output

    if out:
        output.refuse_foreign(out)
    with progress() as told:
        comparison = replay(plan, told, **reading)
        if out:
            output.write(comparison, out)
    click.echo(output.results_json(comparison), nl=False)


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Say on standard error what is being done, if it is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status("reading prices") as status:
        yield lambda text: status.update(text)


dca.add_command(data)
dca.add_command(sweep)


def main() -> None:
    """Run the command; errors become one line on standard error and an exit code."""
    try:
        dca.main(standalone_mode=False)
    except DcaError as error:
        _leave(str(error), error.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        _leave(error.format_message(), error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        _leave("stopped; nothing was left half-written", STOPPED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


def _leave(text: str, code: int) -> None:
    click.echo(f"dca: {' '.join(text.split())}", err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
