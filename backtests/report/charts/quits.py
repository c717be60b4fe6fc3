"""Picture: what quitting cost or spared, a heat map by the fall and the wait."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from backtests.report.charts.canvas import Sketch
from backtests.report.charts.palette import INK, SOFT, looks
from backtests.report.charts.sheet import Box, Grid, Layout, Panel, Sheet
from backtests.report.savers import name_of
from backtests.report.wording import listed, money, n_months, percent, sentences, wait_word
from backtests.sweeps.quits import Cell
from backtests.sweeps.quits import Grid as Quits
from data.language import say, tr

MOST_PANELS = 6
_HEAD, _ROW, _FOOT = 0.85, 0.52, 0.15
# The first looks of the palette: blue for what was spared, orange for what it cost.
_SPARED, _, _COST = (look.colour for look in looks("abc").values())
_AXES = say("Down: how far below its high the strategy stood when all was sold; across: the wait.")
_FAINTEST, _STRONGEST = 0.08, 0.6


def sketch(grids: Sequence[Quits], said: str, rows_word: str) -> Sketch:
    """Plan the picture, a panel for each who quits; `said` is what a figure is."""
    drawn = grids[:MOST_PANELS]
    more = (
        tr("The first {n} of {all}.", n=MOST_PANELS, all=len(grids)) if grids[MOST_PANELS:] else ""
    )
    colours = tr(
        "Orange: it cost; blue: it spared; the stronger the colour the more. Every one of the "
        "{rows} counts once.",
        rows=rows_word,
    )
    return Sketch(
        name="quits",
        title=tr("What quitting cost or spared"),
        caption=sentences([_AXES, said, colours, more]),
        alt=sentences(map(_sentence, drawn)),
        paint=lambda layout: _paint(layout, drawn),
    )


def _sentence(grid: Quits) -> str:
    told = [
        tr(
            "{depth} below and {wait} {difference}",
            depth=percent(c.quit.depth),
            wait=wait_word(c.quit.months),
            difference=_words(c),
        )
        for c in grid.cells
    ]
    return tr(
        "{who}, {n} years: quitting {cells}.",
        who=name_of(grid.stays),
        n=grid.stays.years,
        cells=listed(told),
    )


def _words(cell: Cell) -> str:
    if cell.median is None:
        return tr("nobody did")
    return f"{'+' if cell.median > 0 else ''}{percent(cell.median, 1)}"


def _paint(layout: Layout, grids: Sequence[Quits]) -> Sheet:
    deep = max(len({c.quit.depth for c in grid.cells}) for grid in grids)
    columns = 1 if layout.stacked or len(grids) == 1 else 2
    place = Grid(left=0.75, right=0.1, head=_HEAD, high=deep * _ROW, foot=_FOOT, gap=0.95)
    boxes = place.boxes(layout, 0.0, len(grids), columns)
    sheet = Sheet(layout, place.end(boxes))
    most = max((abs(c.median or 0.0) for grid in grids for c in grid.cells), default=0.0)
    for box, grid in zip(boxes, grids, strict=True):
        title = tr(
            "{who}, {n} y, {paid}",
            who=name_of(grid.stays),
            n=grid.stays.years,
            paid=grid.stays.pays(money),
        )
        sheet.title(box.left - 0.7, box.top - 0.4, title, box.width + 0.7)
        _panel(sheet, box, grid, most)
    return sheet


def _panel(sheet: Sheet, box: Box, grid: Quits, most: float) -> None:
    falls = list(dict.fromkeys(cell.quit.depth for cell in grid.cells))
    waits = list(dict.fromkeys(cell.quit.months for cell in grid.cells))
    high = len(falls) * _ROW
    box = Box(box.left, box.top, box.width, high)
    panel = Panel(sheet, box, (0.0, float(len(waits))), (float(len(falls)), 0.0))
    small: dict[str, Any] = {"fontsize": sheet.layout.font_pt - 0.5, "color": SOFT}
    for at, wait in enumerate(waits):
        words = _wait(wait, sheet.layout.stacked)
        panel.text(at + 0.5, -0.12, words, ha="center", va="bottom", **small)
    for at, fall in enumerate(falls):
        panel.text(0.0, at + 0.5, percent(-fall), -0.1, ha="right", **small)
    for cell in grid.cells:
        row, column = falls.index(cell.quit.depth), waits.index(cell.quit.months)
        _square(panel, row, column, cell, most)


def _wait(months: int | None, narrow: bool) -> str:
    """Say when who has quit comes back; a phone has no room for more than the months."""
    if not months:
        return wait_word(months)
    return n_months(months) if narrow else tr("after {months}", months=n_months(months))


def _square(panel: Panel, row: int, column: int, cell: Cell, most: float) -> None:
    cost = (cell.median or 0.0) < 0
    strength = abs(cell.median or 0.0) / most if most else 0.0
    alpha = round(_FAINTEST + (_STRONGEST - _FAINTEST) * strength, 2)
    alpha = alpha if cell.median is not None else 0.0
    edges = [column + 0.02, column + 0.98], [row + 0.04] * 2, [row + 0.96] * 2
    x, low, high = (np.array(edge) for edge in edges)
    panel.area(x, low, high, facecolor=_COST if cost else _SPARED, alpha=alpha, edgecolor="none")
    panel.text(column + 0.5, row + 0.36, _words(cell), ha="center", color=INK, weight="bold")
    count = f"{cell.rows:,}"
    if cell.median is not None:
        count = tr("{n:,} of {all:,}", n=cell.left, all=cell.rows)
    size = panel.sheet.layout.font_pt - 1.5
    panel.text(column + 0.5, row + 0.72, count, ha="center", color=SOFT, fontsize=size)
