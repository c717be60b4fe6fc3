"""Equal parts of the era's leading technology shares, never rebalanced."""

from strategies.dca.base import DcaStrategy


class AiPicks(DcaStrategy):
    """Buy the era's leaders in equal parts; one that is listed later enters then."""

    name = "ai-picks"
    title = "Concentrated picks"
    basket = "ai-picks"
    late_listings = True
