"""`dca audit`: find out whether a strategy looks ahead."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from backtests.cli.options import SOURCE, TERMS, given, reading, takes
from backtests.cli.progress import progress
from backtests.cli.speaking import Argument, Command
from data.errors import BadPlan, RunFailed
from data.language import say, tr

if TYPE_CHECKING:
    from backtests.lookahead import Audit
    from strategies.dca.base import DcaStrategy

_ERA = say("all that the prices have; dotcom where it holds an era's picks")


@click.command(cls=Command)
@click.argument("strategy", metavar="FILE.py:Class|NAME", cls=Argument)
@takes("--era", "--cuts", *TERMS, *SOURCE, "--json", era=_ERA, eras=_ERA)
def audit(strategy: str, eras: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Find out whether a strategy looks ahead; exit 1 if it does.

    It is rerun while the prices after one bar after another are scrambled, stand still or end: no
    order up to that bar may change.
    """
    from backtests.digits import json_text
    from backtests.report.terminal import console, put, words

    if len(eras) > 1:
        raise BadPlan(say("an audit is of one era; name one"))
    read, said = reading(options), given(options)
    with progress(say("rerunning")) as told:
        found = _audited(strategy, eras, read, said | {"told": told})
    if as_json:
        click.echo(json_text(found.as_json()), nl=False)
    if found.fault:
        raise RunFailed(found.fault)
    if not as_json:
        put(console(), map(words, _told(found)))


def _audited(
    strategy: str, eras: tuple[str, ...], read: dict[str, Any], said: dict[str, Any]
) -> "Audit":
    from backtests.api import audit as audited
    from backtests.sweeps.custom import watching

    with watching() as opened:
        kind = _kind(strategy)
    era = eras[0] if eras else "dotcom" if kind.basket else None
    prices = list(said.pop("data", ("snapshot",)))
    found = audited(kind, prices, era, reading=read, **said)
    return replace(found, reads=tuple(dict.fromkeys((*opened, *found.reads))))


def _kind(strategy: str) -> "type[DcaStrategy]":
    """Load a class of the user's own, or a strategy by its name."""
    if ":" in strategy:
        from backtests.sweeps.custom import read_own

        return read_own(strategy).load()
    from strategies.dca import discovery

    return discovery.strategy(strategy)


def _told(found: "Audit") -> Iterator[str]:
    from backtests.report.terminal import BARS

    first, last = found.known[0], found.known[-1]
    yield tr(
        "{strategy}, {start} to {end}, {bars}: no order looks ahead.",
        strategy=found.strategy, start=found.start, end=found.end, bars=BARS[found.bars],
    )  # fmt: skip
    yield tr(
        "{n} bars from {first} to {last} were taken as the last known one; the prices after it "
        "were scrambled, stood still or ended.",
        n=len(found.known), first=first, last=last,
    )  # fmt: skip
    yield tr(
        "In {n} reruns prices to come changed no order and no payment up to that bar.",
        n=found.reruns,
    )
    if found.told:
        yield tr("It is told when the window ends, and goes by it: {told}.", told=found.told)


COMMANDS = (audit,)
