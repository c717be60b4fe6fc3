"""The technology-heavy index, without anyone's picking."""

from data.language import say
from strategies.dca.base import DcaStrategy


class Nasdaq(DcaStrategy):
    """Buy the era's Nasdaq index every month and hold it."""

    name = "nasdaq"
    title = say("Nasdaq index")
    basket = "nasdaq"
