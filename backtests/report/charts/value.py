"""Picture: what the savings were worth against the money put in, era by era."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from backtests.comparison import Chapter
from backtests.measures.course import Course
from backtests.report.charts import told_apart
from backtests.report.charts.axes import date_ticks, folded, ticks, width_of
from backtests.report.charts.canvas import Sketch
from backtests.report.charts.palette import INK, SOFT, Look
from backtests.report.charts.sampled import thin, years
from backtests.report.charts.sheet import Box, Grid, Layout, Panel, Sheet, key_height, line_style
from backtests.report.names import tagged
from backtests.report.wording import (
    amount,
    bars_word,
    listed,
    money,
    money_name,
    sentences,
    short_money,
)
from backtests.result import Result
from data.language import ENGLISH, say, shown, spoken, tr

PUT_IN = say("money put in")
_PUT_IN_STYLE = {"color": INK, "linewidth": 1.2, "linestyle": (0, (2.0, 1.5))}

Looks = Mapping[str, Look]
Key = list[tuple[str, dict[str, Any]]]


def sketch(chapters: Sequence[Chapter], looks: Looks) -> Sketch:
    """Plan the picture."""
    assumed = any(r.history_end for c in chapters for r in c.results)
    coarse = [c for c in chapters if c.bars != "daily"]
    bars = [tr("{era}: {bars} prices.", era=c.era.title, bars=bars_word(c.bars)) for c in coarse]
    drawn = tr(
        "What the account was worth, one panel an era, each on its own scale in {money}. Above the "
        "dotted line the saver was ahead of the money put in, below it behind.",
        money=money_name(),
    )
    return Sketch(
        name="value",
        title=tr("Value against money put in"),
        caption=sentences([drawn, told_apart.SAID if assumed else "", *bars]),
        alt=sentences(map(_sentence, chapters)),
        paint=lambda layout: _paint(layout, chapters, looks),
    )


def short_name(title: str) -> str:
    """Cut a strategy's title to what fits beside a line."""
    return folded(shown(title), 1.5, 9.0, lines=1)


def strategies_key(chapters: Sequence[Chapter], looks: Looks) -> Key:
    """Return the entries of a key, each strategy once."""
    titles = {r.strategy: short_name(r.title) for c in chapters for r in c.results}
    return [(title, line_style(looks[name], 1)) for name, title in titles.items()]


def era_span(chapter: Chapter) -> tuple[float, float]:
    """Return an era's first and last bar on an axis of years."""
    first, last = years(np.array([chapter.start, chapter.end], dtype="datetime64[D]"))
    return float(first), float(max(last, first + 0.01))


def _sentence(chapter: Chapter) -> str:
    ends = [
        tr("{strategy} at {sum}", strategy=tagged(r), sum=amount(float(r.course.value[-1])))
        for r in chapter.results
    ]
    return tr(
        "{era}, {start} to {end}: {sum} put in; at the end {ends}.",
        era=chapter.era.title,
        start=chapter.start,
        end=chapter.end,
        sum=amount(float(chapter.results[0].course.contributed[-1])),
        ends=listed(ends),
    )


def with_room(grid: Grid) -> Grid:
    """Make room beside panels for US$ where English has $."""
    room = 0.0 if spoken() == ENGLISH else 0.2
    return replace(grid, left=grid.left + room, right=grid.right + room, gap=grid.gap + 2 * room)


def _paint(layout: Layout, chapters: Sequence[Chapter], looks: Looks) -> Sheet:
    key = (
        [*strategies_key(chapters, looks), (shown(PUT_IN), _PUT_IN_STYLE)] if layout.stacked else []
    )
    above = key_height(key, layout) if key else 0.0
    right = 0.72 if layout.stacked else _label_width(chapters, layout) + 0.15
    # Above a panel that tells history from a scenario there is a line of words more.
    words = 0.2 if chapters[0].results[0].history_end else 0.0
    grid = with_room(Grid(left=0.62, right=right, head=0.42 + words, high=2.05, foot=0.36))
    boxes = grid.boxes(layout, above, len(chapters))
    sheet = Sheet(layout, grid.end(boxes))
    sheet.key(key)
    for box, chapter in zip(boxes, chapters, strict=True):
        sheet.title(0.05, box.top - 0.12 - words, shown(chapter.era.title), layout.width_in)
        _panel(sheet, box, chapter, looks)
    return sheet


def _label_width(chapters: Sequence[Chapter], layout: Layout) -> float:
    labels = (
        f"{short_name(r.title)} {money(r.course.value[-1])}" for c in chapters for r in c.results
    )
    names = (f"{short_name(r.title)} {money(1_234_567)}" for c in chapters for r in c.results)
    return max(width_of(text, layout.font_pt) for text in (*names, *labels))


def _panel(sheet: Sheet, box: Box, chapter: Chapter, looks: Looks) -> None:
    courses = [result.course for result in chapter.results]
    top = max(float(max(c.value.max(), c.contributed.max())) for c in courses) * 1.04
    panel = Panel(sheet, box, era_span(chapter), (0.0, top))
    told_apart.ground(panel, chapter.results[0].history_end)
    marks = ticks(0, top, 5)
    panel.mark_y(marks, money_labels(marks))
    panel.mark_x(*date_ticks(*panel.x, 6 if sheet.layout.stacked else 14))
    labels = [_worth(panel, result, looks[result.strategy]) for result in chapter.results]
    panel.end_labels([*labels, *_put_in(panel, courses)])


def _worth(panel: Panel, result: Result, look: Look) -> tuple[float, str, str]:
    """Draw a result's value and return its label."""
    value, name = result.course.value, short_name(result.title)
    told_apart.line(panel, result.course.dates, value, look, result.history_end)
    return _label(panel, f"{name} ", float(value[-1]), look.colour)


def _put_in(panel: Panel, courses: Sequence[Course]) -> list[tuple[float, str, str]]:
    """Draw each course of money put in once: a lump sum's is not a monthly saver's."""
    different = {c.contributed.tobytes(): c for c in reversed(courses)}.values()
    for course in different:
        keep = thin(course.contributed, panel.box.width)
        panel.line(years(course.dates)[keep], course.contributed[keep], **_PUT_IN_STYLE)
    totals = sorted({float(course.contributed[-1]) for course in different})
    return [_label(panel, f"{shown(PUT_IN)} ", total, SOFT) for total in totals]


def _label(panel: Panel, name: str, usd: float, colour: str) -> tuple[float, str, str]:
    stacked = panel.sheet.layout.stacked
    return usd, short_money(usd) if stacked else f"{name}{money(usd)}", colour


def money_labels(marks: Sequence[float]) -> list[str]:
    """Write an axis's marks short, or in full where short ones would look alike."""
    short = [short_money(mark) for mark in marks]
    return short if all(a != b for a, b in pairwise(short)) else [money(mark) for mark in marks]
