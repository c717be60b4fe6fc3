"""Draw a comparison's pictures: which there are, and in which order."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from backtests.comparison import Chapter, Comparison
from backtests.report.charts import bars, card, overlay, scenario, underwater, value, weights
from backtests.report.charts.canvas import Picture, Sketch, render
from backtests.report.charts.palette import looks
from backtests.report.formats import PLAIN
from backtests.report.names import labels
from backtests.report.summary import verdict

__all__ = ["Picture", "draw", "draw_card"]


def draw(comparison: Comparison, formats: Sequence[str] = PLAIN) -> list[Picture]:
    """Return every picture the comparison has the eras and strategies for."""
    return render(lambda: _sketches(comparison), formats)


def _sketches(comparison: Comparison) -> list[Sketch]:
    worn = looks(result.strategy for result in comparison.results)
    said = labels(comparison.results)
    whole = (
        value.sketch(_told_first(comparison), worn),
        (scenario if comparison.assumed else underwater).sketch(comparison, worn),
        overlay.sketch(comparison, worn),
        bars.sketch(comparison, worn),
    )
    labelled = [replace(s, caption=f"{s.caption}{said}") for s in whole if s is not None]
    mix = weights.sketch(comparison)
    return [*labelled, mix] if mix else labelled


def draw_card(comparison: Comparison, provenance: Callable[[], str]) -> bytes:
    """Return the picture to send on as PNG."""
    worn = looks(result.strategy for result in comparison.results)
    return card.draw(comparison, worn, provenance)


def _told_first(comparison: Comparison) -> list[Chapter]:
    """Put the era of the page's first sentence first: the first picture stands under it."""
    told = verdict(comparison).chapter
    return [told, *(chapter for chapter in comparison.chapters if chapter is not told)]
