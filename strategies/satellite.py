"""The index fund as a core, and a small share in the era's picks."""

from collections.abc import Mapping

from data.language import say
from strategies.dca.base import DcaStrategy
from strategies.dca.mixes import with_satellite
from strategies.index_fund import IndexFund


class Satellite(DcaStrategy):
    """Hold the index fund and a tenth in the era's leaders; rebalance once a year."""

    name = "satellite"
    title = say("Index and satellite")
    label = say("{share_percent:.0f} % of it goes into the picks, the rest into the core")
    weights = IndexFund.weights
    rebalance = "annual"
    basket = "ai-picks"
    late_listings = True
    on_by_default = False
    settings = {"share": (0.0, 1.0)}
    share = 0.1

    @classmethod
    def held(cls) -> Mapping[str, float]:
        """Return core and picks at their targets."""
        return with_satellite(cls.weights, cls.picks, cls.share)
