"""What one run of one strategy through one era came to."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from backtests.eras import Era
from backtests.measures.aftermath import Aftermath
from backtests.measures.catalogue import CATALOGUE, Measures, measure
from backtests.measures.course import Course
from backtests.measures.periods import Period, periods
from data.arrays import Floats
from data.notes import Note
from data.prices import Bars

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Result:
    """A run: its course bar by bar, what it held, its measures, and what must be said beside them.

    `course` has the arrays that measures are computed from; `cash` (bars,) and `shares`, `closes`
    (bars, symbols) are the rest of the ledger. Bars after `history_end` are a scenario; None: there
    are none. The properties named as columns of the ledger are
    pandas Series with dates.
    """

    strategy: str
    title: str
    era: Era
    course: Course
    cash: Floats
    shares: Floats
    closes: Floats
    symbols: tuple[str, ...]
    weights: dict[str, float]
    rebalance: str
    notes: tuple[Note, ...] = ()
    currency: str = "USD"
    history_end: date | None = None

    @property
    def scenario(self) -> Aftermath | None:
        """How the account stood at history's end and after it; None where all is history."""
        return Aftermath.of(self.course, self.history_end) if self.history_end else None

    @property
    def bars(self) -> Bars:
        """The resolution: daily, weekly or monthly."""
        return self.course.resolution

    @property
    def warnings(self) -> tuple[str, ...]:
        """The notes as text."""
        return tuple(map(str, self.notes))

    @cached_property
    def measures(self) -> Measures:
        """Every figure of the result; None where it cannot be computed."""
        return measure(self.course)

    @cached_property
    def years(self) -> list[Period]:
        """What strategy and account returned in each calendar year."""
        return periods(self.course, "Y", self.history_end)

    @cached_property
    def months(self) -> list[Period]:
        """What strategy and account returned in each calendar month."""
        return periods(self.course, "M", self.history_end)

    @property
    def final_shares(self) -> dict[str, float]:
        """Shares held on the last bar, by symbol."""
        return dict(zip(self.symbols, self.shares[-1].tolist(), strict=True))

    def weights_held(self) -> Floats:
        """Return each symbol's share of the holdings, shape (bars, symbols)."""
        worth = self.shares * self.closes
        total = worth.sum(axis=1, keepdims=True)
        return np.asarray(worth / np.where(total > 0, total, 1.0))

    def ledger(self) -> dict[str, Floats]:
        """Return the ledger's columns by name, as in `ledgers/*.csv`.

        `scenario` is 1 on bars that are assumed; where there are none it is left out.
        """
        course, end = self.course, self.history_end
        after = course.dates > np.datetime64(end or date.max)
        assumed = {"scenario": after.astype(np.float64)} if end else {}
        fixed = {
            "value": course.value,
            "contributed": course.contributed,
            "flow": course.flow,
            "unit_value": course.unit_value,
            "drawdown": course.drawdown,
            "cash": self.cash,
        }
        declared = {m.key: m.series(course) for m in CATALOGUE if m.series}
        return (
            fixed | assumed | declared | {s: self.shares[:, i] for i, s in enumerate(self.symbols)}
        )

    @property
    def value(self) -> "pd.Series[float]":
        """The account's value after each bar's payment and fees."""
        return self._series("value", self.course.value)

    @property
    def unit_value(self) -> "pd.Series[float]":
        """Time-weighted value of one dollar put in at the start."""
        return self._series("unit_value", self.course.unit_value)

    @property
    def returns(self) -> "pd.Series[float]":
        """Simple returns of the unit value after the first bar: what risk libraries take."""
        return self._series("returns", self.course.returns, first=1)

    @property
    def drawdown(self) -> "pd.Series[float]":
        """Fall of the unit value from its high, in [-1, 0]."""
        return self._series("drawdown", self.course.drawdown)

    @property
    def account_drawdown(self) -> "pd.Series[float]":
        """Fall of the account's value from its high, in [-1, 0]."""
        return self._series("account_drawdown", self.course.account_drawdown)

    @property
    def shortfall(self) -> "pd.Series[float]":
        """Loss against all money put in so far, in [-1, 0]."""
        return self._series("shortfall", self.course.shortfall)

    def frame(self) -> "pd.DataFrame":
        """Return the ledger and all series as a frame, one row a bar."""
        import pandas as pd

        course = self.course
        falls = {"account_drawdown": course.account_drawdown, "shortfall": course.shortfall}
        returns = {"returns": np.concatenate([[np.nan], course.returns])}
        index = pd.DatetimeIndex(course.dates, name="date")
        return pd.DataFrame(self.ledger() | returns | falls, index=index)

    def _series(self, name: str, values: Floats, first: int = 0) -> "pd.Series[float]":
        import pandas as pd

        index = pd.DatetimeIndex(self.course.dates[first:], name="date")
        return pd.Series(values, index=index, name=name)

    def __repr__(self) -> str:
        put_in, worth = (self.measures.number(k) for k in ("contributed", "final_value"))
        fall = self.measures.number("max_drawdown")
        return (
            f"<Result {self.strategy} in {self.era.name}, {self.course.dates[0]} to "
            f"{self.course.dates[-1]}, {self.bars}: {put_in:,.2f} in, {worth:,.2f} at the end, "
            f"strategy drawdown {fall:.1%}>"
        )
