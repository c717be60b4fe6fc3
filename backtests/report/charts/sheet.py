"""Draw in inches: sheets of paper, panels with their own scales, keys and labels.

Matplotlib's own axes are left out: creating and laying them out takes longer than drawing all the
lines, and the page is made while the reader waits.
"""

# Before matplotlib's own names.
from backtests.report.charts import plain_matplotlib as plain_matplotlib

# isort: split
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Affine2D
from numpy.typing import ArrayLike

from backtests.report.charts.axes import folded, spread, wide, width_of
from backtests.report.charts.palette import GRID, INK, PAPER, SOFT, Look
from data.arrays import Floats

PNG_DPI = 120
KEY_ROW_IN = 0.22
# Behind a label that may lie on a line.
HALO: dict[str, Any] = {"facecolor": PAPER, "edgecolor": "none", "alpha": 0.8, "pad": 0.6}
_SAMPLE_IN = 0.36


@dataclass(frozen=True)
class Layout:
    """Paper to draw on: a page's width, or a phone's with the panels under one another."""

    name: str
    width_in: float
    font_pt: float
    stacked: bool


WIDE = Layout("wide", 10.0, 9.0, stacked=False)
NARROW = Layout("narrow", 4.1, 10.0, stacked=True)


@dataclass(frozen=True)
class Box:
    """A place on a sheet, in inches from its top left corner."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Grid:
    """Panels of one size: the inches around and between them, and how high they are."""

    left: float
    right: float
    head: float
    high: float
    foot: float
    gap: float = 0.2

    def boxes(self, layout: Layout, above: float, count: int, columns: int = 1) -> list[Box]:
        """Place the panels row by row."""
        width = (layout.width_in - self.left - self.right + self.gap) / columns - self.gap
        each = self.head + self.high + self.foot
        return [
            Box(
                self.left + at % columns * (width + self.gap),
                above + at // columns * each + self.head,
                width,
                self.high,
            )
            for at in range(count)
        ]

    def end(self, boxes: Sequence[Box]) -> float:
        """Return where the last row ends, in inches from the top."""
        return boxes[-1].top + self.high + self.foot


class Sheet:
    """A drawing measured in inches from its top left corner."""

    def __init__(self, layout: Layout, height_in: float) -> None:
        self.layout = layout
        self.height_in = height_in
        self.drawing = Drawing(figsize=(layout.width_in, height_in), dpi=PNG_DPI)

    def add(self, artist: Artist) -> None:
        """Put an artist on the sheet; its places are inches from the bottom left."""
        artist.set_transform(self.drawing.dpi_scale_trans)
        self.drawing.add_artist(artist)

    def text(self, left: float, top: float, words: str, **look: Any) -> None:
        """Write a label; by default its first line begins at this corner."""
        plain = {"fontsize": self.layout.font_pt, "va": "top", "ha": "left", "color": INK}
        settings: dict[str, Any] = plain | look
        if "bbox" in settings and wide(words):
            self._halo(left, top, words, settings)
        self.add(Text(left, self.height_in - top, words, **settings))

    def _halo(self, left: float, top: float, words: str, settings: dict[str, Any]) -> None:
        """Clear the ground behind words whose width would depend on the fonts of a machine."""
        style = settings.pop("bbox") | {"zorder": settings.get("zorder", Text.zorder)}
        style.pop("pad")
        across, high = width_of(words, settings["fontsize"]), settings["fontsize"] * 1.2 / 72
        begin = left - {"center": across / 2, "right": across}.get(settings["ha"], 0.0)
        foot = self.height_in - top - {"bottom": 0.0, "top": high}.get(settings["va"], high / 2)
        self.add(Rectangle((begin, foot), across, high, **style))

    def title(self, left: float, bottom: float, words: str, width: float, **look: Any) -> None:
        """Write a panel's title, folded to its width, standing on `bottom`."""
        size = self.layout.font_pt + 0.5
        kept = folded(words, width, size * 1.08)
        settings = {"fontsize": size, "weight": "bold", "linespacing": 1.15, "va": "bottom"}
        self.text(left, bottom, kept, **settings | look)

    def extend(self, head_in: float, foot_in: float) -> None:
        """Make room above and below what is drawn so far."""
        lifted = Affine2D().translate(0.0, foot_in) + self.drawing.dpi_scale_trans
        for artist in self.drawing.artists:
            artist.set_transform(lifted)
        self.height_in += head_in + foot_in
        self.drawing.set_size_inches(self.layout.width_in, self.height_in)

    def key(self, entries: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """Explain the lines at the top: samples with their names, in as many rows as it takes."""
        places = _flow([name for name, _ in entries], self.layout)
        for (name, style), (left, row) in zip(entries, places, strict=True):
            y = 0.11 + row * KEY_ROW_IN
            sample = Line2D([left, left + 0.15, left + 0.3], [self.height_in - y] * 3, **style)
            sample.set_markevery([1])
            self.add(sample)
            self.text(left + _SAMPLE_IN, y, name, va="center_baseline")


class Panel:
    """A part of a sheet with scales of its own; `x` and `y` are the numbers at its edges."""

    def __init__(
        self, sheet: Sheet, box: Box, x: tuple[float, float], y: tuple[float, float]
    ) -> None:
        self.sheet, self.box, self.x, self.y = sheet, box, x, y
        self._across = box.width / (x[1] - x[0])
        self._up = box.height / (y[1] - y[0])

    def across(self, x: ArrayLike) -> Floats:
        """Return inches from the sheet's left."""
        return np.asarray(self.box.left + (np.asarray(x) - self.x[0]) * self._across)

    def up(self, y: ArrayLike) -> Floats:
        """Return inches from the sheet's bottom."""
        foot = self.sheet.height_in - self.box.top - self.box.height
        return np.asarray(foot + (np.asarray(y) - self.y[0]) * self._up)

    def line(self, x: ArrayLike, y: ArrayLike, **style: Any) -> None:
        """Draw a line."""
        self.sheet.add(Line2D(self.across(x), self.up(y), **style))

    def area(self, x: Floats, low: Floats, high: Floats, **style: Any) -> None:
        """Fill between two lines."""
        outline = np.concatenate([low, high[::-1]])
        across = self.across(np.concatenate([x, x[::-1]]))
        self.sheet.add(Polygon(np.column_stack([across, self.up(outline)]), **style))

    def bar(self, until: float, middle: float, thick: float, **style: Any) -> None:
        """Draw a bar from 0 to `until`, lying at `middle`."""
        left, right = (float(place) for place in self.across([0.0, until]))
        ends = self.up([middle - thick / 2, middle + thick / 2])
        corner = (left, float(ends.min()))
        self.sheet.add(Rectangle(corner, right - left, float(np.ptp(ends)), **style))

    def text(self, x: float, y: float, words: str, right_in: float = 0.0, **look: Any) -> None:
        """Write a label at a point of the panel's scales, moved right by so many inches."""
        left, top = float(self.across(x)) + right_in, self.sheet.height_in - float(self.up(y))
        self.sheet.text(left, top, words, **{"va": "center_baseline"} | look)

    def mark_y(self, marks: Sequence[float], labels: Sequence[str]) -> None:
        """Draw a line across at each mark, with its label on the left; no labels: lines only."""
        self._grid(np.tile([*self.x, np.nan], len(marks)), np.repeat(marks, 3))
        for mark, label in zip(marks, labels, strict=False):
            self.text(self.x[0], mark, label, -0.07, ha="right", **self._small())

    def mark_x(self, marks: Sequence[float], labels: Sequence[str], lines: bool = False) -> None:
        """Draw the base with a tick and a label at each mark, and lines up where asked."""
        if lines:
            self._grid(np.repeat(marks, 3), np.tile([*self.y, np.nan], len(marks)))
        foot = self.y[0]
        tick = foot - 0.04 / self._up
        self.line(self.x, [foot, foot], color=SOFT, linewidth=0.8)
        ticks = np.tile([foot, tick, np.nan], len(marks))
        self.line(np.repeat(marks, 3), ticks, color=SOFT, linewidth=0.8)
        below = foot - 0.08 / self._up
        for mark, label in zip(marks, labels, strict=True):
            self.text(mark, below, label, ha="center", va="top", **self._small())

    def end_labels(self, labels: Sequence[tuple[float, str, str]]) -> None:
        """Write (place, words, colour) right of the panel, moved apart where they would touch."""
        places = self.apart([place for place, _, _ in labels])
        for at, (_, words, colour) in zip(places, labels, strict=True):
            self.text(self.x[1], at, words, 0.09, color=colour)

    def apart(self, places: Sequence[float]) -> list[float]:
        """Move the heights of labels apart so that none touches the next."""
        gap = abs(self.sheet.layout.font_pt * 1.35 / 72 / self._up)
        return spread(list(places), gap, min(self.y), max(self.y))

    def _grid(self, x: Floats, y: Floats) -> None:
        self.line(x, y, color=GRID, linewidth=0.8, zorder=0.5)

    def _small(self) -> dict[str, Any]:
        return {"color": SOFT, "fontsize": self.sheet.layout.font_pt - 0.5}


def key_height(entries: Sequence[tuple[str, Any]], layout: Layout) -> float:
    """Return the height a key takes, in inches."""
    return (max(row for _, row in _flow([n for n, _ in entries], layout)) + 1) * KEY_ROW_IN


def line_style(look: Look, points: int) -> dict[str, Any]:
    """Return the look of a line of so many points: colour, dashes and a few markers."""
    return {
        "color": look.colour,
        "linestyle": look.dashes,
        "linewidth": 1.5,
        "marker": look.marker,
        "markersize": 4.5,
        "markeredgewidth": 0.0,
        "markevery": (points // 12, max(points // 6, 1)),
    }


def _flow(names: Sequence[str], layout: Layout) -> list[tuple[float, int]]:
    """Place the entries of a key in rows: inches from the left, and the row."""
    begin = 0.05
    left, row, found = begin, 0, []
    for name in names:
        width = _SAMPLE_IN + width_of(name, layout.font_pt) + 0.2
        if left > begin and left + width > layout.width_in + 0.15:
            left, row = begin, row + 1
        found.append((left, row))
        left += width
    return found
