"""Write a comparison down: results.json, ledgers and the report, all or nothing."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from backtests.comparison import Comparison
from backtests.digits import csv_lines, json_text, quoted
from backtests.measures.aftermath import Aftermath
from backtests.phases import PhaseFigures, phases
from backtests.report import sending
from backtests.report.formats import FORMATS, PLAIN
from backtests.report.results import SCHEMA, read_results
from backtests.report.wording import kept_in
from backtests.result import Result
from backtests.standings import standings
from data import atomic
from data.arrays import to_date
from data.errors import BadFolder, UnknownName
from data.language import say
from data.mixing import CASH, CPI
from data.prices import PriceTable

FILES = ("report.html", "results.json", "calendar.csv", "summary.md", "card.png")
FIGURES = ("value", "underwater", "overlay", "drawdowns", "weights")


def results_json(comparison: Comparison) -> str:
    """Return results.json: sorted keys, no timestamp, 12 significant digits."""
    content = {
        "schema": SCHEMA,
        "version": version("three-drawdowns"),
        "plan": _plan(comparison),
        "data": data_of(comparison),
        "runs": [_run(result) for result in comparison.results],
        "left_out": [
            *comparison.left_out,
            *(f"{c.era.name}: {text}" for c in comparison.chapters for text in c.left_out),
        ],
    }
    if comparison.plan.align:
        content["standings"] = [found.as_json() for found in standings(comparison)]
    return json_text(content)


def _plan(comparison: Comparison) -> dict[str, Any]:
    plan: dict[str, Any] = comparison.plan.model_dump(mode="json")
    # Where the prices lay on one machine says nothing: their source and hashes do.
    plan["data"] = next(iter(comparison.tables.values())).source
    plan["eras"] = [c.era.name for c in comparison.chapters]
    plan["strategies"] = list(dict.fromkeys(r.strategy for r in comparison.results))
    if not plan["accept_jumps"]:
        del plan["accept_jumps"]
    if comparison.assumed:
        plan["scenario"] = comparison.assumed.terms
    if comparison.own:
        # A class of the user's own lies in a module that is named by the hash of its file.
        plan["own"] = {kind.name: kind.__module__ for kind in comparison.own}
    return plan


def data_of(comparison: Comparison) -> dict[str, Any]:
    """Describe the prices used; a symbol used on a second resolution is keyed SYMBOL@bars."""
    symbols: dict[str, Any] = {}
    for bars, table in comparison.tables.items():
        used = {s for r in comparison.results if r.bars == bars for s in r.symbols}
        for symbol in sorted(used):
            key = symbol if bars == comparison.coarsest else f"{symbol}@{bars}"
            symbols[key] = _symbol(table, symbol)
    table = next(iter(comparison.tables.values()))
    rates = {s: table.sources[s] for s in (CASH, CPI) if s in table.sources}
    said = {"source": table.source, "bars": comparison.coarsest, "symbols": symbols}
    return said | ({"rates": rates} if rates else {})


def _symbol(table: PriceTable, symbol: str) -> dict[str, Any]:
    parts = table.parts.get(symbol, ())
    given = {"source": table.sources[symbol]} if symbol in table.sources else {}
    return given | {
        "first": table.first(symbol).isoformat(),
        "last": table.last(symbol).isoformat(),
        "rows": table.rows(symbol),
        "sha256": table.sha256(symbol),
        "parts": [[p.name, p.first.isoformat(), p.last.isoformat()] for p in parts],
    }


def _run(result: Result) -> dict[str, Any]:
    return {
        "strategy": result.strategy,
        "era": result.era.name,
        "start": to_date(result.course.dates[0]).isoformat(),
        "end": to_date(result.course.dates[-1]).isoformat(),
        "bars": len(result.course.dates),
        "resolution": result.bars,
        "contributions": int((result.course.flow > 0).sum()),
        "weights": result.weights,
        "rebalance": result.rebalance,
        "warnings": list(result.warnings),
        "metrics": result.measures.figures,
        "nulls": result.measures.nulls,
        "risk_free": "none: over 0" if result.course.bill is None else "T-bills",
        "drawdowns": [
            {
                "depth": fall.depth,
                "peak": fall.peak.isoformat(),
                "trough": fall.trough.isoformat(),
                "recovery": fall.recovery.isoformat() if fall.recovery else None,
                "bars": fall.bars,
            }
            for fall in result.course.drawdowns
        ],
        "phases": [_plain(found) for found in phases(result)],
        "years": [asdict(period) for period in result.years],
        "months": [asdict(period) for period in result.months],
        "final_shares": result.final_shares,
        **({"scenario": _plain(result.scenario)} if result.scenario else {}),
    }


def _plain(found: PhaseFigures | Aftermath) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in asdict(found).items()}


def ledger_csv(result: Result) -> str:
    """Return a run's ledger, one line a bar, numbers with 12 significant digits."""
    columns = result.ledger()
    lines = csv_lines(
        result.course.dates.astype(str).tolist(), np.column_stack(list(columns.values()))
    )
    return "\n".join(["date," + ",".join(columns), *lines, ""])


