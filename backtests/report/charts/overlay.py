"""Picture: earlier eras and the newest one laid on one another by months from start or high."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from backtests.comparison import Comparison
from backtests.report.aligned import standing_sentences
from backtests.report.charts.ages import LOWEST, Group, Line, Overlay, age_sentence, overlay
from backtests.report.charts.axes import folded, log_ticks, month_ticks, ticks, wide
from backtests.report.charts.canvas import Sketch
from backtests.report.charts.palette import SOFT, Look
from backtests.report.charts.sampled import thin
from backtests.report.charts.sheet import HALO, Box, Grid, Layout, Panel, Sheet, key_height
from backtests.report.charts.underwater import side_by_side
from backtests.report.charts.value import Key, short_name, with_room
from backtests.report.names import tagged
from backtests.report.wording import (
    MINUS,
    cents,
    listed,
    money_name,
    sentences,
    sign,
    to_the_cent,
)
from data.arrays import Floats
from data.language import ENGLISH, say, shown, spoken, tr

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
    said = [age_sentence(laid), *_own_indices(laid), *standing_sentences(comparison)]
    return Sketch(
        name="overlay",
        title=_title(laid),
        caption=sentences([*_caption(laid), *said, side_by_side(comparison.coarsest)]),
        alt=sentences([*(_sentence(laid, group) for group in laid.groups), *said]),
        paint=lambda layout: _paint(layout, laid, looks),
    )


def _title(laid: Overlay) -> str:
    several, newer = len(laid.older) > 1, laid.newer
    if several and laid.at_peak:
        return tr(
            "{newer} and earlier eras, by months before and after the high of each", newer=newer
        )
    if several:
        return tr("{newer} and earlier eras, by months since the start of each", newer=newer)
    pair = {"older": laid.older[0], "newer": newer}
    if laid.at_peak:
        return tr("{older} and {newer}, by months before and after the high of each", **pair)
    return tr("{older} and {newer}, by months since the start of each", **pair)


def _own_indices(laid: Overlay) -> list[str]:
    """Name the indices that lie on another strategy's line."""
    lines = ((group.now, line) for group in laid.groups for line in group.others)
    own = [line for now, line in lines if line.result.strategy != now.result.strategy]
    return [tr("{era}: {index}.", era=line.name, index=tagged(line.result)) for line in own]


def _caption(laid: Overlay) -> list[str]:
    scale = say("Each panel has its own height scale.")
    if laid.ratio_scale:
        scale = say(
            "Each panel has its own height scale, a ratio scale: equal steps are equal percentages."
        )
    return [_drawn(laid), scale]


def _drawn(laid: Overlay) -> str:
    one, newer = _dollar(), laid.newer
    if laid.at_peak and len(laid.older) == 1:
        return tr(
            "A unit's value, {one} at month 0. Thin grey: the earlier era, month 0 at the high "
            "before the deepest fall; thick colour: {newer}, month 0 at its highest so far, which "
            "nobody knows to be a top.",
            one=one,
            newer=newer,
        )
    if laid.at_peak:
        return tr(
            "A unit's value, {one} at month 0. Thin grey: the earlier eras, month 0 at the high "
            "before the deepest fall; thick colour: {newer}, month 0 at its highest so far, which "
            "nobody knows to be a top.",
            one=one,
            newer=newer,
        )
    if len(laid.older) == 1:
        return tr(
            "What {one} put in on the first day became. Thin grey: the earlier era; thick colour: "
            "the newer one; the dotted line is its age.",
            one=one,
        )
    return tr(
        "What {one} put in on the first day became. Thin grey: the earlier eras; thick colour: "
        "the newer one; the dotted line is its age.",
        one=one,
    )


def _dollar() -> str:
    """Write one dollar in a sentence."""
    return f"{sign()}1" if spoken() == ENGLISH else f"1 {money_name()}"


def _sentence(laid: Overlay, group: Group) -> str:
    now = group.now
    told = {"strategy": tagged(now.result), "one": _dollar(), "era": now.name}
    then = [
        tr(
            "in {era} ({strategy}) it stood at {sum} at that age",
            era=line.name,
            strategy=tagged(line.result),
            sum=to_the_cent(worth),
        )
        for line in group.others
        if (worth := line.at(_compared(laid, now))) is not None
    ]
    if laid.at_peak:
        none = tr("none as old")
        return tr(
            "{strategy}: what was {one} at the high of {era} on {day} had been {sum} at its start; "
            "{then}.",
            day=now.zero,
            sum=to_the_cent(float(now.unit[0])),
            then=listed(then or [none]),
            **told,
        )
    none = tr("none was as old")
    return tr(
        "{strategy}: {one} became {sum} in {era} by month {n}; {then}.",
        sum=to_the_cent(float(now.unit[-1])),
        n=laid.age,
        then=listed(then or [none]),
        **told,
    )


def _compared(laid: Overlay, now: Line) -> float:
    """Return the month in which eras are compared: the newest one's age, or its start."""
    return float(now.months[0] if laid.at_peak else now.months[-1])


def _paint(layout: Layout, laid: Overlay, looks: Mapping[str, Look]) -> Sheet:
    columns = 1 if layout.stacked or len(laid.groups) == 1 else 2
    key = _key(laid)
    grid = with_room(_GRID)
    boxes = grid.boxes(layout, key_height(key, layout) + 0.08, len(laid.groups), columns)
    sheet = Sheet(layout, grid.end(boxes) + 0.22)
    sheet.key(key)
    for box, group in zip(boxes, laid.groups, strict=True):
        _panel(sheet, box, laid, group, looks[group.now.result.strategy].colour)
    high, start = tr("Across: months from the high"), tr("Across: months since the start")
    sheet.text(0.05, sheet.height_in - 0.2, high if laid.at_peak else start, color=SOFT)
    return sheet


def _key(laid: Overlay) -> Key:
    mark = {"marker": "v", "markersize": 6.5, "linestyle": "none", "color": SOFT}
    newer = tr("{era} (in colour)", era=folded(shown(laid.newer), 2.0, 9.0, lines=1))
    entries = [(folded(shown(name), 3.0, 9.0, lines=1), _then(laid, name)) for name in laid.older]
    entries.append((newer, {"color": SOFT, "linewidth": 2.8}))
    if not laid.at_peak:
        entries.append((tr("high before the deepest fall"), mark | {"markeredgewidth": 0.0}))
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
    newer, older = shown(laid.newer), shown(group.others[0].name)
    # A Chinese character is as wide as two letters.
    letters = sum(1 + wide(letter) for letter in newer + older)
    if len(group.others) > 1 or letters >= 26:
        newer, older = tr("now"), tr("then")
    told = {"month": month, "newer": newer, "older": older, "sum": cents(now)}
    if not then:
        return tr("month {month}: {newer} {sum}", **told)
    low, high = (cents(f(then)) for f in (min, max))
    if len(then) == 1:
        return tr("month {month}: {newer} {sum}, {older} {low}", low=low, **told)
    return tr("month {month}: {newer} {sum}, {older} {low} to {high}", low=low, high=high, **told)


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
    words, size = tr("month {n}", n=line.top_month), panel.sheet.layout.font_pt - 0.5
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
