"""Draw one series of a result on matplotlib's own axes, for a notebook or a script."""

from typing import TYPE_CHECKING

import numpy as np

from backtests.report.wording import kept_in, money_name, sign
from data.errors import UnknownName
from data.language import filled, say, shown, tr, translated

if TYPE_CHECKING:
    from matplotlib.axes import Axes as Axes

    from backtests.result import Result

# view: (label of the upright axis, format of a number)
VIEWS = {
    "value": (say("Value in {money}"), "{x:,.0f}"),
    "unit_value": (say("Unit value, 1 at the start"), "{x:,.2f}"),
    "drawdown": (say("Strategy drawdown"), ""),
    "account_drawdown": (say("Account drawdown"), ""),
    "shortfall": (say("Against money put in"), ""),
}


def plot(result: "Result", view: str = "value", ax: "Axes | None" = None) -> "Axes":
    """Draw `view` of a result on `ax`, a new one where none is given, and return it.

    `value` has the money put in beside it; a scenario is shaded; drawdowns and `shortfall` are
    percentages. Several results on one `ax` are told apart by the legend. Raises UnknownName for
    another view.
    """
    from matplotlib.ticker import PercentFormatter

    if view not in VIEWS:
        raise UnknownName(say("view"), view, VIEWS)
    if ax is None:
        # Only who asks for no axes of his own gets pyplot, with its figures kept for the screen.
        from matplotlib import pyplot as plt

        ax = plt.subplots()[1]
    from backtests.report.charts import fonts

    with fonts.words(), kept_in(result.currency):
        _lines(result, view, ax)
        label, numbers = VIEWS[view]
        numbers = f"{sign() * (view == 'value')}{numbers}"
        ax.yaxis.set_major_formatter(numbers or PercentFormatter(1.0))
        ax.set(xlabel=tr("Date"), ylabel=filled(translated(label), {"money": money_name()}))
        fonts.fit([ax.xaxis.label, ax.yaxis.label, *ax.legend().get_texts()])
    return ax


def _lines(result: "Result", view: str, ax: "Axes") -> None:
    course = result.course
    ax.plot(course.dates, getattr(course, view), label=shown(result.title))
    if view == "value":
        label = tr("Money put in")
        ax.plot(course.dates, course.contributed, label=label, color="0.4", linestyle="--")
    if result.history_end:
        # Matplotlib counts days from 1970 on, as numpy does.
        ends = np.array([result.history_end, course.dates[-1]], dtype="datetime64[D]")
        label = tr("Scenario: assumed, no forecast")
        ax.axvspan(*ends.astype(np.float64), color="0.5", alpha=0.15, label=label)
