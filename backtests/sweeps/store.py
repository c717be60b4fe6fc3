"""Keep a sweep on disk as it comes: one file a chunk, whole or not there at all.

    DIR/sweep.json       what was asked, of which prices: a resumed sweep must ask the same
    DIR/parts/000017.csv rows of one chunk, written aside, synced and renamed into place
    DIR/rows.csv         all rows in order, joined at the end (rows.parquet by choice)
    DIR/summary.json     written last: its presence says that the sweep is complete

A chunk's rows depend on the request and its number alone, so that a sweep killed at any moment and
resumed ends with the bytes of an unbroken one.
"""

import csv
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import numpy as np

from backtests.sweeps.rows import Rows
from backtests.vectorized.measured import CORE
from data.errors import BadFolder, BadInput
from data.prices import Floats

Format = Literal["csv", "parquet"]
OURS = {"sweep.json", "parts", "rows.csv", "rows.parquet", "summary.json", "sweep.html", "fan.png"}
DIGITS = 12


class Store:
    """A sweep's folder."""

    def __init__(self, folder: Path, form: Format) -> None:
        if form == "parquet":
            _need_pyarrow()
        self.folder = folder
        self.form: Format = form
        self._parts = folder / "parts"

    def begin(self, asked: Mapping[str, Any], resume: bool) -> set[int]:
        """Open the folder for this request; return the chunks that it holds already."""
        try:
            return self._begin(json.dumps(asked, sort_keys=True, indent=1) + "\n", resume)
        except OSError as error:
            raise BadFolder(f"cannot write to {self.folder}: {error.strerror}") from error

    def _begin(self, asked: str, resume: bool) -> set[int]:
        self._refuse_foreign()
        request = self.folder / "sweep.json"
        if request.exists() and resume:
            _refuse_other(self.folder, request.read_text(encoding="utf-8"), asked)
        else:
            if any(self._parts.glob("[0-9]*")) and not self.complete:
                raise BadFolder(
                    f"{self.folder} holds an unfinished sweep; add --resume to go on with it, "
                    "or name another folder with --out"
                )
            self._clear()
            self._parts.mkdir(parents=True, exist_ok=True)
            write_whole(request, asked.encode())
        return {int(path.stem) for path in self._parts.glob(f"[0-9]*.{self.form}")}

    @property
    def complete(self) -> bool:
        """Tell whether the sweep was finished."""
        return (self.folder / "summary.json").exists()

    def save(self, rows: Rows, labels: Mapping[str, str]) -> None:
        """Write a chunk down, all or nothing."""
        data = _csv(rows, labels) if self.form == "csv" else _parquet(rows, labels)
        write_whole(self._part(rows.chunk.number), data)

    def columns(self, chunks: Sequence[int], names: Sequence[str]) -> Iterator[Floats]:
        """Read figures back chunk by chunk, shape (rows, names)."""
        for number in chunks:
            yield _read(self._part(number), names, self.form)

    def row(self, chunk: int, place: int) -> dict[str, Any]:
        """Return one row of a chunk by column."""
        path = self._part(chunk)
        if self.form == "csv":
            with path.open(encoding="utf-8", newline="") as file:
                return next(islice(csv.DictReader(file), place, None))
        import pyarrow.parquet as pq

        row: dict[str, Any] = pq.read_table(path).slice(place, 1).to_pylist()[0]
        return row

    def join(self, chunks: int) -> Path:
        """Join the parts in order; return the file."""
        target = self.folder / f"rows.{self.form}"
        parts = [self._part(number) for number in range(chunks)]
        aside = target.with_name(target.name + ".new")
        (_join_csv if self.form == "csv" else _join_parquet)(parts, aside)
        _settle(aside, target)
        return target

    def finish(self, summary: bytes) -> None:
        """Write the summary, which closes the sweep, and take the parts away."""
        write_whole(self.folder / "summary.json", summary)
        shutil.rmtree(self._parts, ignore_errors=True)

    def _part(self, number: int) -> Path:
        return self._parts / f"{number:06d}.{self.form}"

    def _refuse_foreign(self) -> None:
        if self.folder.is_symlink() or (self.folder.exists() and not self.folder.is_dir()):
            raise BadFolder(f"{self.folder} is not a folder; name another with --out")
        held = {p.name for p in self.folder.iterdir()} if self.folder.exists() else set()
        held -= {name + ".new" for name in OURS}
        if held - OURS or (held and "sweep.json" not in held):
            raise BadFolder(f"{self.folder} holds something else; name another folder with --out")

    def _clear(self) -> None:
        """Take an old sweep away; its summary first, so that no half looks whole."""
        for name in ("summary.json", *sorted(OURS - {"summary.json", "sweep.json"}), "sweep.json"):
            path = self.folder / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a kill leaves either all of it or nothing of it."""
    aside = path.with_name(path.name + ".new")
    with aside.open("wb") as file:
        file.write(data)
    _settle(aside, path)


def _settle(aside: Path, path: Path) -> None:
    with aside.open("rb") as file:
        os.fsync(file.fileno())
    aside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _refuse_other(folder: Path, held: str, asked: str) -> None:
    if held == asked:
        return
    try:
        before, now = json.loads(held), json.loads(asked)
        apart = sorted(k for k in {*before, *now} if before.get(k) != now.get(k))
        inner = [
            f"{k} {sub}" if sub else k
            for k in apart
            for sub in (_apart(before.get(k), now.get(k)) or [""])
        ]
    except (ValueError, AttributeError, TypeError):
        inner = ["sweep.json is damaged"]
    raise BadFolder(
        f"{folder} was begun with something else ({', '.join(inner[:5])}); "
        "ask the same again, or name another folder with --out"
    )


def _apart(one: Any, other: Any) -> list[str]:
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return []
    return sorted(k for k in {*one, *other} if one.get(k) != other.get(k))


def _names(rows: Rows) -> list[str]:
    return ["start", "end"] if any(rows.ends) else ["path"]


def _csv(rows: Rows, labels: Mapping[str, str]) -> bytes:
    """Write rows as text with 12 significant digits; what cannot be computed is left empty."""
    places = _names(rows)
    head = ",".join([*labels, *places, *CORE])
    fixed = ",".join(_quoted(text) for text in labels.values())
    shape = ",".join([f"%.{DIGITS}g"] * len(CORE))
    figures = (np.column_stack([rows.figures[name] for name in CORE]) + 0.0).tolist()
    where = [f"{a},{b}" if b else a for a, b in zip(rows.starts, rows.ends, strict=True)]
    texts = [(shape % tuple(line)).replace("nan", "") for line in figures]
    lines = [f"{fixed},{at},{text}" for at, text in zip(where, texts, strict=True)]
    return "\n".join([head, *lines, ""]).encode()


def _quoted(text: str) -> str:
    """Quote a cell that would not be one otherwise (RFC 4180)."""
    return '"' + text.replace('"', '""') + '"' if set(text) & {",", '"'} else text


def _parquet(rows: Rows, labels: Mapping[str, str]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    count = len(rows.starts)
    columns: dict[str, Any] = {name: pa.array([text] * count) for name, text in labels.items()}
    columns |= dict(zip(_names(rows), (rows.starts, rows.ends), strict=False))
    for name in CORE:
        values = rows.figures[name] + 0.0
        columns[name] = pa.array(values, mask=np.isnan(values))
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink)
    return bytes(sink.getvalue())


def _read(path: Path, names: Sequence[str], form: Format) -> Floats:
    if form == "parquet":
        import pyarrow.parquet as pq

        table = pq.read_table(path, columns=list(names))
        return np.column_stack([table[name].to_numpy() for name in names])
    _, *lines = path.read_text(encoding="utf-8").splitlines()
    # Figures stand at the end, where no name can shift them.
    at = [CORE.index(name) - len(CORE) for name in names]
    cells = [line.rsplit(",", len(CORE)) for line in lines]
    return np.array([[float(row[i]) if row[i] else np.nan for i in at] for row in cells])


def _join_csv(parts: Sequence[Path], target: Path) -> None:
    with target.open("wb") as out:
        for number, path in enumerate(parts):
            with path.open("rb") as part:
                head = part.readline()
                if number == 0:
                    out.write(head)
                shutil.copyfileobj(part, out)


def _join_parquet(parts: Sequence[Path], target: Path) -> None:
    import pyarrow.parquet as pq

    schema = pq.read_schema(parts[0])
    with pq.ParquetWriter(target, schema) as out:
        for path in parts:
            out.write_table(pq.read_table(path))


def _need_pyarrow() -> None:
    from importlib.util import find_spec

    if find_spec("pyarrow") is None:
        raise BadInput("--format parquet needs pyarrow: pip install 'three-drawdowns[parquet]'")
