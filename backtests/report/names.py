"""Name a strategy beside its numbers, with the labels that must never be missing there."""

from collections.abc import Iterable, Mapping

from backtests.report.wording import gap
from backtests.result import Result
from data.language import say, shown, tr, tr_in
from data.notes import NoteKind

# What must stand beside a number, in few words, by the kind of note.
_TAGS = {
    "scenario": say("scenario, no forecast"),
    "quit": say("sells all if it falls far"),
    "hindsight": say("chosen with hindsight"),
    "price-only": say("dividends left out"),
    "no-costs": say("partly an index without costs"),
    "jump": say("prices jump"),
}
# Without these no dollars are read, not even in a table.
_BESIDE_DOLLARS: Mapping[NoteKind, str] = {
    "scenario": say("scenario"),
    "jump": say("prices jump"),
    "hindsight": say("hindsight"),
}


def tags(result: Result) -> list[str]:
    """Return the labels that must stand beside a result's numbers, in few words."""
    held = {note.kind for note in result.notes}
    return [shown(label) for kind, label in _TAGS.items() if kind in held]


def words_beside_dollars(result: Result) -> dict[str, NoteKind]:
    """Return what must stand beside a result's dollars, with the kind of note that explains it."""
    held = {note.kind for note in result.notes}
    return {shown(words): kind for kind, words in _BESIDE_DOLLARS.items() if kind in held}


def beside_dollars(result: Result, notes: Mapping[str, int]) -> dict[str, list[int]]:
    """Return what must stand beside a result's dollars, with the numbers of the notes on it."""
    held = ((note.kind, str(note)) for note in result.notes if note.kind in _BESIDE_DOLLARS)
    found: dict[str, list[int]] = {}
    for kind, text in held:
        found.setdefault(shown(_BESIDE_DOLLARS[kind]), []).append(notes[text])
    return found


def tagged(result: Result) -> str:
    """Return the strategy's title with its labels in brackets."""
    found = tags(result)
    if not found:
        return shown(result.title)
    parted = tr_in("between labels", "; ").join(found)
    return tr("{strategy} ({labels})", strategy=result.title, labels=parted)


def labels(results: Iterable[Result]) -> str:
    """Say for a caption which strategies' numbers carry which label, and whether in every era."""
    by_title: dict[str, list[Result]] = {}
    for result in results:
        by_title.setdefault(result.title, []).append(result)
    each = [set(tags(r)) for several in by_title.values() for r in several]
    common = set.intersection(*each) if len(by_title) > 1 else set()
    found = [tr("All: {label}.", label=tag) for tag in sorted(common)]
    for title, several in by_title.items():
        for tag in dict.fromkeys(tag for r in several for tag in tags(r) if tag not in common):
            if all(tag in tags(r) for r in several):
                found.append(tr("{strategy}: {label}.", strategy=title, label=tag))
            else:
                found.append(tr("{strategy}: {label} in some eras.", strategy=title, label=tag))
    return "".join(f"{gap()}{sentence}" for sentence in found)


def named(result: Result) -> str:
    """Return the strategy's title for the middle of a sentence; a user's own name stays bare."""
    if result.title == result.strategy:
        return tr_in("a user's own name", "{name}", name=result.title)
    return tr("the {strategy}", strategy=result.title)
