"""Run a plan, print its tables and write its report: what the command and the scripts share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from backtests.comparison import Comparison, compare, symbols_needed
from backtests.plan import Plan
from backtests.report import files as output
from backtests.report.terminal import console, show
from data.sources import tables


def folder_of(plan: Plan) -> Path:
    """Return where a plan's report goes unless told otherwise."""
    return Path("reports") / plan.name


Told = Callable[[str], None]


def replay(plan: Plan, told: Told = lambda _: None, **reading: Any) -> Comparison:
    """Read the plan's prices and run it; `reading` are options of data.sources.tables."""
    needed = symbols_needed(plan)
    return compare(plan, tables(plan.data, symbols=needed, own=plan.symbol, **reading), told)


def report_eras(
    plan: Plan, folder: Path | None = None, told: Told = lambda _: None, **reading: Any
) -> Comparison:
    """Run the plan, write the report to `folder` and print the tables; return the comparison."""
    folder = folder or folder_of(plan)
    output.refuse_foreign(folder)
    comparison = replay(plan, told, **reading)
    told("drawing the report")
    page = output.write(comparison, folder)
    out = console()
    show(comparison, out)
    out.print(f"\nReport: {page}", highlight=False, soft_wrap=True)
    return comparison
