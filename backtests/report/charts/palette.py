"""Colours that a colour-blind reader can tell apart, for light and for dark paper.

Pictures are drawn in the light colours. Each occurs nowhere else in a drawing, so that on the page
it can be replaced by a variable that follows the reader's light or dark setting. The series'
colours differ for readers who see no red or no green (Machado, Oliveira & Fernandes 2009) and
stand out from the paper by 4.5 to 1; markers and dashes tell lines apart without any colour.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

INK = "#1c2530"
SOFT = "#56616f"
GRID = "#dde2e8"
PAPER = "#fefefe"

# variable: (on light paper, on dark paper)
_BASE = {
    "ink": (INK, "#e8ecf1"),
    "soft": (SOFT, "#a7b1bd"),
    "grid": (GRID, "#333c47"),
    "paper": (PAPER, "#11161b"),
}
_SERIES = (
    ("#0063d6", "#4d9bff"),
    ("#37806f", "#7df5bd"),
    ("#c84800", "#ee6c10"),
    ("#561655", "#ffa3e0"),
    ("#5e4a00", "#d9b95c"),
    ("#1c1cc0", "#8479ff"),
    ("#8f2338", "#e6677c"),
    ("#27505f", "#9ddeff"),
)
_SHADES = (
    ("#1f4e79", "#8fc1ea"),
    ("#3f87b5", "#4f93c4"),
    ("#8fbcd6", "#2f6793"),
    ("#cfe1ec", "#21445f"),
    ("#6b5b95", "#b3a5dc"),
    ("#a99cc9", "#7d6eab"),
    ("#d9d2ea", "#4f4375"),
    ("#8a949e", "#6c7681"),
)
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p")
_PATHS = {
    "o": "M5,0A5,5,0,1,1,-5,0A5,5,0,1,1,5,0Z",
    "s": "M-4.5,-4.5H4.5V4.5H-4.5Z",
    "^": "M0,-5.5L5.5,4.5H-5.5Z",
    "D": "M0,-6L6,0L0,6L-6,0Z",
    "v": "M0,5.5L5.5,-4.5H-5.5Z",
    "P": "M-2,-5.5H2V-2H5.5V2H2V5.5H-2V2H-5.5V-2H-2Z",
    "X": "M-5,-2.5L-2.5,-5L0,-2.5L2.5,-5L5,-2.5L2.5,0L5,2.5L2.5,5L0,2.5L-2.5,5L-5,2.5L-2.5,0Z",
    "p": "M0,-5.5L5.2,-1.7L3.2,4.5H-3.2L-5.2,-1.7Z",
}
_SOLID = (0.0, ())
_DASHES: tuple[tuple[float, tuple[float, ...]], ...] = (
    _SOLID,
    (0.0, (7.0, 1.4)),
    (0.0, (3.0, 1.0)),
    (0.0, (7.0, 1.2, 1.6, 1.2)),
)


@dataclass(frozen=True)
class Look:
    """How a strategy is drawn in every picture; `css` is the class of the page's own marks."""

    css: str
    colour: str
    marker: str
    dashes: tuple[float, tuple[float, ...]]

    @property
    def path(self) -> str:
        """The marker as an SVG path around 0, 0."""
        return _PATHS[self.marker]


def looks(names: Iterable[str]) -> dict[str, Look]:
    """Give each name its look, in order of appearance; the ninth begins anew with other dashes."""
    found: dict[str, Look] = {}
    for name in names:
        at = len(found)
        if name not in found:
            turn = at + at // len(_SERIES)
            series, dashes = at % len(_SERIES), _DASHES[turn % len(_DASHES)]
            found[name] = Look(f"s{series}", _SERIES[series][0], _MARKERS[turn % 8], dashes)
    return found


def shade(place: int) -> str:
    """Return the colour of a holding's area."""
    return _SHADES[place % len(_SHADES)][0]


def variables(dark: bool) -> str:
    """Return the CSS declarations of every colour."""
    return "".join(f"--{name}:{pair[dark]};" for name, pair in _all().items())


def follow(svg: str) -> str:
    """Replace every drawn colour by its CSS variable."""
    names = {pair[0]: name for name, pair in _all().items()}
    return re.sub("|".join(names), lambda found: f"var(--{names[found[0]]})", svg)


def _all() -> Mapping[str, tuple[str, str]]:
    series = {f"s{at}": pair for at, pair in enumerate(_SERIES)}
    return _BASE | series | {f"w{at}": pair for at, pair in enumerate(_SHADES)}
