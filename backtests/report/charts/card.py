"""Picture to send on: the verdict, its era's lines against the money put in, terms, provenance.

It is 1200 by 630 pixels, what chats and forums show whole.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from backtests.comparison import Comparison
from backtests.report.charts import told_apart
from backtests.report.charts.axes import (
    ELLIPSIS,
    date_ticks,
    folded,
    log_ticks,
    ticks,
    wide,
    width_of,
)
from backtests.report.charts.canvas import png
from backtests.report.charts.palette import INK, SOFT, Look
from backtests.report.charts.sampled import years
from backtests.report.charts.sheet import HALO, PNG_DPI, Box, Layout, Panel, Sheet
from backtests.report.charts.value import PUT_IN, era_span, short_name
from backtests.report.names import labels
from backtests.report.summary import Verdict, in_brief, verdict
from backtests.report.wording import gained, in_words, month, percent
from backtests.result import Result
from data.arrays import Floats, to_date
from data.language import say, shown, tr

WIDTH, HEIGHT = 1200, 630
# From a factor of the money put in to a height.
Scale = Callable[[Any], Any]
_CARD = Layout("card", WIDTH / PNG_DPI, 12.0, stacked=False)
_LEFT, _FOOT = 0.4, 4.64
# Stands for a space that no line breaks at while text is folded.
_TIED = "\N{MODIFIER LETTER LOW MACRON}"
# Below own money; not on the page, so that no variable has to follow it.
_WASH = "#fbeeec"
_TITLE_PT = (22.0, 18.5)
_WORDS = {0.25: say("a quarter"), 0.5: say("half"), 1.0: say("even"), 2.0: say("double")}
# A line that grows beyond this factor is drawn on a ratio scale.
_RATIO = 2.0


def draw(comparison: Comparison, looks: Mapping[str, Look], provenance: Callable[[], str]) -> bytes:
    """Return the card as PNG."""
    return png(lambda said: _paint(comparison, looks, [provenance(), said]))


def _paint(comparison: Comparison, looks: Mapping[str, Look], ends: Sequence[str]) -> Sheet:
    sheet, told = Sheet(_CARD, HEIGHT / PNG_DPI), verdict(comparison)
    width = _CARD.width_in - 2 * _LEFT
    brief = _folded(in_words(in_brief(comparison.plan, told)), width, 13.0, 1)
    sheet.text(_LEFT, 0.3, brief, fontsize=13.5, color=SOFT)
    sentence, size = _title(in_words(told.sentence), width)
    sheet.text(_LEFT, 0.64, sentence, fontsize=size, weight="bold", linespacing=1.2)
    top = 0.85 + (sentence.count("\n") + 1) * size * 1.32 / 72
    _chart(sheet, top, told, looks)
    said = _folded(f"{_said(comparison)}{labels(told.chapter.results)}", width, 9.5, 2)
    lines = said.count("\n") + 1
    sheet.text(_LEFT, _FOOT + 0.04, said, fontsize=9.5, color=SOFT, linespacing=1.25)
    end = ". ".join(filter(None, ends))
    sheet.text(_LEFT, _FOOT + 0.07 + 0.165 * lines, end, fontsize=9.5, color=SOFT)
    return sheet


def _title(sentence: str, width: float) -> tuple[str, float]:
    """Break the sentence into lines, in smaller letters where two are not enough."""
    for size in _TITLE_PT:
        if lines := _phrases(sentence, width, size * 1.1):
            break
        lines = _folded(sentence, width, size * 1.1, 2 if size == _TITLE_PT[0] else 3)
        if ELLIPSIS not in lines:
            break
    return lines, size


def _phrases(sentence: str, width: float, font_pt: float) -> str:
    """Break a Chinese sentence in two at a comma, where it must be and its parts fit."""
    if width_of(sentence, font_pt) <= width:
        return sentence if wide(sentence) else ""
    ends = [at.end() for at in re.finditer("\uff0c", sentence)]
    for end in reversed(ends):
        lines = sentence[:end], sentence[end:]
        if max(width_of(line, font_pt) for line in lines) <= width:
            return "\n".join(lines)
    return ""


def _folded(text: str, width: float, font_pt: float, lines: int) -> str:
    """Break text into lines, where no number parts from its sign."""
    kept = folded(text.replace("\N{NO-BREAK SPACE}", _TIED), width, font_pt, lines)
    return kept.replace(_TIED, " ")


def _said(comparison: Comparison) -> str:
    costs = comparison.plan.terms.costs
    free, assumed = costs.free and not comparison.plan.tax, comparison.assumed
    if assumed and free:
        since = str(assumed.since)
        return tr("Past prices to {day}, then a scenario, no fees or taxes.", day=in_words(since))
    if assumed:
        return tr("Past prices to {day}, then a scenario.", day=in_words(str(assumed.since)))
    if free:
        return tr("Past prices, no fees or taxes. Not a forecast.")
    return tr("Past prices. Not a forecast.")


def _chart(sheet: Sheet, top: float, told: Verdict, looks: Mapping[str, Look]) -> None:
    results = told.chapter.results
    lines = [_ratio(result) for result in results]
    low, high = min(float(x.min()) for x in lines), max(float(x.max()) for x in lines)
    scale: Scale = np.log if high > _RATIO and low > 0 else _plain
    names = [*map(_name, results), shown(PUT_IN)]
    panel = _panel(sheet, top, told, (low, high), scale, names)
    colours = [looks[result.strategy].colour for result in results]
    for result, line in zip(results, lines, strict=True):
        width, order = (2.8, 3) if result is told.saver else (1.2, 2)
        look = {"linewidth": width, "linestyle": "-", "marker": "", "zorder": order}
        dates, worn = result.course.dates, looks[result.strategy]
        told_apart.line(panel, dates, np.asarray(scale(line)), worn, result.history_end, **look)
    places = [float(scale(line[-1])) for line in lines]
    ends = zip([*places, float(scale(1.0))], names, [*colours, SOFT], strict=True)
    panel.end_labels(list(ends))
    _worst(panel, told.saver, scale, looks[told.saver.strategy].colour)


def _panel(
    sheet: Sheet,
    top: float,
    told: Verdict,
    reach: tuple[float, float],
    scale: Scale,
    ends: Sequence[str],
) -> Panel:
    """Lay out the scales, with the ground below the money put in."""
    marks, names = _marks(*reach, scale)
    right = max(width_of(text, _CARD.font_pt) for text in ends)
    left = _LEFT + max(width_of(name, _CARD.font_pt) for name in names) * 0.9 + 0.1
    box = Box(left, top, _CARD.width_in - _LEFT - right - left, _FOOT - 0.42 - top)
    panel, zero = Panel(sheet, box, era_span(told.chapter), _span(*reach, scale)), float(scale(1.0))
    low, high = np.full(2, panel.y[0]), np.full(2, zero)
    panel.area(np.array(panel.x), low, high, facecolor=_WASH, zorder=0.1)
    told_apart.ground(panel, told.saver.history_end)
    panel.mark_y([float(scale(mark)) for mark in marks], names)
    panel.mark_x(*date_ticks(*panel.x, 8))
    panel.line(panel.x, [zero, zero], color=INK, linewidth=1.0)
    return panel


def _ratio(result: Result) -> Floats:
    """Return what the account was worth over the money put in, 1 before anything was."""
    course = result.course
    paid = course.contributed > 0
    return np.divide(course.value, course.contributed, out=np.ones(len(paid)), where=paid)


def _plain(ratio: Any) -> Any:
    return ratio


def _span(low: float, high: float, scale: Scale) -> tuple[float, float]:
    bottom, top = float(scale(min(low, 1.0))), float(scale(max(high, 1.0)))
    room = max(top - bottom, 0.02) * 0.06
    return bottom - room, top + room


def _marks(low: float, high: float, scale: Scale) -> tuple[list[float], list[str]]:
    """Return the marks of an axis, as factors, and what stands at them."""
    if scale is _plain:
        marks = [mark + 1.0 for mark in ticks(min(low, 1.0) - 1.0, max(high, 1.0) - 1.0, 7)]
        marks = [mark for mark in marks if low - 0.02 <= mark <= high + 0.02 or mark == 1.0]
        names = [gained(mark - 1.0) for mark in marks]
    else:
        marks = log_ticks(min(low, 1.0), max(high, 1.0))
        names = [shown(_WORDS.get(mark) or say("{n} times", n=f"{mark:g}")) for mark in marks]
    return marks, names


def _name(result: Result) -> str:
    multiple = result.measures["multiple"]
    gain = gained(float(multiple) - 1.0) if isinstance(multiple, int | float) else ""
    return f"{short_name(result.title)} {gain}"


def _worst(panel: Panel, saver: Result, scale: Scale, colour: str) -> None:
    """Mark the saver's worst day, and say it."""
    worst = float(saver.course.shortfall.min())
    if not worst < 0:
        return
    at = int(saver.course.shortfall.argmin())
    x, y = float(years(saver.course.dates[at : at + 1])[0]), float(scale(1.0 + worst))
    panel.line([x], [y], color=colour, marker="o", markersize=8, markeredgecolor="white", zorder=4)
    words = tr(
        "{fall}, {month}",
        fall=percent(worst, 0 if worst < -0.00995 else 1),
        month=month(to_date(saver.course.dates[at])),
    )
    late = x > sum(panel.x) / 2
    side = {"ha": "right"} if late else {"ha": "left"}
    look: dict[str, Any] = {"color": colour, "weight": "bold", "bbox": HALO, "zorder": 5, **side}
    panel.text(x, y, words, -0.14 if late else 0.14, **look)
