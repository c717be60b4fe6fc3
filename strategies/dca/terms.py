"""The terms under which a saver pays in and trades."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Literal

import numpy as np

from data.arrays import Days, Flags, Floats
from data.catalog import as_symbol
from data.errors import BadPlan, printable
from data.language import say, say_many
from data.rates import Cpi

Fill = Literal["close", "next"]
Rule = Literal["none", "annual", "contribute", "band"]
Every = Literal["week", "two-weeks", "month", "quarter", "year"]
WEIGHT_SLACK = 1e-9
# Beyond this, cents and their sums get lost in the digits of a floating-point number.
MOST_USD = 1e18
MOST_PARTS = 1_200
LONGEST_AWAY = 1_200
_ROUNDED = 1e-11
# What holds the money of a saver who has left.
SHELTER = "CASH"
# A sum that doubles every year soon is more than anyone has.
MOST_GROWTH = 1.0


_PLAIN_RULES: Mapping[str, Rule] = {
    "none": "none", "annual": "annual", "contribute": "contribute",
}  # fmt: skip
_RULES = {
    "none": say("rebalance none"),
    "annual": say("rebalance annual"),
    "contribute": say("rebalance contribute"),
    "band": say("rebalance band:{band:g}"),
}
_PERIODS = {
    "week": say("{usd} a week"),
    "two-weeks": say("{usd} every two weeks"),
    "month": say("{usd} a month"),
    "quarter": say("{usd} a quarter"),
    "year": say("{usd} a year"),
}
_LATER = {
    "month": say("{usd} a month from day {day} on"),
    "quarter": say("{usd} a quarter from day {day} on"),
    "year": say("{usd} a year from day {day} on"),
}


@dataclass(frozen=True)
class Rebalance:
    """When, if ever, holdings are brought back to their targets."""

    rule: Rule = "none"
    band: float = 0.0

    @classmethod
    def parse(cls, text: str) -> "Rebalance":
        """Read `none`, `annual`, `contribute` or `band:X` with 0 < X < 1."""
        if text in _PLAIN_RULES:
            return cls(_PLAIN_RULES[text])
        name, _, width = text.partition(":")
        try:
            band = float(width)
        except ValueError:
            band = 0.0
        if name == "band" and 0.0 < band < 1.0:
            return cls("band", band)
        raise BadPlan(
            say(
                "rebalance '{rule}' is not known; use none, annual, contribute or band:X with X "
                "between 0 and 1, as band:0.05",
                rule=printable(text),
            )
        )

    def __str__(self) -> str:
        return f"band:{self.band:g}" if self.rule == "band" else self.rule

    @property
    def said(self) -> str:
        """Say it in words: rebalance annual."""
        return say(_RULES[self.rule], band=self.band)


@dataclass(frozen=True)
class Costs:
    """What trading costs: basis points of every dollar traded and dollars an order, or the least.

    An order's fee is max(bps part + `per_order_usd`, `least_usd`). `tax` is the fraction of gains
    that is paid when they are realised.
    """

    bps: float = 0.0
    per_order_usd: float = 0.0
    least_usd: float = 0.0
    tax: float = 0.0

    @property
    def rate(self) -> float:
        """Return the proportional fee as a fraction of the dollars traded."""
        return self.bps / 10_000.0

    @property
    def free(self) -> bool:
        """Say whether trading costs nothing, but for a tax."""
        return not (self.bps or self.per_order_usd or self.least_usd)


@dataclass(frozen=True)
class Schedule:
    """When the sum a period is paid in, and how it grows; strategies/dca/schedule.py reads it.

    `day` is the day of the month from which a month, quarter or year is paid, `growth` the fraction
    by which the sum rises every twelve months, or `cpi`: then it follows `consumer_prices`. Nothing
    regular is paid inside `pauses` (first and last day), nor after `stop`. `payments` are sums of
    their own, each with its date. `lost_day` is the day that was asked for of month-end bars, which
    know none.
    """

    every: Every = "month"
    day: int = 1
    growth: float | Literal["cpi"] = 0.0
    pauses: tuple[tuple[date, date], ...] = ()
    stop: date | None = None
    payments: tuple[tuple[date, float], ...] = ()
    consumer_prices: Cpi | None = field(default=None, compare=False, repr=False)
    lost_day: int = field(default=1, compare=False)

    def __post_init__(self) -> None:
        if not 1 <= self.day <= 31:
            raise BadPlan(say("day is {day}; give a day of the month, 1 to 31", day=self.day))
        if self.day > 1 and self.every in ("week", "two-weeks"):
            raise BadPlan(
                say("day is one of a month; leave it out where every is {every}", every=self.every)
            )
        if self.growth != "cpi" and not -1 < self.growth <= MOST_GROWTH:
            raise BadPlan(
                say(
                    "growth is {growth:g} a year; give a fraction, as 0.03 for 3 %",
                    growth=self.growth,
                )
            )
        for first, last in self.pauses:
            if last < first:
                raise BadPlan(
                    say(
                        "the pause from {first} ends on {last}, before it; swap the two",
                        first=first,
                        last=last,
                    )
                )
        for day, usd in self.payments:
            if not 0 < usd <= MOST_USD:
                raise BadPlan(
                    say("the payment of {day} is {usd:g}; give an amount above 0", day=day, usd=usd)
                )

    @property
    def plain(self) -> bool:
        """Say whether the same sum is paid every month, on its first common session."""
        return self == MONTHLY

    @cached_property
    def dated(self) -> tuple[Days, Floats]:
        """Days and dollars of the payments, in order."""
        ordered = sorted(self.payments)
        days = np.array([day for day, _ in ordered], dtype="datetime64[D]")
        return days, np.array([usd for _, usd in ordered], dtype=np.float64)

    def since(self, day: date | None) -> "Schedule":
        """Leave out the sums dated before a day."""
        if day is None or not self.payments:
            return self
        return replace(self, payments=tuple(p for p in self.payments if p[0] >= day))

    def paying(self, usd: str) -> str:
        """Say when such a sum is paid in."""
        paid = say((_LATER if self.day > 1 else _PERIODS)[self.every], usd=usd, day=self.day)
        if self.growth == "cpi":
            paid = say("{paid}, with consumer prices", paid=paid)
        elif self.growth:
            rate = 100 * self.growth
            paid = say("{paid}, {rate:+.3g} % a year", paid=paid, rate=rate)
        for first, last in self.pauses:
            paid = say("{paid}, none from {first} to {last}", paid=paid, first=first, last=last)
        paid = say("{paid}, none after {stop}", paid=paid, stop=self.stop) if self.stop else paid
        return say("{paid}, and {sums}", paid=paid, sums=self.sums) if self.payments else paid

    @property
    def sums(self) -> str:
        """Count the dated sums in words."""
        return say_many("{n} dated sum", "{n} dated sums", len(self.payments))


MONTHLY = Schedule()


@dataclass(frozen=True)
class Quit:
    """When a saver loses heart: at `depth` below the strategy's high; back after `months`, if ever.

    On the first payment before which the bar's drawdown was that deep all is sold; payments wait in
    SHELTER where the prices have it, else as cash. `months` calendar months later all goes back.
    """

    depth: float
    months: int | None = None

    def __post_init__(self) -> None:
        if not 0 < self.depth < 1:
            raise BadPlan(
                say("quit_at is {at:g}; give a fraction between 0 and 1, as 0.3", at=self.depth)
            )
        if self.months is not None and not 1 <= self.months <= LONGEST_AWAY:
            raise BadPlan(
                say(
                    "return_after is {months}; give 1 to {most} months, or never",
                    months=self.months,
                    most=LONGEST_AWAY,
                )
            )

    def reached(self, fall: Floats) -> Flags:
        """Mark the drawdowns that are deep enough; what rounding takes from one does not count."""
        return fall <= -self.depth + _ROUNDED

    def __str__(self) -> str:
        fall = 100 * self.depth
        if self.months is None:
            return say("sells all {fall:.3g} % below the high, never back", fall=fall)
        return say(
            "sells all {fall:.3g} % below the high, back after {months} months",
            fall=fall,
            months=self.months,
        )


@dataclass(frozen=True)
class Away:
    """The payments on which all is sold: from `first` to before `back`, None: to the end."""

    first: date
    back: date | None = None

    def covers(self, day: date) -> bool:
        """Say whether a payment's day is one of them."""
        return self.first <= day and (self.back is None or day < self.back)


