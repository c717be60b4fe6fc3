"""`dca list`: tables of what can be named on the command line."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from backtests.report.records import Records
    from data.prices import PriceTable


@click.command("list")
@click.argument("what", type=click.Choice(["strategies", "eras", "symbols"]))
def listing(what: str) -> None:
    """List what can be named: strategies, eras or symbols."""
    from backtests.report.terminal import console

    console().print({"strategies": _strategies, "eras": _eras, "symbols": _symbols}[what]())


COMMANDS = (listing,)


def _strategies() -> "Records":
    from backtests.report.records import Records
    from strategies.dca import discovery

    prose = ("holds", "what it does")
    table = Records("strategy", "holds", "rebalance", "default", "what it does", prose=prose)
    for name in discovery.names():
        strategy = discovery.strategy(name)
        core = ", ".join(f"{s} {w:.0%}" for s, w in strategy.weights.items())
        holds = [core] * bool(core) + ["the era's basket"] * bool(strategy.basket)
        words = (strategy.__doc__ or "").split("\n")[0]
        on = "on" if strategy.on_by_default else "off"
        table.add_row(name, " beside ".join(holds), strategy.rebalance, on, words)
    return table


def _eras() -> "Records":
    from backtests.eras import ERAS
    from backtests.report.records import Records

    prose = ("phases", "baskets")
    table = Records("era", "window", "default", "phases", "baskets", prose=prose)
    for era in ERAS.values():
        span = f"{era.start} to {era.end or 'the newest bar'}"
        phases = ", ".join(phase.name for phase in era.phases)
        baskets = "; ".join(f"{n}: {' '.join(b.symbols)}" for n, b in era.baskets.items())
        table.add_row(era.name, span, "on" if era.on_by_default else "off", phases, baskets)
    return table


def _symbols() -> "Records":
    from backtests.report.records import Records
    from data.catalog import CATALOG
    from data.snapshot import century, load

    prose = ("what it is", "made of")
    table = Records("symbol", "what it is", "daily", "month-end", "made of", prose=prose)
    daily, monthly = load("daily"), century()
    for asset in CATALOG.values():
        parts = (part.name for part in monthly.parts.get(asset.symbol, ()))
        made_of = " then ".join(parts) or "nothing embedded: its owner licenses its prices"
        label = f"{asset.label} ({asset.note})" if asset.note else asset.label
        spans = (_span(daily, asset.symbol), _span(monthly, asset.symbol))
        table.add_row(asset.symbol, label, *spans, made_of)
    return table


def _span(table: "PriceTable", symbol: str) -> str:
    if symbol not in table.symbols:
        return "-"
    return f"{table.first(symbol):%Y-%m}..{table.last(symbol):%Y-%m}"
