"""Replay a strategy through an era with Backtrader and read the ledger off its broker."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum

import backtrader as bt
import numpy as np
from numpy.typing import NDArray

from backtests.eras import Era
from backtests.feed import BarFeed, moments
from backtests.plan import Plan
from backtests.result import Result
from data.errors import NoPrices, RunFailed
from data.notes import joined
from data.prices import Days, Floats, PriceTable, month_firsts
from data.window import Window, window
from strategies.dca import discovery
from strategies.dca.base import SEED_CASH_USD, DcaStrategy, allocation
from strategies.dca.terms import Terms

# Broker and ledger are two books of the same trades; they must agree to this fraction.
BOOKS_AGREE = 1e-9

Kind = type[DcaStrategy]


class QuietBroker(bt.brokers.BackBroker):
    """Backtrader's broker without the copies of orders that nobody reads.

    It tells of an order once, when it is done or refused, and leaves the cash to the execution
    itself, which refuses what is not covered; the check on submission would only ask twice.
    """

    params = (("checksubmit", False),)

    def notify(self, order: bt.Order) -> None:
        """Pass on an order that has come to an end."""
        if not order.alive():
            super().notify(order)


@dataclass(frozen=True)
class Ledger:
    """A run's book: arrays of one entry a bar, shares (bars, symbols); money is USD."""

    flow: Floats
    cash: Floats
    shares: Floats
    value: Floats
    fees_paid: float


def run(
    strategy: str | Kind, prices: PriceTable, era: str | Era, plan: Plan | None = None
) -> Result:
    """Replay `strategy` through `era` on the bars of `prices`.

    Raises NoPrices where figures are missing, RunFailed where an order was refused or the books
    do not agree.
    """
    plan = plan or Plan()
    kind = strategy_called(strategy, plan) if isinstance(strategy, str) else strategy
    period = plan.era_called(era) if isinstance(era, str) else era
    view = view_of(kind, prices, period)
    terms = kind.funding(plan.terms, int(month_firsts(view.dates).sum()))
    played = replay(kind, view, terms)
    ledger = book(played, view)
    return Result(
        strategy=kind.name,
        title=kind.title or kind.name,
        era=period,
        bars=view.bars,
        dates=view.dates,
        value=ledger.value,
        flow=ledger.flow,
        cash=ledger.cash,
        shares=ledger.shares,
        closes=view.closes,
        symbols=view.symbols,
        weights=dict(played.targets()),
        rebalance=str(played.rule),
        fees_paid=ledger.fees_paid,
        bill=_bill(prices, view.dates),
        consumer_prices=None if prices.cpi is None else prices.cpi.at(view.dates),
        warnings=_warnings(kind, period, prices, view, terms, ledger),
    )


def strategy_called(name: str, plan: Plan) -> Kind:
    """Return the plan's own strategy `name`, else the one found by file name."""
    own = plan.strategy.get(name)
    if own is not None:
        return allocation(name, own.weights, own.rebalance, own.late_listings)
    return discovery.strategy(name)


def symbols_of(kind: Kind, era: Era) -> tuple[str, ...]:
    """Return what a strategy holds in an era; raises NoPrices where nothing stands for it there."""
    if not kind.era_basket:
        return tuple(kind.weights)
    if kind.name not in era.baskets:
        raise NoPrices(f"{kind.name} has no basket in the era {era.name}; leave one of them out")
    return era.baskets[kind.name].symbols


def view_of(kind: Kind, prices: PriceTable, era: Era) -> Window:
    """Cut out the prices a strategy sees in an era; raises NoPrices where they are missing."""
    symbols = symbols_of(kind, era)
    return window(prices, symbols, era.start, era.end, kind.late_listings)


def replay(kind: Kind, view: Window, terms: Terms) -> DcaStrategy:
    """Let Cerebro run `kind` over the bars on which it decides; return it with its trades.

    Bars are loaded as they are reached, never ahead: a strategy that asks for tomorrow's close
    gets an IndexError.
    """
    cerebro = bt.Cerebro(stdstats=False, runonce=False, preload=False)
    cerebro.setbroker(QuietBroker())
    cerebro.broker.set_cash(SEED_CASH_USD)
    chosen = np.arange(len(view.dates)) if kind.every_bar else decision_bars(view, terms)
    for column, symbol in enumerate(view.symbols):
        cerebro.adddata(BarFeed(window=view, column=column, chosen=chosen), name=symbol)
    cerebro.addstrategy(kind, terms=terms)
    played: DcaStrategy = cerebro.run()[0]
    if played.open_orders:
        raise RunFailed(f"{played.open_orders} orders of {kind.name} were never filled")
    return played


