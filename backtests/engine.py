"""Replay a strategy through a window with Backtrader and read the ledger off its broker."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import backtrader as bt
import numpy as np

from backtests.feed import BarFeed, moments
from backtests.measures.series import Flows, drawdown, unit_value
from data.arrays import Floats, Ints, to_date
from data.errors import BadPlan, RunFailed
from data.language import say
from data.window import Window
from strategies.dca.base import SEED_CASH_USD, DcaStrategy
from strategies.dca.schedule import Calendar, last_priced
from strategies.dca.terms import MONTHLY, Away, Quit, Schedule, Terms, check_parts

# Broker and ledger are two books of the same trades; they must agree to this fraction.
BOOKS_AGREE = 1e-9
# What rounding may take from orders that spend all there is, as a fraction of all that is paid in:
# a run begins with that much beside its money, and `book` sees to it that no more is ever missing.
ROUNDED = 4e-9


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

    `weights` are the targets on the last bar, `rule` how they were held; `away` says when the saver
    left, where she did.
    """

    window: Window
    flow: Floats
    fees: Floats
    taxes: Floats
    before: Floats
    cash: Floats
    shares: Floats
    value: Floats
    weights: Mapping[str, float]
    rule: str
    away: Away | None = None


def run(strategy: type[DcaStrategy], view: Window, terms: Terms) -> Ledger:
    """Replay a strategy through a window.

    Raises:
        BadPlan: the schedule pays nothing in, or there is no sum to put to work in parts.
        RunFailed: an order was refused, or the books of broker and ledger do not agree.

    """
    plain, terms = terms.schedule.plain, replace(terms, schedule=terms.schedule.since(view.since))
    calendar = calendar_of(view, terms.schedule)
    total = _paid_in(calendar, terms)
    if not total and not plain:
        raise BadPlan(
            say(
                "nothing is put in from {first} to {last} by this schedule; move its dates",
                first=str(view.dates[0]),
                last=str(view.dates[-1]),
            )
        )
    funded = strategy.funding(terms, total)
    check_parts(strategy.name, funded)
    calendar = calendar_of(view, funded.schedule)
    seed = SEED_CASH_USD + ROUNDED * _paid_in(calendar, funded)
    if funded.quit is None:
        return book(replay(strategy, view, funded, calendar, seed), view, seed)
    stayed, dice = replace(funded, quit=None), (random.getstate(), np.random.get_state())
    ledger = book(replay(strategy, view, stayed, calendar, seed), view, seed)
    away = _away(ledger, calendar, funded.quit)
    if away is None:
        return ledger
    # A strategy that throws dice throws the same ones again.
    random.setstate(dice[0])
    np.random.set_state(dice[1])
    left = replace(stayed, away=away)
    return replace(book(replay(strategy, view, left, calendar, seed), view, seed), away=away)


def _away(stayed: Ledger, calendar: Calendar, quit_: Quit) -> Away | None:
    """Return when a saver leaves and comes back, by the course of one who stays until then.

    Up to the payment on which she leaves both are the same, and what decides lies before it.
    """
    flows = Flows(stayed.before, stayed.flow, stayed.fees)
    fall = drawdown(unit_value(stayed.value, flows))
    deep = np.concatenate([[False], quit_.reached(fall[:-1])])
    bars = np.flatnonzero(calendar.pays & deep)
    if not bars.size:
        return None
    first = to_date(calendar.dates[bars[0]])
    if quit_.months is None:
        return Away(first)
    return Away(first, to_date(np.datetime64(first, "M") + quit_.months))


def calendar_of(view: Window, schedule: Schedule = MONTHLY) -> Calendar:
    """Return when a window's payments fall due."""
    ends = np.array([view.ends.get(s, -1) for s in view.symbols], dtype=np.int64)
    return Calendar.of(view.dates, last_priced(view.priced, ends) < 0, schedule)


def _paid_in(calendar: Calendar, terms: Terms) -> float:
    """Sum a window's payments up."""
    first, last = np.array([[calendar.sessions.argmax()], [len(calendar.dates) - 1]])
    since = np.array([date.min], dtype="datetime64[D]")
    return float(calendar.payments(first, last, terms, since)[1].sum())


def replay(
    strategy: type[DcaStrategy], view: Window, terms: Terms, calendar: Calendar, seed_usd: float
) -> DcaStrategy:
    """Let Cerebro run a strategy over the bars on which it decides; return it with its trades.

    Bars are loaded as they are reached, never ahead: a strategy that asks for tomorrow's close
    gets an IndexError.
    """
    cerebro = bt.Cerebro(stdstats=False, runonce=False, preload=False)
    cerebro.setbroker(QuietBroker())
    cerebro.broker.set_cash(seed_usd)
    every = np.arange(len(view.dates))
    chosen = every if strategy.every_bar else decision_bars(view, terms, calendar)
    for column, symbol in enumerate(view.symbols):
        cerebro.adddata(BarFeed(window=view, column=column, chosen=chosen), name=symbol)
    cerebro.addstrategy(strategy, terms=terms, until=to_date(view.dates[-1]))
    played: DcaStrategy = cerebro.run()[0]
    if played.open_orders:
        raise RunFailed(
            say(
                "{n} orders of {strategy} were never filled",
                n=played.open_orders,
                strategy=strategy.name,
            )
        )
    return played


