"""Run a plan, print its tables and write its report: what the command and the scripts share."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from backtests.comparison import Comparison, compare, symbols_needed
from backtests.comparison import StrategyClass as Kind
from backtests.plan import Plan
from backtests.report import files as output
from backtests.report.terminal import console, show
from backtests.sweeps.custom import blaming
from data.options import Options
from data.progress import Told, untold
from data.sources import tables


def folder_of(plan: Plan) -> Path:
    """Return where a plan's report goes unless told otherwise."""
    return Path("reports") / plan.name


def replay(plan: Plan, told: Told = untold, own: Sequence[Kind] = (), **reading: Any) -> Comparison:
    """Read the plan's prices and run it; `reading` are fields of data.options.Options."""
    needed = symbols_needed(plan, own)
    options = Options(symbols=needed, own=plan.symbol, told=told, **reading)
    with blaming():
        return compare(plan, tables(plan.data, options), told, own)


def report_eras(plan: Plan) -> Comparison:
    """Run the plan, write its report and print the tables; return the comparison."""
    folder = folder_of(plan)
    output.refuse_foreign(folder)
    comparison = replay(plan)
    page = output.write(comparison, folder)
    out = console()
    show(comparison, out)
    out.print(f"\nReport: {page}", highlight=False, soft_wrap=True)
    return comparison
