"""A moment after which nothing is waited for any more."""

import time
from collections.abc import Callable

from data.errors import FetchFailed
from data.language import say

DEADLINE_SECONDS = 300.0


class DeadlinePassed(FetchFailed):
    """The time allowed for fetching is over."""


class Deadline:
    """Count the seconds left of `seconds`, on a clock that never jumps."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._end = clock() + seconds

    def left(self) -> float:
        """Return the seconds left, never below 0."""
        return max(0.0, self._end - self._clock())

    def clamp(self, seconds: float) -> float:
        """Return `seconds` or what is left; raises DeadlinePassed where nothing is."""
        left = self.left()
        if left <= 0:
            raise DeadlinePassed(
                say(
                    "the {seconds:g} seconds allowed for fetching are over; run again (what came "
                    "is kept), or allow more with --deadline",
                    seconds=self.seconds,
                )
            )
        return min(seconds, left)
