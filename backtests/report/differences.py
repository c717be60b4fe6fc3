"""Say in what reports differ: their plans and prices in words, then their measures."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backtests.digits import quoted
from backtests.eras import ERAS
from backtests.measures.catalogue import Figure, Measure, headline
from backtests.plan import Plan
from backtests.report import results as written_down
from backtests.report.cells import written
from backtests.report.results import Results, Run, number_of
from backtests.report.wording import DASH, MINUS, amount, kept_in, listed, visible
from data.errors import printable
from data.language import say, say_each, say_in, shown, tr, tr_in
from strategies.dca import discovery

Key = tuple[str, str]
# What a term is called, and whether it is money or a fraction; others go by their own names.
_TERMS = {
    "monthly": (say("Paid in each period"), "money"),
    "initial": (say("Paid in first"), "money"),
    "every": (say("A payment each"), ""),
    "growth": (say("Growth of payments a year"), "percent"),
    "quit_at": (say("Sells all at a fall of"), "percent"),
    "fill": (say("Trades at the close"), ""),
    "fee_bps": (say("Fee on all that is traded"), "bps"),
    "fee_per_order": (say("Fee an order"), "money"),
    "fee_min": (say("Least fee an order"), "money"),
    "tax": (say("Tax on realised gains"), "percent"),
    "day": (say_in("of a plan", "day"), ""),
    "pause": (say_in("of a plan", "pause"), ""),
    "stop": (say_in("of a plan", "stop"), ""),
    "payments": (say_in("of a plan", "payments"), ""),
    "parts": (say_in("of a plan", "parts"), ""),
    "return_after": (say_in("of a plan", "return after"), ""),
    "whole_shares": (say_in("of a plan", "whole shares"), ""),
    "bars": (say_in("of a plan", "bars"), ""),
    "currency": (say_in("of a plan", "currency"), ""),
}
_NONE = say_in("value", "none")
# What changes no number of a run: how a report is called, what else it shows.
_BESIDE = {"name", "eras", "strategies", "align", "real", "data"}
_OF_A_RUN = {
    "start": say_in("of a run", "first bar"), "end": say_in("of a run", "last bar"),
    "resolution": say_in("of a run", "bars"), "weights": say_in("of a run", "weights"),
    "rebalance": say_in("of a run", "rebalanced"), "risk_free": say("Sharpe ratio"),
}  # fmt: skip
_PRICES = {"source": say("Prices from"), "rates": say("Rates from")}


@dataclass(frozen=True)
class Report:
    """A report that was read, by the name under which it is shown."""

    name: str
    folder: Path
    results: Results

    @property
    def runs(self) -> dict[Key, Run]:
        """The runs by era and strategy."""
        return {(run.era, run.strategy): run for run in self.results.runs}

    @property
    def currency(self) -> str:
        """The money it is in."""
        said = self.results.plan.get("currency", "USD")
        return said if isinstance(said, str) and said.isalpha() and len(said) == 3 else "USD"


def read(folders: Sequence[Path]) -> list[Report]:
    """Read reports, the first of which the others are held against; raises BadFolder."""
    names = [printable(folder.resolve().name) for folder in folders]
    return [
        Report(
            name if names.count(name) == 1 else printable(str(folder)),
            folder,
            written_down.read_results(folder),
        )
        for name, folder in zip(names, folders, strict=True)
    ]


def matched(reports: Sequence[Report]) -> list[Key]:
    """Return the runs that the first report shares with another, in its order."""
    return [key for key in reports[0].runs if any(key in other.runs for other in reports[1:])]


def unmatched(reports: Sequence[Report]) -> list[str]:
    """Say which runs a report has and another has not."""
    found = []
    for key in dict.fromkeys(key for report in reports for key in report.runs):
        absent = [report.name for report in reports if key not in report.runs]
        if absent:
            era, strategy = key
            absent_from = say_each(absent)
            found.append(
                tr("{strategy} in {era}: not in {reports}",
                   strategy=strategy, era=era, reports=absent_from)
            )  # fmt: skip
    return found


def inputs(reports: Sequence[Report]) -> list[str]:
    """Say what differs in what decides the numbers; empty where nothing does."""
    versions = [report.results.version for report in reports]
    found = [_apart(say("Version"), reports, versions)] if len(set(versions)) > 1 else []
    return [*found, *_terms(reports), *_prices(reports), *_held(reports)]


def _terms(reports: Sequence[Report]) -> Iterator[str]:
    plans = [dict(_leaves(_deciding(report.results.plan))) for report in reports]
    for place in dict.fromkeys(place for plan in plans for place in plan):
        said = [plan.get(place, _default(place)) for plan in plans]
        if _differ(said):
            title, unit = _TERMS.get(place[0], ("", ""))
            title = title or ", ".join(place).replace("_", " ")
            told = []
            for report, value in zip(reports, said, strict=True):
                with kept_in(report.currency):
                    told.append(_term(value, unit))
            yield _apart(title, reports, told)


def _deciding(plan: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in plan.items() if key not in _BESIDE}


def _leaves(thing: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(thing, dict):
        for key, value in thing.items():
            yield from _leaves(value, (*place, str(key)))
    else:
        yield place, thing


def _default(place: tuple[str, ...]) -> Any:
    field = Plan.model_fields.get(place[0]) if len(place) == 1 else None
    return field.get_default() if field else None


def _term(value: Any, unit: str) -> str:
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    if unit and isinstance(value, int | float):
        fraction = value / 10_000 if unit == "bps" else value
        return amount(fraction) if unit == "money" else tr("{rate:g} %", rate=fraction * 100)
    return shown(_NONE) if value in (None, []) else _short(value)


def _short(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _apart(title: str, reports: Sequence[Report], texts: Sequence[Any]) -> str:
    """Say what each report has, those together that have the same."""
    told: dict[str, list[str]] = {}
    for report, text in zip(reports, texts, strict=True):
        plain = printable(str(text).replace("\N{NO-BREAK SPACE}", " "), 80)
        told.setdefault(plain, []).append(report.name)
    title = shown(title)
    title = printable(f"{title[:1].upper()}{title[1:]}", 200)
    each = [
        say_in("reports", "{value} in {names}", value=text, names=listed(names))
        for text, names in told.items()
    ]
    return tr("{title}: {each}", title=title, each=say_each(each))


def _prices(reports: Sequence[Report]) -> Iterator[str]:
    for key, title in _PRICES.items():
        said = [report.results.data.get(key) for report in reports]
        if _differ(said):
            yield _apart(title, reports, [shown(_NONE) if s is None else _short(s) for s in said])
    several = [_symbols(report.results.data) for report in reports]
    together: dict[tuple[str, ...], list[str]] = {}
    for symbol in dict.fromkeys(symbol for symbols in several for symbol in symbols):
        there = [symbols[symbol] for symbols in several if symbol in symbols]
        if _differ([each.get("sha256") for each in there]):
            texts = tuple(_extent(symbols.get(symbol)) for symbols in several)
            together.setdefault(texts, []).append(symbol.partition("@")[0])
    for texts, symbols in together.items():
        every = say_each(list(dict.fromkeys(symbols)))
        yield _apart(say("Other prices of {symbols}", symbols=every), reports, texts)


def _symbols(data: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what a report says of each symbol on each resolution."""
    told = data.get("symbols")
    symbols = told if isinstance(told, dict) else {}
    return {
        key if "@" in key else f"{key}@{data.get('bars')}": value
        for key, value in symbols.items()
        if isinstance(value, dict)
    }


