"""Write a page with its pictures and its figures into a folder, all or nothing."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from backtests.digits import json_text
from backtests.report.charts.canvas import Picture
from data import atomic


def write_page(
    folder: Path, name: str, page: str, content: Mapping[str, Any], pictures: Sequence[Picture] = ()
) -> Path:
    """Write NAME.html, NAME.json and the pictures; return the page's path.

    A folder that holds anything else is refused: raises BadFolder.
    """
    files = {f"{name}.html": page.encode(), f"{name}.json": json_text(content).encode()}
    for picture in pictures:
        files |= picture.files
    with atomic.replacing(folder, list(files)) as fresh:
        for file, held in files.items():
            (fresh / file).write_bytes(held)
    return folder / f"{name}.html"
