"""How far something has come, told upwards; whoever is told may show it, nothing here does."""

from typing import Protocol


class Told(Protocol):
    """Hear what is being done and, where it can be counted, how much is done `of` how much."""

    def __call__(self, what: str, done: float = 0, of: float = 0) -> None:
        """Take note."""


def untold(what: str, done: float = 0, of: float = 0) -> None:
    """Show nothing."""
