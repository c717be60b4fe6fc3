"""Every claim, in order, held against one source of prices."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from shlex import quote
from typing import Any

from backtests.eras import ERAS
from backtests.verdicts import falls, patience, rises, saving, survivors
from backtests.verdicts.claim import Claim, Ground, Saying
from data.errors import NoPrices, UnknownName
from data.language import say
from data.options import Tables
from data.progress import Told, untold

SAYINGS = (
    Saying(
        "i", say("Equal payments lower the average cost"), saving.COST_RULE, saving.average_cost,
    ),
    Saying(
        "ii", say("The index fund softens the fall of its leaders"), saving.SOFTER_RULE,
        saving.softened,
    ),
    Saying(
        "iii",
        say(
            "A mix of stocks, bonds, gold and real estate keeps most of the principal when a "
            "bubble bursts"
        ),
        saving.MIX_RULE, saving.mix,
    ),
    Saying(
        "iv", say("The Nasdaq fell by nearly four fifths when the dot-com bubble burst"),
        falls.NASDAQ_RULE, falls.nasdaq,
    ),
    Saying("v", say("NVIDIA rose by 1,600 % in the AI run"), rises.NVIDIA_RULE, rises.nvidia),
    Saying("vi", say("The seven are 37 % of the S&P 500"), rises.SEVEN_RULE, rises.seven),
    Saying(
        "vii", say("The survivors of the dot-com bust recovered"), survivors.RULE,
        survivors.survivors,
    ),
    Saying(
        "viii", say("Patience pays: who stays through the worst ends above the money put in"),
        patience.RULE, patience.patience,
    ),
    Saying("ix", say("Gold and bonds rose while stocks fell"), falls.HAVENS_RULE, falls.havens),
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
    for done, saying in enumerate(SAYINGS):
        told("judging claims", done, len(SAYINGS))
        try:
            claims.append(_with_source(saying.judge(ground), data))
        except (NoPrices, UnknownName) as error:
            left_out.append(
                say(
                    "({id}) {claim}: left out, {reason}",
                    id=saying.id, claim=saying.claim, reason=str(error),
                )
            )  # fmt: skip
    return Verdicts(tuple(claims), tuple(left_out))


def symbols_needed() -> tuple[str, ...]:
    """Return every symbol that a claim looks at, each once."""
    held = ("SP500", "BOND", "GOLD", "REIT", "IXIC", "QQQ", *survivors.SURVIVORS)
    baskets = (ERAS[era].baskets["ai-picks"].symbols for era in ("dotcom", "ai-run"))
    return tuple(dict.fromkeys([*held, *(s for basket in baskets for s in basket)]))


def _with_source(claim: Claim, data: Sequence[str]) -> Claim:
    said = "".join(f" --data {quote(each)}" for each in data if tuple(data) != ("snapshot",))
    return replace(claim, runs=tuple(f"{run}{said}" for run in claim.runs))
