"""Turn sketches into pictures: SVG for the page, files of any format for everything else."""

# Before matplotlib's own names.
from backtests.report.charts import plain_matplotlib as plain_matplotlib

# isort: split
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from io import BytesIO, StringIO
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.text import Text
from PIL import Image

from backtests.report.charts import fonts
from backtests.report.charts.axes import folded
from backtests.report.charts.palette import PAPER, SOFT, follow
from backtests.report.charts.sheet import NARROW, PNG_DPI, WIDE, Layout, Sheet
from backtests.report.formats import PLAIN
from backtests.report.wording import in_words, visible

_STYLE: dict[Any, Any] = {
    "figure.facecolor": "none",
    "font.family": [fonts.LATIN],
    "lines.solid_capstyle": "round",
    "svg.fonttype": "none",
    "text.parse_math": False,
}
_LINE_IN = 0.18


@dataclass(frozen=True)
class Caption:
    """What is said of a picture; `name` is its file's stem, `alt` for who cannot see it."""

    name: str
    title: str
    caption: str
    alt: str


@dataclass(frozen=True)
class Sketch(Caption):
    """A picture before it is drawn; `paint` draws it for a layout."""

    paint: Callable[[Layout], Sheet]


@dataclass(frozen=True)
class Picture(Caption):
    """A finished picture: two for the page, and its files by name."""

    wide_svg: str
    narrow_svg: str
    files: Mapping[str, bytes]


def render(plan: Callable[[], Iterable[Sketch]], formats: Sequence[str] = PLAIN) -> list[Picture]:
    """Draw every planned sketch for the page, for the phone and as files; same plan, same bytes."""
    with _studio():
        return [_render(*pair, formats) for pair in _lettered(plan)]


def files(plan: Callable[[], Sketch], formats: Sequence[str] = PLAIN) -> dict[str, bytes]:
    """Draw the files of a planned sketch alone, by name."""
    with _studio():
        ((sketch, lettered),) = _lettered(lambda: [plan()])
        return _files(sketch.paint(WIDE), sketch, lettered, formats)


def _lettered(plan: Callable[[], Iterable[Sketch]]) -> Iterable[tuple[Sketch, Sketch]]:
    """Return each sketch, and the same in a language whose letters can be drawn."""
    sketches = list(plan())
    with fonts.words() as said:
        return list(zip(sketches, plan() if said else sketches, strict=True))


@contextmanager
def _studio() -> Iterator[None]:
    """Draw by our own style, whatever the reader's matplotlibrc says."""
    with mpl.rc_context(), warnings.catch_warnings():
        # On the page text stays text, whose place must not depend on the fonts of a machine.
        warnings.filterwarnings("ignore", r"Glyph .* missing from", UserWarning)
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        yield


def _render(sketch: Sketch, lettered: Sketch, formats: Sequence[str]) -> Picture:
    wide, said = sketch.paint(WIDE), (sketch.name, sketch.title, sketch.caption, sketch.alt)
    svgs = _svg(wide, sketch), _svg(sketch.paint(NARROW), sketch)
    return Picture(*said, *svgs, _files(wide, sketch, lettered, formats))


def _files(
    wide: Sheet, sketch: Sketch, lettered: Sketch, formats: Sequence[str]
) -> dict[str, bytes]:
    """Write the formats: the text of an SVG is text, in the others its letters are drawn."""
    found, sheet = {}, _framed(wide, sketch)
    # Before letters are drawn, which takes other fonts.
    for form in sorted(formats, key=_DRAWN.__contains__):
        if form in _DRAWN:
            with fonts.words() as said:
                sheet = _framed(lettered.paint(WIDE), lettered, said) if said else sheet
            fonts.fit(sheet.drawing.findobj(Text))
        found[form] = _WRITERS[form](sheet, sketch)
    return {f"{sketch.name}.{form}": found[form] for form in formats}


def _framed(sheet: Sheet, sketch: Sketch, said: str = "") -> Sheet:
    """Add title and caption: a file is looked at without the page around it."""
    caption = folded(in_words(sketch.caption), WIDE.width_in - 0.1, WIDE.font_pt, lines=12)
    caption = f"{caption}\n{said}" if said else caption
    foot = 0.22 + _LINE_IN * (caption.count("\n") + 1)
    sheet.extend(0.4, foot)
    sheet.text(0.05, 0.08, folded(sketch.title, 9.5, 13.0, lines=1), fontsize=13, weight="bold")
    below = sheet.height_in - foot + 0.1
    sheet.text(0.05, below, caption, color=SOFT, linespacing=1.35)
    sheet.drawing.set_facecolor(PAPER)
    return sheet


