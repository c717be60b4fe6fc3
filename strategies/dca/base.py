"""The monthly DCA strategy: deposits, targets and orders; it alone speaks to the broker."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from numbers import Real
from types import FunctionType
from typing import Any, ClassVar, cast

import backtrader as bt
import numpy as np

from data.arrays import Flags, Floats
from data.errors import BadPlan, RunFailed, UnknownName, printable
from data.language import Said, say
from strategies.dca import trading
from strategies.dca.schedule import Payer
from strategies.dca.terms import (
    MONTHLY,
    WEIGHT_SLACK,
    Costs,
    Rebalance,
    Schedule,
    Terms,
    check_weights,
)

# Backtrader divides by the starting value, so a run cannot start with 0. This also covers the
# rounding of an order that spends all there is.
SEED_CASH_USD = 1e-6


@dataclass(frozen=True)
class Trade:
    """One executed order: shares bought (+) or sold (-) at a price, and the fee paid for it.

    `held` and `cash_usd` are what the broker then had of the symbol and in cash.
    """

    symbol: str
    moment: float
    shares: float
    price: float
    fee_usd: float
    held: float
    cash_usd: float


@dataclass(frozen=True)
class Deposit:
    """One contribution, paid in at `moment` (Backtrader's float days), or a tax, paid out."""

    moment: float
    usd: float


class Fees(bt.CommInfoBase):
    """Basis points of the dollars traded plus dollars an order."""

    params = (("costs", Costs()), ("stocklike", True), ("commtype", bt.CommInfoBase.COMM_PERC))

    def _getcommission(self, size: float, price: float, **_pseudoexec: bool) -> float:
        costs: Costs = self.p.costs
        return 0.0 if costs.free else float(trading.fees(np.array(size * price), costs))


class DcaStrategy(bt.Strategy):
    """Pay in on each period's first bar and buy the targets at that bar's close.

    Add a subclass to any Cerebro whose feeds are named by symbol:
    `cerebro.addstrategy(IndexFund, terms=Terms(monthly_usd=500))`. It switches the broker to
    cheat-on-close and sets the commission by its terms. The broker's own starting cash is left
    alone: only contributions are invested.

    A subclass states `weights` (none: equal parts of `picks`, else of the feeds), `rebalance`, and
    a `label` if one must stand beside its figures. `basket` names what stands in an era for
    `picks`. `settings` are the attributes that a plan may set, each between two bounds; a label
    names them in braces. One that decides otherwise overrides `targets` or `paid_in`, sets
    `every_bar` if it needs each bar, and may look at past bars only: the engine loads none ahead.
    `until` is the window's last day, where it is known.
    """

    params = (("terms", Terms()), ("until", None))

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    label: ClassVar[str] = ""
    weights: ClassVar[Mapping[str, float]] = {}
    rebalance: ClassVar[str] = "none"
    basket: ClassVar[str] = ""
    picks: ClassVar[tuple[str, ...]] = ()
    settings: ClassVar[Mapping[str, tuple[float, float]]] = {}
    late_listings: ClassVar[bool] = False
    on_by_default: ClassVar[bool] = True
    every_bar: ClassVar[bool] = False

    @classmethod
    def funding(cls, terms: Terms, total_usd: float) -> Terms:  # noqa: ARG003 - for overriders
        """Return the terms under which a window in which `total_usd` fall due is paid in."""
        return terms

    @classmethod
    def held(cls) -> Mapping[str, float]:
        """Return every symbol that is ever held, with its target where no code decides."""
        return cls.weights or {symbol: 1.0 / len(cls.picks) for symbol in cls.picks}

    @classmethod
    def said(cls) -> str:
        """Return the label, with the settings filled in."""
        filled = {name: getattr(cls, name) for name in cls.settings}
        if isinstance(cls.label, Said):
            percents = {f"{name}_percent": 100.0 * value for name, value in filled.items()}
            return say(cls.label.message, **filled, **percents)
        return cls.label.format_map(filled).replace("%", " %") if filled else cls.label

    @classmethod
    def vectorizable(cls, schedule: Schedule = MONTHLY) -> bool:
        """Say whether fixed weights, rule and terms are all that decides, so that no code runs.

        What a window's total is differs from window to window unless the schedule is plain.
        """
        below = cls.__mro__[: cls.__mro__.index(DcaStrategy)]
        code = {name for c in below for name, thing in vars(c).items() if isinstance(thing, _CODE)}
        bare = code <= {"held"} | ({"funding"} if schedule.plain else set())
        return bare and not cls.every_bar and abs(sum(cls.held().values()) - 1) <= WEIGHT_SLACK

    def __init__(self) -> None:
        terms: Terms = self.p.terms
        self.terms = terms
        self.rule = terms.rebalance or Rebalance.parse(self.rebalance)
        self.symbols = tuple(data._name for data in self.datas)
        self.trades: list[Trade] = []
        self.deposits: list[Deposit] = []
        self.cash_usd = 0.0
        self._kept_usd = 0.0
        self.shares = np.zeros(len(self.datas))
        self.open_orders = 0
        self._order = sorted(range(len(self.datas)), key=lambda column: self.symbols[column])
        self._seen = np.zeros(len(self.datas), dtype=np.bool_)
        self.payer = Payer(terms)
        self.taxes: list[Deposit] = []
        self._gains = trading.Gains.none((len(self.datas), 1)) if terms.costs.tax else None
        self._waiting = False
        self._out = self._turned = False
        if terms.quit:
            raise BadPlan(
                say("only a replay can tell when to quit; use run, compare, scenario or sweep")
            )

    def start(self) -> None:
        """Set the broker up: fills at the close, and the terms' fees."""
        self.broker.set_coc(True)
        self.broker.addcommissioninfo(Fees(costs=self.terms.costs))

    def targets(self) -> Mapping[str, float]:
        """Return the target weight of each symbol; what they leave of 1 stays in cash."""
        equal = {symbol: 1.0 / len(self.symbols) for symbol in self.symbols}
        return self.terms.weights or self.held() or equal

    def paid_in(self, due_usd: float, worth_usd: float) -> float:  # noqa: ARG002 - for overriders
        """Return what is paid in where `due_usd` fall due and the account holds `worth_usd`."""
        return due_usd

    def spend_kept(self) -> None:
        """Let the next purchase spend what targets of less than 1 have left in cash."""
        self._kept_usd = 0.0

    def next(self) -> None:
        """Sell what has ended; on a common session invest what waits and pay in what is due."""
        day = int(self.datetime[0])
        shown = np.array([_shown(data, day) for data in self.datas]).T
        prices, (priced, seen, ended) = shown[0], shown[1:].astype(np.bool_)
        self._seen |= seen
        if ended.any():
            held, costs = self.shares[:, None], self.terms.costs
            sale = trading.ended_sale(held, prices[:, None], ended, costs, self._gains)
            self._trade(sale, prices)
        if not (priced | ended | ~self._seen).all():
            return
        if self._waiting:
            self._waiting = False
            self._invest(prices, priced)
        if self._pay_in(prices):
            self._turn()
            self._waiting = self.terms.fill == "next"
            if not self._waiting:
                self._invest(prices, priced)

    def prenext(self) -> None:
        """Do the same before every feed has a bar: a late listing must not hold back the rest."""
        self.next()

    def notify_order(self, order: bt.Order) -> None:
        """Record an execution; fail the run on any refusal."""
        if order.status in (order.Submitted, order.Accepted):
            return
        symbol = order.data._name
        if order.status != order.Completed:
            day = bt.num2date(order.created.dt).date()
            raise RunFailed(
                say(
                    "{strategy}: the order of {size:g} {symbol} on {day} ended as {status}",
                    strategy=self.name,
                    size=order.created.size,
                    symbol=symbol,
                    day=day,
                    status=order.getstatusname(),
                )
            )
        self.open_orders -= 1
        done = order.executed
        held, cash = self.getposition(order.data).size, self.broker.get_cash()
        self.trades.append(Trade(symbol, done.dt, done.size, done.price, done.comm, held, cash))

    def _pay_in(self, prices: Floats) -> bool:
        """Take in what is due on this common session; say whether anything fell due."""
        usd = self.payer.due(self.datetime.date(0))
        if usd is None:
            return False
        usd = self.paid_in(usd, self.cash_usd + float(self.shares @ prices))
        self.cash_usd += usd
        self.deposits.append(Deposit(self.datetime[0], usd))
        if usd:
            self.broker.add_cash(usd)
            # Books the deposit now: orders of this bar could not spend it otherwise.
            self.broker.get_value([self.data])
        return True

    def _turn(self) -> None:
        """Leave or come back on this payment, where the terms say so."""
        away = self.terms.away
        out = away is not None and away.covers(self.datetime.date(0))
        self._turned |= out != self._out
        self._out = out

    def _invest(self, prices: Floats, live: Flags) -> None:
        """Trade to what the rule asks."""
        weights = trading.sheltered(self.symbols) if self._out else self._wanted()
        saver = trading.Saver(weights, self.rule, self.terms)
        turned = np.array([self._turned]) if self._turned else None
        bar, self._turned = trading.Bar(prices[:, None], live, self.payer.new_year, turned), False
        at_hand = max(self.cash_usd - self.payer.waiting_usd, 0.0)
        money = np.array([at_hand]), np.array([self._kept_usd])
        sizes, kept = trading.invest(saver, bar, self.shares[:, None], *money, self._gains)
        self._kept_usd = float(kept[0])
        self._trade(sizes, prices)

    def _wanted(self) -> Floats:
        """Return the targets, shape (symbols, 1); raises BadPlan for what are no targets."""
        weights = self.targets()
        if not isinstance(weights, Mapping):
            raise BadPlan(
                say(
                    "{strategy}: its targets are no mapping; return symbols and fractions",
                    strategy=self.name,
                )
            )
        for symbol, weight in weights.items():
            if symbol not in self.symbols:
                thing = say("symbol in the targets of {strategy}", strategy=self.name)
                raise UnknownName(thing, str(symbol), self.symbols)
            if not (isinstance(weight, Real) and weight >= 0):
                raise BadPlan(
                    say(
                        "{strategy}: the target of {symbol} is {came}; give 0 to 1",
                        strategy=self.name,
                        symbol=symbol,
                        came=printable(str(weight)),
                    )
                )
        total = sum(weights.values())
        if total > 1 + WEIGHT_SLACK:
            raise BadPlan(
                say(
                    "{strategy}: its targets sum to {total:.12g}; give at most 1 in all",
                    strategy=self.name,
                    total=total,
                )
            )
        return np.array([weights.get(s, 0.0) for s in self.symbols])[:, None]

    def _trade(self, sizes: Floats, prices: Floats) -> None:
        """Send orders, sales first, so that their proceeds pay for the purchases."""
        if not sizes.any():
            return
        for column in sorted(self._order, key=lambda c: sizes[c, 0] > 0):
            size, data = float(sizes[column, 0]), self.datas[column]
            if size:
                (self.buy if size > 0 else self.sell)(data=data, size=abs(size))
                self.open_orders += 1
        cash = np.array([self.cash_usd])
        cash, _ = trading.settle(sizes, prices[:, None], self.terms.costs, self._order, cash)
        self.cash_usd = float(cash[0])
        self._pay_tax(sizes * prices[:, None], self.shares[:, None] * prices[:, None])
        self.shares += sizes[:, 0]

    def _pay_tax(self, traded: Floats, held: Floats) -> None:
        """Pay the tax on what trades out of holdings realise; all in dollars."""
        if self._gains is None:
            return
        tax, self._gains = self._gains.realise(traded, held, self.terms.costs.tax)
        if usd := float(tax[0]):
            self.cash_usd -= usd
            self.taxes.append(Deposit(self.datetime[0], usd))
            self.broker.add_cash(-usd)
            self.broker.get_value([self.data])


# What a class that merely declares does not have of its own.
_CODE = (FunctionType, classmethod, staticmethod, property)


def allocation(
    name: str, weights: Mapping[str, float], rebalance: str = "none", late_listings: bool = False
) -> type[DcaStrategy]:
    """Return a strategy that holds `weights` by the rule `rebalance`."""
    check_weights(weights)
    Rebalance.parse(rebalance)
    rules = {"rebalance": rebalance, "late_listings": late_listings}
    return derived(DcaStrategy, name=name, title=name, weights=weights, **rules)


def derived(base: type[DcaStrategy], **stated: Any) -> type[DcaStrategy]:
    """Return `base` with other class attributes."""
    weights, key = stated.pop("weights", base.weights), cast("Any", base)
    return _derived(key, tuple(weights.items()), tuple(stated.items()))


@cache
def _derived(
    base: type[DcaStrategy], weights: tuple[tuple[str, float], ...], stated: tuple[Any, ...]
) -> type[DcaStrategy]:
    """Make a class once: Backtrader keeps every strategy class that was ever made."""
    return type(base.__name__, (base,), {"weights": dict(weights), **dict(stated)})


def _shown(data: bt.DataBase, day: int) -> tuple[float, bool, bool, bool]:
    """Return a feed's close, whether it has a price on `day`, has had one, and has ended.

    The engine's feed says so itself, also of bars that are not shown.
    """
    if not len(data):
        return 0.0, False, False, False
    close = float(data.close[0])
    priced = int(data.datetime[0]) == day and close > 0
    if not hasattr(data.lines, "seen"):
        return close, priced, priced, False
    return close, priced and bool(data.priced[0]), bool(data.seen[0]), bool(data.ended[0])
