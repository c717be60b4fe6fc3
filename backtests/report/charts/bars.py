"""Picture: the three drawdowns of each strategy as bars."""

from collections.abc import Mapping, Sequence
from typing import Any

from backtests.comparison import Chapter, Comparison
from backtests.report.charts.axes import ticks
from backtests.report.charts.canvas import Sketch
from backtests.report.charts.palette import SOFT, Look
from backtests.report.charts.sampled import series
from backtests.report.charts.sheet import Grid, Layout, Panel, Sheet, key_height
from backtests.report.charts.underwater import side_by_side
from backtests.report.charts.value import short_name
from backtests.report.names import tagged
from backtests.report.wording import fall, listed, percent, sentences
from data.language import say, say_all, shown, tr

KINDS = (say("strategy drawdown"), say("account drawdown"), say("against money put in"))
_CAPTION = say(
    "The worst of each kind. Full bars: the fall of the unit value, as a fund would publish it. "
    "Light bars: the fall of the account's value, which new contributions flatter. Outlined bars: "
    "how far the account stood below the money put in."
)
_PLACES = (-0.27, 0.0, 0.27)
_ALPHAS = (1.0, 0.5, 0.0)
_LEFT_IN, _ROW_IN = 1.95, 0.66
# The scale goes on beyond the longest bar, for its number.
_ROOM = 1.26

Worst = Mapping[str, tuple[float, float, float]]
Looks = Mapping[str, Look]


def sketch(comparison: Comparison, looks: Looks) -> Sketch:
    """Plan the picture; eras stand side by side, so all are on the coarsest resolution."""
    worst = [
        {r.strategy: series(r, comparison.coarsest).three for r in c.results}
        for c in comparison.chapters
    ]
    return Sketch(
        name="drawdowns",
        title=tr("The three drawdowns"),
        caption=sentences([_CAPTION, side_by_side(comparison.coarsest)]),
        alt=sentences(_sentence(c, w) for c, w in zip(comparison.chapters, worst, strict=True)),
        paint=lambda layout: _paint(layout, comparison.chapters, worst, looks),
    )


def _sentence(chapter: Chapter, worst: Worst) -> str:
    parts = [
        say(
            "{strategy} {falls}",
            strategy=tagged(r),
            falls=listed(fall(depth) for depth in worst[r.strategy]),
        )
        for r in chapter.results
    ]
    return tr(
        "{era}, worst {kinds}: {falls}.",
        era=chapter.era.title,
        kinds=listed(KINDS),
        falls=say_all(parts),
    )


def _paint(
    layout: Layout, chapters: Sequence[Chapter], worst: Sequence[Worst], looks: Looks
) -> Sheet:
    key = [(shown(kind), _sample(alpha)) for kind, alpha in zip(KINDS, _ALPHAS, strict=True)]
    rows = max(len(chapter.results) for chapter in chapters)
    grid = Grid(left=_LEFT_IN, right=0.1, head=0.48, high=rows * _ROW_IN, foot=0.42)
    columns = 1 if layout.stacked else min(len(chapters), 3)
    boxes = grid.boxes(layout, key_height(key, layout), len(chapters), columns)
    sheet = Sheet(layout, grid.end(boxes))
    sheet.key(key)
    deepest = max(0.01, *(-min(depths) for era in worst for depths in era.values()))
    named: list[str] = []
    for box, chapter, depths in zip(boxes, chapters, worst, strict=True):
        begin = 0.05 if layout.stacked else box.left
        title = shown(chapter.era.title)
        sheet.title(begin, box.top - 0.1, title, box.width + box.left - begin)
        panel = Panel(sheet, box, (0.0, deepest * _ROOM), (rows - 0.5, -0.5))
        _panel(panel, chapter, depths, looks)
        inside, names = box.left != _LEFT_IN, [r.strategy for r in chapter.results]
        if not inside or names != named:
            _names(panel, chapter, looks, inside)
        named = named if inside else names
    return sheet


def _sample(alpha: float) -> dict[str, Any]:
    style = {"color": SOFT, "linewidth": 7, "alpha": alpha, "solid_capstyle": "butt"}
    if alpha:
        return style
    square = {"markeredgewidth": 1.0, "markerfacecolor": "none", "markersize": 8}
    return {"color": SOFT, "marker": "s", "linestyle": "none"} | square


def _panel(panel: Panel, chapter: Chapter, worst: Worst, looks: Looks) -> None:
    label_in = panel.sheet.layout.font_pt * 3.3 / 72
    marks = ticks(0, panel.x[1] / _ROOM, panel.box.width / _ROOM / label_in)
    digits = 0 if panel.x[1] > 0.05 else 1
    panel.mark_x(marks, [percent(-mark, digits) for mark in marks], lines=True)
    for row, result in enumerate(chapter.results):
        colour = looks[result.strategy].colour
        for place, depth, alpha in zip(_PLACES, worst[result.strategy], _ALPHAS, strict=True):
            full = {"facecolor": colour, "edgecolor": "none", "alpha": alpha}
            outline = {"facecolor": "none", "edgecolor": colour, "linewidth": 1.0}
            panel.bar(-depth, row + place, 0.23, **full if alpha else outline)
            size = panel.sheet.layout.font_pt - 0.5
            panel.text(-depth, row + place, percent(depth, digits), 0.06, fontsize=size)


def _names(panel: Panel, chapter: Chapter, looks: Looks, inside: bool) -> None:
    """Name the rows: left of the panel, or in it where another panel stands there."""
    size = panel.sheet.layout.font_pt
    place = {"fontsize": size - 1.0} if inside else {"weight": "bold"}
    for row, result in enumerate(chapter.results):
        x, y, right = (panel.x[1], row + 0.36, 0.0) if inside else (0.0, row, -0.12)
        look = {"ha": "right", "color": looks[result.strategy].colour} | place
        panel.text(x, y, short_name(result.title), right, **look)
