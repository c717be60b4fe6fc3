"""Equal parts of those of today's seven giants that were listed in the era."""

from data.language import say
from strategies.ai_picks import AiPicks


class AiPicksSurvivors(AiPicks):
    """Buy only the later winners: what hindsight would have picked."""

    name = "ai-picks-survivors"
    title = say("Picks that survived")
    basket = "ai-picks-survivors"
    on_by_default = False
