"""`dca scenario`: the run ends like an earlier bust, and the saver goes on."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from backtests.cli.compare import WHERE, To, asked, held, place, produce
from backtests.cli.options import BUST, SOURCE, TERMS, given, reading, takes
from backtests.cli.speaking import Command
from data.language import say

if TYPE_CHECKING:
    from backtests.scenarios.sources import Scenario

_ASSUMED = ("like", "peak", "depth", "stop_after")


@click.command(cls=Command)
@takes(
    *BUST,
    "--strategy",
    "--weights",
    "--rebalance",
    "--late-listings",
    "--own",
    "--plan",
    repeated=["--own"],
)
@takes(*TERMS, *SOURCE)
@takes(*WHERE, out=say("reports/scenario, else reports/ and the plan's name with -scenario"))
def scenario(
    plan_file: Path | None,
    own: tuple[str, ...],
    history: str | None,
    counterparts: tuple[tuple[str, str], ...],
    weights: dict[str, float] | None,
    rebalance: str | None,
    late_listings: bool,
    **options: Any,
) -> None:
    """Let the AI run end as an earlier bust did: history to its last bar, then that path.

    It is no forecast: what is history and what is assumed is told apart wherever it shows. Of a
    plan it takes everything but the eras.
    """
    from backtests.asking import replay_scenario

    where, read = place(options), reading(options)
    scenario = assumed(counterparts, options)
    said = {"weights": weights, "rebalance": rebalance, "late_listings": late_listings}
    plan, mine = asked(plan_file, own, options, **_held(said, options["strategies"]))
    usual = Path("reports") / (f"{plan.name}-scenario" if plan_file else "scenario")
    produce(
        lambda told: replay_scenario(plan, scenario, history or "ai-run", told, mine, **read),
        To(usual, *where),
    )


def assumed(counterparts: tuple[tuple[str, str], ...], options: dict[str, Any]) -> "Scenario":
    """Take what is assumed out of `options`; raises BadPlan."""
    from backtests.scenarios.sources import Scenario
    from data.errors import BadPlan

    said = {name: options.pop(name) for name in _ASSUMED}
    named = [symbol for symbol, _ in counterparts]
    for symbol in dict.fromkeys(named):
        if named.count(symbol) > 1:
            raise BadPlan(say("{symbol} has two counterparts; name one", symbol=symbol))
    return Scenario(counterparts=dict(counterparts), **given(said))


def _held(said: dict[str, Any], strategies: tuple[str, ...]) -> dict[str, Any]:
    """Return the plan's words for what is held where weights or a rule are named on the spot."""
    if not any(said.values()):
        return {}
    return held(None, {"strategies": strategies, **given(said)})[1]


COMMANDS = (scenario,)
