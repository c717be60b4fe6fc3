"""Tell history from a scenario in a picture: history is drawn solid, the scenario dashed on a tint.

A picture of history alone is drawn by the same code, untouched.
"""

from datetime import date
from typing import Any

import numpy as np

from backtests.report.charts.palette import GRID, SOFT, Look
from backtests.report.charts.sampled import thin, years
from backtests.report.charts.sheet import Panel, line_style
from data.arrays import Days, Floats
from data.language import say, tr

_NARROWEST_IN = 0.5
_DASHED = (0.0, (2.2, 1.1))
SAID = say(
    "On the tinted ground, dashed: the scenario, which is assumed. Before it, solid: history."
)


def line(
    panel: Panel, dates: Days, heights: Floats, look: Look, since: date | None, **more: Any
) -> None:
    """Draw a line, few enough points of it; dashed after `since`, the last day of history."""
    if since is None:
        _piece(panel, dates, heights, look, **more)
        return
    end = int(np.searchsorted(dates, np.datetime64(since), side="right"))
    _piece(panel, dates[:end], heights[:end], look, **more | {"linestyle": "-"})
    after = {"linestyle": _DASHED, "marker": ""}
    _piece(panel, dates[end - 1 :], heights[end - 1 :], look, **more | after)


def ground(panel: Panel, since: date | None) -> None:
    """Tint the scenario's part of a panel and mark its edge."""
    if since is None:
        return
    x, (foot, top) = np.array([_year(since), panel.x[1]]), panel.y
    panel.area(x, np.full(2, foot), np.full(2, top), facecolor=GRID, alpha=0.45, zorder=0.2)
    edge(panel, since)


def edge(panel: Panel, since: date | None) -> None:
    """Draw the line at which history ends, and write above it what lies on either side."""
    if since is None:
        return
    at, (foot, top) = _year(since), panel.y
    panel.line([at, at], [foot, top], color=SOFT, linewidth=0.9)
    look = {"color": SOFT, "va": "bottom", "fontsize": panel.sheet.layout.font_pt - 0.5}
    panel.text(at, top, tr("history"), -0.06, ha="right", **look)
    panel.text(at, top, tr("scenario"), 0.06, weight="bold", **look)


def _year(day: date) -> float:
    return float(years(np.array([day], dtype="datetime64[D]"))[0])


def _piece(panel: Panel, dates: Days, heights: Floats, look: Look, **more: Any) -> None:
    across = years(dates)
    keep = thin(heights, max(float(np.ptp(panel.across(across[[0, -1]]))), _NARROWEST_IN))
    panel.line(across[keep], heights[keep], **line_style(look, len(keep)) | more)
