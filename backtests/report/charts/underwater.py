"""Picture: how far each strategy stood below its own high, the eras on one scale."""

from collections.abc import Mapping, Sequence

import numpy as np

from backtests.comparison import Chapter, Comparison
from backtests.report.charts.axes import date_ticks, ticks
from backtests.report.charts.canvas import Sketch
from backtests.report.charts.palette import Look
from backtests.report.charts.sampled import Series, series, thin, years
from backtests.report.charts.sheet import HALO, Grid, Layout, Panel, Sheet, key_height, line_style
from backtests.report.charts.value import era_span, strategies_key
from backtests.report.names import tagged
from backtests.report.wording import bars_word, fall, listed, percent, sentences
from data.language import shown, tr
from data.prices import Bars

MOST_PANELS = 3
_BESIDE = Grid(left=0.62, right=0.1, head=0.5, high=3.4, foot=0.35)
_STACKED = Grid(left=0.62, right=0.12, head=0.5, high=2.0, foot=0.35)

Lines = Sequence[Mapping[str, Series]]
Looks = Mapping[str, Look]


def sketch(comparison: Comparison, looks: Looks) -> Sketch:
    """Plan the picture: the eras side by side, so all on the coarsest resolution among them."""
    chapters = comparison.chapters[:MOST_PANELS]
    lines = [{r.strategy: series(r, comparison.coarsest) for r in c.results} for c in chapters]
    return Sketch(
        name="underwater",
        title=tr("How far below the last high"),
        caption=_caption(comparison),
        alt=sentences(_sentence(c, s) for c, s in zip(chapters, lines, strict=True)),
        paint=lambda layout: _paint(layout, chapters, lines, looks),
    )


def side_by_side(bars: Bars) -> str:
    """Say what resolution eras are compared on, where it is not daily."""
    if bars == "daily":
        return ""
    return tr(
        "Drawn from {bars} prices for every era, which leave out what happened in between: falls "
        "by the day were deeper.",
        bars=bars_word(bars),
    )


def _caption(comparison: Comparison) -> str:
    more = len(comparison.chapters) > MOST_PANELS
    drawn = tr(
        "The strategy drawdown: the unit value, as a fund would publish it, below its own earlier "
        "high. 0 % is a new high; the mark is the deepest point. One height scale for all eras."
    )
    first = tr("The first {n} eras are shown.", n=MOST_PANELS) if more else ""
    return sentences([drawn, first, side_by_side(comparison.coarsest)])


def _sentence(chapter: Chapter, lines: Mapping[str, Series]) -> str:
    falls = listed(_fell(tagged(r), lines[r.strategy]) for r in chapter.results)
    return tr(
        "{era}: deepest falls from an earlier high were {falls}.",
        era=chapter.era.title,
        falls=falls,
    )


def _fell(title: str, line: Series) -> str:
    worst = line.deepest
    if not worst:
        return tr("{strategy} none", strategy=title)
    return tr(
        "{strategy} {fall} on {day}", strategy=title, fall=fall(worst.depth), day=worst.trough
    )


def _paint(layout: Layout, chapters: Sequence[Chapter], lines: Lines, looks: Looks) -> Sheet:
    key = [(n, style | {"linestyle": "-"}) for n, style in strategies_key(chapters, looks)]
    grid, columns = (_STACKED, 1) if layout.stacked else (_BESIDE, len(chapters))
    boxes = grid.boxes(layout, key_height(key, layout), len(chapters), columns)
    low = min(float(s.drawdown.min()) for era in lines for s in era.values())
    sheet = Sheet(layout, grid.end(boxes))
    sheet.key(key)
    for box, chapter, era in zip(boxes, chapters, lines, strict=True):
        sheet.title(box.left, box.top - 0.12, shown(chapter.era.title), box.width)
        panel = Panel(sheet, box, era_span(chapter), (min(low * 1.06, -0.02), 0.0))
        _marks(panel, labelled=box.left == boxes[0].left)
        for name, line in era.items():
            _draw(panel, line, looks[name])
        _depths(panel, era, looks)
    return sheet


def _marks(panel: Panel, labelled: bool) -> None:
    low = panel.y[0]
    marks = ticks(low, 0, 5)
    labels = [percent(mark, 0 if low < -0.05 else 1) for mark in marks]
    panel.mark_y(marks, labels if labelled else [])
    panel.mark_x(*date_ticks(*panel.x, max(2, int(panel.box.width / 0.46))))


def _draw(panel: Panel, line: Series, look: Look) -> None:
    keep = thin(line.drawdown, panel.box.width)
    low = int(np.argmin(line.drawdown[keep]))
    mark = {"linewidth": 1.1, "linestyle": "-", "markevery": [low], "markersize": 6.5}
    style = line_style(look, len(keep)) | mark
    panel.line(years(line.dates)[keep], line.drawdown[keep], **style)


def _depths(panel: Panel, era: Mapping[str, Series], looks: Looks) -> None:
    """Write each deepest fall beside its mark, on the side with room."""
    fell = {name: line.deepest for name, line in era.items() if line.deepest}
    places = panel.apart([found.depth for found in fell.values()])
    for (name, found), place in zip(fell.items(), places, strict=True):
        at = float(years(np.array([found.trough], dtype="datetime64[D]"))[0])
        right = panel.box.left + panel.box.width - float(panel.across(at)) > 0.6
        panel.text(
            at, place, percent(found.depth), 0.1 if right else -0.1,
            ha="left" if right else "right", weight="bold", color=looks[name].colour,
            bbox=HALO,
        )  # fmt: skip
