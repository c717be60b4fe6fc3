"""Pictures: a basket inside each strategy over time, and how concentrated the index became."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from backtests.exposures import INDEX, Exposure, Held
from backtests.report.charts.axes import date_ticks, ticks
from backtests.report.charts.canvas import Picture, Sketch, render
from backtests.report.charts.palette import INK, SOFT, Look, looks
from backtests.report.charts.sampled import thin, years
from backtests.report.charts.sheet import Box, Grid, Layout, Panel, Sheet, key_height
from backtests.report.charts.value import Key, money_labels, short_name, with_room
from backtests.report.names import labels
from backtests.report.wording import (
    amount,
    bars_word,
    listed,
    percent,
    sentences,
    short_money,
)
from data.arrays import Days, Flags, Floats, runs
from data.language import tr, tr_in
from data.snapshot.weights import SEVEN, dated

_DOT: dict[str, Any] = {"marker": "o", "markersize": 4.0, "markeredgewidth": 0, "linestyle": "none"}
_SQUARE = _DOT | {"marker": "s", "color": SOFT}
_CIRCLE = _DOT | {"color": INK}
_GRID = Grid(left=0.62, right=0.78, head=0.42, high=2.3, foot=0.36, gap=1.35)
_TECHNOLOGY = {"color": SOFT, "linewidth": 1.0, "linestyle": (0, (4.0, 2.0))}


def draw(found: Exposure) -> list[Picture]:
    """Draw both pictures."""
    worn = looks(held.result.strategy for held in found.held)
    return render(lambda: [_inside(found, worn), _concentration(found)])


def _inside(found: Exposure, worn: Mapping[str, Look]) -> Sketch:
    era = found.chapter.era
    unknown = [h.result.title for h in found.held if np.isnan(h.weight).all()]
    left_out = ""
    if unknown:
        left_out = tr("Not known, so not drawn: {strategies}.", strategies=listed(unknown))
    drawn = tr(
        "{era}, {bars} prices. Dots are days on which the weights in the index were read from a "
        "fund's published holdings; the lines between and after them are estimates: each member "
        "moved by its own return over the index's.",
        era=era.title,
        bars=bars_word(found.chapter.bars),
    )
    basket = tr_in("between symbols", ", ").join(found.basket)
    return Sketch(
        name="exposure",
        title=tr("How much of each strategy is in {basket}", basket=basket),
        caption=f"{sentences([drawn, left_out])}{labels(h.result for h in found.held)}",
        alt=sentences(_sentence(held) for held in found.held),
        paint=lambda layout: _paint_inside(layout, found, worn),
    )


def _sentence(held: Held) -> str:
    day, title = held.result.course.dates[-1], held.result.title
    if np.isnan(held.weight[-1]):
        return tr("{strategy}: not known.", strategy=title)
    return tr(
        "{strategy}: {share} of the account, {sum}, on {day}.",
        strategy=title,
        share=percent(float(held.weight[-1]), 1),
        sum=amount(float(held.usd[-1])),
        day=str(day),
    )


def _paint_inside(layout: Layout, found: Exposure, worn: Mapping[str, Look]) -> Sheet:
    drawn = [held for held in found.held if not np.isnan(held.weight).all()]
    names = ((short_name(h.result.title), worn[h.result.strategy].colour) for h in drawn)
    key: Key = [(name, {"color": colour, "linewidth": 1.5}) for name, colour in names]
    sheet, boxes = _sheet(layout, [*key, (tr("read on that day"), _DOT | {"color": SOFT})])
    span = years(np.array([found.chapter.start, found.index.days[-1]], dtype="datetime64[D]"))
    across = float(span[0]), float(max(span[1], span[0] + 0.01))
    shares = _panel(sheet, boxes[0], tr("Share of the account"), across, [h.weight for h in drawn])
    dollars = _panel(sheet, boxes[1], tr("The saver's money in it"), across, [h.usd for h in drawn])
    _mark_shares(shares)
    marks = ticks(0, dollars.y[1], 4)
    dollars.mark_y(marks, money_labels(marks))
    for panel, lines, write in (
        (shares, [h.weight for h in drawn], percent),
        (dollars, [h.usd for h in drawn], short_money),
    ):
        pairs = zip(drawn, lines, strict=True)
        ends = [_line(panel, found, held, line, worn) for held, line in pairs]
        panel.end_labels([(at, write(at), colour) for at, colour in ends])
    return sheet


def _sheet(layout: Layout, key: Key) -> tuple[Sheet, list[Box]]:
    """Return a sheet with its key, and the boxes of two panels."""
    grid = with_room(_GRID)
    boxes = grid.boxes(layout, key_height(key, layout), 2, 1 if layout.stacked else 2)
    sheet = Sheet(layout, grid.end(boxes))
    sheet.key(key)
    return sheet, boxes


def _mark_shares(panel: Panel) -> None:
    marks = ticks(0, panel.y[1], 4)
    panel.mark_y(marks, [percent(mark) for mark in marks])


def _panel(
    sheet: Sheet, box: Box, title: str, across: tuple[float, float], lines: Sequence[Floats]
) -> Panel:
    top = max((float(np.nanmax(line)) for line in lines), default=0.0)
    sheet.title(box.left - 0.57, box.top - 0.12, title, box.width + 0.5)
    panel = Panel(sheet, box, across, (0.0, max(top * 1.04, 1e-6)))
    panel.mark_x(*date_ticks(*across, 5))
    return panel


def _line(
    panel: Panel, found: Exposure, held: Held, line: Floats, worn: Mapping[str, Look]
) -> tuple[float, str]:
    """Draw what a strategy has inside, with a dot on each day that is no estimate."""
    dates, colour = held.result.course.dates, worn[held.result.strategy].colour
    for when, part in _pieces(dates, line):
        keep = thin(part, panel.box.width)
        panel.line(years(when)[keep], part[keep], color=colour, linewidth=1.4)
    sure = _sure(found, dates) & np.isfinite(line) & (INDEX in held.result.symbols)
    panel.line(years(dates[sure]), line[sure], **_DOT, color=colour)
    return float(line[np.isfinite(line)][-1]), colour


def _pieces(dates: Days, line: Floats) -> list[tuple[Days, Floats]]:
    """Cut a line where it is not known."""
    return [(dates[a:b], line[a:b]) for a, b in runs(np.isfinite(line))]


def _sure(found: Exposure, dates: Days) -> Flags:
    """Mark the bars on which the index's weights are no estimate."""
    return np.isin(dates, found.index.days[~found.index.estimate])


