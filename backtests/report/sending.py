"""What is sent on: where the numbers come from in a line, the command, a table for a forum post."""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from hashlib import sha256
from importlib.metadata import version
from typing import Any

from backtests.comparison import Chapter, Comparison
from backtests.digits import json_text
from backtests.measures.catalogue import headline
from backtests.plan import OwnStrategy, Plan
from backtests.report import cells
from backtests.report.names import tagged
from backtests.report.summary import asked, verdict
from backtests.report.wording import (
    bars_word,
    in_words,
    numbered,
    numbers,
    sentences,
    visible,
)
from backtests.scenarios.sources import Scenario
from data.language import ENGLISH, shown, spoken, tr
from data.sources import PROVIDERS

# An option for each of these keys of a plan; the others name what only a plan can declare.
_OPTIONS = (
    "monthly", "initial", "parts", "every", "day", "growth", "stop", "quit_at", "return_after",
    "fill", "whole_shares", "fee_bps", "fee_per_order", "fee_min", "tax", "align", "real", "bars",
    "currency", "date_order", "decimal", "price_column",
)  # fmt: skip
_MARKS = re.compile(r"([\\`*_<>\[\]|#])")


def data_hash(data: dict[str, Any]) -> str:
    """Return the SHA-256 of what results.json says under `data`, the prices' own hashes in it."""
    return sha256(json_text(data).encode()).hexdigest()


def provenance(comparison: Comparison, data: dict[str, Any]) -> str:
    """Say in a line by what the numbers were made, and of which prices."""
    source = next(iter(comparison.tables.values())).source
    name = f"three-drawdowns {version('three-drawdowns')}"
    hashed = data_hash(data)[:12]
    return tr("{program}, {source} prices, data {hash}", program=name, source=source, hash=hashed)


def command(comparison: Comparison) -> str:
    """Return the command that makes the report, without any path of this machine.

    Where only a plan's file can say what was asked it is named as the report is.
    """
    return shlex.join(["dca", *_words(comparison)])


def _words(comparison: Comparison) -> Iterator[str]:
    plan, terms = comparison.plan, dict(comparison.assumed.terms) if comparison.assumed else {}
    of_run = not terms and plan.name == "run" and plan.eras == ("window",)
    yield "scenario" if terms else "run" if of_run else "compare"
    if terms:
        yield from _scenario(terms, comparison.chapters[0].era.name)
    if _needs_a_file(plan, bool(terms) or of_run, of_run):
        yield from ("--plan", f"{plan.name}.toml")
        return
    if of_run:
        window = plan.era["window"]
        yield from ("--from", str(window.start), *(("--to", str(window.end)) if window.end else ()))
    elif not terms:
        yield from _named("--era", plan.eras)
    yield from _held(comparison)
    yield from _terms(plan, {"stop"} if terms.get("stop_after") is not None else set())
    yield from _source(comparison)


def _needs_a_file(plan: Plan, on_the_spot: bool, of_run: bool) -> bool:
    """Tell whether a plan declares what no option can."""
    eras = set(plan.era) - ({"window"} if of_run else set())
    known = all(name in ("allocation", f"my-{mix.base}") for name, mix in plan.strategy.items())
    mixes = bool(plan.strategy) and not (on_the_spot and known)
    return bool(eras or plan.symbol or plan.payments or mixes)


def _scenario(terms: dict[str, Any], era: str) -> Iterator[str]:
    usual = Scenario(like=terms["like"])
    history = era.removesuffix(f"-then-{usual.like}")
    said = {"history": history, "like": usual.like, "peak": terms["peak"], "depth": terms["depth"]}
    plain = {
        "history": "ai-run",
        "like": "dotcom",
        "peak": str(usual.peak or usual.bust.peak),
        "depth": 1,
    }
    for key, value in said.items():
        if value != plain[key]:
            yield from (f"--{key}", f"{value}")
    if terms["stop_after"] is not None:
        yield from ("--stop-after", str(terms["stop_after"]))
    for symbol, other in terms["counterparts"].items():
        if other != usual.counterpart(symbol):
            yield from ("--counterpart", f"{symbol}={other}")