def decision_bars(view: Window, terms: Terms) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the bars on which something is paid in, traded or sold, and the last one.

    Between them a monthly saver does nothing, so Backtrader need not see those bars.
    """
    wanted = month_firsts(view.dates)
    if terms.fill == "next":
        wanted[1:] |= month_firsts(view.dates)[:-1]
    wanted[list(view.ends.values())] = True
    wanted[-1] = True
    return np.flatnonzero(wanted)


def book(played: DcaStrategy, view: Window) -> Ledger:
    """Write every bar's ledger from the broker's executions, and check it against the broker."""
    bars = moments(view)
    shape = (len(bars), len(view.symbols))
    flow, spent, bought = np.zeros(shape[0]), np.zeros(shape[0]), np.zeros(shape)
    paid, trades = played.deposits, played.trades
    np.add.at(flow, _at(bars, [d.moment for d in paid]), [d.usd for d in paid])
    at = _at(bars, [t.moment for t in trades])
    column = np.array([view.symbols.index(t.symbol) for t in trades], dtype=np.int64)
    np.add.at(bought, (at, column), [t.shares for t in trades])
    np.add.at(spent, at, [t.shares * t.price + t.fee_usd for t in trades])
    fees = fsum(t.fee_usd for t in trades)
    cash, shares = np.cumsum(flow - spent), np.cumsum(bought, axis=0)
    held = np.abs(shares) > BOOKS_AGREE * np.abs(shares).max(axis=0, initial=0.0)
    shares = np.where(held, shares, 0.0)
    value = cash + (shares * view.closes).sum(axis=1)
    _check_books(played, float(value[-1]), view)
    return Ledger(flow, cash, shares, value, fees)


def _at(bars: Floats, moments: list[float]) -> NDArray[np.int64]:
    """Return the bars of some moments."""
    return np.searchsorted(bars, np.array(moments, dtype=np.float64), side="right") - 1


def _check_books(played: DcaStrategy, value: float, view: Window) -> None:
    broker = float(played.broker.getvalue()) - SEED_CASH_USD
    if abs(broker - value) > BOOKS_AGREE * max(abs(value), 1.0):
        raise RunFailed(
            f"{played.name}: the ledger says {value:.12g} on {view.dates[-1]}, "
            f"the broker {broker:.12g}"
        )


def _bill(prices: PriceTable, dates: Days) -> Floats | None:
    if "CASH" not in prices.symbols:
        return None
    bill = prices.column("CASH")[np.searchsorted(prices.dates, dates)]
    return bill if np.isfinite(bill).all() else None


def _warnings(
    kind: Kind, era: Era, prices: PriceTable, view: Window, terms: Terms, ledger: Ledger
) -> tuple[str, ...]:
    """Collect every label that must stand beside the figures."""
    found = [*map(str, prices.warnings), kind.label]
    if kind.era_basket and era.baskets[kind.name].label:
        found.append(f"{', '.join(view.symbols)}: {era.baskets[kind.name].label}")
    found += [_made_of(prices, symbol, view) for symbol in view.symbols]
    found += [f"{s}: {joined(prices.notes[s])}" for s in view.symbols if prices.notes.get(s)]
    found += _late(view)
    found += [
        f"{s}: no figures after {prices.ended[s]}; sold at its last price on {view.dates[bar]}"
        for s, bar in view.ends.items()
    ]
    found += map(str, view.carried)
    if view.bars != "daily":
        found.append(f"{view.bars} bars: drawdowns between them are not seen and were deeper")
    if terms.whole_shares:
        found.append("whole shares are counted at adjusted prices, not at those once quoted")
    left = float(ledger.cash[-1])
    if left > 1e-6 * max(float(ledger.value[-1]), 1.0):
        found.append(f"{left:,.2f} USD of cash is not invested on the last bar")
    return tuple(text for text in dict.fromkeys(found) if text)


def _late(view: Window) -> list[str]:
    """Say which symbols enter after the first bar, and when."""
    entries = (view.closes > 0).argmax(axis=0)
    late = [(s, view.dates[at]) for s, at in zip(view.symbols, entries, strict=True) if at]
    return [f"{symbol}: enters on {day}, when its prices begin" for symbol, day in late]


def _made_of(prices: PriceTable, symbol: str, view: Window) -> str:
    first, last = (d.astype("datetime64[D]").item() for d in (view.dates[0], view.dates[-1]))
    parts = [p for p in prices.parts.get(symbol, ()) if p.first < last and p.last > first]
    if len(parts) == 1:
        return "" if parts[0].name == symbol else f"{symbol} is {parts[0].name}"
    steps = [f"{p.name} to {p.last}" for p in parts[:-1]] + [p.name for p in parts[-1:]]
    return f"{symbol} is {', then '.join(steps)}" if steps else ""


def as_mapping(result: Result) -> Mapping[str, float]:
    """Return the shares held on the last bar by symbol."""
    return {s: float(n) for s, n in zip(result.symbols, result.shares[-1], strict=True)}
