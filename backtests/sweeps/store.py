"""Keep a sweep on disk as it comes: one file a chunk, whole or not there at all.

    DIR/parts/sweep.json    what was asked, of which prices: a resumed sweep must ask the same
    DIR/parts/000017.part   rows of one chunk: a hash, then numbers as they are in memory
    DIR/rows.csv            all rows in order (rows.parquet by choice); it comes when all is done,
                            and at once with sweep.json, summary.json and the report

A chunk's rows depend on the request and its number alone, so that a sweep killed at any moment and
resumed ends with the bytes of an unbroken one. An older finished sweep stays until then.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from backtests.digits import csv_lines, json_text, quoted
from backtests.measures.running import KEPT
from backtests.sweeps.request import Chunk, Layout
from backtests.sweeps.rows import Rows
from data import atomic
from data.arrays import Floats
from data.errors import BadFolder, BadInput
from data.language import say, say_each

Format = Literal["csv", "parquet"]
FINISHED = ("sweep.json", "summary.json", "rows.csv", "rows.parquet", "sweep.html",
            "fan.png", "fan.svg", "fan.pdf", "quits.png", "quits.svg", "quits.pdf")  # fmt: skip
OURS = (*FINISHED, "parts/sweep.json", "parts/[0-9]*.part", "parts/.dca-*")
_DIGEST_BYTES = 32
_NUMBERS: list[tuple[Any, ...]] = [("figures", "<f8", (len(KEPT),))]
_PATHS = np.dtype(_NUMBERS)
_WINDOWS = np.dtype([*_NUMBERS, ("start", "S10"), ("end", "S10")])


class Store:
    """A sweep's folder."""

    def __init__(self, folder: Path, form: Format = "csv") -> None:
        if form == "parquet":
            _need_pyarrow()
        self.folder = folder
        self.form: Format = form
        self._parts = folder / "parts"

    @contextmanager
    def opened(self, layout: Layout, asked: Mapping[str, Any], resume: bool) -> Iterator[set[int]]:
        """Keep the folder for this request alone; give the numbers of the chunks it holds."""
        with atomic.locked(self.folder) as place:
            self._layout, self._asked = layout, json_text(asked)
            windows = layout.request.bootstrap is None
            self._type = _WINDOWS if windows else _PATHS
            self._place_names = ("start", "end") if windows else ("path",)
            with atomic.writing(self.folder):
                atomic.refuse_foreign(place, OURS)
                done = self._begin(resume)
            yield done

    def _begin(self, resume: bool) -> set[int]:
        request, begun = self._parts / "sweep.json", self.parts > 0
        if begun and not resume:
            raise BadFolder(
                say(
                    "{folder} holds an unfinished sweep; add --resume to go on with it, or name "
                    "another folder with --out",
                    folder=str(self.folder),
                )
            )
        if resume:
            self._refuse_other(request if begun else self.folder / "sweep.json")
        if resume and self.complete:
            return {chunk.number for chunk in self._layout.chunks}
        self._parts.mkdir(parents=True, exist_ok=True)
        for litter in self._parts.glob(".dca-*"):
            litter.unlink()
        atomic.write(request, self._asked.encode())
        return {chunk.number for chunk in self._layout.chunks if self._is_whole(chunk)}

    def _refuse_other(self, held: Path) -> None:
        """Refuse a sweep that was asked something else; a damaged file says nothing of it."""
        try:
            before, now = (_flat(json.loads(text)) for text in (held.read_bytes(), self._asked))
        except (OSError, ValueError, AttributeError, RecursionError):
            return
        apart = sorted(k for k in {*before, *now} if before.get(k) != now.get(k))
        if apart:
            raise BadFolder(
                say(
                    "{folder} was begun with something else ({keys}); ask the same again, or name "
                    "another folder with --out",
                    folder=str(self.folder),
                    keys=say_each(apart[:5]),
                )
            )

    @property
    def complete(self) -> bool:
        """Tell whether a finished sweep is there, and no other is on its way."""
        return (self.folder / "summary.json").exists() and not self._parts.exists()

    @property
    def parts(self) -> int:
        """Count the chunks that are on disk."""
        return sum(1 for _ in self._parts.glob("[0-9]*.part"))

    def save(self, rows: Rows) -> None:
        """Write a chunk down."""
        table = np.empty(len(rows.starts), self._type)
        table["figures"] = np.column_stack([rows.figures[name] for name in KEPT])
        if self._type == _WINDOWS:
            table["start"], table["end"] = rows.starts, rows.ends
        content = table.tobytes()
        with atomic.writing(self.folder):
            atomic.write(self._part(rows.chunk), self._digest(rows.chunk, content) + content)

    def figures(self, chunk: Chunk) -> Floats:
        """Read a chunk's figures, shape (rows, KEPT)."""
        return np.asarray(self._table(chunk)["figures"])

    def blocks(self, chunks: Iterable[Chunk], names: Iterable[str]) -> Iterator[Floats]:
        """Read some figures of many chunks, each of shape (rows, names)."""
        columns = [KEPT.index(name) for name in names]
        return (self.figures(chunk)[:, columns] for chunk in chunks)

    def places(self, chunk: Chunk) -> list[str]:
        """Say which window, `first day,last day`, or which path each row of a chunk is."""
        if self._type == _PATHS:
            return [str(path) for path in range(chunk.first, chunk.stop)]
        table = self._table(chunk)
        days = np.stack([table["start"], table["end"]], axis=1).astype("U10")
        return [",".join(row) for row in days.tolist()]

    @contextmanager
    def finishing(self) -> Iterator[dict[str, bytes]]:
        """Write the rows; put them, and the files given then, in the place of whatever was there.

        All of it changes at once.
        """
        with atomic.replacing(self.folder, OURS) as fresh:
            (self._write_csv if self.form == "csv" else self._write_parquet)(fresh)
            files = {"sweep.json": self._asked.encode()}
            yield files
            for name, content in files.items():
                (fresh / name).write_bytes(content)

    def _part(self, chunk: Chunk) -> Path:
        return self._parts / f"{chunk.number:06d}.part"

    def _digest(self, chunk: Chunk, content: bytes) -> bytes:
        rows = chunk.stop - chunk.first
        return sha256(f"{self._asked}{chunk.number} {rows}\n".encode() + content).digest()

    def _is_whole(self, chunk: Chunk) -> bool:
        """Tell whether a part is what was written, all of it and for this request."""
        try:
            raw = self._part(chunk).read_bytes()
        except OSError:
            return False
        content = raw[_DIGEST_BYTES:]
        length = (chunk.stop - chunk.first) * self._type.itemsize
        return len(content) == length and raw == self._digest(chunk, content) + content

    def _table(self, chunk: Chunk) -> NDArray[Any]:
        return np.fromfile(self._part(chunk), self._type, offset=_DIGEST_BYTES)

    def _write_csv(self, fresh: Path) -> None:
        """Write numbers with 12 significant digits; what cannot be computed is left empty."""
        with (fresh / "rows.csv").open("w", encoding="utf-8", newline="\n") as file:
            for chunk in self._layout.chunks:
                labels = self._layout.variants[chunk.variant].labels
                if not chunk.number:
                    file.write(",".join([*labels, *self._place_names, *KEPT]) + "\n")
                fixed = ",".join(map(quoted, labels.values()))
                places = [f"{fixed},{place}" for place in self.places(chunk)]
                file.write("\n".join([*csv_lines(places, self.figures(chunk)), ""]))

    def _write_parquet(self, fresh: Path) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        with ExitStack() as stack:
            writer = None
            for chunk in self._layout.chunks:
                places, labels = self.places(chunk), self._layout.variants[chunk.variant].labels
                columns: dict[str, Any] = {name: [t] * len(places) for name, t in labels.items()}
                split = zip(*(place.split(",") for place in places), strict=True)
                columns |= dict(zip(self._place_names, split, strict=True))
                for name, values in zip(KEPT, self.figures(chunk).T + 0.0, strict=True):
                    columns[name] = pa.array(values, mask=np.isnan(values))
                table = pa.table(columns)
                if writer is None:
                    path = fresh / "rows.parquet"
                    writer = stack.enter_context(pq.ParquetWriter(path, table.schema))
                writer.write_table(table)


def _flat(asked: dict[str, Any]) -> dict[str, Any]:
    """Name an option of the request, or a price, by both its names."""
    found: dict[str, Any] = {}
    for key, value in asked.items():
        inner = {f"{key} {k}": v for k, v in value.items()} if isinstance(value, dict) else {}
        found |= inner or {key: value}
    return found


def _need_pyarrow() -> None:
    from importlib.util import find_spec

    if find_spec("pyarrow") is None:
        raise BadInput(
            say("--format parquet needs pyarrow: pip install 'three-drawdowns[parquet]'")
        )