def decision_bars(view: Window, terms: Terms, calendar: Calendar) -> Ints:
    """Return the bars on which something is paid in, traded or sold, and the last one.

    Between them a monthly saver does nothing, so Backtrader need not see those bars.
    """
    wanted = calendar.pays | calendar.invests(terms)
    wanted[list(view.ends.values())] = True
    wanted[-1] = True
    return np.flatnonzero(wanted)


def book(played: DcaStrategy, view: Window, seed_usd: float) -> Ledger:
    """Write every bar's ledger from the broker's executions, and check it against the broker."""
    bars = moments(view)
    count, shape = len(bars), (len(bars), len(view.symbols))
    flow, spent, charged, taxes = np.zeros((4, count))
    bought = np.zeros(shape)
    paid, trades = played.deposits, played.trades
    np.add.at(flow, _at(bars, [d.moment for d in paid]), [d.usd for d in paid])
    np.add.at(taxes, _at(bars, [t.moment for t in played.taxes]), [t.usd for t in played.taxes])
    at = _at(bars, [t.moment for t in trades])
    column = np.array([view.symbols.index(t.symbol) for t in trades], dtype=np.int64)
    np.add.at(bought, (at, column), [t.shares for t in trades])
    np.add.at(charged, at, [t.fee_usd for t in trades])
    np.add.at(spent, at, [t.shares * t.price + t.fee_usd for t in trades])
    cash, shares = np.cumsum(flow - spent - taxes), np.cumsum(bought, axis=0)
    shares = _without_residue(shares, view.closes, cash)
    value = cash + (shares * view.closes).sum(axis=1)
    before = np.zeros(count)
    before[1:] = cash[:-1] + (shares[:-1] * view.closes[1:]).sum(axis=1)
    # The same number by subtraction, in whose digits ledgers without fees have always been written;
    # not where the payment dwarfs what was there before, and with it the difference's digits.
    plain = (charged + taxes == 0) & (before > 1e-3 * flow)
    before[plain] = (value - flow)[plain]
    ledger = Ledger(
        view, flow, charged, taxes, before, cash, shares, value,
        dict(played.targets()), str(played.rule),
    )  # fmt: skip
    _check_books(played, ledger, at, column, seed_usd)
    return ledger


def _at(bars: Floats, moments: list[float]) -> Ints:
    """Return the bars of some moments."""
    return np.searchsorted(bars, np.array(moments, dtype=np.float64), side="right") - 1


def _without_residue(shares: Floats, closes: Floats, cash: Floats) -> Floats:
    """Drop what rounding leaves of a holding that was sold whole.

    It is next to nothing beside the most shares held until then, and beside the money of that bar.
    """
    worth = np.abs(shares) * closes
    money = worth.sum(axis=1, keepdims=True) + np.abs(cash)[:, None]
    most = np.maximum.accumulate(np.abs(shares), axis=0)
    residue = (np.abs(shares) <= BOOKS_AGREE * most) & (worth <= BOOKS_AGREE * money)
    return np.where(residue, 0.0, shares)


def _check_books(
    played: DcaStrategy,
    ledger: Ledger,
    at: Ints,
    column: Ints,
    seed_usd: float,
) -> None:
    """Compare cash and shares after every order, and the last value, with the broker's."""
    # The seed is no one's money, but the broker's sums are rounded with it.
    money = np.maximum(np.abs(ledger.value), np.cumsum(ledger.flow))
    allowed = BOOKS_AGREE * money + 1e-14 * seed_usd
    held = np.array([t.held for t in played.trades])
    cash = np.array([t.cash_usd for t in played.trades]) - seed_usd
    apart = np.abs(ledger.cash[at] - cash)
    apart += np.abs(ledger.shares[at, column] - held) * ledger.window.closes[at, column]
    apart = np.append(np.maximum(apart, -ledger.cash[at]), _last_apart(played, ledger, seed_usd))
    excess = apart - allowed[np.append(at, -1)]
    if not (excess <= 0).all():
        worst = int(np.argmax(excess))
        day = ledger.window.dates[np.append(at, -1)[worst]]
        raise RunFailed(
            say(
                "{strategy}: ledger and broker differ by {usd:.3g} USD on {day}; nothing of this "
                "run can be trusted",
                strategy=played.name,
                usd=float(apart[worst]),
                day=str(day),
            )
        )


def _last_apart(played: DcaStrategy, ledger: Ledger, seed_usd: float) -> float:
    return abs(float(played.broker.getvalue()) - seed_usd - float(ledger.value[-1]))
