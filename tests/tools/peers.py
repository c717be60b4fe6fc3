"""Other libraries on the same prices, in a process of their own: they change pandas on import.

Reads a question as JSON from standard input and writes what each library makes of it.
"""

import json
import sys
import warnings
from typing import Any

import pandas as pd

# bt divides by the starting value.
SEED_USD = 1e-6


def frame_of(asked: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(asked["closes"], pd.DatetimeIndex(asked["dates"]), asked["symbols"])


def by_bt(asked: dict[str, Any]) -> dict[str, Any]:
    """Replay a plan in bt: its account's values by bar, and the deepest fall of its own index."""
    import bt

    class Buy(bt.Algo):
        """Split the cash by the weights and sell nothing."""

        def __call__(self, target: bt.Strategy) -> bool:
            cash = target.capital
            for name, weight in asked["weights"].items():
                target.allocate(cash * weight, child=name, update=False)
            target.update(target.now)
            return True

    clock = {"year": bt.algos.RunYearly, "month": bt.algos.RunMonthly, "week": bt.algos.RunWeekly}
    when = clock[asked["every"]](run_on_first_date=True)
    whole = [bt.algos.SelectAll(), bt.algos.WeighSpecified(**asked["weights"])]
    algos = [*whole, bt.algos.Rebalance()]
    if asked["flow"]:
        algos = [bt.algos.CapitalFlow(asked["flow"]), Buy()]
    plan = bt.Strategy("plan", [when, *algos], list(asked["weights"]))
    options = {"initial_capital": asked["initial"] or SEED_USD, "integer_positions": False}
    test = bt.Backtest(plan, frame_of(asked), progress_bar=False, **options)
    bt.run(test)
    # It puts a bar of its own before the first.
    index = test.strategy.prices.iloc[1:]
    return {"values": test.strategy.values.iloc[1:].tolist(), "fall": fall(index)}


def fall(level: "pd.Series[float]") -> float:
    return float((level / level.cummax() - 1).min())


def by_ffn(unit: "pd.Series[float]") -> dict[str, Any]:
    import ffn

    found = ffn.drawdown_details(ffn.to_drawdown_series(unit))
    return {
        "max_drawdown": ffn.calc_max_drawdown(unit),
        "cagr": ffn.calc_cagr(unit),
        "calmar": ffn.calc_calmar_ratio(unit),
        "sharpe": ffn.calc_sharpe(unit.pct_change().iloc[1:], nperiods=252),
        "sortino": ffn.calc_sortino_ratio(unit.pct_change().iloc[1:], nperiods=252),
        "falls": [
            [str(row.Start)[:10], str(row.End)[:10], float(row.drawdown)]
            for row in found.sort_values("drawdown").head(3).itertuples()
        ],
    }


def by_quantstats(unit: "pd.Series[float]") -> dict[str, Any]:
    from quantstats import stats

    returns = unit.pct_change().iloc[1:]
    found = stats.drawdown_details(stats.to_drawdown_series(returns)).sort_values("max drawdown")
    return {
        "max_drawdown": stats.max_drawdown(returns),
        "volatility": stats.volatility(returns),
        "sharpe": stats.sharpe(returns),
        "sortino": stats.sortino(returns),
        "cagr": stats.cagr(returns),
        "ulcer_index": stats.ulcer_index(returns),
        "deepest": [str(found["start"].iloc[0])[:10], str(found["end"].iloc[0])[:10]],
    }


def main() -> None:
    warnings.simplefilter("ignore")
    asked = json.load(sys.stdin)
    days = pd.DatetimeIndex(asked["unit"]["dates"])
    unit = pd.Series(asked["unit"]["values"], days)
    from quantstats import stats

    monthly = pd.Series([0.01] * 24, pd.date_range("2020-01-31", periods=24, freq="ME"))
    lost = pd.Series([-0.5, 0.1, 0.1], pd.date_range("2020-01-01", periods=3))
    account = asked["account"]
    balance = pd.Series(account["values"], pd.DatetimeIndex(account["dates"]))
    answer = {
        "bt": {name: by_bt(each) for name, each in asked["bt"].items()},
        "ffn": by_ffn(unit),
        "quantstats": by_quantstats(unit),
        "traps": {
            "balance": stats.max_drawdown(balance),
            "monthly": [stats.cagr(monthly), stats.cagr(monthly, periods=12)],
            "first": stats.max_drawdown(lost),
        },
    }
    # Libraries print where they like; the answer is the last line.
    print("\n" + json.dumps(answer, default=float))


if __name__ == "__main__":
    main()
