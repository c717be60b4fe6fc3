"""Picture: the worst against money put in and the worth at the end, by the share of the picks."""

from typing import Any

from backtests.report.charts.axes import ticks
from backtests.report.charts.canvas import Picture, Sketch, render
from backtests.report.charts.palette import INK, SOFT, looks
from backtests.report.charts.sheet import HALO, Grid, Layout, Panel, Sheet
from backtests.report.charts.value import money_labels, with_room
from backtests.report.wording import amount, percent, sentences
from backtests.scenarios.satellite import SHARES, Satellite
from data.arrays import Floats
from data.language import say, shown, tr

_GRID = Grid(left=0.72, right=0.25, head=0.42, high=2.3, foot=0.42, gap=0.95)
# In history, and in the scenario after it.
_WORST = (say("Worst against money put in"), say("Worst against money put in, scenario"))
_WORTH = (say("Worth at the end"), say("Worth at the end, scenario"))
_COLOUR = looks(["core"])["core"].colour
_LIMIT = {"color": INK, "linewidth": 1.0, "linestyle": (0, (2.0, 1.5))}


def draw(found: Satellite) -> list[Picture]:
    """Draw the picture."""
    return render(lambda: [_sketch(found)])


def _sketch(found: Satellite) -> Sketch:
    span = say("in {era}", era=found.stage.era.title)
    if found.history_end:
        span = say("in the scenario")
    drawn = tr(
        "Across: the share of each payment that goes into the picks, the rest into the core. The "
        "worst against money put in is that {span}; dotted is the loss to stay above, {limit}. "
        "Beside the worth at the end, dotted, the money put in.",
        span=span,
        limit=percent(-found.question.max_loss),
    )
    assumed = say("All of it rests on a scenario, which is assumed.")
    return Sketch(
        name="satellite",
        title=tr("How much of the picks, {span}", span=span),
        caption=sentences([drawn, assumed if found.history_end else ""]),
        alt=_alt(found, span),
        paint=lambda layout: _paint(layout, found),
    )


def _alt(found: Satellite, span: str) -> str:
    first, last = (percent(float(w), 1) for w in found.worst[[0, -1]])
    low, high = (amount(float(f)) for f in found.final[[0, -1]])
    return tr(
        "The worst against money put in {span} goes from {first} without picks to {last} with "
        "nothing else; the worth at the end from {low} to {high}.",
        span=span,
        first=first,
        last=last,
        low=low,
        high=high,
    )


def _paint(layout: Layout, found: Satellite) -> Sheet:
    grid = with_room(_GRID)
    boxes = grid.boxes(layout, 0.0, 2, 1 if layout.stacked else 2)
    sheet = Sheet(layout, grid.end(boxes))
    low = min(float(found.worst.min()), -found.question.max_loss, -0.05) * 1.06
    top = max(float(found.final.max()), found.contributed) * 1.06
    worst = Panel(sheet, boxes[0], (0.0, 1.0), (low, 0.0))
    worth = Panel(sheet, boxes[1], (0.0, 1.0), (0.0, top))
    worst.mark_y(marks := ticks(low, 0, 5), [percent(mark) for mark in marks])
    worth.mark_y(marks := ticks(0, top, 5), money_labels(marks))
    limit = -found.question.max_loss
    for panel, title, line, at in (
        (worst, _WORST, found.worst, limit),
        (worth, _WORTH, found.final, found.contributed),
    ):
        _curve(panel, shown(title[bool(found.history_end)]), line, at)
    if found.largest is not None:
        worst.line([found.largest], [limit], marker="o", markersize=6, color=_COLOUR)
        at, words = found.largest, percent(found.largest)
        worst.text(at, limit, words, 0.1, weight="bold", bbox=HALO, va="bottom")
    said: dict[str, Any] = {"ha": "right", "va": "top", "color": SOFT, "bbox": HALO}
    worst.text(1.0, limit, tr("to stay above: {limit}", limit=percent(limit)), 0.0, **said)
    worth.text(1.0, found.contributed, tr("money put in"), 0.0, **said)
    return sheet


def _curve(panel: Panel, title: str, line: Floats, limit: float) -> None:
    """Draw a figure by the share of the picks, and what it is held against."""
    panel.sheet.title(panel.box.left - 0.6, panel.box.top - 0.14, title, panel.box.width + 0.6)
    marks = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    panel.mark_x(marks, [percent(mark) for mark in marks])
    panel.line([0.0, 1.0], [limit] * 2, **_LIMIT)
    panel.line(SHARES, line, color=_COLOUR, linewidth=1.8)
