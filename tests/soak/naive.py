"""Replay a saver in plain numbers, one bar after another, as docs/contract.md has it.

It is the third opinion on what Backtrader and the vectorised path find, so nothing of theirs is
used here: no import but Python's own, no array, no closed formula where a root can be halved to.
"""

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from math import exp, fsum, log
from typing import Any, Literal

WEEKS = {"week": 1, "two-weeks": 2}
MONTHS = {"month": 1, "quarter": 3, "year": 12}
CARRIED = {"daily": 5, "weekly": 1, "monthly": 1}
# Of the money at hand; of a share; of a level.
DUST, WHOLE, ROUNDED = 1e-9, 1e-9, 1e-11
# Dollars of an order that is next to nothing, and yet one.
LEAST = 1e-300


class RefusedError(Exception):
    """No run comes of these prices and this plan."""


@dataclass(frozen=True)
class Plan:
    """What is asked; the names are those of a plan file. `cpi` has levels by months since 0."""

    monthly: float = 1000.0
    initial: float | None = None
    every: str = "month"
    day: int = 1
    growth: float | Literal["cpi"] = 0.0
    pause: tuple[tuple[date, date], ...] = ()
    stop: date | None = None
    payments: tuple[tuple[date, float], ...] = ()
    parts: int = 1
    fill: str = "close"
    whole_shares: bool = False
    fee_bps: float = 0.0
    fee_per_order: float = 0.0
    fee_min: float = 0.0
    tax: float = 0.0
    quit_at: float | None = None
    return_after: int | str = "never"
    cpi: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Series:
    """A symbol's own prices, and its declared end."""

    prices: Mapping[date, float]
    ended: date | None = None
    last_price: float | None = None


@dataclass(frozen=True)
class Way:
    """How money is put to work: the targets, the rule, and a strategy's own numbers."""

    weights: Mapping[str, float]
    rule: str = "none"
    kind: str = "mix"
    picks: tuple[str, ...] = ()
    settings: Mapping[str, float] = field(default_factory=dict)


def month_of(day: date) -> int:
    return day.year * 12 + day.month - 1


def charged(series: Series, ter: float) -> Series:
    """Take a fund's yearly cost from its prices, since the first of them."""
    days = sorted(series.prices)
    kept = {day: (1 - ter) ** ((day - days[0]).days / 365) for day in days}
    last = None if series.last_price is None else series.last_price * kept[days[-1]]
    return Series({d: p * kept[d] for d, p in series.prices.items()}, series.ended, last)


def bills(days: Sequence[date], yields: Mapping[date, float]) -> Series:
    """Accrue a dollar: from bar to bar the yield last known at the earlier one, actual/365."""
    known, level, found = sorted(yields), 1.0, {days[0]: 1.0}
    for before, day in pairwise(days):
        percent = yields[known[bisect_right(known, before) - 1]]
        level *= 1 + percent / 100 * (day - before).days / 365
        found[day] = level
    return Series(found)


def consumer(cpi: Mapping[int, float], day: date) -> float:
    """Return the index of a day's month: the newest published, or bridged by equal ratios."""
    month, known = month_of(day), sorted(cpi)
    if month >= known[-1]:
        return cpi[known[-1]]
    at = bisect_right(known, month) - 1
    (a, b), part = known[at : at + 2], (month - known[at]) / (known[at + 1] - known[at])
    return exp(log(cpi[a]) * (1 - part) + log(cpi[b]) * part)


def regular(sessions: Sequence[date], plan: Any, usd: float) -> dict[date, float]:
    """Pay by walking from due day to due day: the sum of every common session on which one falls.

    `plan` has every, day, growth, pause and stop.
    """
    opened, found = sessions[0], dict[date, float]()
    for number in range(100_000):
        due = due_day(opened, plan, number)
        on = next((session for session in sessions if session >= due), None)
        if on is None:
            return found
        none = any(first <= on <= last for first, last in plan.pause)
        none |= bool(plan.stop and on > plan.stop)
        found[on] = found.get(on, 0.0) + (0.0 if none else usd * grown(plan, opened, on))
    raise AssertionError


