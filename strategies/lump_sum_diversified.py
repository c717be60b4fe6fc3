"""The same total as the monthly saver's, all on day one, into the mix."""

from data.language import say
from strategies.diversified import Diversified
from strategies.lump_sum import LumpSum


class LumpSumDiversified(LumpSum):
    """Put everything into the diversified mix on the first bar; rebalance once a year."""

    name = "lump-sum-diversified"
    title = say("Lump sum, diversified")
    label = say("lump-sum-diversified has the whole total on the first day, as no wage earner has")
    weights = Diversified.weights
    rebalance = Diversified.rebalance
