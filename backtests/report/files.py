"""Write a comparison down: results.json, ledgers and the report, all or nothing."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from backtests.comparison import Comparison
from backtests.engine import as_mapping
from backtests.phases import PhaseFigures, phases
from backtests.result import Result
from data.errors import BadFolder
from data.prices import PriceTable, to_date

SCHEMA = 1
DIGITS = 12
OURS = {"report.html", "results.json", "figures", "ledgers"}


def results_json(comparison: Comparison) -> str:
    """Return results.json: sorted keys, no timestamp, 12 significant digits."""
    content = {
        "schema": SCHEMA,
        "version": version("three-drawdowns"),
        "plan": _plan(comparison),
        "data": _data(comparison),
        "runs": [_run(result) for result in comparison.results],
        "left_out": [
            *comparison.left_out,
            *(f"{c.era.name}: {text}" for c in comparison.chapters for text in c.left_out),
        ],
    }
    return json.dumps(rounded(content), sort_keys=True, indent=1, allow_nan=False) + "\n"


def rounded(thing: Any) -> Any:
    """Round every number inside to 12 significant digits."""
    if isinstance(thing, dict):
        return {str(key): rounded(value) for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [rounded(value) for value in thing]
    if isinstance(thing, float):
        return float(f"{thing:.{DIGITS}g}") + 0.0
    return thing


def _plan(comparison: Comparison) -> dict[str, Any]:
    plan: dict[str, Any] = comparison.plan.model_dump(mode="json")
    # Where the prices lay on one machine says nothing: their source and hashes do.
    plan["data"] = next(iter(comparison.tables.values())).source
    plan["eras"] = [c.era.name for c in comparison.chapters]
    plan["strategies"] = list(dict.fromkeys(r.strategy for r in comparison.results))
    if comparison.own:
        # A class of the user's own lies in a module that is named by the hash of its file.
        plan["own"] = {kind.name: kind.__module__ for kind in comparison.own}
    return plan


def _data(comparison: Comparison) -> dict[str, Any]:
    """Describe the prices used; a symbol used on a second resolution is keyed SYMBOL@bars."""
    symbols: dict[str, Any] = {}
    for bars, table in comparison.tables.items():
        used = {s for r in comparison.results if r.bars == bars for s in r.symbols}
        for symbol in sorted(used):
            key = symbol if bars == comparison.coarsest else f"{symbol}@{bars}"
            symbols[key] = _symbol(table, symbol)
    source = next(iter(comparison.tables.values())).source
    return {"source": source, "bars": comparison.coarsest, "symbols": symbols}


def _symbol(table: PriceTable, symbol: str) -> dict[str, Any]:
    parts = table.parts.get(symbol, ())
    return {
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
        "start": to_date(result.dates[0]).isoformat(),
        "end": to_date(result.dates[-1]).isoformat(),
        "bars": len(result.dates),
        "resolution": result.bars,
        "contributions": int((result.flow > 0).sum()),
        "weights": result.weights,
        "rebalance": result.rebalance,
        "warnings": list(result.warnings),
        "metrics": result.measures.figures,
        "nulls": result.measures.nulls,
        "risk_free": "none: over 0" if result.bill is None else "T-bills",
        "drawdowns": [
            {
                "depth": fall.depth,
                "peak": fall.peak.isoformat(),
                "trough": fall.trough.isoformat(),
                "recovery": fall.recovery.isoformat() if fall.recovery else None,
                "bars": fall.bars,
            }
            for fall in result.drawdowns
        ],
        "phases": [_phase(found) for found in phases(result)],
        "final_shares": as_mapping(result),
    }


def _phase(found: PhaseFigures) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in asdict(found).items()}


def ledger_csv(result: Result) -> str:
    """Return a run's ledger, one line a bar, numbers with 12 significant digits."""
    columns = result.ledger()
    lines = ["date," + ",".join(columns)]
    shape = ",".join([f"%.{DIGITS}g"] * len(columns))
    rows = np.column_stack(list(columns.values())).tolist()
    days = result.dates.astype(str).tolist()
    lines += [f"{day},{shape % tuple(row)}" for day, row in zip(days, rows, strict=True)]
    return "\n".join(lines) + "\n"


def write(comparison: Comparison, folder: Path) -> Path:
    """Write the whole report to `folder`, all or nothing; return report.html's path."""
    # Drawing takes longer to load than to do, and --json never needs it.
    from backtests.report.charts.draw import draw
    from backtests.report.page import render_html

    figures = draw(comparison)
    page = render_html(comparison, figures, version("three-drawdowns"))
    with replacing(folder) as fresh:
        (fresh / "figures").mkdir()
        (fresh / "ledgers").mkdir()
        for figure in figures:
            (fresh / "figures" / f"{figure.name}.png").write_bytes(figure.png)
        for result in comparison.results:
            name = f"{result.strategy}--{result.era.name}.csv"
            (fresh / "ledgers" / name).write_text(ledger_csv(result), encoding="ascii")
        (fresh / "results.json").write_text(results_json(comparison), encoding="utf-8")
        (fresh / "report.html").write_text(page, encoding="utf-8")
    return folder / "report.html"


def refuse_foreign(folder: Path) -> None:
    """Raise BadFolder unless `folder` is absent, empty, or a report of ours and nothing else."""
    try:
        if not folder.exists() and not folder.is_symlink():
            return
        if folder.is_symlink() or not folder.is_dir():
            raise BadFolder(f"{folder} is not a folder; name another with --out")
        held = {entry.name for entry in folder.iterdir()}
        if not held:
            return
        if held - OURS or not _is_report(folder / "results.json"):
            raise BadFolder(f"{folder} holds more than a report; name another folder with --out")
    except OSError as error:
        raise BadFolder(f"cannot look into {folder}: {error.strerror}") from error


def _is_report(results: Path) -> bool:
    try:
        content = json.loads(results.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(content, dict) and {"schema", "runs"} <= content.keys()


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """Give a fresh folder beside `folder` and put it in its place at the end, or leave nothing."""
    refuse_foreign(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OSError as error:
        raise BadFolder(f"cannot write to {folder.parent}: {error.strerror}") from error
    try:
        yield fresh
        fresh.chmod(0o755)
        _swap(fresh, folder)
    except OSError as error:
        raise BadFolder(f"cannot write {folder}: {error.strerror}") from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _swap(fresh: Path, folder: Path) -> None:
    """Rename `fresh` to `folder`; an old report stands aside until the new one is in place."""
    if not folder.exists():
        fresh.rename(folder)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.old.", dir=folder.parent))
    try:
        folder.rename(aside / folder.name)
        try:
            fresh.rename(folder)
        except OSError:
            (aside / folder.name).rename(folder)
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