def due_day(opened: date, plan: Any, number: int) -> date:
    """Return the day on which a period's sum falls due; the first period is the opening's."""
    if plan.every in WEEKS:
        monday = opened - timedelta(days=opened.weekday())
        return monday + timedelta(weeks=WEEKS[plan.every] * number)
    year, month = divmod(month_of(opened) + MONTHS[plan.every] * number, 12)
    return date(year, month + 1, min(plan.day, monthrange(year, month + 1)[1]))


def grown(plan: Any, opened: date, on: date) -> float:
    """Return what a sum of 1 on the opening has become."""
    if plan.growth == "cpi":
        return consumer(plan.cpi, on) / consumer(plan.cpi, opened)
    years = (month_of(on) - month_of(opened)) // 12
    return float((1 + plan.growth) ** years)


def with_sums(
    found: dict[date, float], sessions: Sequence[date], since: date, payments: Any
) -> dict[date, float]:
    """Add each dated sum to the first session from its date on."""
    for day, usd in payments:
        on = next((session for session in sessions if session >= day), None)
        if day >= since and on:
            found[on] = found.get(on, 0.0) + usd
    return found


def paid_in(sessions: Sequence[date], since: date, plan: Plan) -> dict[date, float]:
    """Return what is paid in on each contribution bar."""
    found = {sessions[0]: 0.0} | regular(sessions, plan, plan.monthly)
    if plan.initial is not None:
        found[sessions[0]] = plan.initial
    return with_sums(found, sessions, since, plan.payments)


def solved(what: Callable[[float], float], low: float, high: float, total: float) -> float:
    """Find where a rising function is `total`, by halving; `low` where it begins above."""
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if what(middle) < total else (low, middle)
    return low


