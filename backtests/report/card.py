"""Show results inside a notebook: a small table that needs nothing but itself."""

from collections.abc import Sequence
from html import escape

from backtests.measures.catalogue import headline
from backtests.report.cells import cell
from backtests.result import Result


def card(results: Sequence[Result]) -> str:
    """Return an HTML table of the headline measures, a row a result; everything is escaped."""
    shown = headline()
    heads = "".join(f"<th>{escape(m.title)}</th>" for m in shown)
    rows = "".join(
        f"<tr><th>{escape(r.title)}, {escape(r.era.title)}</th>"
        + "".join(f"<td>{escape(cell(r, m).text)}</td>" for m in shown)
        + "</tr>"
        for r in results
    )
    return f"<table><thead><tr><th></th>{heads}</tr></thead><tbody>{rows}</tbody></table>"
