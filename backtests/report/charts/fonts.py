"""Find a font for the letters of the language, and draw no letter that the fonts lack.

Matplotlib brings DejaVu Sans, which has no Chinese characters. They are looked for in the fonts of
the system, and only when they are needed.
"""

# Before matplotlib's own names.
from backtests.report.charts import plain_matplotlib as plain_matplotlib

# isort: split
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache
from pathlib import Path

from matplotlib.font_manager import (
    FontProperties,
    findfont,
    findSystemFonts,
    fontManager,
    get_font,
    weight_dict,
)
from matplotlib.text import Text

from data.language import ENGLISH, say, shown, speaking, spoken

LATIN = "DejaVu Sans"
FAMILIES = (
    "Noto Sans CJK TC", "Noto Sans TC", "Source Han Sans TC", "PingFang TC", "Microsoft JhengHei",
    "Heiti TC", "Arial Unicode MS", "Noto Sans CJK JP",
)  # fmt: skip
# Drawn in a picture whose words had to stay English, and said beside it.
NO_FONT = "No Chinese font on this machine: labels in English"
ADVICE = say(
    "No Chinese font was found, so the words in the pictures are English; install Noto Sans CJK TC "
    "and make the report again."
)
_FILES = re.compile(r"noto ?sans ?(cjk|tc)|source ?han ?sans|pingfang|msjh|stheiti|arial ?uni")
# Weights that are not drawn; of a variable font it might be the thinnest.
_OTHERS = re.compile(r"thin|(?<!stheiti )light|demi|(?<!stheiti )medium|black|heavy|vf|wght|msjhl")
_UNKNOWN = "?"


@contextmanager
def words() -> Iterator[str]:
    """Speak English inside where no font has the language's letters, and yield what to say of it.

    Nothing is to be said where a font has them.
    """
    if spoken() == ENGLISH or han():
        yield ""
        return
    with speaking(ENGLISH):
        yield NO_FONT


@cache
def han() -> str:
    """Return the first family with Chinese characters, made known to matplotlib; else nothing."""
    files = [str(file) for file in system()]
    for file in files:
        # A file that cannot be read, or is no font.
        with suppress(OSError, RuntimeError):
            fontManager.addfont(file)
    known = {entry.name for entry in fontManager.ttflist if entry.fname in files}
    family = next((name for name in FAMILIES if name in known), "")
    for weight in (400, 700):
        _weighted(family, weight)
    return family


def advice() -> str:
    """Say what to do where pictures became English for want of a font, else nothing."""
    looked_for = han.cache_info().currsize
    return shown(ADVICE) if looked_for and spoken() != ENGLISH and not han() else ""


def _weighted(family: str, weight: int) -> None:
    """Let the nearest weight stand for one that a family lacks, which would be complained of."""
    entries = [entry for entry in fontManager.ttflist if entry.name == family]
    by_weight = {int(weight_dict.get(str(e.weight), e.weight)): e for e in entries}
    if by_weight and weight not in by_weight:
        nearest = min(by_weight, key=lambda each: abs(each - weight))
        fontManager.ttflist.append(replace(by_weight[nearest], weight=weight))


def system() -> list[Path]:
    """Return the files of the system that may hold one of the families."""
    files = sorted(map(Path, findSystemFonts()))
    likely = [file for file in files if _FILES.search(file.stem.lower())]
    return [file for file in likely if not _OTHERS.search(file.stem.lower())]


def fit(labels: Iterable[Text]) -> None:
    """Give each label a font for its letters; what no font has is drawn as a question mark."""
    for text in labels:
        lacking = _lacking(text, LATIN)
        if lacking and han():
            text.set_fontfamily([LATIN, han()])
            lacking &= _lacking(text, han())
        if lacking:
            text.set_text(text.get_text().translate(dict.fromkeys(lacking, _UNKNOWN)))


def _lacking(text: Text, family: str) -> set[int]:
    """Return the letters that a family lacks."""
    letters = {ord(letter) for letter in text.get_text() if letter > "~"}
    if not letters:
        return letters
    font = get_font(findfont(FontProperties(family=[family], weight=text.get_fontweight())))
    return {letter for letter in letters if not font.get_char_index(letter)}
