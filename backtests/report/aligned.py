"""Say how the newest era stands among all start months, for terminal and picture."""

from backtests.comparison import Comparison
from backtests.report.names import tagged
from backtests.report.wording import gap, percent
from backtests.standings import Standing, standings
from data.language import say, shown, tr, tr_in, tr_many

OVERLAP = say("Neighbouring windows share most of their months.")


def standing_sentences(comparison: Comparison) -> list[str]:
    """Return the windows, a sentence a strategy, a warning; nothing where none was asked for."""
    found = standings(comparison)
    if not found:
        return []
    newest = max(comparison.chapters, key=lambda chapter: chapter.start)
    titles = {result.strategy: tagged(result) for result in newest.results}
    one = found[0]
    head = tr(
        "Beside all other windows as long ({n} months by month ends, {start} to {end}):",
        n=one.months, start=one.start, end=one.end,
    )  # fmt: skip
    name = newest.era.name
    said = [_sentence(titles[each.strategy], each, name) for each in found]
    notes = dict.fromkeys(tr("{note}.", note=note) for each in found for note in each.notes)
    return [head, *said, shown(OVERLAP), *notes]


def _sentence(title: str, found: Standing, newest: str) -> str:
    """Say how a strategy stands among all windows, and among the other eras where they are held."""
    sign = "+" if found.growth > 0 else ""
    sentence = tr(
        "{strategy} {growth}, more than {share} of {n:,} begun since {month}; deepest fall {fall}, "
        "milder than {deeper}.",
        strategy=title,
        growth=f"{sign}{percent(found.growth)}",
        share=share_said(found.grew_less),
        n=found.windows,
        month=f"{found.first:%Y-%m}",
        fall=percent(-found.depth),
        deeper=share_said(found.fell_deeper),
    )
    return f"{sentence}{_among(found, newest)}".replace("\N{NO-BREAK SPACE}", " ")


def share_said(fraction: float) -> str:
    """Write a part of the windows; only all of them are all."""
    if fraction == 1:
        return tr_in("share", "all")
    return percent(min(fraction, 0.999), int(fraction > 0.99))


def _among(found: Standing, newest: str) -> str:
    """Say among how many other eras it had grown how much, each from its own start."""
    others = [growth for era, growth in found.eras.items() if era != newest]
    if newest not in found.eras or not others:
        return ""
    less = sum(growth < found.eras[newest] for growth in others)
    said = tr_many(
        "{less} of {n} other era had grown less as long after the start.",
        "{less} of {n} other eras had grown less as long after the start.",
        len(others), less=less,
    )  # fmt: skip
    return f"{gap()}{said}"
