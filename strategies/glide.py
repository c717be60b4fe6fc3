"""Begin in the era's picks and move evenly to the mix."""

from collections.abc import Mapping
from datetime import date
from typing import cast

import numpy as np

from data.arrays import Days, month_of
from data.errors import BadPlan
from data.language import say
from strategies.dca.base import DcaStrategy
from strategies.dca.mixes import with_satellite
from strategies.diversified import Diversified


class Glide(DcaStrategy):
    """Move month by month from the picks to the diversified mix; rebalance once a year.

    The picks' share falls evenly from 1 in the first month to 0 after `years` years; 0 years: in
    the window's last month, whose date is taken as known from the start.
    """

    name = "glide"
    title = say("Picks to mix")
    weights = Diversified.weights
    rebalance = Diversified.rebalance
    basket = "ai-picks"
    late_listings = True
    on_by_default = False
    settings = {"years": (0.0, 100.0)}
    years = 0.0
    share = 1.0

    @classmethod
    def held(cls) -> Mapping[str, float]:
        """Return picks and mix, all in the picks, as it begins."""
        return dict.fromkeys(cls.weights, 0.0) | with_satellite(cls.weights, cls.picks, 1.0)

    @classmethod
    def said(cls) -> str:
        """Say over what it moves."""
        if cls.years:
            return say(
                "moves evenly from the picks to the mix over {years:g} years", years=cls.years
            )
        return say(
            "moves evenly from the picks to the mix over the window, its end known from the start"
        )

    def paid_in(self, due_usd: float, worth_usd: float) -> float:
        """Take the payment's month, whichever bar it is invested on."""
        self.share = self._share()
        return super().paid_in(due_usd, worth_usd)

    def targets(self) -> Mapping[str, float]:
        """Return the mix with what is left of the picks."""
        return with_satellite(self.weights, self.picks, self.share)

    def _share(self) -> float:
        if not self.years and self.p.until is None:
            raise BadPlan(
                say(
                    "{strategy}: give years, or until, the day on which the window ends",
                    strategy=self.name,
                )
            )
        span = 12 * self.years or self._months_to(self.p.until)
        gone = self._months_to(self.datetime.date(0))
        return max(0.0, 1.0 - gone / span) if span else 1.0

    def _months_to(self, day: date) -> int:
        opened = cast("Days", self.payer.opened)
        return int(month_of(np.array(day, dtype="datetime64[D]"))) - int(month_of(opened))
