"""The project's own engines as a worker: the Backtrader path and the vectorised twin."""

from collections.abc import Callable
from importlib.metadata import version

from backtests.comparison import replay
from backtests.eras import Era
from backtests.plan import Plan
from backtests.result import Result
from benchmarks import twin
from benchmarks.peers.harness import (
    FEE,
    MONTHLY_USD,
    Floats,
    Prices,
    Question,
    Timed,
    asked,
    np,
    read,
    serve,
)
from data.arrays import to_date
from data.prices import PriceTable
from strategies.dca.base import allocation


def table_of(made: Prices) -> PriceTable:
    """Put prices into the project's own shape."""
    names = tuple(f"A{column}" for column in range(made.closes.shape[1]))
    return PriceTable(made.dates, names, made.closes, "daily", "file")


def plan_of(scheme: str, months: int) -> Plan:
    """Say a scheme in a plan's words."""
    if scheme == "lump":
        return Plan(monthly=0.0, initial=MONTHLY_USD * months)
    return Plan(monthly=MONTHLY_USD, fee_bps=1e4 * FEE if scheme == "fee" else 0.0)


def prepared(question: Question) -> Callable[[], Result]:
    """Make table and plan; return the run."""
    made, scheme = asked(question), question["scheme"]
    table, plan = table_of(made), plan_of(scheme, len(made.firsts))
    kind = allocation("equal", {name: 1 / len(table.symbols) for name in table.symbols})
    era = Era("all", "all bars", to_date(made.dates[0]), to_date(made.dates[-1]))
    return lambda: replay(kind, era, table, plan.terms)


def saver(question: Question) -> Timed:
    """Return the final value of one replay: ledger, book check and every measure."""
    run = prepared(question)
    return lambda: np.array([run().measures["final_value"]])


def fall(question: Question) -> Timed:
    """Return the largest fall of the strategy."""
    run = prepared(question)
    return lambda: np.array([run().measures["max_drawdown"]])


def fast(question: Question) -> Timed:
    """Replay one saver with the twin, every core measure."""
    made = asked(question)
    return lambda: twin.one(made, question["scheme"])["final_value"]


def sweep(question: Question) -> Timed:
    """Replay every window of every asset under every scheme, every core measure."""
    made, months = read(question["prices"]), question["months"]

    def work() -> Floats:
        return np.concatenate([found["final_value"] for found in twin.sweep(made, months)])

    return work


def bootstrap(question: Question) -> Timed:
    """Draw paths and replay them with the twin, every core measure."""
    laid_out = twin.layout(question["paths"], question["months"])
    return lambda: twin.bootstrap(laid_out)


TASKS = {"saver": saver, "fall": fall, "fast": fast, "sweep": sweep, "bootstrap": bootstrap}

if __name__ == "__main__":
    serve(version("three-drawdowns"), TASKS)