def _extent(told: Mapping[str, Any] | None) -> str:
    if not told:
        return shown(_NONE)
    return tr("{n} bars to {day}", n=told.get("rows"), day=told.get("last"))


def _held(reports: Sequence[Report]) -> Iterator[str]:
    together: dict[str, list[str]] = {}
    for key in matched(reports):
        there = [report for report in reports if key in report.runs]
        for field, title in _OF_A_RUN.items():
            said = [(report.runs[key].model_extra or {}).get(field) for report in there]
            if _differ(said):
                texts = [_short(value) for value in said]
                run = tr("{strategy} in {era}", strategy=key[1], era=key[0])
                together.setdefault(_apart(title, there, texts), []).append(run)
    for text, runs in together.items():
        yield tr("{sentence} ({runs})", sentence=text, runs=say_each(runs))


def _differ(values: Sequence[Any]) -> bool:
    return any(value != values[0] for value in values[1:])


def apart(reports: Sequence[Report]) -> list[tuple[str, str, Any, Any]]:
    """List every leaf that differs: where, in which report, the first's and the other's."""
    first, *others = reports
    return [
        (where, other.name, *pair)
        for other in others
        for where, *pair in _differing(first.results, other.results)
    ]


def _differing(one: Results, other: Results) -> Iterator[tuple[str, Any, Any]]:
    """Yield (where, one, other) for every leaf that is not equal; absent leaves are None."""
    flat_one, flat_other = dict(_flat(_keyed(one))), dict(_flat(_keyed(other)))
    for where in sorted(flat_one.keys() | flat_other.keys()):
        pair = flat_one.get(where), flat_other.get(where)
        if pair[0] != pair[1]:
            yield where, *pair