def _held(comparison: Comparison) -> Iterator[str]:
    """Return what is held: strategies by name, weights and a rule, classes of the user's own."""
    own, plan = {kind.name for kind in comparison.own}, comparison.plan
    mixes = list(plan.strategy.values())
    bare = [name for name in plan.strategies if name not in own and name not in plan.strategy]
    yield from _named("--strategy", [mix.base for mix in mixes if mix.base] or bare)
    if mixes:
        yield from _mix(mixes[0])
    yield from _named("--own", (f"FILE.py:{kind.__name__}" for kind in comparison.own))


def _mix(mix: OwnStrategy) -> Iterator[str]:
    if mix.weights:
        yield from ("--weights", ",".join(f"{s}={w:.12g}" for s, w in mix.weights.items()))
    if mix.rebalance != "none":
        yield from ("--rebalance", mix.rebalance)
    if mix.late_listings:
        yield "--late-listings"


def _named(option: str, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield from (option, name)


def _terms(plan: Plan, but: set[str]) -> Iterator[str]:
    for key in _OPTIONS:
        value = getattr(plan, key)
        if key in but or value == Plan.model_fields[key].default:
            continue
        word = f"--{key.replace('_', '-')}"
        yield from (word,) if value is True else (word, _plain(value))
    yield from _named("--pause", (f"{first}:{last}" for first, last in plan.pause))
    yield from _named("--accept-jumps", map(str, plan.accept_jumps))


def _plain(value: float | str | date) -> str:
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _source(comparison: Comparison) -> Iterator[str]:
    """Name the sources; those that are files by a word that stands for them."""
    for each in comparison.plan.data:
        if comparison.plan.data != ("snapshot",):
            yield from ("--data", each if each in PROVIDERS else "PATH")


def markdown(comparison: Comparison, data: dict[str, Any]) -> str:
    """Return the summary for a forum post: sentence, terms, a table, notes, command, hash."""
    told, notes = verdict(comparison), numbered(r.warnings for r in comparison.results)
    lines = [f"**{_text(in_words(told.sentence))}**", "", _text(sentences(_said(comparison)))]
    for chapter in comparison.chapters:
        lines += ["", *_table(chapter, notes)]
    lines += ["", *(f"{number}. {_text(shown(note))}" for note, number in notes.items())]
    made = tr(
        "{provenance}: the SHA-256 of `data` in results.json, in full `{hash}`. "
        "`dca reproduce` runs a report again.",
        provenance=_text(provenance(comparison, data)),
        hash=data_hash(data),
    )
    return "\n".join([*lines, "", f"`{command(comparison)}`", "", made, ""])


def _table(chapter: Chapter, notes: Mapping[str, int]) -> Iterator[str]:
    measures = headline()
    window = {"first": str(chapter.start), "last": str(chapter.end)}
    bars = chapter.bars if spoken() == ENGLISH else bars_word(chapter.bars)
    title = chapter.era.title
    yield _text(tr("{era}: {first} to {last}, {bars} bars", era=title, **window, bars=bars))
    yield ""
    yield _row([" ", *(_text(shown(measure.title)) for measure in measures)])
    yield _row(["---", *["---:"] * len(measures)])
    for result in chapter.results:
        marks = " ".join(map(str, numbers(result.warnings, notes)))
        texts = [cells.cell(result.measures, measure).text for measure in measures]
        yield _row(map(_text, [f"{tagged(result)}{f' ({marks})' if marks else ''}", *texts]))


def _said(comparison: Comparison) -> list[str]:
    assumed = comparison.assumed
    past = tr("Past prices.")
    if assumed:
        said = shown(assumed.said)
        past = tr("{sentence}.", sentence=f"{said[:1].upper()}{said[1:]}")
    bars = (chapter.bars for chapter in comparison.chapters)
    return [*asked(comparison.plan, bars), past, tr("Not a forecast.")]


def _row(texts: Iterable[str]) -> str:
    return f"| {' | '.join(texts)} |"


def _text(words: str) -> str:
    """Write words so that no mark in them is one of Markdown's."""
    return _MARKS.sub(r"\\\1", visible(words.replace("\N{NO-BREAK SPACE}", " ")))
