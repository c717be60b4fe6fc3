"""Replay a strategy through a window with Backtrader and read the ledger off its broker."""

from collections.abc import Mapping
from dataclasses import dataclass

import backtrader as bt
import numpy as np
from numpy.typing import NDArray

from backtests.feed import BarFeed, moments
from data.errors import RunFailed
from data.prices import Floats
from data.window import Window
from strategies.dca.base import SEED_CASH_USD, DcaStrategy
from strategies.dca.schedule import Calendar, last_priced
from strategies.dca.terms import Terms

# Broker and ledger are two books of the same trades; they must agree to this fraction.
BOOKS_AGREE = 1e-9


class QuietBroker(bt.brokers.BackBroker):
    """Backtrader's broker without the copies of orders that nobody reads.

    It tells of an order once, when it is done or refused, and leaves the cash to the execution
    itself, which refuses what is not covered; the check on submission would only ask twice.
    """

    params = (("checksubmit", False),)

    def notify(self, order: bt.Order) -> None:
        """Pass on an order that has come to an end, uncopied: it does not change any more."""
        if not order.alive():
            self.notifs.append(order)


@dataclass(frozen=True)
class Ledger:
    """A run's book: arrays of one entry a bar, shares (bars, symbols); money is USD.

    `weights` are the targets on the last bar, `rule` how they were held.
    """

    window: Window
    flow: Floats
    fees: Floats
    cash: Floats
    shares: Floats
    value: Floats
    weights: Mapping[str, float]
    rule: str


def run(strategy: type[DcaStrategy], view: Window, terms: Terms) -> Ledger:
    """Replay a strategy through a window; raises RunFailed.

    An order was refused, or the books of broker and ledger do not agree.
    """
    calendar = calendar_of(view)
    funded = strategy.funding(terms, int(calendar.months.sum()))
    return book(replay(strategy, view, funded, calendar), view)


def calendar_of(view: Window) -> Calendar:
    """Return when a window's payments fall due."""
    ends = np.array([view.ends.get(s, -1) for s in view.symbols], dtype=np.int64)
    return Calendar.of(view.dates, last_priced(view.priced, ends) < 0)


def replay(
    strategy: type[DcaStrategy], view: Window, terms: Terms, calendar: Calendar
) -> DcaStrategy:
    """Let Cerebro run a strategy over the bars on which it decides; return it with its trades.

    Bars are loaded as they are reached, never ahead: a strategy that asks for tomorrow's close
    gets an IndexError.
    """
    cerebro = bt.Cerebro(stdstats=False, runonce=False, preload=False)
    cerebro.setbroker(QuietBroker())
    cerebro.broker.set_cash(SEED_CASH_USD)
    every = np.arange(len(view.dates))
    chosen = every if strategy.every_bar else decision_bars(view, terms, calendar)
    for column, symbol in enumerate(view.symbols):
        cerebro.adddata(BarFeed(window=view, column=column, chosen=chosen), name=symbol)
    cerebro.addstrategy(strategy, terms=terms)
    played: DcaStrategy = cerebro.run()[0]
    if played.open_orders:
        raise RunFailed(f"{played.open_orders} orders of {strategy.name} were never filled")
    return played


def decision_bars(view: Window, terms: Terms, calendar: Calendar) -> NDArray[np.int64]:
    """Return the bars on which something is paid in, traded or sold, and the last one.

    Between them a monthly saver does nothing, so Backtrader need not see those bars.
    """
    wanted = (calendar.months > 0) | calendar.invests(terms)
    wanted[list(view.ends.values())] = True
    wanted[-1] = True
    return np.flatnonzero(wanted)


def book(played: DcaStrategy, view: Window) -> Ledger:
    """Write every bar's ledger from the broker's executions, and check it against the broker."""
    bars = moments(view)
    count, shape = len(bars), (len(bars), len(view.symbols))
    flow, spent, charged = np.zeros((3, count))
    bought = np.zeros(shape)
    paid, trades = played.deposits, played.trades
    np.add.at(flow, _at(bars, [d.moment for d in paid]), [d.usd for d in paid])
    at = _at(bars, [t.moment for t in trades])
    column = np.array([view.symbols.index(t.symbol) for t in trades], dtype=np.int64)
    np.add.at(bought, (at, column), [t.shares for t in trades])
    np.add.at(charged, at, [t.fee_usd for t in trades])
    np.add.at(spent, at, [t.shares * t.price + t.fee_usd for t in trades])
    cash, shares = np.cumsum(flow - spent), np.cumsum(bought, axis=0)
    held = np.abs(shares) > BOOKS_AGREE * np.abs(shares).max(axis=0, initial=0.0)
    shares = np.where(held, shares, 0.0)
    value = cash + (shares * view.closes).sum(axis=1)
    _check_books(played, float(value[-1]), view)
    weights, rule = dict(played.targets()), str(played.rule)
    return Ledger(view, flow, charged, cash, shares, value, weights, rule)


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
