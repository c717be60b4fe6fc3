"""Draw one series of a result on ordinary matplotlib axes."""

from typing import TYPE_CHECKING

from data.errors import UnknownName

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from backtests.result import Result

# view: (label of its axis, whether it is a fraction)
VIEWS = {
    "value": ("dollars", False),
    "unit_value": ("one dollar became", False),
    "drawdown": ("fall of the strategy", True),
    "account_drawdown": ("fall of the account", True),
    "shortfall": ("against money put in", True),
}


def plot(result: "Result", view: str = "value", ax: "Axes | None" = None) -> "Axes":
    """Draw a view of VIEWS and return its axes; raises UnknownName for another."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import PercentFormatter

    if view not in VIEWS:
        raise UnknownName("view", view, VIEWS)
    axes: Axes = Figure(figsize=(9.0, 4.0)).subplots() if ax is None else ax
    label, fraction = VIEWS[view]
    axes.plot(result.course.dates, getattr(result.course, view), label=result.title)
    if view == "value":
        put_in = result.course.contributed
        axes.plot(result.course.dates, put_in, color="0.4", linestyle=":", label="money put in")
    if fraction:
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_ylabel(label)
    axes.set_title(f"{result.title}, {result.era.title}")
    axes.legend()
    return axes
