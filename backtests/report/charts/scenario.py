"""Picture: the three drawdowns through history and the scenario after it, one below the other."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from backtests.comparison import Chapter, Comparison
from backtests.report.charts import told_apart
from backtests.report.charts.axes import date_ticks, ticks
from backtests.report.charts.canvas import Sketch
from backtests.report.charts.palette import Look
from backtests.report.charts.sampled import years
from backtests.report.charts.sheet import Box, Grid, Layout, Panel, Sheet, key_height
from backtests.report.charts.value import era_span, strategies_key
from backtests.report.names import tagged
from backtests.report.wording import fall, listed, percent, sentences
from backtests.result import Result
from data.arrays import Floats
from data.language import say, shown, tr

_GRID = Grid(left=0.62, right=0.12, head=0.5, high=1.6, foot=0.32)
_TITLES = (say("Strategy drawdown"), say("Account drawdown"), say("Against money put in"))
_CAPTION = say(
    "The fall of the unit value from its high, of the account's value from its high, and what the "
    "account lacked of the money put in; the mark is the worst."
)

Looks = Mapping[str, Look]


def sketch(comparison: Comparison, looks: Looks) -> Sketch:
    """Plan the picture of the one era that ends in the scenario."""
    chapter = comparison.chapters[0]
    return Sketch(
        name="underwater",
        title=tr("The three drawdowns, in history and in the scenario"),
        caption=sentences([_CAPTION, told_apart.SAID]),
        alt=sentences(_sentence(at, chapter) for at in range(len(_TITLES))),
        paint=lambda layout: _paint(layout, chapter, looks),
    )


def _falls(result: Result) -> tuple[Floats, Floats, Floats]:
    course = result.course
    return course.drawdown, course.account_drawdown, course.shortfall


def _sentence(at: int, chapter: Chapter) -> str:
    worst = [
        tr("{strategy} {falls}", strategy=tagged(r), falls=fall(float(_falls(r)[at].min())))
        for r in chapter.results
    ]
    return tr(
        "{drawdown}, worst of history and scenario: {falls}.",
        drawdown=_TITLES[at],
        falls=listed(worst),
    )


def _paint(layout: Layout, chapter: Chapter, looks: Looks) -> Sheet:
    key = [(n, style | {"linestyle": "-"}) for n, style in strategies_key([chapter], looks)]
    boxes = _GRID.boxes(layout, key_height(key, layout), len(_TITLES))
    sheet = Sheet(layout, _GRID.end(boxes))
    sheet.key(key)
    for at, (box, title) in enumerate(zip(boxes, _TITLES, strict=True)):
        sheet.title(0.05, box.top - 0.22, shown(title), layout.width_in)
        _panel(sheet, box, chapter, at, looks)
    return sheet


def _panel(sheet: Sheet, box: Box, chapter: Chapter, at: int, looks: Looks) -> None:
    results, falls = chapter.results, [_falls(result)[at] for result in chapter.results]
    low = min(float(line.min()) for line in falls)
    panel = Panel(sheet, box, era_span(chapter), (min(low * 1.06, -0.02), 0.0))
    told_apart.ground(panel, results[0].history_end)
    marks = ticks(panel.y[0], 0, 4)
    panel.mark_y(marks, [percent(mark, 0 if low < -0.05 else 1) for mark in marks])
    panel.mark_x(*date_ticks(*panel.x, 6 if sheet.layout.stacked else 14))
    for result, line in zip(results, falls, strict=True):
        look, plain = looks[result.strategy], {"linewidth": 1.1, "marker": ""}
        told_apart.line(panel, result.course.dates, line, look, result.history_end, **plain)
        worst = np.array([line.argmin()])
        mark: dict[str, Any] = {"marker": look.marker, "markersize": 6.5, "markeredgewidth": 0.0}
        panel.line(years(result.course.dates)[worst], line[worst], color=look.colour, **mark)