@dataclass(frozen=True)
class Terms:
    """How a saver pays in and trades; the one parameter of every strategy.

    `monthly_usd` is the sum a period of the schedule, which is a month unless it says otherwise;
    `initial_usd` replaces it on a run's first common session and is put to work in `parts` equal
    parts, one a calendar month; the rest waits as cash without interest. `weights` and `rebalance`
    replace the strategy's own where given. `quit` is what the replay turns into the days that
    the saver is `away`.
    """

    monthly_usd: float = 1000.0
    initial_usd: float | None = None
    weights: Mapping[str, float] = field(default_factory=dict)
    rebalance: Rebalance | None = None
    costs: Costs = Costs()
    fill: Fill = "close"
    whole_shares: bool = False
    schedule: Schedule = MONTHLY
    parts: int = 1
    quit: Quit | None = None
    away: Away | None = None

    @property
    def first_usd(self) -> float:
        """Return what opens a run, unless the schedule has nothing due there."""
        return self.monthly_usd if self.initial_usd is None else self.initial_usd

    def regular(self, write: Callable[[float], str]) -> str:
        """Say what is paid in but for the initial sum, dollars as `write` has them."""
        if self.schedule.payments and not self.monthly_usd:
            return self.schedule.sums
        return self.schedule.paying(write(self.monthly_usd))

    def __post_init__(self) -> None:
        check_money("monthly", self.monthly_usd)
        if self.initial_usd is not None:
            check_money("initial", self.initial_usd)
        if not 1 <= self.parts <= MOST_PARTS:
            raise BadPlan(
                say(
                    "parts is {parts}; give a whole number from 1 to {most:,}",
                    parts=self.parts,
                    most=MOST_PARTS,
                )
            )
        check_money(say("fee in basis points"), self.costs.bps)
        check_money(say("fee per order"), self.costs.per_order_usd)
        check_money(say("least fee"), self.costs.least_usd)
        if self.costs.rate >= 1:
            raise BadPlan(
                say("a fee of {bps:g} basis points takes all; stay below 10000", bps=self.costs.bps)
            )
        if not 0 <= self.costs.tax < 1 - self.costs.rate:
            raise BadPlan(
                say("tax is {tax:g}; give a fraction of gains, as 0.25", tax=self.costs.tax)
            )
        if self.weights:
            check_weights(self.weights)


