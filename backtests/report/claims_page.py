"""Show the claims: a terminal's table, the page, and its folder."""

import re
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from rich.console import RenderableType
from rich.padding import Padding

from backtests.report import terminal
from backtests.report.records import Records
from backtests.report.templating import render
from backtests.report.wording import MINUS, in_words, listed, numbered, numbers
from backtests.verdicts.all import Verdicts
from backtests.verdicts.claim import CONDITION, HOLDS, NOT, Claim
from data.errors import NoPrices
from data.language import say, say_many, shown, tr

_VERDICTS = {
    HOLDS: say("holds"),
    CONDITION: say("holds with a condition"),
    NOT: say("does not hold"),
}
_INDENT = (0, 0, 0, 3)


def summary(found: Verdicts) -> str:
    """Count the verdicts in a sentence."""
    many = Counter(claim.verdict for claim in found.claims)
    parts = (
        say_many("{n} holds", "{n} hold", many[HOLDS]),
        say_many("{n} holds with a condition", "{n} hold with a condition", many[CONDITION]),
        say_many("{n} does not", "{n} do not", many[NOT]),
    )
    told = listed(part for part in parts if part.number)
    return tr("Of {n} sayings {parts}", n=len(found.claims), parts=told)


def told(found: Verdicts) -> Verdicts:
    """Return the verdicts; raises NoPrices where these prices tell nothing of any saying."""
    if found.claims:
        return found
    raise NoPrices(
        say(
            "none of the {n} sayings can be held against these prices: {first}",
            n=len(found.left_out),
            first=found.left_out[0],
        )
    )


def pieces(found: Verdicts) -> Iterator[RenderableType]:
    """Yield what a terminal shows: the verdicts, then each with its numbers and runs."""
    yield terminal.words(tr("{sentence}.", sentence=summary(found)), "bold")
    yield ""
    table = Records("", tr("claim"), tr("verdict"), prose=(tr("claim"),))
    for claim in found.claims:
        table.add_row(claim.id, shown(claim.claim), shown(_VERDICTS[claim.verdict]))
    yield table
    notes = numbered(claim.notes for claim in found.claims)
    for claim in found.claims:
        yield ""
        head = tr("({id}) {claim} {verdict}.", id=claim.id, claim=claim.claim, verdict=_said(claim))
        beside = terminal.marks(numbers(claim.notes, notes))
        yield terminal.words(f"{head} {beside}".rstrip(), "bold")
        for sentence, style in ((claim.finding, ""), (claim.rule, "dim")):
            yield Padding(terminal.words(shown(sentence), style), _INDENT)
        for run in claim.runs:
            yield Padding(terminal.words(run, "dim"), _INDENT)
    yield ""
    yield terminal.note_list(notes, found.left_out)


def write(found: Verdicts, folder: Path) -> Path:
    """Write claims.html and claims.json; return the page; raises BadFolder."""
    from backtests.report.folder import write_page

    return write_page(
        folder, "claims", render_html(found, version("three-drawdowns")), found.as_json()
    )


def render_html(found: Verdicts, version: str) -> str:
    """Return the page; the same bytes for the same verdicts."""
    return render(
        "claims",
        summary=summary(found),
        claims=[(c, _said(c), *_in_words(c)) for c in found.claims],
        figures=_figures,
        left_out=found.left_out,
        version=version,
    )


def _said(claim: Claim) -> str:
    """Return the verdict as a sentence begins with it."""
    return shown(_VERDICTS[claim.verdict]).capitalize()


def _in_words(claim: Claim) -> list[str]:
    return [in_words(typeset(sentence)) for sentence in (claim.finding, claim.rule)]


def typeset(sentence: str) -> str:
    """Give a sentence true minus signs, and keep numbers with their unit on one line."""
    signed = re.sub(r"(?<![A-Za-z0-9_-])-(?=\d)", MINUS, shown(sentence))
    return re.sub(r"(?<=\d) (?=%)", "\N{NO-BREAK SPACE}", signed)


def _figures(claim: Claim) -> list[tuple[str, str]]:
    """Write a claim's numbers to six digits; what there is none of is a dash."""
    return [
        (
            name,
            f"{figure:.6g}"
            if isinstance(figure, float)
            else str("-" if figure is None else figure),
        )
        for name, figure in claim.numbers.items()
    ]
