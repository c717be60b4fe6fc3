"""Say how the newest era stands among all start months, for terminal and picture."""

from backtests.comparison import Comparison
from backtests.report.names import tagged
from backtests.report.wording import percent
from backtests.standings import Standing, standings

OVERLAP = "Neighbouring windows share most of their months."


def standing_sentences(comparison: Comparison) -> list[str]:
    """Return the windows, a sentence a strategy, a warning; nothing where none was asked for."""
    found = standings(comparison)
    if not found:
        return []
    newest = max(comparison.chapters, key=lambda chapter: chapter.start)
    titles = {result.strategy: tagged(result) for result in newest.results}
    one = found[0]
    span = f"{one.months} months by month ends, {one.start} to {one.end}"
    head = f"Beside all other windows as long ({span}):"
    name = newest.era.name
    said = [_sentence(titles[each.strategy], each) + _among(each, name) for each in found]
    notes = dict.fromkeys(f"{note}." for each in found for note in each.notes)
    return [head, *said, OVERLAP, *notes]


def _sentence(title: str, found: Standing) -> str:
    sign = "+" if found.growth > 0 else ""
    words = (
        f"{title} {sign}{percent(found.growth)}, more than {share_said(found.grew_less)} of "
        f"{found.windows:,} begun since {found.first:%Y-%m}; deepest fall "
        f"{percent(-found.depth)}, milder than {share_said(found.fell_deeper)}."
    )
    return words.replace("\N{NO-BREAK SPACE}", " ")


def share_said(fraction: float) -> str:
    """Write a part of the windows; only all of them are all."""
    return "all" if fraction == 1 else percent(min(fraction, 0.999), int(fraction > 0.99))


def _among(found: Standing, newest: str) -> str:
    """Say among how many other eras it had grown how much, each from its own start."""
    others = [growth for era, growth in found.eras.items() if era != newest]
    if newest not in found.eras or not others:
        return ""
    less = sum(growth < found.eras[newest] for growth in others)
    eras = "era" if len(others) == 1 else "eras"
    return f" {less} of {len(others)} other {eras} had grown less as long after the start."
