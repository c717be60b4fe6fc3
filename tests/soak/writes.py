"""Interrupt random commands at every step of what they write: the old is whole, or the new."""

import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.soak import kinds
from tests.soak.hostile import command, surroundings
from tests.tools.interrupt import WAYS, WRITES, Write, quicken, walk


@dataclass
class Tally:
    """What came of the interruptions."""

    steps: Counter[str] = field(default_factory=Counter)
    kept: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        counts = ", ".join(f"{n} of {what}" for what, n in self.steps.most_common())
        return f"{self.steps.total()} interruptions ({counts}): {len(self.kept)} faults"


def soak(seed: int, numbers: Iterable[int]) -> Tally:
    """Walk through the steps of writes, each drawn by its number."""
    tally = Tally()
    quicken()
    with tempfile.TemporaryDirectory() as scratch, surroundings(Path(scratch)):
        for name, rows in (("1", 36), ("2", 30)):
            (Path(scratch) / f"{name}.csv").write_text(kinds.prices(rows))
        for number in numbers:
            draw = Random(f"{seed}/{number}")
            what, (way, old) = draw.choice([*WRITES, *COMMANDS]), draw.choice(WAYS)
            write = WRITES.get(what) or commanded(what, draw, Path(scratch))
            room = Path(scratch) / str(number) / "room"
            room.mkdir(parents=True)
            wrong, steps = walk(write, room, way, old)
            tally.steps[what] += steps
            tally.kept += [f"walk {number}, {what}: {text}" for text in wrong]
    return tally


def commanded(what: str, draw: Random, here: Path) -> Write:
    """Return a command with random options, which makes something else of other prices."""
    words = [*COMMANDS[what], *_some(draw, OPTIONS[what])]

    def write(place: Path, version: float) -> None:
        # A sweep that was stopped is gone on with.
        more = ["--resume"] if what == "dca sweep" and [*place.glob("parts/*.part")] else []
        named = [str(place) if word == "PLACE" else word for word in words]
        code, _, err = command([*named, "--data", f"{version:g}.csv", *more], here)
        if code:
            if code not in (1, 2, 130) or "not foreseen" in err:
                raise RuntimeError(err)
            raise InterruptedError(err)

    return write


def _some(draw: Random, options: list[list[str]]) -> list[str]:
    return [word for option in options if draw.random() < 0.5 for word in option]


COMMANDS = {
    "dca run": ["run", "--weights", "A=0.6,B=0.4", *kinds.WINDOW, "--out", "PLACE"],
    "dca sweep": ["sweep", "--weights", "A=1", "--years", "1", "--out", "PLACE"],
    "dca data freeze": ["data", "freeze", "PLACE", "A", "B"],
}
_COSTS = [["--fee-bps", "10"], ["--fee-per-order", "2"], ["--whole-shares"], ["--tax", "0.2"]]
OPTIONS = {
    "dca run": [*_COSTS, ["--rebalance", "annual"], ["--quit-at", "0.1"], ["--fill", "next"]],
    "dca sweep": [*_COSTS, ["--monthly", "10", "--monthly", "20"], ["--initial", "500"]],
    "dca data freeze": [["TBILL"], ["CPI"]],
}
