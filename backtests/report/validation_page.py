"""Show what was verified: a terminal's tables, and the page docs/validation.md."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.padding import Padding

from backtests.report import terminal
from backtests.report.records import Records
from backtests.validation.row import AGREES, EXPLAINED, OFF, Case, Row
from backtests.validation.verify import Validation
from data.language import say, shown, tr

_INDENT = (0, 0, 0, 3)
_HEADS = (say("figure"), say("theirs"), say("ours"), say("difference"), say("tolerance"))
_VERDICTS = {AGREES: "", EXPLAINED: say("differs as explained"), OFF: say("out of tolerance")}
_INTRO = (
    "Figures that others printed, or that other programs computed, each beside ours. `dca verify` "
    "computes every row and fails if one leaves its tolerance; `make validation` writes this page, "
    "and a test holds it to a fresh run.",
    'A tolerance "as printed" is half of the last digit. Where we know that ours differs, the '
    "row says by how much (that is what is held), and why.",
)


def pieces(found: Validation) -> Iterator[RenderableType]:
    """Yield what a terminal shows: every case with its figures, then the count."""
    for held in found.held:
        yield terminal.words(shown(held.group.title), "bold")
        yield Padding(terminal.words(shown(held.group.said), "dim"), _INDENT)
        for case, rows in _by_case(held.rows):
            yield ""
            yield terminal.words(tr("{what} ({source})", what=case.what, source=case.source))
            heads = [shown(head) for head in _HEADS]
            table = Records(*heads, "", prose=heads[:1])
            for row in rows:
                table.add_row(*map(shown, (row.figure, *row.texts, _VERDICTS[row.verdict])))
            yield Padding(table, _INDENT)
            for why in dict.fromkeys(map(_said_of, rows)):
                yield Padding(terminal.words(why, "dim"), _INDENT)
        yield ""
    yield terminal.words(shown(found.summary), "bold")
    for sentence in found.left_out:
        yield terminal.words(shown(sentence))


def _said_of(row: Row) -> str:
    """Return why a row differs, by its name where that is not its case's reason."""
    if row.printed.why:
        return tr("{figure}: {why}", figure=row.figure, why=row.why)
    return shown(row.why)


def markdown(found: Validation) -> str:
    """Return the page, in English; the same bytes for the same figures."""
    parts = ["# Held against what others publish", *_INTRO, found.summary, *found.left_out]
    for held in found.held:
        lines = [_line("what", "who says so", *_HEADS, "why"), _line(*["---"] * 8)]
        for case, rows in _by_case(held.rows):
            # Said once a case, so that the eye finds where the next begins.
            heads = [(case.what, case.source), *[("", "")] * (len(rows) - 1)]
            lines += [
                _line(*h, r.figure, *r.texts, _why(r)) for h, r in zip(heads, rows, strict=True)
            ]
        parts += [f"## {held.group.title}", held.group.said, "\n".join(lines)]
    return "\n\n".join(parts) + "\n"


def _by_case(rows: tuple[Row, ...]) -> Iterator[tuple[Case, list[Row]]]:
    for case in dict.fromkeys(row.case for row in rows):
        yield case, [row for row in rows if row.case is case]


def _why(row: Row) -> str:
    if row.verdict == AGREES:
        return row.why
    return f"**{'Out of tolerance' if row.verdict == OFF else 'Differs'}**: {row.why}"


def _line(*texts: str) -> str:
    return f"| {' | '.join(texts)} |"
