"""Run a plan, print its tables and write its report: what the command and the scripts share."""

from collections.abc import Callable
from pathlib import Path

from backtests import output
from backtests.comparison import Comparison, compare
from backtests.plan import Plan
from backtests.report.tables import console, show
from data.sources import tables


def folder_of(plan: Plan) -> Path:
    """Return where a plan's report goes unless told otherwise."""
    return Path("reports") / plan.name


def report_eras(
    plan: Plan, folder: Path | None = None, told: Callable[[str], None] = lambda _: None
) -> Comparison:
    """Compare, write the report to `folder` and print the tables; return the comparison."""
    folder = folder or folder_of(plan)
    output.refuse_foreign(folder)
    comparison = compare(plan, tables(plan.data), told)
    told("drawing the report")
    page = output.write(comparison, folder)
    out = console()
    show(comparison, out)
    out.print(f"\nReport: {page}", highlight=False, soft_wrap=True)
    return comparison
