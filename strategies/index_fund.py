"""All into one S&P 500 index fund."""

from data.language import say
from strategies.dca.base import DcaStrategy


class IndexFund(DcaStrategy):
    """Buy the low-cost S&P 500 fund every month and hold it."""

    name = "index-fund"
    title = say("S&P 500 index fund")
    weights = {"SP500": 1.0}
