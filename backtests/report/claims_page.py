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

_VERBS = {HOLDS: ("holds", "hold"), CONDITION: ("holds", "hold"), NOT: ("does not", "do not")}
_INDENT = (0, 0, 0, 3)


def summary(found: Verdicts) -> str:
    """Count the verdicts in a sentence."""
    many = Counter(claim.verdict for claim in found.claims)
    parts = []
    for verdict, words in _VERBS.items():
        if many[verdict]:
            tail = " with a condition" if verdict == CONDITION else ""
            parts.append(f"{many[verdict]} {words[many[verdict] > 1]}{tail}")
    return f"Of {len(found.claims)} sayings {listed(parts)}" if parts else "No saying can be told"


def pieces(found: Verdicts) -> Iterator[RenderableType]:
    """Yield what a terminal shows: the verdicts, then each with its numbers and runs."""
    yield terminal.words(f"{summary(found)}.", "bold")
    yield ""
    table = Records("", "claim", "verdict", prose=("claim",))
    for claim in found.claims:
        table.add_row(claim.id, claim.claim, claim.verdict)
    yield table
    notes = numbered(claim.notes for claim in found.claims)
    for claim in found.claims:
        yield ""
        head = f"({claim.id}) {claim.claim} {claim.verdict.capitalize()}."
        beside = terminal.marks(numbers(claim.notes, notes))
        yield terminal.words(f"{head} {beside}".rstrip(), "bold")
        for sentence, style in ((claim.finding, ""), (claim.rule, "dim")):
            yield Padding(terminal.words(sentence, style), _INDENT)
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
        claims=[(c, in_words(typeset(c.finding)), in_words(typeset(c.rule))) for c in found.claims],
        figures=_figures,
        left_out=found.left_out,
        version=version,
    )


def typeset(sentence: str) -> str:
    """Give a sentence true minus signs, and keep numbers with their unit on one line."""
    signed = re.sub(r"(?<![\w-])-(?=\d)", MINUS, sentence)
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