class Account:
    """Holdings, cash, what was paid for the holdings, and losses not set off yet."""

    def __init__(self, symbols: int, plan: Any) -> None:
        self.plan = plan
        self.shares, self.paid = [0.0] * symbols, [0.0] * symbols
        self.cash = self.kept = self.losses = self.fees = self.taxes = 0.0

    def worth(self, prices: Sequence[float]) -> float:
        return self.cash + fsum(s * p for s, p in zip(self.shares, prices, strict=True))

    def fee(self, usd: float) -> float:
        plan = self.plan
        ours = max(abs(usd) * plan.fee_bps / 1e4 + plan.fee_per_order, plan.fee_min)
        return ours if usd else 0.0

    def gain(self, trades: Sequence[float], worth: Sequence[float]) -> float:
        """Return what trades realise, after losses carried from before."""
        found = -self.losses
        for trade, held, paid in zip(trades, worth, self.paid, strict=True):
            if trade < 0:
                found += -trade - paid * min(-trade / held, 1.0)
        return found

    def book(self, sizes: Sequence[float], prices: Sequence[float]) -> None:
        """Trade shares at these prices, and pay for it."""
        trades = [size * price for size, price in zip(sizes, prices, strict=True)]
        worth = [s * p for s, p in zip(self.shares, prices, strict=True)]
        gain = self.gain(trades, worth)
        for at, trade in enumerate(trades):
            self.paid[at] += trade if trade > 0 else 0.0
            if sizes[at] < 0:
                self.paid[at] *= max(1 + sizes[at] / self.shares[at], 0.0)
            self.shares[at] += sizes[at]
            self.fees += self.fee(trade)
            self.cash -= trade + self.fee(trade)
        if self.plan.tax:
            self.losses, tax = max(-gain, 0.0), self.plan.tax * max(gain, 0.0)
            self.taxes += tax
            self.cash -= tax

    def end(self, ended: Sequence[bool], prices: Sequence[float]) -> None:
        """Sell what has ended, if that pays for itself."""
        sizes = [0.0] * len(self.shares)
        for at, (held, price) in enumerate(zip(self.shares, prices, strict=True)):
            usd = held * price
            tax = self.plan.tax * max(usd - self.paid[at], 0.0)
            if ended[at] and held and usd - tax >= self.fee(usd or LEAST):
                sizes[at] = -held
        if any(sizes):
            self.book(sizes, prices)

    def invest(
        self,
        prices: Sequence[float | None],
        targets: Sequence[float],
        whole: bool,
        steers: bool = False,
        waiting: float = 0.0,
    ) -> None:
        """Put the cash to work, or bring all there is to the targets; None: cannot be traded."""
        live = [price or 0.0 for price in prices]
        worth = [s * p for s, p in zip(self.shares, live, strict=True)]
        cash, share = max(self.cash - waiting, 0.0), fsum(targets)
        share = 1.0 if abs(share - 1) <= 1e-9 else share
        if whole:
            money = cash + fsum(worth)
            trades = self._balanced(worth, targets, money)
        else:
            money = share * (cash - self.kept)
            parts = [t / share if share else 0.0 for t in targets]
            trades = (self._lifted if steers else self._parted)(worth, parts, money)
        trades = [t if abs(t) > DUST * money else 0.0 for t in trades]
        if whole:
            tax = self.plan.tax * max(self.gain(trades, worth), 0.0)
            left = cash - fsum(trades) - fsum(map(self.fee, trades)) - tax
            self.kept = left if share < 1 else 0.0
        else:
            self.kept += (1 - share) * (cash - self.kept)
        self.book(self._sizes(trades, live), live)

    def _parted(self, _: Sequence[float], targets: Sequence[float], money: float) -> list[float]:
        def spent(value: float) -> float:
            return value + fsum(self.fee(t * value) for t in targets)

        value = solved(spent, 0.0, money, money)
        return [t * value for t in targets]

    def _balanced(
        self, worth: Sequence[float], targets: Sequence[float], money: float
    ) -> list[float]:
        def spent(value: float) -> float:
            trades = [t * value - h for t, h in zip(targets, worth, strict=True)]
            gain = max(self.gain(trades, worth), 0.0) if self.plan.tax else 0.0
            return value + fsum(map(self.fee, trades)) + self.plan.tax * gain

        value = solved(spent, 0.0, money, money)
        off = [abs(t * money - h) for t, h in zip(targets, worth, strict=True)]
        if value <= DUST * money or max(off) <= DUST * money:
            return [0.0] * len(targets)
        return [t * value - h for t, h in zip(targets, worth, strict=True)]

    def _lifted(
        self, worth: Sequence[float], targets: Sequence[float], money: float
    ) -> list[float]:
        """Fill the lowest holding-to-target ratios up to one level, as many as it reaches."""
        ratio = {at: worth[at] / t for at, t in enumerate(targets) if t > 0}
        order = sorted(ratio, key=lambda at: ratio[at])
        for count in range(len(order), 0, -1):
            among = order[:count]

            def spent(level: float, among: list[int] = among) -> float:
                lifts = [level * targets[at] - worth[at] for at in among]
                return fsum(lifts) + fsum(self.fee(lift or LEAST) for lift in lifts)

            base = ratio[among[-1]]
            top = (money + fsum(worth[at] for at in among)) / fsum(targets[at] for at in among)
            level = solved(spent, base, top, money) if top > base else base
            lifts = {at: level * targets[at] - worth[at] for at in among}
            if level > base and fsum(lifts.values()) > DUST * money:
                return [lifts.get(at, 0.0) for at in range(len(targets))]
        return [0.0] * len(targets)

    def _sizes(self, trades: Sequence[float], prices: Sequence[float]) -> list[float]:
        sizes = [t / p if p else 0.0 for t, p in zip(trades, prices, strict=True)]
        if self.plan.whole_shares:
            near = [round(size) for size in sizes]
            sizes = [
                float(n if abs(s - n) <= WHOLE else s // 1)
                for s, n in zip(sizes, near, strict=True)
            ]
        pairs = zip(sizes, self.shares, strict=True)
        # What rounding would leave of a holding that is sold is sold as well.
        return [-held if size < -held * (1 - WHOLE) else size for size, held in pairs]


@dataclass
class Course:
    """A run bar by bar: the letters of the contract's section 3."""

    days: list[date]
    value: list[float] = field(default_factory=list)
    flow: list[float] = field(default_factory=list)
    unit: list[float] = field(default_factory=list)
    fees: float = 0.0
    taxes: float = 0.0

    def take(self, before: float, flow: float, value: float, costs: bool) -> None:
        """Add a bar: W, F and V, and whether anything was paid for trading."""
        last, unit = (self.value[-1], self.unit[-1]) if self.value else (0.0, 1.0)
        if last > 0:
            unit *= before / last
            unit *= value / (before + flow) if costs and before + flow > 0 else 1.0
        elif flow > 0:
            unit *= value / flow
        self.value.append(value)
        self.flow.append(flow)
        self.unit.append(unit)

    @property
    def fall(self) -> list[float]:
        """The strategy drawdown D."""
        return fallen(self.unit, 1.0)

    def figures(self) -> dict[str, float | None]:
        """Return the measures that are plain sums, ratios and highs."""
        put_in, contributed = 0.0, []
        for flow in self.flow:
            put_in += flow
            contributed.append(put_in)
        short = [min(below(v, m), 0.0) for v, m in zip(self.value, contributed, strict=True)]
        ends = [month_of(a) != month_of(b) for a, b in pairwise(self.days)]
        months = [s < 0 for s, end in zip(short, [*ends, True], strict=True) if end]
        days, grew = self.span, self.unit[-1]
        return {
            "contributed": put_in,
            "final_value": self.value[-1],
            "multiple": self.value[-1] / put_in if put_in else None,
            "twr": grew - 1,
            "cagr": grew ** (365.25 / days) - 1 if days >= 365 else None,
            "max_drawdown": min(self.fall),
            "account_max_drawdown": min(fallen(self.value)),
            "worst_shortfall": min(short),
            "months_below_money_in": float(sum(months)),
            "longest_months_below_money_in": float(longest(months)),
            "fees_paid": self.fees,
            "taxes_paid": self.taxes,
            "cushion": 1 - put_in / self.value[-1] if self.value[-1] > 0 else None,
        }

    @property
    def span(self) -> int:
        """Days from the first payment to the last bar."""
        paid = [day for day, flow in zip(self.days, self.flow, strict=True) if flow > 0]
        return (self.days[-1] - paid[0]).days if paid else 0

    @property
    def has_rate(self) -> bool:
        """Say whether money had a day to grow, and more is left than came in on the last one."""
        return self.span > 0 and self.value[-1] > self.flow[-1]

    def balance(self, grew: float) -> float:
        """Return what the flows come to over the last value, if the first one grows by `grew`."""
        last, found = self.days[-1], []
        for day, flow in zip(self.days, self.flow, strict=True):
            found.append(flow * (1 + grew) ** ((last - day).days / self.span) if flow else 0.0)
        return fsum(found) / self.value[-1]


def below(level: float, reference: float) -> float:
    """Return how far a level is below another; rounding is no fall."""
    fall = level / reference - 1 if reference > 0 else 0.0
    return 0.0 if abs(fall) < ROUNDED else fall


def fallen(levels: Sequence[float], high: float = 0.0) -> list[float]:
    found = []
    for level in levels:
        high = max(high, level)
        found.append(below(level, high))
    return found


def longest(marks: Sequence[bool]) -> int:
    most = run = 0
    for mark in marks:
        run = run + 1 if mark else 0
        most = max(most, run)
    return most


class Window:
    """The bars of a window: the union of its symbols' dates, the last prices carried."""

    def __init__(
        self, series: Mapping[str, Series], bars: str, start: date, end: date, late: bool
    ) -> None:
        self.series, self.bars = series, bars
        self._own = {symbol: sorted(one.prices) for symbol, one in series.items()}
        every = sorted({day for one in series.values() for day in one.prices})
        inside = [day for day in every if start <= day <= end]
        if not late:
            inside = inside[self._opening(inside) :]
        self.days = inside
        self.ends = {symbol: self._end(symbol) for symbol in series}
        self.first = {
            symbol: next((day for day in inside if day in one.prices), date.max)
            for symbol, one in series.items()
        }

    def _over(self, symbol: str, day: date) -> bool:
        """Say whether a declared end has passed; a month-end bar is its whole month's."""
        ended = self.series[symbol].ended
        if ended is None:
            return False
        return month_of(day) > month_of(ended) if self.bars == "monthly" else day > ended

    def _opening(self, inside: list[date]) -> int:
        for at, day in enumerate(inside[: CARRIED[self.bars] + 1]):
            if all(day in one.prices or self._over(s, day) for s, one in self.series.items()):
                return at
        raise RefusedError("no common session near the start")

    def _end(self, symbol: str) -> date:
        prices = self.series[symbol].prices
        gone = (d for d in self.days if self._over(symbol, d) and d not in prices)
        return next(gone, date.max)

    def carried(self, symbol: str, day: date) -> float:
        """Return the price that a symbol is valued at."""
        one = self.series[symbol]
        if day >= self.ends[symbol] and one.last_price is not None:
            return one.last_price
        at = bisect_right(self._own[symbol], day)
        return one.prices[self._own[symbol][at - 1]] if at else 0.0

    @property
    def sessions(self) -> list[date]:
        """The bars on which every live symbol has a price of its own."""
        return [day for day in self.days if all(self._ready(s, day) for s in self.series)]

    def _ready(self, symbol: str, day: date) -> bool:
        live = self.first[symbol] <= day < self.ends[symbol]
        return day in self.series[symbol].prices or not live


class Replay:
    """One saver through one window."""

    def __init__(self, window: Window, plan: Plan, way: Way, since: date) -> None:
        self.window, self.plan, self.way = window, plan, way
        self.symbols = list(window.series)
        self.account = Account(len(self.symbols), plan)
        self.course = Course(window.days)
        self.sessions = window.sessions
        self.due = paid_in(self.sessions, since, plan)
        if not sum(self.due.values()):
            raise RefusedError("nothing is put in")
        self.initial = plan.initial or 0.0
        if way.kind == "lump-sum":
            self.initial = sum(self.due.values())
            self.due = dict.fromkeys({self.sessions[0]} | set(regular(self.sessions, plan, 0)), 0.0)
            self.due[self.sessions[0]] = self.initial
        self.asked: tuple[date, bool, bool] | None = None
        self.out, self.left, self.turned, self.wanted = False, 0, False, 0.0
        self.paid_last: date | None = None

    def run(self) -> Course:
        ready = set(self.sessions)
        for day in self.window.days:
            self._bar(day, day in ready)
        self.course.fees, self.course.taxes = self.account.fees, self.account.taxes
        return self.course

    def _bar(self, day: date, common: bool) -> None:
        account, prices = self.account, [self.window.carried(s, day) for s in self.symbols]
        before, spent, flow = account.worth(prices), account.fees + account.taxes, 0.0
        account.end([day >= self.window.ends[symbol] for symbol in self.symbols], prices)
        if common and self.asked:
            self._invest(day)
        if common and day in self.due:
            flow = self._pay(day, prices)
            if self.plan.fill == "close":
                self._invest(day)
        costs = account.fees + account.taxes > spent
        self.course.take(before, flow, account.worth(prices), costs)

    def _pay(self, day: date, prices: Sequence[float]) -> float:
        """Pay in what is due; say what this payment asks for."""
        usd, opens = self.due[day], self.paid_last is None
        if self.way.kind == "value-averaging":
            self.wanted += usd
            lack = max(self.wanted - self.account.worth(prices), 0.0)
            usd = min(lack, self.way.settings["most"] * usd)
        new_year = not opens and day.year != (self.paid_last or day).year
        self._lose_heart(day, opens)
        self.asked, self.paid_last, self.turned = (day, new_year, self.turned), day, False
        self.account.cash += usd
        return usd

    def _lose_heart(self, day: date, opens: bool) -> None:
        plan = self.plan
        if plan.quit_at is None or opens:
            return
        if not self.left:
            if self.course.fall[-1] <= -plan.quit_at + ROUNDED:
                self.out = self.turned = True
                self.left = month_of(day)
        elif self.out and isinstance(plan.return_after, int):
            self.turned = month_of(day) >= self.left + plan.return_after
            self.out = not self.turned

    def _invest(self, day: date) -> None:
        assert self.asked
        paid_on, new_year, turned = self.asked
        self.asked = None
        prices = [self.window.series[s].prices.get(day) for s in self.symbols]
        targets = self._targets(day, paid_on)
        named = fsum(targets)
        live = [t if p else 0.0 for t, p in zip(targets, prices, strict=True)]
        if not fsum(live) and named:
            return
        targets = [t * named / fsum(live) if named else 0.0 for t in live]
        rule, whole = self.way.rule, turned or (self.way.rule == "annual" and new_year)
        if rule.startswith("band:"):
            whole |= self._off(prices, targets, float(rule[5:]))
        waiting = self.initial * max(
            self.plan.parts - 1 - month_of(paid_on) + month_of(self.sessions[0]), 0
        ) / self.plan.parts  # fmt: skip
        self.account.invest(prices, targets, whole, rule == "contribute", waiting)

    def _off(self, prices: Sequence[float | None], targets: Sequence[float], band: float) -> bool:
        worth = [s * (p or 0.0) for s, p in zip(self.account.shares, prices, strict=True)]
        total = fsum(worth) + self.account.kept
        off = [abs(h / total - t) for h, t in zip(worth, targets, strict=True)] if total else [0.0]
        return max(off) > band + DUST

    def _targets(self, day: date, paid_on: date) -> list[float]:
        way, weights = self.way, dict(self.way.weights)
        if self.out:
            weights = {"CASH": 1.0}
        elif way.kind == "partly":
            weights = {s: w * way.settings["share"] for s, w in weights.items()}
        elif way.kind == "buy-the-dip":
            if self._has_fallen(paid_on):
                self.account.kept = 0.0
            else:
                weights = {s: w * (1 - way.settings["reserve"]) for s, w in weights.items()}
        elif way.kind in ("satellite", "glide"):
            share = way.settings["share"] if way.kind == "satellite" else self._share(paid_on)
            weights = {s: w * (1 - share) for s, w in weights.items()}
            for pick in way.picks:
                weights[pick] = weights.get(pick, 0.0) + share / len(way.picks)
        return [weights.get(symbol, 0.0) for symbol in self.symbols]

    def _share(self, day: date) -> float:
        opened, last = month_of(self.sessions[0]), month_of(self.window.days[-1])
        span = 12 * self.way.settings["years"] or last - opened
        return max(0.0, 1 - (month_of(day) - opened) / span) if span else 1.0

    def _has_fallen(self, paid_on: date) -> bool:
        """Look at the fund's closes before a payment: the last against the high."""
        fund = max(self.way.weights, key=lambda symbol: self.way.weights[symbol])
        past = [(d, self.window.carried(fund, d)) for d in self.window.days if d < paid_on]
        past = [(d, close) for d, close in past if close]
        if not past:
            return False
        months = timedelta(days=self.way.settings["months"] * 365.25 / 12)
        high = max(close for d, close in past if past[-1][0] - d < months)
        return past[-1][1] <= (1 - self.way.settings["fall"]) * high
