"""`dca list`: tables of what can be named on the command line."""

from functools import reduce
from typing import TYPE_CHECKING

import click

from backtests.cli.speaking import Argument, Command
from data.language import say, say_in, shown, tr, tr_in

if TYPE_CHECKING:
    from backtests.report.records import Records
    from data.prices import PriceTable


@click.command("list", cls=Command)
@click.argument("what", type=click.Choice(["strategies", "eras", "symbols"]), cls=Argument)
def listing(what: str) -> None:
    """List what can be named: strategies, eras or symbols."""
    from backtests.report.terminal import console

    console().print({"strategies": _strategies, "eras": _eras, "symbols": _symbols}[what]())


COMMANDS = (listing,)


def _strategies() -> "Records":
    from backtests.report.records import Records
    from strategies.dca import discovery

    prose = (say_in("strategy", "holds"), say("what it does"))
    heads = (say("strategy"), prose[0], say("rebalance"), say("default"), prose[1])
    table = Records(*heads, prose=prose)
    for name in discovery.names():
        strategy = discovery.strategy(name)
        core = ", ".join(f"{s} {w:.0%}" for s, w in strategy.weights.items())
        holds = tr("the era's basket") if strategy.basket else ""
        if core and holds:
            holds = tr("{core} beside the era's basket", core=core)
        # The catalogue of messages has it from there.
        does = tr((strategy.__doc__ or "").split("\n")[0])
        table.add_row(name, holds or core, strategy.rebalance, _on(strategy.on_by_default), does)
    return table


def _eras() -> "Records":
    from backtests.eras import ERAS
    from backtests.report.records import Records

    prose = (say("phases"), say("baskets"))
    table = Records(say("era"), say("window"), say("default"), *prose, prose=prose)
    for era in ERAS.values():
        span = tr("{start} to {end}", start=era.start, end=era.end or say("the newest bar"))
        phases = ", ".join(shown(phase.name) for phase in era.phases)
        baskets = "; ".join(f"{n}: {' '.join(b.symbols)}" for n, b in era.baskets.items())
        table.add_row(era.name, span, _on(era.on_by_default), phases, baskets)
    return table


def _symbols() -> "Records":
    from backtests.report.records import Records
    from data.catalog import CATALOG
    from data.snapshot import century, load

    prose = (say("what it is"), say("made of"))
    heads = (
        say("symbol"),
        prose[0],
        say_in("bars", "daily"),
        say_in("bars", "month-end"),
        prose[1],
    )
    table = Records(*heads, prose=prose)
    daily, monthly = load("daily"), century()
    for asset in CATALOG.values():
        parts = [part.name for part in monthly.parts.get(asset.symbol, ())]
        made_of = reduce(lambda one, two: tr("{one} then {two}", one=one, two=two), parts or [""])
        made_of = made_of or tr("nothing embedded: its owner licenses its prices")
        label = shown(asset.label)
        if asset.note:
            label = tr("{label} ({note})", label=label, note=asset.note)
        spans = (_span(daily, asset.symbol), _span(monthly, asset.symbol))
        table.add_row(asset.symbol, label, *spans, made_of)
    return table


def _on(by_default: bool) -> str:
    return tr_in("default", "on") if by_default else tr_in("default", "off")


def _span(table: "PriceTable", symbol: str) -> str:
    if symbol not in table.symbols:
        return "-"
    return f"{table.first(symbol):%Y-%m}..{table.last(symbol):%Y-%m}"
