"""Write the exact tables of a run with their hashes, and read them back bit for bit.

A freeze is a folder: one wide CSV a resolution, every float written so that it comes back the same,
and a manifest with the hash of each and all that a table says beside its prices.
"""

import json
import shutil
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from data import atomic
from data.errors import BadFolder, BadPrices, printable
from data.files.csv_table import read_wide
from data.files.raw import file_bytes
from data.notes import Note
from data.options import Dialect
from data.prices import Bars, Part, PriceTable
from data.rates import Cpi

MANIFEST = "dca-freeze.json"
FORMAT = 2
_BARS: tuple[Bars, ...] = ("daily", "weekly", "monthly")
_LARGEST_MANIFEST = 10_000_000


def is_freeze(path: Path) -> bool:
    """Say whether `path` is a folder written by `write`."""
    return path.is_dir() and (path / MANIFEST).is_file()


def _only_a_freeze(folder: Path) -> bool:
    """Say whether replacing `folder` would lose nothing but an older freeze."""
    ours = {MANIFEST, *(f"{bars}.csv" for bars in _BARS)}
    return is_freeze(folder) and {entry.name for entry in folder.iterdir()} <= ours


def write(tables: Mapping[Bars, PriceTable], folder: Path) -> None:
    """Write `tables` into a new folder, or over an older freeze; raises BadFolder, half-done never.

    The folder is made beside its place and moved there when it is whole.
    """
    if folder.exists() and not _only_a_freeze(folder):
        raise BadFolder(
            f"{printable(str(folder), 200)} exists and is no freeze; name another folder"
        )
    building = folder.with_name(f".{folder.name}.building")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir()
        facts: dict[str, Any] = {b: _write_table(building, t) for b, t in tables.items()}
        manifest = {"format": FORMAT, "tables": facts, "sha256": _hash(facts)}
        text = json.dumps(manifest, sort_keys=True, indent=1) + "\n"
        atomic.write(building / MANIFEST, text.encode())
        if folder.exists():
            shutil.rmtree(folder)
        building.rename(folder)
    except OSError as error:
        raise BadFolder(f"cannot write {printable(str(folder), 200)}: {error.strerror}") from error
    finally:
        shutil.rmtree(building, ignore_errors=True)


def read(folder: Path) -> Mapping[Bars, PriceTable]:
    """Return the tables of a freeze; raises BadPrices where anything was changed since."""
    name = printable(folder.name)
    try:
        manifest = json.loads(file_bytes(folder / MANIFEST, _LARGEST_MANIFEST))
        if manifest["format"] != FORMAT:
            raise BadPrices(f"{name} is a freeze of another version; freeze the tables again")
        if manifest["sha256"] != _hash(manifest["tables"]):
            raise BadPrices(f"{name}: {MANIFEST} was changed after the freeze; freeze it again")
        return {
            bars: _read_table(folder, bars, manifest["tables"][bars])
            for bars in _BARS
            if bars in manifest["tables"]
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadPrices(
            f"{name}: its {MANIFEST} is damaged ({printable(str(error))}); freeze the tables again"
        ) from error


def _write_table(folder: Path, table: PriceTable) -> dict[str, Any]:
    raw = _csv(table)
    atomic.write(folder / f"{table.bars}.csv", raw)
    return {
        "sha256": sha256(raw).hexdigest(),
        "symbols": {s: table.sha256(s) for s in table.symbols},
        "source": table.source,
        "listed": {s: d.isoformat() for s, d in table.listed.items()},
        "ended": {s: d.isoformat() for s, d in table.ended.items()},
        "notes": {s: [[n.kind, n.text] for n in notes] for s, notes in table.notes.items()},
        "parts": {
            s: [[p.name, p.first.isoformat(), p.last.isoformat(), p.no_costs] for p in parts]
            for s, parts in table.parts.items()
        },
        "cpi": _cpi_as_json(table.cpi),
        "warnings": [[note.kind, note.text] for note in table.warnings],
    }


def _hash(facts: dict[str, Any]) -> str:
    return sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _csv(table: PriceTable) -> bytes:
    lines = [",".join(["date", *table.symbols])]
    for day, row in zip(table.dates, table.closes.tolist(), strict=True):
        lines.append(",".join([str(day), *("" if cell != cell else repr(cell) for cell in row)]))
    return ("\n".join(lines) + "\n").encode()


def _read_table(folder: Path, bars: Bars, facts: dict[str, Any]) -> PriceTable:
    path = folder / f"{bars}.csv"
    if sha256(file_bytes(path)).hexdigest() != facts["sha256"]:
        raise BadPrices(
            f"{printable(folder.name)}: {path.name} was changed after the freeze; freeze it again, "
            f"or name {path.name} itself to use it as a file of your own"
        )
    columns = read_wide(path, Dialect())
    return PriceTable(
        columns.dates,
        columns.names,
        columns.values,
        bars,
        str(facts["source"]),
        listed=_days(facts["listed"]),
        ended=_days(facts["ended"]),
        notes={s: _notes(s, said) for s, said in facts["notes"].items()},
        parts={s: tuple(_part(p) for p in parts) for s, parts in facts["parts"].items()},
        cpi=_cpi_from_json(facts["cpi"]),
        warnings=_notes("", facts["warnings"]),
    )


def _days(facts: dict[str, str]) -> dict[str, date]:
    return {symbol: date.fromisoformat(text) for symbol, text in facts.items()}


def _notes(symbol: str, facts: list[list[Any]]) -> tuple[Note, ...]:
    return tuple(Note(kind, symbol, text) for kind, text in facts)


def _part(facts: list[Any]) -> Part:
    name, first, last, no_costs = facts
    return Part(name, date.fromisoformat(first), date.fromisoformat(last), no_costs)


def _cpi_as_json(cpi: Cpi | None) -> list[list[Any]] | None:
    if cpi is None:
        return None
    levels = [None if level != level else level for level in cpi.levels.tolist()]
    return [np.datetime_as_string(cpi.months, unit="M").tolist(), levels]


def _cpi_from_json(facts: list[list[Any]] | None) -> Cpi | None:
    if facts is None:
        return None
    months, levels = facts
    return Cpi(np.array(months, dtype="datetime64[M]"), np.array(levels, dtype=np.float64))
