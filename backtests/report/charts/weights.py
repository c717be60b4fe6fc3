"""Picture: how the parts of a rebalanced mix drift and are brought back."""

import numpy as np

from backtests.comparison import Comparison
from backtests.report.charts import told_apart
from backtests.report.charts.axes import date_ticks
from backtests.report.charts.canvas import Sketch
from backtests.report.charts.palette import PAPER, shade
from backtests.report.charts.sampled import years
from backtests.report.charts.sheet import Box, Layout, Panel, Sheet
from backtests.report.names import labels, named
from backtests.report.wording import bars_word, listed, percent, sentences
from backtests.result import Result
from data.arrays import month_lasts
from data.catalog import CATALOG
from data.language import say, say_all, tr

_RULES = {
    "annual": say("brought back to its targets once a year"),
    "contribute": say("steered to its targets by where new money goes"),
}
_BAND = say("brought back to its targets when it strays too far")
_HIGH_IN = 2.6


def mix(comparison: Comparison) -> Result | None:
    """Return the first result of several parts that is ever rebalanced."""
    mixes = (r for r in comparison.results if len(r.symbols) > 1 and r.rebalance != "none")
    return next(mixes, None)


def sketch(comparison: Comparison) -> Sketch | None:
    """Plan the picture, where there is such a mix."""
    result = mix(comparison)
    if result is None:
        return None
    drawn = tr(
        "{era}: each part's share of the holdings at month ends, {rule}.",
        era=result.era.title,
        rule=_RULES.get(result.rebalance, _BAND),
    )
    coarse = result.bars != "daily"
    bars = tr("From {bars} prices.", bars=bars_word(result.bars)) if coarse else ""
    return Sketch(
        name="weights",
        title=tr("What {strategy} held", strategy=named(result)),
        caption=f"{sentences([drawn, _symbols(result), bars])}{labels([result])}",
        alt=_alt(result),
        paint=lambda layout: _paint(layout, result),
    )


def _symbols(result: Result) -> str:
    known = [
        say("{symbol}: {label}", symbol=s, label=CATALOG[s].label)
        for s in result.symbols
        if s in CATALOG
    ]
    return tr("{symbols}.", symbols=say_all(known)) if known else ""


def _alt(result: Result) -> str:
    held = result.weights_held()
    parts = [
        tr("{symbol} between {low} and {high}", symbol=symbol, low=percent(low), high=percent(high))
        for symbol, low, high in zip(result.symbols, held.min(0), held.max(0), strict=True)
    ]
    return tr(
        "Shares of {strategy} in {era}: {shares}.",
        strategy=named(result),
        era=result.era.title,
        shares=listed(parts),
    )


def _paint(layout: Layout, result: Result) -> Sheet:
    sheet = Sheet(layout, _HIGH_IN + (0.7 if result.history_end else 0.5))
    ends = month_lasts(result.course.dates)
    held, when = result.weights_held()[ends], years(result.course.dates)[ends]
    first, last = float(when[0]), float(max(when[-1], when[0] + 0.01))
    head = 0.3 if result.history_end else 0.12
    box = Box(0.62, head, layout.width_in - 0.62 - (1.05 if layout.stacked else 1.0), _HIGH_IN)
    panel = Panel(sheet, box, (first, last), (0.0, 1.0))
    edges = np.column_stack([np.zeros(len(held)), np.cumsum(held, axis=1)])
    for at in range(held.shape[1]):
        style = {"facecolor": shade(at), "edgecolor": PAPER, "linewidth": 0.8}
        panel.area(when, edges[:, at], edges[:, at + 1], **style)
    told_apart.edge(panel, result.history_end)
    marks = [0.0, 0.25, 0.5, 0.75, 1.0]
    panel.mark_y(marks, [percent(mark) for mark in marks])
    panel.mark_x(*date_ticks(first, last, 6 if layout.stacked else 14))
    _labels(panel, result)
    return sheet


def _labels(panel: Panel, result: Result) -> None:
    """Name each area at its right end, with its last share."""
    last = result.weights_held()[-1]
    places = panel.apart([float(middle) for middle in np.cumsum(last) - last / 2])
    for at, place in enumerate(places):
        panel.text(panel.x[1], place, f"{result.symbols[at]} {percent(float(last[at]))}", 0.1)