def check_parts(name: str, funded: Terms) -> None:
    """Refuse parts where a strategy, named in the message, has no initial sum to part."""
    if funded.parts > 1 and not funded.initial_usd:
        raise BadPlan(
            say(
                "{strategy} has no sum to put to work in parts; give it with --initial (and "
                "--monthly 0), or take --strategy lump-sum",
                strategy=name,
            )
        )


def check_money(name: str, amount: float) -> None:
    """Refuse an amount that is negative, not a number, or more than anyone has."""
    if not 0 <= amount <= MOST_USD:
        raise BadPlan(
            say(
                "{name} is {usd:g}; give an amount from 0 to {most:g}",
                name=name,
                usd=amount,
                most=MOST_USD,
            )
        )


def fractions(weights: Mapping[str, float]) -> dict[str, float]:
    """Return weights by symbol in capitals, as fractions where they are percents (they sum to 100).

    Raises BadPlan for a symbol that stands twice.
    """
    held: dict[str, float] = {}
    percents = abs(sum(weights.values()) - 100) <= 100 * WEIGHT_SLACK
    for name, weight in weights.items():
        symbol = as_symbol(name) or name
        if symbol in held:
            raise BadPlan(
                say("weights names {symbol} twice; name it once", symbol=printable(symbol))
            )
        held[symbol] = weight / 100 if percents else weight
    return held


def check_weights(weights: Mapping[str, float]) -> None:
    """Refuse weights that are not fractions summing to 1."""
    for symbol, weight in weights.items():
        if not (np.isfinite(weight) and weight > 0):
            raise BadPlan(
                say(
                    "weight of {symbol} is {weight:g}; give a fraction above 0",
                    symbol=symbol,
                    weight=weight,
                )
            )
    total = sum(weights.values())
    if abs(total - 1.0) > WEIGHT_SLACK:
        raise BadPlan(
            say("weights sum to {total:.12g}, not 1; write SP500=0.6,BOND=0.4", total=total)
        )
