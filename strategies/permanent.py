"""Harry Browne's permanent portfolio: stocks, bonds, gold and bills in equal parts."""

from data.language import say
from strategies.dca.base import DcaStrategy


class Permanent(DcaStrategy):
    """Hold a quarter of each, and rebalance when one is below 15 % or above 35 %."""

    name = "permanent"
    title = say("Permanent portfolio")
    label = say(
        "permanent asks for long Treasuries; BOND, bonds of all maturities, stands in for them "
        "and rises and falls far less"
    )
    weights = {"SP500": 0.25, "BOND": 0.25, "GOLD": 0.25, "CASH": 0.25}
    rebalance = "band:0.1"
    on_by_default = False
