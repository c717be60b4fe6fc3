"""The technology-heavy index, without anyone's picking."""

from strategies.dca.base import DcaStrategy


class Nasdaq(DcaStrategy):
    """Buy the era's Nasdaq index every month and hold it."""

    name = "nasdaq"
    title = "Nasdaq index"
    basket = "nasdaq"
