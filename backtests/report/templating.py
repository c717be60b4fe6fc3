"""Render the pages: everything escaped, nothing undefined let pass, one look for all."""

import re
from base64 import b64encode
from datetime import date
from functools import cache
from hashlib import sha256
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from backtests.report import wording
from backtests.report.charts import palette
from backtests.report.glossary import place_of
from data.language import HAN, Said, filled, say, shown, tag, tr, tr_in, tr_many, translated

_OPEN, _CLOSE = Markup('<span class="clause">'), Markup("</span>")


def render(page: str, script: str = "", **content: Any) -> str:
    """Return the page of `templates/PAGE.html.j2`; the same bytes for the same content.

    Its one style and its one script run by their hashes; nothing else runs and nothing is loaded.
    """
    pages = _pages()
    # A plan may be in another currency than the last one.
    pages.globals["money_name"] = wording.money_name()
    style = pages.get_template("style.css").render()
    return pages.get_template(f"{page}.html.j2").render(content | _inline(script, style))


@cache
def _pages() -> Environment:
    """Return the templates; each is compiled once."""
    pages = Environment(
        loader=PackageLoader("backtests.report"),
        autoescape=True,
        undefined=StrictUndefined,
        # What a file says may hold control characters; finished markup is ours.
        finalize=_final,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = (wording.money, wording.percent, wording.listed, wording.in_words, wording.gained)
    pages.filters |= {
        write.__name__: write
        for write in (*filters, wording.bars_word, wording.bars_counted, wording.sentences)
    }
    pages.filters["around_days"] = _around_days
    pages.filters["month"] = lambda day: wording.month(date.fromisoformat(day))
    pages.filters["short_month"] = lambda day: wording.short_month(date.fromisoformat(day))
    pages.filters["capitalised"] = _capitalised
    pages.filters["clauses"] = _clauses
    pages.globals |= {
        "light": palette.variables(dark=False),
        "dark": palette.variables(dark=True),
        "dash": wording.DASH,
        "not_yet": wording.NOT_YET,
        "place_of": place_of,
        "tr": tr,
        "tr_in": tr_in,
        "tr_many": tr_many,
        "html": html,
        "tag": tag,
        "gap": wording.gap,
    }
    return pages


def html(message: str, /, **values: object) -> Markup:
    """Return a message that holds markup of its own; what fills its places is escaped."""
    safe = {name: escape(_final(value)) for name, value in values.items()}
    return Markup(filled(translated(say(message, **safe)), safe))  # noqa: S704 - the message is ours


def _final(value: object) -> object:
    """Show what was said, and what a file says without control characters."""
    written = shown(value) if isinstance(value, Said) else value
    return wording.visible(written) if type(written) is str else written


def _inline(script: str, style: str) -> dict[str, str]:
    """Return the page's script and style, and the policy that names their hashes."""
    allowed = [
        "default-src 'none'",
        "img-src data:",
        *([f"script-src {_hashed(script)}"] if script else []),
        f"style-src {_hashed(style)}",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return {"script": script, "style": style, "policy": "; ".join(allowed)}


def _hashed(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _capitalised(sentence: str) -> str:
    text = shown(sentence)
    return text[:1].upper() + text[1:]


def _clauses(sentence: Markup) -> Markup:
    """Part a heading at its full-width commas: words stay whole where they fit."""
    parts = sentence.split("\N{FULLWIDTH COMMA}")
    if len(parts) < 2 or {"<", "\N{FULLWIDTH LEFT PARENTHESIS}"} & set(sentence):
        return sentence
    term = tr("dollar-cost averaging")
    whole = [part.replace(term, Markup("<wbr>") + term) for part in parts]
    return _OPEN + (Markup("\N{FULLWIDTH COMMA}") + _CLOSE + _OPEN).join(whole) + _CLOSE


def _around_days(sentence: str) -> list[str]:
    """Split a sentence around its dates: every second piece is one, which no line may break.

    A Han character that follows stays with it.
    """
    return re.split(rf"(\d{{4}}-\d\d-\d\d[{HAN}]?)", shown(sentence))
