"""Hold every published figure against a run of ours."""

from dataclasses import dataclass
from typing import Any

from backtests.validation import public, published
from backtests.validation.published import Group
from backtests.validation.row import AGREES, EXPLAINED, OFF, Row
from data.language import say, say_each
from data.progress import Told, untold


@dataclass(frozen=True)
class Held:
    """A group of published figures, each with ours."""

    group: Group
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Validation:
    """Every row, group by group, and what could not be held, and why."""

    held: tuple[Held, ...]
    left_out: tuple[str, ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every row."""
        return tuple(row for held in self.held for row in held.rows)

    @property
    def off(self) -> tuple[Row, ...]:
        """The rows in which ours is not where it is known to be."""
        return tuple(row for row in self.rows if row.verdict == OFF)

    @property
    def summary(self) -> str:
        """Count the verdicts in a sentence."""
        agree, differ, off = (
            sum(row.verdict == word for row in self.rows) for word in (AGREES, EXPLAINED, OFF)
        )
        counts = [
            say("{n} agree within tolerance", n=agree) if agree else "",
            say("{n} differ as explained", n=differ) if differ else "",
            say("{n} are out of tolerance", n=off) if off else "",
        ]
        said = say_each([count for count in counts if count])
        return say("Of {n} published figures {counts}.", n=len(self.rows), counts=said)

    def as_json(self) -> dict[str, Any]:
        """Return what `dca verify --json` prints."""
        rows = [{"group": h.group.title, **row.as_json()} for h in self.held for row in h.rows]
        return {"rows": rows, "left_out": list(self.left_out)}


def verify(told: Told = untold) -> Validation:
    """Compute every row; `told` hears of each group before it begins.

    What needs the package arch is left out where that is not installed.
    """
    here, held, missing = public.here(), [], 0
    for done, group in enumerate(published.GROUPS):
        told(say("verifying: {group}", group=group.title), done, len(published.GROUPS))
        cases = [case for case in group.cases if here or not case.public]
        missing += sum(len(case.printed) for case in group.cases if case not in cases)
        rows = tuple(row for case in cases for row in case.rows())
        held += [Held(group, rows)] if rows else []
    said = say(
        "{n} figures on public indices are left out: {command} brings their prices",
        n=missing,
        command=public.MISSING,
    )
    return Validation(tuple(held), (said,) if missing else ())