def calendar_csv(comparison: Comparison) -> str:
    """Return every run's calendar years and months, a line each; an empty cell is no figure."""
    lines = ["strategy,era,period,whole,assumed,strategy_return,account_return,gain"]
    for result in comparison.results:
        found = [*result.years, *result.months]
        run = f"{quoted(result.strategy)},{quoted(result.era.name)}"
        places = [f"{run},{p.period},{_yes(p.whole)},{_yes(p.assumed)}" for p in found]
        figures = [[p.strategy_return, p.account_return, p.gain] for p in found]
        lines += csv_lines(places, np.array(figures, dtype=np.float64))
    return "\n".join([*lines, ""])


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"


def write(comparison: Comparison, folder: Path, formats: Sequence[str] = PLAIN) -> Path:
    """Write the whole report to `folder`, all or nothing; return report.html's path.

    Its pictures are files in these `formats`.
    """
    for form in formats:
        if form not in FORMATS:
            raise UnknownName(say("format"), form, FORMATS)
    # Drawing takes longer to load than to do, and --json never needs it.
    from backtests.report.charts.draw import draw, draw_card
    from backtests.report.page import render_html

    data = data_of(comparison)
    with kept_in(comparison.plan.currency):
        figures = draw(comparison, formats)
        card = draw_card(comparison, lambda: sending.provenance(comparison, data))
        page = render_html(comparison, figures, version("three-drawdowns"))
        summary = sending.markdown(comparison, data)
    files = {
        "results.json": results_json(comparison),
        "calendar.csv": calendar_csv(comparison),
        "report.html": page,
        "summary.md": summary,
    }
    results = list(comparison.results)
    names = ledger_names([(result.strategy, result.era.name) for result in results])
    with atomic.replacing(folder, _replaceable(folder)) as fresh:
        (fresh / "figures").mkdir()
        (fresh / "ledgers").mkdir()
        for name, picture in (file for figure in figures for file in figure.files.items()):
            (fresh / "figures" / name).write_bytes(picture)
        for result, name in zip(results, names, strict=True):
            (fresh / "ledgers" / name).write_text(ledger_csv(result), encoding="ascii")
        (fresh / "card.png").write_bytes(card)
        for name, text in files.items():
            (fresh / name).write_text(text, encoding="utf-8")
    return folder / "report.html"


def ledger_names(runs: Sequence[tuple[str, str]]) -> list[str]:
    """Name a ledger for each strategy and era, no two alike on any file system.

    It is `strategy--era.csv` but for names that a file cannot have and for those that another run
    would share, in capitals or not: these end in a hash of their own.
    """
    plain = [f"{strategy}--{era}" for strategy, era in runs]
    often = Counter(name.casefold() for name in plain)
    return [
        f"{name}.csv" if often[name.casefold()] == 1 and _is_file_name(name) else _hashed(run)
        for name, run in zip(plain, runs, strict=True)
    ]


def _is_file_name(name: str) -> bool:
    """Tell whether every system takes the name; Windows keeps some for its devices."""
    device = re.match(r"(con|prn|aux|nul|com\d|lpt\d)\.", name, re.IGNORECASE)
    return bool(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{,149}", name)) and not device


def _hashed(run: tuple[str, str]) -> str:
    readable = re.sub(r"[^A-Za-z0-9_-]", "-", "--".join(run))[:100]
    return f"{readable}~{sha256(json.dumps(run).encode()).hexdigest()[:12]}.csv"


def refuse_foreign(folder: Path) -> None:
    """Raise BadFolder unless `folder` is absent, empty, or a report of ours and nothing else."""
    with atomic.writing(folder):
        atomic.refuse_foreign(atomic.resolved(folder), _replaceable(folder))


def _replaceable(folder: Path) -> list[str]:
    """List the files that the report in `folder` consists of; none where it is no report."""
    if not (folder / "results.json").exists():
        return []
    try:
        runs = [(run.strategy, run.era) for run in read_results(folder).runs]
    except BadFolder:
        return []
    pictures = [f"figures/{name}.{form}" for name in FIGURES for form in FORMATS]
    return [*FILES, *pictures, *(f"ledgers/{name}" for name in ledger_names(runs))]
