"""Picture: earlier eras and the newest one laid on one another by months from start or high."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from backtests.comparison import Comparison
from backtests.report.aligned import standing_sentences
from backtests.report.charts.ages import LOWEST, Group, Line, Overlay, age_sentence, overlay
from backtests.report.charts.axes import folded, log_ticks, month_ticks, ticks
from backtests.report.charts.canvas import Sketch
from backtests.report.charts.palette import SOFT, Look
from backtests.report.charts.sampled import thin
from backtests.report.charts.sheet import HALO, Box, Grid, Layout, Panel, Sheet, key_height
from backtests.report.charts.underwater import side_by_side
from backtests.report.charts.value import Key, short_name
from backtests.report.names import tagged
from backtests.report.wording import MINUS, cents, listed, sign
from data.arrays import Floats

_THEN: dict[str, Any] = {"color": SOFT, "linewidth": 1.1}
# Earlier eras are told apart by their dashes.
_DASHES = ((0, ()), (0, (5, 1.5)), (0, (2, 1.2)), (0, (6, 1.5, 1, 1.5)), (0, (1, 1)), (0, (9, 2)))
_GRID = Grid(left=0.52, right=0.68, head=0.52, high=2.1, foot=0.36, gap=1.2)

Scale = Callable[[Floats], Floats]


def sketch(comparison: Comparison, looks: Mapping[str, Look]) -> Sketch | None:
    """Plan the picture, where eras share a strategy."""
    laid = overlay(comparison)
    if laid is None:
        return None
    several = len(laid.older) > 1
    names = f"{laid.newer} and earlier eras" if several else f"{laid.older[0]} and {laid.newer}"
    where = "before and after the high" if laid.at_peak else "since the start"
    said = [age_sentence(laid), *_own_indices(laid), *standing_sentences(comparison)]
    return Sketch(
        name="overlay",
        title=f"{names}, by months {where} of each",
        caption=f"{_caption(laid)} {' '.join(filter(None, said))}"
        f"{side_by_side(comparison.coarsest)}",
        alt=" ".join([*(_sentence(laid, group) for group in laid.groups), *filter(None, said)]),
        paint=lambda layout: _paint(layout, laid, looks),
    )


def _own_indices(laid: Overlay) -> list[str]:
    """Name the indices that lie on another strategy's line."""
    lines = ((group.now, line) for group in laid.groups for line in group.others)
    own = [line for now, line in lines if line.result.strategy != now.result.strategy]
    return [f"{line.name}: {tagged(line.result)}." for line in own]


def _caption(laid: Overlay) -> str:
    eras = "the earlier era" if len(laid.older) == 1 else "the earlier eras"
    scale = "Each panel has its own height scale"
    ratio = ", a ratio scale: equal steps are equal percentages" if laid.ratio_scale else ""
    if laid.at_peak:
        return (
            f"A unit's value, {sign()}1 at month 0. Thin grey: {eras}, month 0 at the high before "
            f"the deepest fall; thick colour: {laid.newer}, month 0 at its highest so far, which "
            f"nobody knows to be a top. {scale}{ratio}."
        )
    return (
        f"What {sign()}1 put in on the first day became. Thin grey: {eras}; thick "
        f"colour: the newer one; the dotted line is its age. {scale}{ratio}."
    )


def _sentence(laid: Overlay, group: Group) -> str:
    now = group.now
    then = [
        f"in {line.name} ({tagged(line.result)}) it stood at {cents(worth)} at that age"
        for line in group.others
        if (worth := line.at(_compared(laid, now))) is not None
    ]
    if laid.at_peak:
        return (
            f"{tagged(now.result)}: what was {sign()}1 at the high of {laid.newer} on {now.zero} "
            f"had been {cents(float(now.unit[0]))} at its start; {listed(then or ['none as old'])}."
        )
    end = cents(float(now.unit[-1]))
    return (
        f"{tagged(now.result)}: {sign()}1 became {end} in {laid.newer} by month {laid.age}; "
        f"{listed(then or ['none was as old'])}."
    )


def _compared(laid: Overlay, now: Line) -> float:
    """Return the month in which eras are compared: the newest one's age, or its start."""
    return float(now.months[0] if laid.at_peak else now.months[-1])


def _paint(layout: Layout, laid: Overlay, looks: Mapping[str, Look]) -> Sheet:
    columns = 1 if layout.stacked or len(laid.groups) == 1 else 2
    key = _key(laid)
    boxes = _GRID.boxes(layout, key_height(key, layout) + 0.08, len(laid.groups), columns)
    sheet = Sheet(layout, _GRID.end(boxes) + 0.22)
    sheet.key(key)
    for box, group in zip(boxes, laid.groups, strict=True):
        _panel(sheet, box, laid, group, looks[group.now.result.strategy].colour)
    across = "from the high" if laid.at_peak else "since the start"
    sheet.text(0.05, sheet.height_in - 0.2, f"Across: months {across}", color=SOFT)
    return sheet


def _key(laid: Overlay) -> Key:
    mark = {"marker": "v", "markersize": 6.5, "linestyle": "none", "color": SOFT}
    newer = f"{folded(laid.newer, 2.0, 9.0, lines=1)} (in colour)"
    entries = [(folded(name, 3.0, 9.0, lines=1), _then(laid, name)) for name in laid.older]
    entries.append((newer, {"color": SOFT, "linewidth": 2.8}))
    if not laid.at_peak:
        entries.append(("high before the deepest fall", mark | {"markeredgewidth": 0.0}))
    return entries