def _keyed(results: Results) -> dict[str, Any]:
    """Key the runs by strategy and era, so that their order does not matter."""
    runs = {f"{run.strategy}/{run.era}": run.model_dump() for run in results.runs}
    heads = {"schema": results.form, "version": results.version}
    return {**heads, "plan": results.plan, "data": results.data, **runs}


def _flat(thing: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(thing, dict) and thing:
        for key, value in thing.items():
            yield from _flat(value, f"{where}.{key}" if where else str(key))
    elif isinstance(thing, list) and thing:
        for position, value in enumerate(thing):
            yield from _flat(value, f"{where}[{position}]")
    else:
        yield where, thing


def alarm(reports: Sequence[Report]) -> str:
    """Say so where the same inputs gave other numbers; empty where all is explained."""
    first, *others = reports
    for other in others:
        both = [key for key in first.runs if key in other.runs]
        changed = [key for key in both if first.runs[key] != other.runs[key]]
        if changed and not inputs([first, other]):
            era, strategy = map(printable, changed[0])
            told = {"one": first.name, "other": other.name, "strategy": strategy, "era": era}
            if first.results.data.get("source") != "snapshot":
                return tr(
                    "ALARM: the same plan, prices and version gave other numbers in {one} and "
                    "{other} ({strategy} in {era}): one of them was changed by hand, had other "
                    "bills or consumer prices, or this is an error to report",
                    **told,
                )
            return tr(
                "ALARM: the same plan, prices and version gave other numbers in {one} and {other} "
                "({strategy} in {era}): one of them was changed by hand, or this is an error to "
                "report",
                **told,
            )
    return ""


@dataclass(frozen=True)
class Row:
    """A measure of one run in every report; None where a report has no such number."""

    key: Key
    measure: Measure
    figures: tuple[Figure, ...]

    def differs(self, reports: Sequence[Report]) -> bool:
        """Tell whether the figure of any report that has the run is written otherwise."""
        there = [at for at, report in enumerate(reports) if self.key in report.runs]
        return len({written(self.measure, self.figures[at], 2) for at in there}) > 1

    def change(self, at: int) -> tuple[float, str] | None:
        """Return by how much report `at` has more than the first, and in what: per cent, points."""
        one, other = self.figures[0], self.figures[at]
        if not (isinstance(one, int | float) and isinstance(other, int | float)):
            return None
        if self.measure.unit == "percent":
            return (other - one) * 100, "points"
        if self.measure.unit in ("money", "price"):
            return ((other / one - 1) * 100, "%") if one else None
        return other - one, ""

    def texts(self, reports: Sequence[Report]) -> list[str]:
        """Write the first report's figure, then each other's with its change."""
        found = []
        for at, report in enumerate(reports):
            with kept_in(report.currency):
                found.append(written(self.measure, self.figures[at], 2))
            if at:
                same_money = report.currency == reports[0].currency
                found.append(_changed(self.change(at)) if same_money else DASH)
        return found


def rows(reports: Sequence[Report], measures: Sequence[Measure]) -> Iterator[Row]:
    """Yield measures of the matched runs, run by run."""
    several = [report.runs for report in reports]
    for key in matched(reports):
        for measure in measures:
            figures = (_figure(runs.get(key), measure) for runs in several)
            yield Row(key, measure, tuple(figures))


def _figure(run: Run | None, measure: Measure) -> Figure:
    """Take a figure from a run that anyone may have written."""
    figure = run.metrics.get(measure.key) if run else None
    if measure.unit == "date":
        return printable(figure) if isinstance(figure, str) else None
    return number_of(figure)


def _changed(change: tuple[float, str] | None) -> str:
    if change is None:
        return DASH
    by, unit = change
    if not by:
        return tr_in("figure", "same")
    text = f"{abs(by):,.2f}" if unit else f"{abs(by):g}"
    text = text if text.strip("0.") else f"{abs(by):.1g}"
    text = f"{MINUS if by < 0 else '+'}{text}"
    if unit == "points":
        return tr("{change} points", change=text)
    return tr("{change} %", change=text) if unit else text


def sentence(reports: Sequence[Report]) -> str:
    """Say by how much what the runs were worth at the end differs, from least to most."""
    (worth,) = (measure for measure in headline() if measure.key == "final_value")
    found = [
        (change[0], row.key)
        for row in rows(reports, [worth])
        for at in range(1, len(reports))
        if reports[at].currency == reports[0].currency and (change := row.change(at))
    ]
    if not found:
        return tr("No run is in two of the reports with a worth to compare")
    (least, where), (most, there) = min(found), max(found)
    ends = _changed((least, "%")), _changed((most, "%"))
    if ends[0] == ends[1]:
        return tr("Worth at the end: {change} in every run", change=ends[0])
    return tr(
        "Worth at the end: {least} ({where}) to {most} ({there})",
        least=ends[0], where=_run(where), most=ends[1], there=_run(there),
    )  # fmt: skip


def _run(key: Key) -> str:
    era, strategy = map(printable, key)
    return tr("{strategy}, {era}", strategy=strategy, era=era)


def strategy_title(name: str) -> str:
    """Return what a strategy of ours is called, else the name."""
    if name not in discovery.names():
        return visible(name)
    return shown(discovery.strategy(name).title) or name


def era_title(reports: Sequence[Report], name: str) -> str:
    """Return what an era is called: by the plan that declared it, else by us, else its name."""
    for report in reports:
        declared = report.results.plan.get("era")
        own = declared.get(name) if isinstance(declared, dict) else None
        if isinstance(own, dict):
            title = own.get("title")
            return title if isinstance(title, str) and title else name
    return shown(ERAS[name].title) if name in ERAS else name


def csv(reports: Sequence[Report], measures: Sequence[Measure]) -> str:
    """Return a line for each run, measure and report beside the first; empty is no figure."""
    lines = ["era,strategy,measure,unit,first,report,first_figure,figure,change,change_unit"]
    for row in rows(reports, measures):
        for at, other in enumerate(reports[1:], start=1):
            by, unit = row.change(at) or ("", "")
            figures = [_plain(row.figures[0]), _plain(row.figures[at]), _plain(by)]
            names = [*row.key, row.measure.key, row.measure.unit, reports[0].name, other.name]
            lines.append(",".join([*map(quoted_name, names), *figures, unit]))
    return "\n".join([*lines, ""])


def quoted_name(text: str) -> str:
    """Quote a name; none begins a formula where a spreadsheet reads it."""
    return quoted(f"'{text}" if text[:1] in "=+-@" and text else text)


def _plain(figure: Figure) -> str:
    return f"{figure:.12g}" if isinstance(figure, float) else quoted_name(str(figure or ""))
