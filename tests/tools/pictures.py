"""Draw the README's picture anew: the first screen of the page, light and dark.

pictures.py    write docs/page-light.png and docs/page-dark.png from the embedded prices
"""

import shutil
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from backtests.api import compare

DOCS = Path(__file__).resolve().parents[2] / "docs"
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
WIDTH, HEIGHT = 1280, 886
COLOURS = 96


def main() -> None:
    """Write the report, look at it in both lights, and keep few colours of what is seen."""
    browser_path = next(filter(None, map(shutil.which, NAMES)))
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        page_file = compare().write(Path(scratch) / "report")
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        for light in ("light", "dark"):
            size = {"width": WIDTH, "height": HEIGHT}
            page = browser.new_page(viewport=size, color_scheme=light)
            page.goto(page_file.as_uri())
            page.wait_for_selector("#plot svg")
            picture = Image.open(BytesIO(page.screenshot()))
            small = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
            small.save(DOCS / f"page-{light}.png", optimize=True)
        browser.close()


if __name__ == "__main__":
    main()
