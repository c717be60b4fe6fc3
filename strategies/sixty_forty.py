"""Six parts stocks, four parts bonds: the classic balanced fund."""

from data.language import say
from strategies.dca.base import DcaStrategy


class SixtyForty(DcaStrategy):
    """Hold stocks and bonds, and rebalance on the first contribution of each year."""

    name = "sixty-forty"
    title = say("Sixty-forty")
    weights = {"SP500": 0.6, "BOND": 0.4}
    rebalance = "annual"
    on_by_default = False
