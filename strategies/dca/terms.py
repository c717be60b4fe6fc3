"""The terms under which a saver pays in and trades."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from data.errors import BadPlan, printable

Fill = Literal["close", "next"]
Rule = Literal["none", "annual", "contribute", "band"]
WEIGHT_SLACK = 1e-9
# Beyond this, cents and their sums get lost in the digits of a floating-point number.
MOST_USD = 1e18


@dataclass(frozen=True)
class Rebalance:
    """When, if ever, holdings are brought back to their targets."""

    rule: Rule = "none"
    band: float = 0.0

    @classmethod
    def parse(cls, text: str) -> "Rebalance":
        """Read `none`, `annual`, `contribute` or `band:X` with 0 < X < 1."""
        if text in ("none", "annual", "contribute"):
            return cls(text)  # type: ignore[arg-type]  # narrowed by the line above
        name, _, width = text.partition(":")
        try:
            band = float(width)
        except ValueError:
            band = 0.0
        if name == "band" and 0.0 < band < 1.0:
            return cls("band", band)
        raise BadPlan(
            f"rebalance '{printable(text)}' is not known; use none, annual, contribute or band:X "
            "with X between 0 and 1, as band:0.05"
        )

    def __str__(self) -> str:
        return f"band:{self.band:g}" if self.rule == "band" else self.rule


@dataclass(frozen=True)
class Costs:
    """What trading costs: basis points of every dollar traded, and dollars an order."""

    bps: float = 0.0
    per_order_usd: float = 0.0

    @property
    def rate(self) -> float:
        """Return the proportional fee as a fraction of the dollars traded."""
        return self.bps / 10_000.0

    @property
    def free(self) -> bool:
        """Say whether trading costs nothing."""
        return not self.bps and not self.per_order_usd


@dataclass(frozen=True)
class Terms:
    """How a saver pays in and trades; the one parameter of every strategy.

    `weights` and `rebalance` replace the strategy's own where given.
    """

    monthly_usd: float = 1000.0
    initial_usd: float | None = None
    weights: Mapping[str, float] = field(default_factory=dict)
    rebalance: Rebalance | None = None
    costs: Costs = Costs()
    fill: Fill = "close"
    whole_shares: bool = False

    def __post_init__(self) -> None:
        check_money("monthly", self.monthly_usd)
        if self.initial_usd is not None:
            check_money("initial", self.initial_usd)
        check_money("fee in basis points", self.costs.bps)
        check_money("fee per order", self.costs.per_order_usd)
        if self.costs.rate >= 1:
            raise BadPlan(f"a fee of {self.costs.bps:g} basis points takes all; stay below 10000")
        if self.weights:
            check_weights(self.weights)


def check_money(name: str, amount: float) -> None:
    """Refuse an amount that is negative, not a number, or more than anyone has."""
    if not 0 <= amount <= MOST_USD:
        raise BadPlan(f"{name} is {amount:g}; give an amount from 0 to {MOST_USD:g}")


def check_weights(weights: Mapping[str, float]) -> None:
    """Refuse weights that are not fractions summing to 1."""
    for symbol, weight in weights.items():
        if not (np.isfinite(weight) and weight > 0):
            raise BadPlan(f"weight of {symbol} is {weight:g}; give a fraction above 0")
    total = sum(weights.values())
    if abs(total - 1.0) > WEIGHT_SLACK:
        raise BadPlan(f"weights sum to {total:.12g}, not 1; write SP500=0.6,BOND=0.4")
