"""Write numbers the same way everywhere: 12 significant digits, the same bytes on every machine."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from data.arrays import Floats

DIGITS = 12


def rounded(thing: Any) -> Any:
    """Round every number inside to 12 significant digits."""
    if isinstance(thing, dict):
        return {str(key): rounded(value) for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [rounded(value) for value in thing]
    if isinstance(thing, float):
        return float(f"{thing:.{DIGITS}g}") + 0.0
    return thing


def significant(values: Floats) -> Floats:
    """Round an array to 12 significant digits: what is then computed of it has no other noise."""
    size = np.zeros_like(values)
    np.log10(np.abs(values), out=size, where=values != 0)
    scale = 10.0 ** (DIGITS - 1 - np.floor(size))
    return np.asarray(np.round(values * scale) / scale)


def json_text(content: Any) -> str:
    """Return JSON with sorted keys and rounded numbers; raises ValueError at NaN."""
    return json.dumps(rounded(content), sort_keys=True, indent=1, allow_nan=False) + "\n"


def csv_lines(places: Sequence[str], table: Floats) -> list[str]:
    """Return a line a row: its place, then its numbers; a number that is not one is left empty."""
    table = table + 0.0
    # A column of one number is written once: most sweeps pay no fees, and all put in the same.
    same = (table == table[:1]).all(axis=0)
    form = f"%.{DIGITS}g"
    shape = ",".join(
        form % first if one else form for first, one in zip(table[0], same, strict=True)
    )
    texts = [shape % tuple(row) for row in table[:, ~same].tolist()]
    return [f"{place},{text.replace('nan', '')}" for place, text in zip(places, texts, strict=True)]


def quoted(text: str) -> str:
    """Quote a cell that would not be one otherwise (RFC 4180)."""
    return '"' + text.replace('"', '""') + '"' if set(text) & {",", '"'} else text
