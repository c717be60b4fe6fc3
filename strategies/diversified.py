"""Stocks, bonds, gold and real estate, brought back to their targets once a year."""

from data.language import say
from strategies.dca.base import DcaStrategy


class Diversified(DcaStrategy):
    """Hold four asset classes and rebalance on the first contribution of each year."""

    name = "diversified"
    title = say("Diversified mix")
    weights = {"SP500": 0.40, "BOND": 0.30, "GOLD": 0.15, "REIT": 0.15}
    rebalance = "annual"
