"""Write the exact tables of a run with their hashes, and read them back bit for bit.

A freeze is a folder: one wide CSV a resolution, every float written so that it comes back the same,
and a manifest with the hash of each and all that a table says beside its prices.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from data import atomic
from data.errors import BadPrices, printable
from data.files.choice import Ask
from data.files.csv_table import read_csv
from data.files.raw import file_bytes
from data.language import say
from data.notes import Fault, Note
from data.options import Dialect
from data.prices import Bars, Part, PriceTable
from data.rates import Cpi
from data.recalled import recalled
from data.shape import refusal

MANIFEST = "dca-freeze.json"
# Sources whose prices an older freeze holds in dollars without saying so.
_IN_DOLLARS = ("snapshot", "yahoo")
FORMAT = 2
_BARS: tuple[Bars, ...] = ("daily", "weekly", "monthly")
_LARGEST_MANIFEST = 10_000_000


class _Format(BaseModel):
    """What every version of a manifest says."""

    format: int


class _Facts(BaseModel):
    """What a table says beside its prices, and the hash of the file that holds these."""

    model_config = ConfigDict(extra="forbid", strict=True)

    sha256: str
    symbols: dict[str, str]
    source: str
    listed: dict[str, date]
    ended: dict[str, date]
    last_prices: dict[str, float]
    notes: dict[str, tuple[Note, ...]]
    parts: dict[str, tuple[Part, ...]]
    cpi: dict[str, float | None] | None
    warnings: tuple[Note, ...]
    faults: tuple[Fault, ...]
    sources: dict[str, str] = {}
    currency: str = ""
    risk_free: bool = True
    exchanges: dict[str, str] = {}
    lacking: dict[str, str] = {}


class _Manifest(BaseModel):
    """A freeze: its version, its tables and the hash of what is said of them."""

    model_config = ConfigDict(extra="forbid", strict=True)

    format: int
    tables: dict[Bars, _Facts]
    sha256: str


def is_freeze(path: Path) -> bool:
    """Say whether `path` is a folder written by `write`."""
    return path.is_dir() and (path / MANIFEST).is_file()


def write(tables: Mapping[Bars, PriceTable], folder: Path) -> None:
    """Write `tables` into a new folder, or over an older freeze; raises BadFolder."""
    with atomic.writing(folder):
        ours = (MANIFEST, *(f"{bars}.csv" for bars in _BARS)) if is_freeze(folder) else ()
    with atomic.replacing(folder, ours) as fresh:
        facts = {bars: _write_table(fresh, table) for bars, table in tables.items()}
        manifest = _Manifest(format=FORMAT, tables=facts, sha256=_hash(facts))
        text = manifest.model_dump_json(indent=1, exclude_unset=True)
        (fresh / MANIFEST).write_bytes(text.encode())


def read(folder: Path) -> Mapping[Bars, PriceTable]:
    """Return the tables of a freeze; raises BadPrices where anything was changed since."""
    name = printable(folder.name)
    raw = file_bytes(folder / MANIFEST, _LARGEST_MANIFEST)
    try:
        if _Format.model_validate_json(raw).format != FORMAT:
            raise BadPrices(
                say("{name} is a freeze of another version; freeze the tables again", name=name)
            )
        manifest = _Manifest.model_validate_json(raw)
        if manifest.sha256 != _hash(manifest.tables):
            raise BadPrices(
                say(
                    "{name}: {file} was changed after the freeze; freeze it again",
                    name=name,
                    file=MANIFEST,
                )
            )
        return {b: _read_table(folder, b, facts) for b, facts in manifest.tables.items()}
    except ValidationError as error:
        why = refusal(error, _Manifest)
        raise BadPrices(
            say(
                "{name}: its {file} is damaged: {why}; freeze the tables again",
                name=name,
                file=MANIFEST,
                why=why,
            )
        ) from error


def _write_table(folder: Path, table: PriceTable) -> _Facts:
    raw = _csv(table)
    (folder / f"{table.bars}.csv").write_bytes(raw)
    return _Facts(
        sha256=sha256(raw).hexdigest(),
        symbols={s: table.sha256(s) for s in table.symbols},
        source=table.source,
        listed=dict(table.listed),
        ended=dict(table.ended),
        last_prices=dict(table.last_prices),
        notes=dict(table.notes),
        parts=dict(table.parts),
        cpi=_cpi_as_json(table.cpi),
        warnings=table.warnings,
        faults=table.faults,
        **({"sources": dict(table.sources)} if table.sources else {}),
        **({"exchanges": dict(table.exchanges)} if table.exchanges else {}),
        **({"lacking": dict(table.lacking)} if table.lacking else {}),
        currency=table.currency,
        risk_free=table.risk_free,
    )


def _hash(facts: Mapping[Bars, _Facts]) -> str:
    # What an older version does not know is left out where nothing is said.
    said = {b: table.model_dump(mode="json", exclude_unset=True) for b, table in facts.items()}
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _csv(table: PriceTable) -> bytes:
    lines = [",".join(["date", *table.symbols])]
    for day, row in zip(table.dates, table.closes.tolist(), strict=True):
        lines.append(",".join([str(day), *("" if cell != cell else repr(cell) for cell in row)]))
    return ("\n".join(lines) + "\n").encode()


def _read_table(folder: Path, bars: Bars, facts: _Facts) -> PriceTable:
    name, path = printable(folder.name), folder / f"{bars}.csv"
    if sha256(file_bytes(path)).hexdigest() != facts.sha256:
        raise BadPrices(
            say(
                "{name}: {file} was changed after the freeze; freeze it again, or name {file} "
                "itself to use it as a file of your own",
                name=name,
                file=path.name,
            )
        )
    read = read_csv(path, Ask(Dialect("ymd", "point"), exact=True))
    table = PriceTable(
        read.dates,
        read.names,
        read.values,
        bars,
        facts.source,
        listed=facts.listed,
        ended=facts.ended,
        last_prices=facts.last_prices,
        notes={s: _again(notes) for s, notes in facts.notes.items()},
        parts={
            s: tuple(replace(part, name=recalled(part.name)) for part in parts)
            for s, parts in facts.parts.items()
        },
        cpi=_cpi(name, facts.cpi),
        warnings=_again(facts.warnings),
        faults=tuple(
            replace(f, text=recalled(f.text), advice=recalled(f.advice)) for f in facts.faults
        ),
        sources=facts.sources,
        currency=facts.currency or ("USD" if facts.source in _IN_DOLLARS else ""),
        risk_free=facts.risk_free,
        exchanges=facts.exchanges,
        lacking={s: recalled(why) for s, why in facts.lacking.items()},
    )
    if facts.symbols != {s: table.sha256(s) for s in table.symbols}:
        raise BadPrices(
            say(
                "{name}: {one} and {other} do not agree; freeze it again",
                name=name,
                one=path.name,
                other=MANIFEST,
            )
        )
    return table


def _again(notes: Iterable[Note]) -> tuple[Note, ...]:
    return tuple(replace(note, text=recalled(note.text)) for note in notes)


def _cpi_as_json(cpi: Cpi | None) -> dict[str, float | None] | None:
    if cpi is None:
        return None
    months = np.datetime_as_string(cpi.months, unit="M").tolist()
    return dict(zip(months, (None if x != x else x for x in cpi.levels.tolist()), strict=True))


def _cpi(name: str, facts: dict[str, float | None] | None) -> Cpi | None:
    if not facts:
        return None
    try:
        months = np.array(list(facts), dtype="datetime64[M]")
    except ValueError as error:
        raise BadPrices(
            say(
                "{name}: its {file} holds a month that is none ({why})",
                name=name,
                file=MANIFEST,
                why=str(error),
            )
        ) from error
    return Cpi(months, np.array(list(facts.values()), dtype=np.float64))
