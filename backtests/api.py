"""Replay, compare and sweep from Python: `from backtests import run, compare, sweep, Plan`.

Nothing heavy is loaded before it is used: no pandas, matplotlib or Backtrader.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backtests.asking import (
    ask_satellite,
    folder_of,
    judged,
    on_finest,
    replay,
    replay_scenario,
    strategy_class,
    tables_of,
)
from backtests.eras import Era
from backtests.plan import Plan, make_plan
from backtests.result import Result as Replayed
from data.options import Options
from data.prices import PriceTable
from data.progress import Told, untold

if TYPE_CHECKING:
    import pandas as pd

    from backtests.asking import Strategy
    from backtests.comparison import Comparison as Compared
    from backtests.exposures import Exposure
    from backtests.lookahead import Audit
    from backtests.report.charts.plot import Axes
    from backtests.scenarios.satellite import Satellite
    from backtests.scenarios.sources import Scenario
    from data.sources import Prices
    from strategies.dca.base import DcaStrategy


class Result(Replayed):
    """One run: pandas Series with dates, measures, and pictures.

    `measures` holds every number by name (`result.measures["xirr"]`); `course` the plain arrays.
    """

    @classmethod
    def of(cls, replayed: Replayed) -> "Result":
        """Take over what the engine made."""
        return cls(**{each.name: getattr(replayed, each.name) for each in fields(replayed)})

    def plot(self, view: str = "value", ax: "Axes | None" = None) -> "Axes":
        """Draw `value`, `unit_value`, `drawdown`, `account_drawdown` or `shortfall`.

        Returns the axes, new ones unless `ax` is given. Raises UnknownName for another view.
        """
        from backtests.report.charts.plot import plot

        return plot(self, view, ax)

    def _repr_html_(self) -> str:
        from backtests.report.card import card

        return card([self])


@dataclass(frozen=True)
class Comparison:
    """Every strategy through every era; `replayed` has the eras and the prices used."""

    replayed: "Compared"

    @property
    def results(self) -> tuple[Result, ...]:
        """Every run, era by era."""
        return tuple(Result.of(each) for each in self.replayed.results)

    def frame(self) -> "pd.DataFrame":
        """Return every measure, one row a run, indexed by era and strategy."""
        import pandas as pd

        found = list(self.replayed.results)
        index = pd.MultiIndex.from_tuples(
            [(r.era.name, r.strategy) for r in found], names=["era", "strategy"]
        )
        return pd.DataFrame([dict(r.measures.figures) for r in found], index=index)

    def show(self) -> None:
        """Print the tables that `dca compare` prints."""
        from backtests.report.terminal import console, show

        show(self.replayed, console())

    def write(self, folder: str | Path | None = None, formats: Sequence[str] = ("png",)) -> Path:
        """Write the whole report and return its page; raises BadFolder.

        The folder is reports/ and the plan's name unless one is given; its pictures are files in
        these `formats`, `png`, `svg` or `pdf`.
        """
        from backtests.report import files

        place = Path(folder) if folder else folder_of(self.replayed.plan)
        return files.write(self.replayed, place, formats)

    def __repr__(self) -> str:
        eras = ", ".join(chapter.era.name for chapter in self.replayed.chapters)
        return f"<Comparison of {len(self.results)} runs: {eras}>"

    def _repr_html_(self) -> str:
        from backtests.report.card import card
        from backtests.report.summary import verdict

        return card(list(self.replayed.results), verdict(self.replayed).sentence)


def run(
    strategy: "Strategy",
    prices: "Prices" = "snapshot",
    era: str | Era | None = None,
    *,
    rebalance: str = "none",
    late_listings: bool = False,
    **options: Any,
) -> Result:
    """Replay one strategy through one window.

    `strategy` is weights by symbol, a strategy class or a name; `prices` a price table, a DataFrame
    of adjusted closes, a source as `--data` takes it or a list of these, of which the first that
    has a symbol gives it; `era` an era or its name, without one all
    that the prices have. `rebalance` and `late_listings` go with weights. `options` are a plan's:
    monthly, every, payments, bars, fill, fee_bps, tax and the like.

    Raises:
        BadInput: what a person must put right.
        RunFailed: a result that cannot be stood behind.

    """
    from backtests.comparison import replay as replayed

    plan = make_plan(**options)
    kind = strategy_class(strategy, plan, rebalance, late_listings)
    return on_finest(
        plan,
        kind,
        prices,
        era,
        lambda span, table: Result.of(replayed(kind, span, table, plan.terms)),
    )


def audit(
    strategy: "Strategy",
    prices: "Prices" = "snapshot",
    era: str | Era | None = None,
    *,
    cuts: int = 12,
    rebalance: str = "none",
    late_listings: bool = False,
    told: Told = untold,
    reading: Mapping[str, Any] | None = None,
    **options: Any,
) -> "Audit":
    """Find out whether a strategy looks ahead: `audit(MyStrategy).fault` is empty if it does not.

    It is rerun on three other futures after each of `cuts` bars, and all its orders up to that bar
    must be the same. The rest is as in `run`; `told` hears of each bar before it is taken,
    `reading` are fields of Options.

    Raises:
        BadInput: what a person must put right.
        RunFailed: what a run refuses, or a strategy that does not repeat itself.

    """
    from backtests.lookahead import audit as rerun_all
    from backtests.sweeps.custom import watching
    from data import snapshot

    plan = make_plan(**options)
    kind = strategy_class(strategy, plan, rebalance, late_listings)

    def rerun(span: Era, table: PriceTable) -> "Audit":
        snapshot.forget()
        with watching(kind.__module__) as opened:
            found = rerun_all(kind, span, table, plan.terms, cuts, told)
        return replace(found, reads=tuple(dict.fromkeys(opened)))

    return on_finest(plan, kind, prices, era, rerun, **(reading or {}))


def compare(
    plan: Plan | None = None,
    prices: "Prices | None" = None,
    own: "Sequence[type[DcaStrategy]]" = (),
    **options: Any,
) -> Comparison:
    """Put every strategy of a plan through every era of it; without one, all the defaults.

    `prices` take the place of the plan's `data`; `own` are strategy classes to run beside the
    plan's. Without a plan, `options` are its fields.

    Raises:
        BadInput: what a person must put right.
        RunFailed: a result that cannot be stood behind.

    """
    plan = plan or make_plan(**options)
    return Comparison(replay(plan, own=own, prices=prices))


def scenario(
    plan: Plan | None = None,
    prices: "Prices | None" = None,
    own: "Sequence[type[DcaStrategy]]" = (),
    *,
    history: str = "ai-run",
    like: str = "dotcom",
    peak: date | None = None,
    depth: float = 1.0,
    counterparts: Mapping[str, str] | None = None,
    stop_after: int | None = None,
    **options: Any,
) -> Comparison:
    """Let an era end like an earlier bust: history to its last bar, then that path. No forecast.

    `like` is dotcom, gfc, 1929 or 1973, `peak` the day of it that is laid on history's last bar.
    What fell is taken to the power of `depth`; `counterparts` say which symbol goes on as which
    did; after `stop_after` months of the scenario nothing is paid in. `result.scenario` of each
    result says how it stood where history ended, and what came after. The rest is as in `compare`,
    but for the plan's eras, which are left aside.

    Raises:
        BadInput: what a person must put right.
        RunFailed: a result that cannot be stood behind.

    """
    from backtests.scenarios.sources import Scenario

    assumed = Scenario(like, peak, depth, counterparts or {}, stop_after)
    asked = plan or make_plan(**options)
    return Comparison(replay_scenario(asked, assumed, history, own=own, prices=prices))


def satellite(
    core: str = "index-fund",
    plan: Plan | None = None,
    prices: "Prices | None" = None,
    *,
    rebalance: str = "",
    max_loss: float = 0.1,
    in_era: str = "",
    history: str = "ai-run",
    assumed: "Scenario | None" = None,
    **options: Any,
) -> "Satellite":
    """Say how much of an era's picks one may hold beside a core and stay near the money put in.

    Every share from 0 to 100 % is replayed through history and a scenario (`assumed`, else that of
    2000), or through `in_era` as it was. `rebalance` takes the place of the core's own rule.
    `options` are a plan's fields.

    Raises:
        BadInput: what a person must put right.

    """
    from backtests.scenarios.satellite import Question
    from backtests.scenarios.sources import Scenario

    question = Question(core, rebalance, max_loss, in_era)
    asked = plan or make_plan(**options)
    return ask_satellite(asked, question, assumed or Scenario(), history, prices=prices)


def sweep(*strategies: "Strategy", prices: "Prices" = "snapshot", **options: Any) -> "pd.DataFrame":
    """Run every start month, or drawn paths, and return one row each, the terms beside it.

    `options` are the fields of backtests.sweeps.request.Request: years, start, end, monthly,
    rebalance, fee_bps, bootstrap, block, seed and the like; what spans the grid is a tuple, and
    dates, pauses and dated sums are as in a plan.

    Raises:
        BadInput: what a person must put right.

    """
    import pandas as pd

    from backtests.sweeps import replayed
    from backtests.sweeps.layout import lay_out, symbols_needed
    from backtests.sweeps.request import AS_IN_A_PLAN, Request
    from backtests.sweeps.rows import Twin
    from strategies.dca.terms import fractions

    names = tuple(s for s in strategies if isinstance(s, str))
    weights = next((s for s in strategies if isinstance(s, Mapping)), {})
    said = {key: options[key] for key in options.keys() & {*AS_IN_A_PLAN}}
    plan = make_plan(**{"monthly": 1.0} | said)
    options |= {key: getattr(plan, key) for key in said}
    request = Request(names, fractions(weights), **options)
    options_of_source = Options(
        symbols=symbols_needed(request, None), since=request.since, currency=request.currency
    )
    layout = lay_out(request, tables_of(prices, options_of_source))
    twin, frames = Twin(layout), []
    for chunk in layout.chunks:
        variant = layout.variants[chunk.variant]
        rows = replayed.rows(layout, chunk) if variant.decides else twin.rows(chunk)
        where = (
            {"start": rows.starts, "end": rows.ends} if any(rows.ends) else {"path": rows.starts}
        )
        frames.append(pd.DataFrame({**variant.labels, **where, **rows.figures}))
    return pd.concat(frames, ignore_index=True)


def exposure(
    plan: Plan | None = None,
    prices: "Prices | None" = None,
    own: "Sequence[type[DcaStrategy]]" = (),
    *,
    basket: Sequence[str] = (),
    fall: float | None = None,
    **options: Any,
) -> "Exposure":
    """Look how much of each strategy is in a basket of the index's members, by default the seven.

    `fall` is what the basket is asked to lose, a fraction, by default 0.8; the rest is as in
    `compare`, for one era, by default the AI run. `frame()` has the weights by day.

    Raises:
        BadInput: what a person must put right.
        RunFailed: a result that cannot be stood behind.

    """
    from backtests.exposures import INDEX, asked
    from backtests.exposures import exposure as exposed

    question = asked(plan or make_plan(**options), basket, fall)
    symbols = (INDEX, *question.basket)
    return exposed(replay(question.plan, own=own, prices=prices, also=symbols), question)


def claims(prices: "Prices" = "snapshot", *, seed: int = 1) -> "pd.DataFrame":
    """Hold nine sayings about saving through a bubble against the prices; one row each.

    Columns: claim, verdict, finding, rule, numbers (a dict), runs, notes; `seed` draws attrition.
    A claim whose prices are missing is left out.

    Raises:
        BadInput: what a person must put right.

    """
    import pandas as pd

    from backtests.verdicts.claim import Claim

    found = [claim.as_json() for claim in judged(prices, seed).claims]
    return pd.DataFrame(found, columns=[one.name for one in fields(Claim)]).set_index("id")
