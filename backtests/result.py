"""What one run of one strategy through one era came to: its ledger and its measures."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from backtests.eras import Era
from backtests.measures import series as metrics
from data.prices import BARS_A_YEAR, Bars, Days, Floats, to_date

if TYPE_CHECKING:
    import pandas as pd

DEEPEST = 10


@dataclass(frozen=True)
class Result:
    """A ledger of one row a bar, and every measure that follows from it.

    Arrays have one entry a bar, `shares` one column a symbol; money is USD. `bill` is a T-bill
    index over the same bars (None: none in the data), `prices_paid` consumer prices.
    """

    strategy: str
    title: str
    era: Era
    bars: Bars
    dates: Days
    value: Floats
    flow: Floats
    cash: Floats
    shares: Floats
    closes: Floats
    symbols: tuple[str, ...]
    weights: dict[str, float]
    rebalance: str
    fees_paid: float
    bill: Floats | None
    consumer_prices: Floats | None
    warnings: tuple[str, ...] = ()

    @cached_property
    def contributed(self) -> Floats:
        """Money put in so far, M."""
        return np.cumsum(self.flow)

    @cached_property
    def unit_value(self) -> Floats:
        """Time-weighted unit value, U."""
        return metrics.unit_value(self.value, self.flow)

    @cached_property
    def drawdown(self) -> Floats:
        """Drawdown of the unit value: the strategy's."""
        return metrics.drawdown(self.unit_value)

    @cached_property
    def account_drawdown(self) -> Floats:
        """Drawdown of the account's value, contributions and all."""
        return metrics.account_drawdown(self.value)

    @cached_property
    def shortfall(self) -> Floats:
        """Loss against money put in, 0 where there is none."""
        return metrics.shortfall(self.value, self.contributed)

    @cached_property
    def drawdowns(self) -> list[metrics.Drawdown]:
        """The strategy's falls, deepest first."""
        return metrics.drawdowns(self.unit_value, self.drawdown, self.dates, DEEPEST)

    @cached_property
    def measures(self) -> "Measures":
        """Every figure of the result; None where it cannot be computed."""
        return measure(self)

    def weights_held(self) -> Floats:
        """Return each symbol's share of the holdings, shape (bars, symbols)."""
        worth = self.shares * self.closes
        total = worth.sum(axis=1, keepdims=True)
        return np.asarray(worth / np.where(total > 0, total, 1.0))

    def frame(self) -> "pd.DataFrame":
        """Return the ledger as a frame indexed by date, columns as in ledgers/*.csv."""
        import pandas as pd

        return pd.DataFrame(self.ledger(), index=pd.DatetimeIndex(self.dates, name="date"))

    def ledger(self) -> dict[str, Floats]:
        """Return the ledger's columns by name."""
        fixed = {
            "value": self.value,
            "contributed": self.contributed,
            "flow": self.flow,
            "unit_value": self.unit_value,
            "drawdown": self.drawdown,
            "cash": self.cash,
        }
        return fixed | {s: self.shares[:, i] for i, s in enumerate(self.symbols)}


@dataclass(frozen=True)
class Measures:
    """The figures of CONTRACT section 3; `nulls` gives the reason of each that is None."""

    figures: dict[str, float | int | str | None]
    nulls: dict[str, str]

    def __getitem__(self, name: str) -> float | int | str | None:
        return self.figures[name]

    def number(self, name: str) -> float:
        """Return a figure that is always a number; raises TypeError where it is not."""
        figure = self.figures[name]
        if not isinstance(figure, int | float):
            raise TypeError(f"{name} is {figure!r}, not a number")
        return float(figure)


_REASONS = {
    "xirr": "no time passed since the first contribution, or no rate solves it",
    "cagr": "no time passed since the first contribution",
    "volatility": "fewer than two bars of returns",
    "sharpe": "returns over T-bills do not vary, or fewer than two bars",
    "sortino": "no return fell below the T-bill's, or fewer than two bars",
    "calmar": "the strategy never fell",
    "max_drawdown_peak": "the strategy never fell",
    "max_drawdown_trough": "the strategy never fell",
    "account_max_drawdown_peak": "the account never fell",
    "account_max_drawdown_trough": "the account never fell",
    "worst_shortfall_date": "never below money put in",
    "average_cost": "nothing was put in",
    "average_price": "nothing was put in",
    "price_advantage": "only equal payments have one",
    "real_multiple": "no consumer prices for the first bars, or nothing was put in",
}


