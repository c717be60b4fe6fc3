"""Every claim, in order, held against one source of prices."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from shlex import quote
from typing import Any

from backtests.eras import ERAS
from backtests.verdicts.claim import Claim, Ground
from backtests.verdicts.falls import havens, nasdaq, nvidia, seven
from backtests.verdicts.saving import average_cost, diversified, patience, softened
from backtests.verdicts.survivors import SURVIVORS, survivors
from data.errors import NoPrices, UnknownName
from data.options import Tables
from data.progress import Told, untold

CLAIMS: tuple[Callable[[Ground], Claim], ...] = (
    average_cost, softened, diversified, nasdaq, nvidia, seven, survivors, patience, havens,
)  # fmt: skip


@dataclass(frozen=True)
class Verdicts:
    """What came of the claims, and why the others could not be told."""

    claims: tuple[Claim, ...]
    left_out: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return what `dca claims --json` prints."""
        return {
            "claims": [claim.as_json() for claim in self.claims],
            "left_out": list(self.left_out),
        }


def judge(tables: Tables, seed: int = 1, told: Told = untold, data: Sequence[str] = ()) -> Verdicts:
    """Hold every claim against these prices; one whose prices are missing is left out, and why.

    `data` is what the commands behind a claim are told to read.
    """
    ground, claims, left_out = Ground(tables, seed), [], []
    for done, claim in enumerate(CLAIMS):
        told("judging claims", done, len(CLAIMS))
        try:
            told_of = replace(claim(ground), notes=ground.notes())
            claims.append(_with_source(told_of, data))
        except (NoPrices, UnknownName) as error:
            words = (claim.__doc__ or "").split("\n")[0].rstrip(".")
            left_out.append(f"{words}: left out, {error}")
    return Verdicts(tuple(claims), tuple(left_out))


def symbols_needed() -> tuple[str, ...]:
    """Return every symbol that a claim looks at, each once."""
    held = ("SP500", "BOND", "GOLD", "REIT", "IXIC", "QQQ", *SURVIVORS)
    baskets = (ERAS[era].baskets["ai-picks"].symbols for era in ("dotcom", "ai-run"))
    return tuple(dict.fromkeys([*held, *(s for basket in baskets for s in basket)]))


def _with_source(claim: Claim, data: Sequence[str]) -> Claim:
    said = "".join(f" --data {quote(each)}" for each in data if tuple(data) != ("snapshot",))
    return replace(claim, runs=tuple(f"{run}{said}" for run in claim.runs))
