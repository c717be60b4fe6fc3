"""Picture: how value over money put in spreads as the months go by."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backtests.report.charts.axes import ticks
from backtests.report.charts.canvas import Sketch
from backtests.report.charts.palette import INK, SOFT, looks
from backtests.report.charts.sheet import Box, Grid, Layout, Panel, Sheet
from data.arrays import Floats

# More panels would be a wall; the table has them all.
MOST_PANELS = 6
_GRID = Grid(left=0.62, right=0.75, head=0.58, high=2.0, foot=0.4)


@dataclass(frozen=True)
class Fan:
    """One variant's spread: quantiles of value over money put in, shape (5 levels, months)."""

    title: str
    strategy: str
    rows: int
    quantiles: Floats


def sketch(fans: Sequence[Fan], rows_word: str) -> Sketch:
    """Plan the picture."""
    drawn = fans[:MOST_PANELS]
    more = (
        f" The first {MOST_PANELS} of {len(fans)} variants are drawn." if fans[MOST_PANELS:] else ""
    )
    counts = " and ".join(dict.fromkeys(f"{fan.rows:,}" for fan in drawn))
    return Sketch(
        name="fan",
        title="How outcomes spread as the months go by",
        caption="Value over money put in at each month's end: the median, the middle half of "
        f"{rows_word} and the middle nine tenths ({counts} {rows_word} a panel). "
        f"Below the line at 1 the saver was behind the money put in.{more}",
        alt=" ".join(map(_sentence, drawn)),
        paint=lambda layout: _paint(layout, drawn),
    )


def _sentence(fan: Fan) -> str:
    low, quarter, middle, upper, high = fan.quantiles[:, -1]
    return (
        f"{fan.title}: at the end the median is {middle:.2f} times the money put in, half lie "
        f"between {quarter:.2f} and {upper:.2f}, nine tenths between {low:.2f} and {high:.2f}."
    )


def _paint(layout: Layout, fans: Sequence[Fan]) -> Sheet:
    boxes = _GRID.boxes(layout, 0.0, len(fans))
    sheet = Sheet(layout, _GRID.end(boxes))
    colours = looks(fan.strategy for fan in fans)
    for box, fan in zip(boxes, fans, strict=True):
        sheet.title(0.05, box.top - 0.12, fan.title, layout.width_in)
        _panel(sheet, box, fan, colours[fan.strategy].colour)
    return sheet


def _panel(sheet: Sheet, box: Box, fan: Fan, colour: str) -> None:
    months = np.arange(1, fan.quantiles.shape[1] + 1) / 12.0
    low, quarter, middle, upper, high = fan.quantiles
    panel = Panel(sheet, box, (0.0, float(months[-1])), (0.0, float(high.max()) * 1.06))
    marks = ticks(0, panel.y[1], 5)
    panel.mark_y(marks, [f"{mark:g}" for mark in marks])
    years = ticks(0, float(months[-1]), 6 if sheet.layout.stacked else 12)
    panel.mark_x(years, [f"{year:g} y" for year in years])
    panel.area(months, low, high, facecolor=colour, alpha=0.18, edgecolor="none")
    panel.area(months, quarter, upper, facecolor=colour, alpha=0.32, edgecolor="none")
    panel.line(panel.x, [1.0, 1.0], color=INK, linewidth=1.0, linestyle=(0, (2.0, 1.5)))
    panel.line(months, middle, color=colour, linewidth=1.6)
    ends = ((high, "95 %"), (middle, "median"), (low, "5 %"))
    panel.end_labels([(float(line[-1]), words, SOFT) for line, words in ends])
