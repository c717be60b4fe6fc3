"""Show results in a notebook: a small table that needs nothing but itself."""

from collections.abc import Sequence

from backtests.report import cells
from backtests.report.templating import render
from backtests.result import Result


def card(results: Sequence[Result]) -> str:
    """Return an HTML table of the headline measures, a row a result; everything is escaped."""
    return render("card", results=results, headline=cells.HEADLINE, cell=cells.cell)
