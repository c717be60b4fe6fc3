"""Sphinx: `make docs` builds docs/ and the docstrings of what is public into build/docs."""

import re
from importlib.metadata import version as installed

from sphinx.application import Sphinx

project = "three-drawdowns"
author = "three-drawdowns contributors"
copyright = "GPL-3.0-or-later"  # noqa: A001 - Sphinx calls it so
version = release = installed("three-drawdowns")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = project
# One backtick is code in the docstrings, as in Markdown.
default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "description"


def setup(app: Sphinx) -> None:
    """Offer what lies outside docs/, as CONTRIBUTING.md, as a file: it is no page of the site."""

    def outside(_app: Sphinx, _page: str, text: list[str]) -> None:
        text[0] = re.sub(r"\]\(((?:\.\./)+[\w/]*[A-Z]+\.md)\)", r"](path:\1)", text[0])

    app.connect("source-read", outside)
