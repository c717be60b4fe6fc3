"""Equal parts of the era's leading technology shares, never rebalanced."""

from data.language import say
from strategies.dca.base import DcaStrategy


class AiPicks(DcaStrategy):
    """Buy the era's leaders in equal parts; one that is listed later enters then."""

    name = "ai-picks"
    title = say("Concentrated picks")
    basket = "ai-picks"
    late_listings = True