def _concentration(found: Exposure) -> Sketch:
    high, low = found.technology
    first, last = found.effective.figures[[0, -1]]
    return Sketch(
        name="concentration",
        title=tr("How concentrated the index became"),
        caption=tr(
            "The ten largest companies' and the seven's share of the S&P 500 is that on days on "
            "which it was read; the dashed lines are technology's share by S&P's own count when "
            "the dot-com boom topped ({top}) and when it ended ({end}). The effective number is "
            "how many equal holdings would be as concentrated (1 over the sum of squared weights; "
            "an estimate).",
            top=high.date,
            end=low.date,
        ),
        alt=tr(
            "The ten largest were {share} of the index on {day} and {later_share} on {later_day}. "
            "The effective number of holdings went from {first:.0f} to {last:.0f}. Technology was "
            "{high} in {top} and {low} in {end}.",
            share=percent(float(found.largest.figures[0])),
            day=str(found.largest.days[0]),
            later_share=percent(float(found.largest.figures[-1])),
            later_day=str(found.largest.days[-1]),
            first=float(first),
            last=float(last),
            high=percent(high.figure, 1),
            top=high.date,
            low=percent(low.figure, 1),
            end=low.date,
        ),
        paint=lambda layout: _paint_concentration(layout, found),
    )


def _paint_concentration(layout: Layout, found: Exposure) -> Sheet:
    technology = (tr("technology"), dict(_TECHNOLOGY))
    largest = [(tr("ten largest"), _SQUARE), (tr("the seven"), _CIRCLE)]
    sheet, boxes = _sheet(layout, [*largest, technology])
    when, number = years(found.effective.days), found.effective.figures
    across = float(when[0]) - 0.3, float(when[-1]) + 0.1
    _largest(sheet, boxes[0], across, found)
    panel = _panel(sheet, boxes[1], tr("Effective number of holdings"), across, [number])
    marks = ticks(0, panel.y[1], 4)
    panel.mark_y(marks, [f"{mark:.0f}" for mark in marks])
    panel.line(when, number, **_CIRCLE)
    panel.end_labels([(float(number[-1]), f"{number[-1]:.0f}", INK)])
    return sheet


def _largest(sheet: Sheet, box: Box, across: tuple[float, float], found: Exposure) -> None:
    """Mark what the ten largest and the seven were, with technology's share as a yardstick."""
    ten, seven = found.largest, dated()[SEVEN]
    panel = _panel(sheet, box, tr("Share of the index"), across, [ten.figures, seven.figures])
    _mark_shares(panel)
    for weight in found.technology:
        panel.line(across, [weight.figure] * 2, **_TECHNOLOGY)
        share = percent(weight.figure, 1)
        word = tr("technology, {month}: {share}", month=weight.date, share=share)
        panel.text(across[0], weight.figure + 0.006, word, 0.05, color=SOFT, va="bottom")
    for known, style in ((ten, _SQUARE), (seven, _CIRCLE)):
        panel.line(years(known.days), known.figures, **style)
    ends = ((float(ten.figures[-1]), SOFT), (float(seven.figures[-1]), INK))
    panel.end_labels([(at, percent(at), colour) for at, colour in ends])