def _then(laid: Overlay, name: str) -> dict[str, Any]:
    return _THEN | {"linestyle": _DASHES[laid.older.index(name) % len(_DASHES)]}


def _panel(sheet: Sheet, box: Box, laid: Overlay, group: Group, colour: str) -> None:
    panel, scaled = _scaled(sheet, box, laid, group)
    head, now = box.top - _GRID.head, group.now
    title = short_name(now.result.title)
    sheet.title(box.left - 0.47, head + 0.2, title, box.width, color=colour)
    sheet.text(box.left - 0.47, head + 0.23, _note(laid, group), color=SOFT)
    dotted = 0.0 if laid.at_peak else float(now.months[-1])
    panel.line([dotted] * 2, panel.y, color=SOFT, linewidth=0.8, linestyle=(0, (1.5, 2)))
    for line in group.others:
        keep = thin(line.unit, box.width)
        panel.line(line.months[keep], scaled(line.unit[keep]), **_then(laid, line.name))
    keep = thin(now.unit, box.width / 2)
    panel.line(now.months[keep], scaled(now.unit[keep]), color=colour, linewidth=2.4)
    ends = [(float(scaled(x.unit[-1:])[0]), cents(float(x.unit[-1])), SOFT) for x in group.others]
    panel.end_labels(ends)
    if not laid.at_peak:
        for line in group.others:
            _mark_top(panel, line, scaled(line.unit), dotted, named=len(group.others) == 1)


def _note(laid: Overlay, group: Group) -> str:
    """Tell the newest era's worth and the others' in the month in which they are compared."""
    at = _compared(laid, group.now)
    then = [worth for line in group.others if (worth := line.at(at)) is not None]
    now = group.now.at(at) or 0.0
    month = f"{MINUS if at < 0 else ''}{abs(at):.0f}" if laid.at_peak else str(laid.age)
    one = len(group.others) == 1
    fits = one and len(laid.newer + group.others[0].name) < 26
    names = (laid.newer, group.others[0].name) if fits else ("now", "then")
    if not then:
        return f"month {month}: {names[0]} {cents(now)}"
    low, high = (cents(f(then)) for f in (min, max))
    span = low if len(then) == 1 else f"{low} to {high}"
    return f"month {month}: {names[0]} {cents(now)}, {names[1]} {span}"


def _mark_top(panel: Panel, line: Line, height: Floats, age: float, named: bool) -> None:
    """Mark an earlier era's high; its month stands on the side away from the dotted line."""
    if line.top is None:
        return
    at = int(np.searchsorted(line.series.dates, np.datetime64(line.top)))
    place = float(line.months[at])
    level = float(height[at]) + 0.045 * (panel.y[1] - panel.y[0])
    panel.line([place], [level], marker="v", color=SOFT, markersize=6.5, markeredgewidth=0.0)
    if not named:
        return
    left = place <= age and float(panel.across(place)) - panel.box.left > 0.85
    words, size = f"month {line.top_month}", panel.sheet.layout.font_pt - 0.5
    beside = {"ha": "right" if left else "left", "color": SOFT, "fontsize": size}
    panel.text(place, level, words, -0.08 if left else 0.08, bbox=HALO, **beside)


def _scaled(sheet: Sheet, box: Box, laid: Overlay, group: Group) -> tuple[Panel, Scale]:
    """Return a group's panel with its marks, and the scale its heights are drawn on."""
    all_units = np.concatenate([line.unit for line in group.lines])
    low, high = max(float(all_units.min()), LOWEST), float(all_units.max())
    scaled: Scale = _ratio if laid.ratio_scale else np.asarray
    foot, top = (float(end) for end in scaled(np.array([low, high])))
    span = max(top - foot, 1e-3)
    first = min(0.0, *(float(line.months[0]) for line in group.lines)) if laid.at_peak else 0.0
    last = max(float(line.months[-1]) for line in group.lines)
    across = first, max(last, first + 1.0)
    panel = Panel(sheet, box, across, (foot - 0.05 * span, top + 0.1 * span))
    marks = log_ticks(low, high) if laid.ratio_scale else ticks(low, high, 4)
    panel.mark_y(list(scaled(np.array(marks))), _marks(marks))
    months = _months(*across)
    panel.mark_x(months, [f"{MINUS if m < 0 else ''}{abs(m):.0f}" for m in months])
    return panel, scaled


def _months(first: float, last: float) -> list[float]:
    """Return marks in steps that divide years, or are years, 0 among them."""
    marks = month_ticks(last - first, 7)
    step = marks[1] if len(marks) > 1 else 1.0
    return [float(n * step) for n in range(-int(-first // step), int(last // step) + 1)]


def _ratio(heights: Floats) -> Floats:
    return np.log10(np.maximum(heights, LOWEST))


def _marks(marks: Sequence[float]) -> list[str]:
    """Write an axis's marks with as few decimals as tell them apart."""
    if all(mark == round(mark) for mark in marks):
        return [f"{sign()}{mark:,.0f}" for mark in marks]
    places = next(n for n in (2, 3, 4, 8) if all(abs(m - round(m, n)) < 1e-9 for m in marks))
    return [f"{sign()}{mark:,.{places}f}" for mark in marks]
