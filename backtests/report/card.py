"""Show results in a notebook: a small table that needs nothing but itself."""

from collections.abc import Sequence

from backtests.report import cells
from backtests.report.names import tagged
from backtests.report.templating import render
from backtests.report.wording import spoken
from backtests.result import Result


def card(results: Sequence[Result]) -> str:
    """Return an HTML table of the headline measures, a labelled row a result; all is escaped."""
    named = [(f"{tagged(result)}, {result.era.title}", result.measures) for result in results]
    with spoken(results[0].currency):
        return render("card", results=named, headline=cells.HEADLINE, cell=cells.cell)
