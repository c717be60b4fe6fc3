"""Picture: an earlier era and the newest one laid on one another by months since their start."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from backtests.comparison import Comparison
from backtests.report.charts.ages import LOWEST, Overlay, Pair, age_sentence, overlay
from backtests.report.charts.axes import folded, log_ticks, month_ticks, ticks
from backtests.report.charts.canvas import Sketch
from backtests.report.charts.palette import SOFT, Look
from backtests.report.charts.sampled import months, thin
from backtests.report.charts.sheet import HALO, Box, Grid, Layout, Panel, Sheet, key_height
from backtests.report.charts.underwater import side_by_side
from backtests.report.charts.value import Key, short_name
from backtests.report.names import tagged
from backtests.report.wording import cents
from data.arrays import Floats

_THEN = {"color": SOFT, "linewidth": 1.1}
_GRID = Grid(left=0.52, right=0.68, head=0.52, high=2.1, foot=0.36, gap=1.2)

Scale = Callable[[Floats], Floats]


def sketch(comparison: Comparison, looks: Mapping[str, Look]) -> Sketch | None:
    """Plan the picture, where two eras share a strategy."""
    laid = overlay(comparison)
    if laid is None:
        return None
    scale = "Each panel has its own height scale"
    ratio = ", a ratio scale: equal steps are equal percentages" if laid.ratio_scale else ""
    return Sketch(
        name="overlay",
        title=f"{laid.older} and {laid.newer}, by months since the start of each",
        caption="What one dollar put in on the first day became. Thin grey: the earlier era; thick "
        f"colour: the newer one; the dotted line is its age. {scale}{ratio}. "
        f"{age_sentence(laid)}{side_by_side(comparison.coarsest)}",
        alt=" ".join([*(_sentence(laid, pair) for pair in laid.pairs), age_sentence(laid)]),
        paint=lambda layout: _paint(layout, laid, looks),
    )


def _sentence(laid: Overlay, pair: Pair) -> str:
    now, then = cents(float(pair.newer.unit[-1])), cents(pair.at_age)
    return (
        f"{tagged(pair.now)}: one dollar became {now} in {laid.newer} by month {laid.age}; "
        f"in {laid.older} ({tagged(pair.then)}) it stood at {then} at that age."
    )


def _paint(layout: Layout, laid: Overlay, looks: Mapping[str, Look]) -> Sheet:
    columns = 1 if layout.stacked or len(laid.pairs) == 1 else 2
    key = _key(laid)
    boxes = _GRID.boxes(layout, key_height(key, layout) + 0.08, len(laid.pairs), columns)
    sheet = Sheet(layout, _GRID.end(boxes) + 0.22)
    sheet.key(key)
    for box, pair in zip(boxes, laid.pairs, strict=True):
        _panel(sheet, box, laid, pair, looks[pair.now.strategy].colour)
    sheet.text(0.05, sheet.height_in - 0.2, "Across: months since the start", color=SOFT)
    return sheet


def _key(laid: Overlay) -> Key:
    mark = {"marker": "v", "markersize": 6.5, "linestyle": "none", "color": SOFT}
    return [
        (folded(laid.older, 3.0, 9.0, lines=1), dict(_THEN)),
        (f"{folded(laid.newer, 2.0, 9.0, lines=1)} (in colour)", {"color": SOFT, "linewidth": 2.8}),
        ("high before the deepest fall", mark | {"markeredgewidth": 0.0}),
    ]


def _panel(sheet: Sheet, box: Box, laid: Overlay, pair: Pair, colour: str) -> None:
    panel, scaled = _scaled(sheet, box, laid, pair)
    head = box.top - _GRID.head
    sheet.title(box.left - 0.47, head + 0.2, short_name(pair.now.title), box.width, color=colour)
    now, then = cents(float(pair.newer.unit[-1])), cents(pair.at_age)
    names = (laid.newer, laid.older) if len(laid.newer + laid.older) < 26 else ("now", "then")
    note = f"month {laid.age}: {names[0]} {now}, {names[1]} {then}"
    sheet.text(box.left - 0.47, head + 0.23, note, color=SOFT)
    newer = months(pair.newer.dates, pair.now.course.dates[0])
    earlier = months(pair.earlier.dates, pair.then.course.dates[0])
    age = float(newer[-1])
    panel.line([age, age], panel.y, color=SOFT, linewidth=0.8, linestyle=(0, (1.5, 2)))
    keep = thin(pair.earlier.unit, box.width)
    panel.line(earlier[keep], scaled(pair.earlier.unit[keep]), **_THEN)
    keep = thin(pair.newer.unit, box.width / 2)
    panel.line(newer[keep], scaled(pair.newer.unit[keep]), color=colour, linewidth=2.4)
    last = float(scaled(pair.earlier.unit[-1:])[0])
    panel.end_labels([(last, cents(float(pair.earlier.unit[-1])), SOFT)])
    _mark_top(panel, pair, earlier, scaled(pair.earlier.unit), age)


def _mark_top(panel: Panel, pair: Pair, earlier: Floats, height: Floats, age: float) -> None:
    """Mark the earlier era's high; its month stands on the side away from the dotted line."""
    if pair.top is None:
        return
    at = int(np.searchsorted(pair.earlier.dates, np.datetime64(pair.top)))
    place = float(earlier[at])
    level = float(height[at]) + 0.045 * (panel.y[1] - panel.y[0])
    panel.line([place], [level], marker="v", color=SOFT, markersize=6.5, markeredgewidth=0.0)
    left = place <= age and float(panel.across(place)) - panel.box.left > 0.85
    words, size = f"month {pair.top_month}", panel.sheet.layout.font_pt - 0.5
    beside = {"ha": "right" if left else "left", "color": SOFT, "fontsize": size}
    panel.text(place, level, words, -0.08 if left else 0.08, bbox=HALO, **beside)


def _scaled(sheet: Sheet, box: Box, laid: Overlay, pair: Pair) -> tuple[Panel, Scale]:
    """Return a pair's panel with its marks, and the scale its heights are drawn on."""
    both = np.concatenate([pair.earlier.unit, pair.newer.unit])
    low, high = max(float(both.min()), LOWEST), float(both.max())
    scaled: Scale = _ratio if laid.ratio_scale else np.asarray
    foot, top = (float(end) for end in scaled(np.array([low, high])))
    span = max(top - foot, 1e-3)
    last = max(float(months(r.course.dates, r.course.dates[0])[-1]) for r in (pair.then, pair.now))
    panel = Panel(sheet, box, (0.0, max(last, 1.0)), (foot - 0.05 * span, top + 0.1 * span))
    marks = log_ticks(low, high) if laid.ratio_scale else ticks(low, high, 4)
    panel.mark_y(list(scaled(np.array(marks))), _dollars(marks))
    across = month_ticks(last, 7)
    panel.mark_x(across, [f"{mark:.0f}" for mark in across])
    return panel, scaled


def _ratio(heights: Floats) -> Floats:
    return np.log10(np.maximum(heights, LOWEST))


def _dollars(marks: Sequence[float]) -> list[str]:
    """Write an axis's marks with as few decimals as tell them apart."""
    if all(mark == round(mark) for mark in marks):
        return [f"${mark:,.0f}" for mark in marks]
    places = next(n for n in (2, 3, 4, 8) if all(abs(m - round(m, n)) < 1e-9 for m in marks))
    return [f"${mark:,.{places}f}" for mark in marks]
