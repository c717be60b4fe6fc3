"""Soak the project for a while, and print what was tried and the seed.

    python -m tests.soak                                      30 minutes, a fresh seed
    python -m tests.soak --minutes 5 --seed 7                 the same ones again
    python -m tests.soak --only plans --seed 7 --first 12 --count 1    batch 12 alone

plans     Random tables and plans by Backtrader, by the vectorised path and by a plain loop.
hostile   Spoiled bytes, trees and words to every reader and command; --keep keeps what made faults.
writes    Random commands that write, interrupted at every step in every way.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from tests.soak import hostile, plans, writes

# Parts of the time.
SHARES = {"plans": 0.5, "hostile": 0.25, "writes": 0.25}
MOST_SHOWN = 50


def _numbers(first: int, most: int | None, seconds: float) -> Iterator[int]:
    """Count on until the time is over."""
    end = time.monotonic() + seconds
    for number in count(first) if most is None else range(first, first + most):
        if time.monotonic() > end:
            return
        yield number


def main() -> int:
    """Soak, print counts and faults; exit 1 if there is one."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--only", action="append", choices=SHARES)
    parser.add_argument("--first", type=int, default=0, help="the first case's number")
    parser.add_argument("--count", type=int, help="so many cases of each")
    parser.add_argument("--keep", type=Path, help="a folder for the inputs that made faults")
    given = parser.parse_args()
    keep = given.keep and given.keep.resolve()
    parts: dict[str, Callable[..., Any]] = {
        "plans": plans.soak, "hostile": partial(hostile.soak, keep=keep), "writes": writes.soak,
    }  # fmt: skip
    chosen, faults = given.only or [*SHARES], 0
    for name in chosen:
        seconds = 60 * given.minutes * SHARES[name] / sum(SHARES[each] for each in chosen)
        tally = parts[name](given.seed, _numbers(given.first, given.count, seconds))
        faults += len(tally.kept)
        print("\n".join([*tally.kept[:MOST_SHOWN], f"{name}: {tally}"]), flush=True)
    print(f"seed {given.seed}")
    if faults:
        print(
            f"again: python -m tests.soak --seed {given.seed} --only PART --first NUMBER --count 1"
        )
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main())
