"""Choose an axis's marks and keep labels apart: arithmetic only."""

import re
from collections.abc import Iterator
from math import ceil, floor, log10

import numpy as np

from backtests.report.charts.sampled import years
from data.errors import printable

ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
LONGEST_LINE = 160


def ticks(low: float, high: float, most: float) -> list[float]:
    """Return at most `most` + 1 round numbers from `low` to `high`, evenly spaced."""
    span = high - low
    if not span > 0:
        return [low]
    size = 10.0 ** floor(log10(span / most))
    step = next(size * n for n in (1, 2, 5, 10, 20) if span / (size * n) <= most)
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [round(n * step, 12) for n in range(first, last + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Return at most seven round numbers between two positive ones, for a ratio scale."""
    powers = range(floor(log10(low)), ceil(log10(high)) + 1)
    inside: list[float] = []
    for steps in ((1, 1.5, 2, 3, 4, 5, 7), (1, 2, 3, 5), (1, 2, 5), (1, 3), (1,)):
        inside = [n * 10.0**p for p in powers for n in steps if low <= n * 10.0**p <= high]
        if len(inside) <= 7:
            break
    return inside


def month_ticks(last: float, most: int) -> list[float]:
    """Return months from 0 in steps that divide years, or are years."""
    return [float(month) for month in range(0, int(last) + 1, _months(last, most, most))]


def date_ticks(first: float, last: float, most: int) -> tuple[list[float], list[str]]:
    """Return places (in years) and labels: Januaries, or months where the span is short."""
    begin, end = int(np.floor(first * 12 + 1e-6)), int(np.floor(last * 12 + 1e-6))
    # A month's label is nearly twice as wide as a year's.
    step = _months(end - begin, most, most * 0.6)
    wanted = np.arange(-(-begin // step) * step, end + 1, step)
    moments = (wanted - 1970 * 12).astype("datetime64[M]")
    kept = [(p, str(m)) for p, m in zip(years(moments), moments, strict=True) if first <= p <= last]
    return [p for p, _ in kept], [label if step % 12 else label[:4] for _, label in kept]


def _months(span: float, most: float, most_months: float) -> int:
    """Return a step of months or whole years that gives at most so many of them."""
    room = {n: most if n >= 12 else most_months for n in (1, 2, 3, 6, 12, 24, 36, 60, 120, 240)}
    return next((n for n in room if span / n <= room[n]), 600)


def spread(wanted: list[float], gap: float, low: float, high: float) -> list[float]:
    """Move places apart to at least `gap`, as little as it takes, inside `low` to `high`.

    Where there is no room for all they are spaced evenly. This is isotonic regression of what is
    left when the gaps are taken out, by pooling (Ayer and others 1955).
    """
    gap = min(gap, (high - low) / max(len(wanted) - 1, 1))
    order = np.argsort(wanted, kind="stable")
    pools: list[list[float]] = []
    for rank, at in enumerate(order):
        pools.append([wanted[at] - rank * gap])
        while len(pools) > 1 and np.mean(pools[-2]) > np.mean(pools[-1]):
            pools[-2:] = [pools[-2] + pools[-1]]
    level = [float(np.mean(pool)) for pool in pools for _ in pool]
    placed = np.clip(level, low, high - gap * (len(wanted) - 1)) + gap * np.arange(len(wanted))
    return [float(place) for place in placed[np.argsort(order)]]


_NO_BREAK = "\N{NO-BREAK SPACE}"
# Chinese characters part anywhere, but no line begins with a mark that closes or ends with one that
# opens; a date stays whole.
_HAN = "\u2e80-\u2fdf\u3005-\u3007\u3400-\u9fff\uf900-\ufaff"
_OPENS = "\uff08\u300c\u300e\u300a\u3008"
_CLOSES = "\uff0c\u3002\u3001\uff1b\uff1a\uff1f\uff01\uff09\u300d\u300f\u300b\u3009%"
_DATE = "\\d{4}\u5e74(?:\\d+\u6708(?:\\d+\u65e5)?)?"
_PART = re.compile(
    f"[{_OPENS}]*(?:{_DATE}|[{_HAN}]|[^{_HAN}{_OPENS}{_CLOSES}]+|(?=[{_CLOSES}]))[{_CLOSES}]*"
    f"|[{_OPENS}]+$"
)
_SLACK = 0.95
_WIDE = re.compile(f"[{_HAN}{_OPENS}{_CLOSES[:-1]}]")


def folded(text: str, width_in: float, font_pt: float, lines: int = 2) -> str:
    """Break a label into lines that fit a width; what is too long ends in an ellipsis."""
    kept = [""]
    # Chinese characters leave an estimate no slack, and digits are wider than theirs.
    width_in *= _SLACK if wide(text) else 1.0
    # A space that does not break is no control character, though Python calls it unprintable.
    glued = text.replace(" %", f"{_NO_BREAK}%").split(_NO_BREAK)
    parts = [printable(part, lines * LONGEST_LINE) for part in glued]
    for before, word in _words(_NO_BREAK.join(parts)):
        longer = f"{kept[-1]}{before}{word}".strip(" ")
        if not kept[-1] or width_of(longer, font_pt) <= width_in:
            kept[-1] = longer
        else:
            kept.append(word)
    if len(kept) > lines:
        kept[lines - 1] += ELLIPSIS
    return "\n".join(_clipped(line, width_in, font_pt) for line in kept[:lines])


def _words(text: str) -> Iterator[tuple[str, str]]:
    """Yield what a line may break between, each with what stands before it on the same line."""
    for word in text.split(" "):
        parts = _PART.findall(word) if wide(word) else [word]
        yield from ((" " * (not at), part) for at, part in enumerate(parts))


def wide(text: str) -> bool:
    """Tell whether a text has Chinese characters or marks."""
    return bool(_WIDE.search(text))


def width_of(text: str, font_pt: float) -> float:
    """Estimate a label's width in inches, its longest line's."""
    widths = (sum(map(_letter, line)) for line in text.split("\n"))
    return max(widths) * font_pt / 72


def _clipped(line: str, width_in: float, font_pt: float) -> str:
    while len(line) > 2 and width_of(line, font_pt) > width_in:
        line = f"{line[:-2].rstrip()}{ELLIPSIS}"
    return line


def _letter(letter: str) -> float:
    """Estimate a letter's width as a part of the font size, generously."""
    if letter in " .,:;'|!()[]fijlrtI":
        return 0.38
    if letter in "mwMW@%&" or letter > "\u2e80":
        return 1.0
    return 0.72 if letter.isupper() else 0.63
