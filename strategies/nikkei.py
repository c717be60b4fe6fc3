"""Japan's index of 225 shares, for the era that begins before its bubble burst."""

from data.language import say
from strategies.dca.base import DcaStrategy


class Nikkei(DcaStrategy):
    """Buy the Nikkei 225 every month and hold it; its prices come from Yahoo."""

    name = "nikkei"
    title = say("Nikkei 225")
    weights = {"^N225": 1.0}
    on_by_default = False
