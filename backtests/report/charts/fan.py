"""Picture: how value over money put in spreads as the months go by."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backtests.report.charts.axes import ticks
from backtests.report.charts.canvas import Sketch
from backtests.report.charts.palette import INK, SOFT
from backtests.report.charts.sheet import Box, Grid, Layout, Panel, Sheet
from backtests.report.wording import listed, sentences
from data.arrays import Floats
from data.language import say, shown, tr, tr_many

# More panels would be a wall; the table has them all.
MOST_PANELS = 6
MOST_COLUMNS = 3
_MULTIPLES = {0.0: say("nothing"), 0.5: say("half"), 1.0: say("own money"), 2.0: say("double")}
_GRID = Grid(left=0.75, right=0.75, head=0.58, high=2.0, foot=0.4, gap=0.85)


@dataclass(frozen=True)
class Fan:
    """One saver's spread: quantiles of value over money put in, shape (5 levels, months)."""

    name: str
    years: int
    rows: int
    colour: str
    quantiles: Floats

    @property
    def title(self) -> str:
        """Name the saver and the horizon."""
        return tr_many("{name}, {n} year", "{name}, {n} years", self.years, name=self.name)


def sketch(fans: Sequence[Fan], rows_word: str) -> Sketch:
    """Plan the picture."""
    drawn = fans[:MOST_PANELS]
    more = tr("The first {n} combinations are drawn.", n=MOST_PANELS) if fans[MOST_PANELS:] else ""
    spread = tr(
        "Value over money put in at each month's end: the median, the middle half of {rows} and "
        "the middle nine tenths ({counts} {rows} a panel), on one scale for as many years. Below "
        "the line at own money the saver was behind.",
        rows=rows_word,
        counts=listed(dict.fromkeys(f"{fan.rows:,}" for fan in drawn)),
    )
    return Sketch(
        name="fan",
        title=tr("How outcomes spread as the years go by"),
        caption=sentences([spread, more]),
        alt=sentences(map(_sentence, drawn)),
        paint=lambda layout: _paint(layout, drawn),
    )


def _sentence(fan: Fan) -> str:
    low, quarter, middle, upper, high = (float(level) for level in fan.quantiles[:, -1])
    return tr(
        "{who}: at the end the median is {middle:.2f} times the money put in, half lie between "
        "{quarter:.2f} and {upper:.2f}, nine tenths between {low:.2f} and {high:.2f}.",
        who=fan.title,
        low=low,
        quarter=quarter,
        middle=middle,
        upper=upper,
        high=high,
    )


def _paint(layout: Layout, fans: Sequence[Fan]) -> Sheet:
    rows = [[fan for fan in fans if fan.years == years] for years in _horizons(fans)]
    columns = 1 if layout.stacked else min(max(map(len, rows)), MOST_COLUMNS)
    lines = [row[at : at + columns] for row in rows for at in range(0, len(row), columns)]
    boxes = _GRID.boxes(layout, 0.0, columns * len(lines), columns)
    sheet = Sheet(layout, _GRID.end(boxes))
    tops = {row[0].years: max(float(fan.quantiles[-1].max()) for fan in row) for row in rows}
    for at, line in enumerate(lines):
        for place, fan in enumerate(line):
            box = boxes[at * columns + place]
            left = box.left - (0 if place else 0.7)
            sheet.title(left, box.top - 0.12, fan.title, box.left + box.width + 0.6 - left)
            _panel(sheet, box, fan, tops[fan.years] * 1.06, labelled=not place)
    return sheet


def _horizons(fans: Sequence[Fan]) -> list[int]:
    return list(dict.fromkeys(fan.years for fan in fans))


def _panel(sheet: Sheet, box: Box, fan: Fan, top: float, labelled: bool) -> None:
    months = np.arange(1, fan.quantiles.shape[1] + 1) / 12.0
    low, quarter, middle, upper, high = fan.quantiles
    panel = Panel(sheet, box, (0.0, float(months[-1])), (0.0, top))
    # Where own money has no mark of its own, its line has one, and what is too near gives way.
    marks = sorted({1.0, *(mark for mark in ticks(0, top, 5) if abs(mark - 1) > 0.07 * top)})
    panel.mark_y(marks, [_times(mark) for mark in marks] if labelled else ())
    years = ticks(0, float(months[-1]), 6 if box.width < 6 else 12)
    panel.mark_x(years, [tr("{n} y", n=f"{year:g}") for year in years])
    panel.area(months, low, high, facecolor=fan.colour, alpha=0.18, edgecolor="none")
    panel.area(months, quarter, upper, facecolor=fan.colour, alpha=0.32, edgecolor="none")
    panel.line(panel.x, [1.0, 1.0], color=INK, linewidth=1.0)
    panel.line(months, middle, color=fan.colour, linewidth=1.6)
    ends = ((high, tr("95 %")), (middle, tr("median")), (low, tr("5 %")))
    panel.end_labels([(float(line[-1]), words, SOFT) for line, words in ends])


def _times(multiple: float) -> str:
    """Write a factor of the money put in."""
    return shown(_MULTIPLES.get(multiple) or say("{n} times", n=f"{multiple:g}"))
