"""The same saver, the same prices: how deep each engine says he fell.

With one asset the strategy is the asset, so the fall is the price's own; what counts deposits as
gains, or idle cash as holdings, tells less.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from benchmarks import reference, synthetic
from benchmarks.single import NAIVE, OWN
from benchmarks.tables import Section, Table
from benchmarks.workers import Worker

BARS = 2500
WHY = {
    NAIVE: "DrawDown as it is added by default counts each deposit as a gain",
    OWN: "of the unit value, which no deposit moves",
    "bt": "of an index of its own, slightly diluted on days of a deposit",
    "vectorbt": "of all the money, most of it still idle in the first years",
    "backtesting": "of all the money, most of it still idle in the first years",
    "zipline": "of returns; what whole shares leave over lies idle",
}


def measure(workers: Mapping[str, Worker], folder: Path) -> Section:
    """Ask everyone for the largest fall, and bt for its own way to buy."""
    made = synthetic.prices(BARS, 1)
    asked = {"scheme": "monthly", "prices": synthetic.write(made, folder / "falls.npz")}
    close = made.closes[:, 0]
    deepest = float((close / np.maximum.accumulate(close) - 1).min())
    table = Table("The largest fall, as each engine tells it", ("engine", "fall", "of what"))
    table.rows.append(("by hand: the asset's own", f"{deepest:.2%}", ""))
    for name, worker in workers.items():
        answer = worker.ask({**asked, "task": "fall"})
        if answer:
            table.rows.append((name, f"{answer.finals[0]:.2%}", WHY[name]))
    table.notes.append(f"One saver, one asset, {BARS:,} synthetic days, nothing sold.")
    table.notes += [_usual_bt(workers["bt"], folder)] if "bt" in workers else []
    return Section([table])


def _usual_bt(worker: Worker, folder: Path) -> str:
    made = synthetic.prices(BARS, 4)
    path = synthetic.write(made, folder / "usual.npz")
    answer = worker.ask({"task": "usual", "scheme": "monthly", "prices": path})
    if answer is None:
        return f"bt: {worker.failed}"
    bought = reference.final_value(made)
    return (
        f"bt with its own Rebalance re-weights everything each month: with four assets "
        f"{answer.finals[0]:,.0f} USD, where buying alone comes to {bought:,.0f}."
    )