def png(paint: Callable[[str], Sheet]) -> bytes:
    """Draw a sheet for itself, as PNG; same sheet, same bytes.

    It is painted with what is to be said of its language, where that is not the reader's.
    """
    with _studio(), fonts.words() as said:
        sheet = paint(said)
        sheet.drawing.set_facecolor(PAPER)
        fonts.fit(sheet.drawing.findobj(Text))
        return _png(sheet)


def _png(sheet: Sheet, _: Sketch | None = None) -> bytes:
    file = BytesIO()
    sheet.drawing.set_dpi(PNG_DPI)
    canvas: Any = FigureCanvasAgg(sheet.drawing)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[:, :, :3]
    Image.fromarray(pixels).save(file, "png", compress_level=4, dpi=(PNG_DPI, PNG_DPI))
    return file.getvalue()


def _svg_file(sheet: Sheet, sketch: Sketch) -> bytes:
    mpl.rcParams["svg.hashsalt"] = sketch.name
    return _print(FigureCanvasSVG(sheet.drawing).print_svg, sketch, "Creator", "Date")


def _pdf(sheet: Sheet, sketch: Sketch) -> bytes:
    from matplotlib.backends.backend_pdf import FigureCanvasPdf

    dated = ("Creator", "Producer", "CreationDate")
    return _print(FigureCanvasPdf(sheet.drawing).print_pdf, sketch, *dated)


def _print(write: Callable[..., None], sketch: Sketch, *left_out: str) -> bytes:
    """Write a file that says nothing of when or by what it was made."""
    file = BytesIO()
    write(file, metadata=dict.fromkeys(left_out) | {"Title": sketch.title})
    return file.getvalue()


_WRITERS: Mapping[str, Callable[[Sheet, Sketch], bytes]] = {
    "png": _png,
    "svg": _svg_file,
    "pdf": _pdf,
}
_DRAWN = frozenset({"png", "pdf"})


def _svg(sheet: Sheet, sketch: Sketch) -> str:
    # Ids are hashed from this salt: without it two pictures would share theirs on one page.
    mpl.rcParams["svg.hashsalt"] = f"{sketch.name}-{sheet.layout.name}"
    file = StringIO()
    canvas: Any = FigureCanvasSVG(sheet.drawing)
    canvas.print_svg(file, metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    return clean(file.getvalue(), sketch.alt, sheet.layout.name)


def clean(svg: str, alt: str, name: str) -> str:
    """Make a file of matplotlib's part of a page: no prolog, style or names of its own."""
    body = svg[svg.index("<svg") :]
    head, rest = body[: body.index(">") + 1], body[body.index(">") + 1 :]
    box = re.search(r'viewBox="([^"]*)"', head)
    rest = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", rest, count=2, flags=re.DOTALL)
    rest = re.sub(r'<g id="[a-z0-9_.]+"', "<g", rest)
    # Fonts are the page's; a tenth of a point cannot be seen.
    rest = re.sub(r"font: ((?:\d+ )?)([\d.]+px) [^;\"]+", _font, rest)
    rest = re.sub(r"font-family: [^;\"]+;? ?", "", rest)
    rest = re.sub(r"(\d\.\d)\d{2,}", r"\1", rest)
    # The page's policy lets no style in that is not named by its hash.
    rest = re.sub(r'style="([^"]*)"', _attributes, rest)
    rest = re.sub(r"\s*\n\s*", " ", rest)
    said = visible(in_words(alt))
    opening = (
        f'<svg xmlns:xlink="http://www.w3.org/1999/xlink" class="{name}" role="img" '
        f'viewBox="{box[1] if box else ""}" aria-label="{escape(said, quote=True)}">'
    )
    return opening + follow(rest).strip()


def _font(found: re.Match[str]) -> str:
    weight = f"font-weight: {found[1].strip()}; " if found[1] else ""
    return f"{weight}font-size: {found[2]}"


def _attributes(found: re.Match[str]) -> str:
    pairs = (declared.split(":") for declared in found[1].split(";") if declared.strip())
    return " ".join(f'{name.strip()}="{value.strip()}"' for name, value in pairs if value.strip())