def measure(result: Result) -> Measures:
    """Compute every measure of a result."""
    figures: dict[str, float | int | str | None] = {
        **_money(result),
        **_rates(result),
        **_fall("max_drawdown", result.drawdowns),
        **_fall("account_max_drawdown", _account_falls(result)),
        **_below_money_in(result),
        **_cost(result),
    }
    never_fell = figures["max_drawdown"] == 0
    nulls = {k: _REASONS[k] for k, v in figures.items() if v is None and k in _REASONS}
    nulls |= {
        k: "never fell" if never_fell else "the high has not been reached again"
        for k, v in figures.items()
        if v is None and k.endswith("_recovery")
    }
    return Measures(figures, nulls)


def _account_falls(result: Result) -> list[metrics.Drawdown]:
    return metrics.drawdowns(result.value, result.account_drawdown, result.dates, most=1)


def _money(result: Result) -> dict[str, float | int | str | None]:
    contributed, final = float(result.contributed[-1]), float(result.value[-1])
    multiple = final / contributed if contributed else None
    real = None
    if result.consumer_prices is not None:
        real = metrics.real_multiple(result.flow, result.consumer_prices, final)
    return {
        "contributed": contributed,
        "final_value": final,
        "multiple": multiple,
        "real_multiple": real,
        "fees_paid": result.fees_paid,
    }


def _rates(result: Result) -> dict[str, float | int | str | None]:
    paid = np.flatnonzero(result.flow > 0)
    days = (to_date(result.dates[-1]) - to_date(result.dates[paid[0]])).days if paid.size else 0
    twr = float(result.unit_value[-1] - 1.0)
    yearly = metrics.cagr(twr, days)
    per_bar, a_year = metrics.returns(result.unit_value), BARS_A_YEAR[result.bars]
    excess = per_bar if result.bill is None else per_bar - metrics.returns(result.bill)
    return {
        "xirr": metrics.xirr(result.flow, result.dates, float(result.value[-1])),
        "twr": 0.0 if abs(twr) < metrics.ROUNDING else twr,
        "cagr": yearly,
        "volatility": metrics.volatility(per_bar, a_year),
        "sharpe": metrics.sharpe(excess, a_year),
        "sortino": metrics.sortino(excess, a_year),
        "calmar": metrics.calmar(yearly, float(result.drawdown.min())),
        "ulcer_index": metrics.ulcer_index(result.drawdown),
    }


def _fall(name: str, falls: list[metrics.Drawdown]) -> dict[str, float | int | str | None]:
    worst = falls[0] if falls else None
    return {
        name: worst.depth if worst else 0.0,
        f"{name}_peak": _iso(worst.peak if worst else None),
        f"{name}_trough": _iso(worst.trough if worst else None),
        f"{name}_recovery": _iso(worst.recovery if worst else None),
    }


def _below_money_in(result: Result) -> dict[str, float | int | str | None]:
    worst = metrics.worst_shortfall(result.shortfall, result.dates)
    months, longest = metrics.months_below(result.shortfall, result.dates)
    return {
        "worst_shortfall": worst.depth,
        "worst_shortfall_date": _iso(worst.when),
        "months_below_money_in": months,
        "longest_months_below_money_in": longest,
    }


def _cost(result: Result) -> dict[str, float | int | str | None]:
    cost = metrics.average_cost(result.flow, result.unit_value)
    price = metrics.average_price(result.flow, result.unit_value)
    payments = result.flow[result.flow > 0]
    advantage = None
    if cost and price and np.ptp(payments) == 0:
        advantage = price / cost - 1.0
        advantage = 0.0 if abs(advantage) < metrics.ROUNDING else advantage
    return {"average_cost": cost, "average_price": price, "price_advantage": advantage}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
