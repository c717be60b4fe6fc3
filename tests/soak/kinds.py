"""What is spoiled, and the command that then reads it: every reader of a file, and every word."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from random import Random
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook

from data.yahoo.history import COLUMNS, History
from data.yahoo.history_file import dump
from tests.soak.mutate import grown, spoiled, words

WINDOW = ["--from", "2020-01-02", "--to", "2021-12-31"]
RUN = ["run", *WINDOW, "--json"]
A = [*RUN, "--weights", "A=1", "--data"]
PLAN = """
monthly = 500
initial = 1000.5
data = "prices.csv"
bars = "monthly"
eras = ["mine"]
strategies = ["mix"]
accept_jumps = [2020-03-31]
fee_bps = 10
whole_shares = false

[strategy.mix]
weights = {A = 0.6, B = 0.4}
rebalance = "band:0.05"

[era.mine]
title = "My era"
start = 2020-01-01
end = 2021-12-31
phases = [{name = "one", start = 2020-01-01, end = 2020-12-31}]

[symbol.C]
parts = ["A", "B"]
label = "two"
"""
OWN = '''
from strategies.dca.base import DcaStrategy


class Mine(DcaStrategy):
    """Hold the two."""

    weights = {"A": 0.5, "B": 0.5}
    rebalance = "annual"

    def targets(self):
        return {"A": 0.25, "B": 0.75}
'''
SYMBOLS = '[symbol.A]\nended = 2021-06-30\nlast_price = 0.5\nnote = "gone"\n'
COMMANDS = [
    "compare",
    "run",
    "sweep",
    "list",
    "diff",
    "data",
    "fetch",
    "verify",
    "freeze",
    "status",
]
OPTIONS = [
    "--era", "--strategy", "--own", "--plan", "--weights", "--rebalance", "--late-listings",
    "--from", "--to", "--years", "--monthly", "--initial", "--fill", "--whole-shares", "--fee-bps",
    "--fee-per-order", "--bootstrap", "--block", "--seed", "--data", "--bars", "--cache",
    "--offline", "--deadline", "--date-order", "--decimal", "--accept-jumps", "--out", "--json",
    "--resume", "--format", "--workers", "-h", "--help", "--version", "--nonsense",
]  # fmt: skip
VALUES = [
    "mine", "index-fund", "prices.csv", "plan.toml", "A=1", "A=0.5,B=0.5", "annual", "band:0.1",
    "2020-01-02", "2021-12", "1", "100", "1e9", "close", "monthly", "auto", "ymd", "comma", "out",
    "csv", "0", "-1", "nan", "1e309", "", "strategies", "report", "/dev/null", "/dev/zero", ".",
    "/", "mine.py:Mine", "snapshot",
]  # fmt: skip


def prices(rows: int = 36) -> str:
    """Return a wide CSV of month ends from 2019-07 on: two symbols, a yield, consumer prices."""
    ends = (np.datetime64("2019-07") + np.arange(1, rows + 1)).astype("datetime64[D]") - 1
    lines = [
        f"{day},{100 * 1.01**i:.4f},{50 + 3 * np.sin(i):.4f},1.5,{250 + i}"
        for i, day in enumerate(ends)
    ]
    return "\n".join(["date,A,B,TBILL,CPI", *lines, ""])


def export(rows: int = 36) -> str:
    """Return one symbol's prices as a bank has them: prose, decimal commas, a footer."""
    days = np.busday_offset("2019-12-02", np.arange(rows), roll="forward").tolist()
    lines = [f'{d:%d.%m.%Y};"1.{100 + i % 900},5";{i};{"1,5 Dividende" * (i == 7)}'
             for i, d in enumerate(days)]  # fmt: skip
    return "\n".join(["Kurse", "", "Datum;Kurs;Volumen;Bemerkung", *lines, '"Downloaded"', ""])


def daily() -> str:
    """Return one symbol's CSV in Yahoo's manner."""
    days = np.busday_offset("2019-12-02", np.arange(540), roll="forward")
    rows = [
        f"{d},{p:.2f},{p + 1:.2f},{p - 1:.2f},{p:.2f},{p * 0.9:.4f},{1000 + i}"
        for i, (d, p) in enumerate(zip(days, 100 + np.cumsum(np.sin(np.arange(540))), strict=True))
    ]
    return "\n".join(["Date,Open,High,Low,Close,Adj Close,Volume", *rows, ""])


def history() -> History:
    """Return a kept history of 40 sessions."""
    days = np.busday_offset("2026-07-20", np.arange(40), roll="forward").astype("datetime64[D]")
    columns = {name: np.zeros(40) for name in COLUMNS}
    columns["close"] = columns["adj_close"] = np.linspace(100, 110, 40)
    return History("A", days, **columns, fetched=datetime(2026, 9, 18, tzinfo=UTC))


@dataclass(frozen=True)
class Kind:
    """A reader: how often it is tried among 1,000, how it is spoiled and called, and on what."""

    name: str
    share: int
    spoil: Callable[[Random, Path], list[str]]
    needs: tuple[str, ...] = ("prices.csv",)

    def laid(self, seed: str, model: Path, folder: Path) -> list[str]:
        """Spoil a fresh copy of what is needed in `folder`, and return the command's words."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in self.needs:
            whole = model / name
            (shutil.copytree if whole.is_dir() else shutil.copyfile)(whole, folder / name)
        return self.spoil(Random(seed), folder)


def _csv(draw: Random, here: Path) -> list[str]:
    raw = draw.choice((prices, prices, export))(draw.choice((3, 36, 36, 400))).encode()
    (here / "f.csv").write_bytes(spoiled(draw, raw))
    ways = ["--date-order", draw.choice(("ymd", "mdy", "dmy")), "--decimal", "point"]
    return [*draw.choice((["data", "verify", "--data"], A)), "f.csv", *draw.choice(([], ways))]


def _folder(draw: Random, here: Path) -> list[str]:
    (here / "f").mkdir()
    for name in ("A", "B", draw.choice(("a", "A B", "^X", "-", "CON", "é", "TBILL", "A" * 200))):
        raw = daily().encode()
        (here / "f" / f"{name}.csv").write_bytes(spoiled(draw, raw) if draw.random() < 0.5 else raw)
    return [*draw.choice((["data", "verify", "--data"], A)), "f"]


def _symbols(draw: Random, here: Path) -> list[str]:
    (here / "symbols.toml").write_bytes(spoiled(draw, SYMBOLS.encode()))
    return [*A, "prices.csv"]


def _parquet(draw: Random, here: Path) -> list[str]:
    rows = draw.choice((0, 1, 3, 36))
    ends = (np.datetime64("2019-07") + np.arange(1, rows + 1)).astype("datetime64[D]") - 1
    types: list[pa.Array] = [
        pa.array(np.linspace(1, 2, rows)), pa.array(ends), pa.array([None] * rows, pa.float64()),
        pa.array([str(i) for i in range(rows)]), pa.array([[1.0]] * rows), pa.array([True] * rows),
        pa.array([{"a": 1}] * rows), pa.array([b"x"] * rows),
        pa.array([10**30] * rows, pa.decimal128(38)), pa.array(["A"] * rows).dictionary_encode(),
        pa.array(range(rows), pa.uint64()),
        pa.array(np.full(rows, np.nan)), pa.array(np.full(rows, 1e-320)), pa.nulls(rows),
        pa.array(ends.astype("datetime64[ns]")), pa.array([str(day) for day in ends]),
    ]  # fmt: skip
    names = ["date", *(draw.choice(("A", "B", "CASH", "TBILL", "CPI", "a", "")) for _ in range(2))]
    columns = [draw.choice((types[1], *types)), draw.choice((types[0], *types)), draw.choice(types)]
    pq.write_table(pa.Table.from_arrays(columns, names=names), here / "f.parquet")
    if draw.random() < 0.5:
        raw = (here / "f.parquet").read_bytes()
        (here / "f.parquet").write_bytes(spoiled(draw, raw))
    return [*draw.choice((["data", "verify", "--data"], A)), "f.parquet"]


def _workbook(draw: Random, here: Path) -> list[str]:
    """Write a sheet with strange cells, and spoil the files that a workbook is packed of."""
    book, found = Workbook(), here / "f.xlsx"
    sheet = book.worksheets[0]
    cells: list[object] = [
        1.5, -1, 0, 1e308, 10**20, None, "", "nan", "1.234,5", True, "=1/0", "#N/A", "A" * 3000,
        datetime(2020, 3, 31), datetime(1900, 1, 1), datetime(9999, 12, 31), "2020-02-30",
    ]  # fmt: skip
    for line in prices(draw.choice((0, 3, 36))).splitlines():
        row: list[object] = list(line.split(","))
        if row[0] != "date":
            row = [datetime.fromisoformat(str(row[0])), *map(float, map(str, row[1:]))]
        if draw.random() < 0.1:
            row[draw.randrange(len(row))] = draw.choice(cells)
        sheet.append(row)
    book.save(found)
    if draw.random() < 0.7:
        with ZipFile(found) as packed:
            files = {name: packed.read(name) for name in packed.namelist()}
        name = draw.choice([name for name in files if "sheet" in name or draw.random() < 0.3])
        files[name] = spoiled(draw, files[name])
        with ZipFile(found, "w", ZIP_DEFLATED) as packed:
            for name, raw in files.items():
                packed.writestr(name, raw)
    if draw.random() < 0.2:
        found.write_bytes(spoiled(draw, found.read_bytes()))
    return [*draw.choice((["data", "verify", "--data"], A)), "f.xlsx"]


def _sums(draw: Random, here: Path) -> list[str]:
    (here / "sums.csv").write_bytes(spoiled(draw, b"date,amount\n2020-02-01,500\n2021-03-04,7.5\n"))
    return [*A, "prices.csv", "--payments", "sums.csv"]


def _plan(draw: Random, here: Path) -> list[str]:
    (here / "plan.toml").write_bytes(spoiled(draw, PLAN.encode()))
    return ["compare", "--plan", "plan.toml", "--json", "--data", "prices.csv"]


def _weights(draw: Random, _: Path) -> list[str]:
    said = words(draw, "A=0.6,B=0.4")
    rule = ["--rebalance", words(draw, "band:0.05")] if draw.random() < 0.3 else []
    return [*RUN, "--data", "prices.csv", f"--weights={said}", *rule]


def _own(draw: Random, here: Path) -> list[str]:
    (here / "mine.py").write_bytes(spoiled(draw, OWN.encode()))
    spec = words(draw, "mine.py:Mine") if draw.random() < 0.1 else "mine.py:Mine"
    return [*RUN, "--data", "prices.csv", f"--own={spec}"]


def _results(draw: Random, here: Path) -> list[str]:
    path = here / "report" / "results.json"
    raw = path.read_bytes()
    tree = json.dumps(grown(draw, json.loads(raw))).encode()
    path.write_bytes(tree if draw.random() < 0.7 else spoiled(draw, raw))
    again = ["reproduce", "report", "--data", "prices.csv"]
    return draw.choice((["diff", "report", "report2"], again, ["reports", "."]))


def _freeze(draw: Random, here: Path) -> list[str]:
    """Spoil a freeze, and give it the right hashes again half of the time."""
    manifest, table = here / "ice" / "dca-freeze.json", here / "ice" / "monthly.csv"
    facts = json.loads(manifest.read_text())
    if draw.random() < 0.5:
        table.write_bytes(spoiled(draw, table.read_bytes()))
    if draw.random() < 0.7:
        facts = grown(draw, facts)
    if draw.random() < 0.7 and isinstance(facts, dict) and isinstance(facts.get("tables"), dict):
        for one in facts["tables"].values():
            if isinstance(one, dict):
                one["sha256"] = sha256(table.read_bytes()).hexdigest()
        said = json.dumps(facts["tables"], sort_keys=True).encode()
        facts["sha256"] = sha256(said).hexdigest()
    manifest.write_text(json.dumps(facts))
    if draw.random() < 0.1:
        manifest.write_bytes(spoiled(draw, manifest.read_bytes()))
    return [*draw.choice((["data", "verify", "--data"], A)), "ice"]


def _cache(draw: Random, here: Path) -> list[str]:
    """Spoil a kept history, and give it the right hash again most of the time."""
    path = here / "kept" / f"A-{sha256(b'A').hexdigest()[:8]}.dca"
    found = list((here / "kept").glob("*.dca"))
    path = found[0] if found else path
    line, _, body = dump(history()).partition(b"\n")[2].partition(b"\n")
    if draw.random() < 0.7:
        line = json.dumps(grown(draw, json.loads(line))).encode()
    if draw.random() < 0.5:
        body = spoiled(draw, body)
    rest = line + b"\n" + body
    first = f"dca-history 1 {sha256(rest).hexdigest()}\n".encode()
    path.write_bytes(spoiled(draw, first + rest) if draw.random() < 0.2 else first + rest)
    if draw.random() < 0.5:
        return ["data", "status", "--cache", "kept"]
    return [*A, "yahoo", "--offline", "--cache", "kept"]


def _sweep(draw: Random, here: Path) -> list[str]:
    """Spoil a finished or an unfinished sweep, and go on with it."""
    folder = draw.choice(("swept", "half"))
    found = sorted(path for path in (here / folder).rglob("*") if path.is_file())
    for path in draw.sample(found, min(len(found), draw.choice((1, 1, 2, 4)))):
        way = draw.randrange(4)
        if way == 0:
            path.unlink()
        elif way == 1 and path.suffix == ".json":
            path.write_text(json.dumps(grown(draw, json.loads(path.read_text()))))
        elif way == 2:
            path.unlink()
            path.mkdir()
        else:
            path.write_bytes(spoiled(draw, path.read_bytes()))
    if draw.random() < 0.2:
        stranger = here / folder / draw.choice(("x", "parts", ".tmp-1", "sweep.json"))
        if not stranger.exists():
            stranger.mkdir()
    return [*SWEEP, "--out", folder, *draw.choice((["--resume"], []))]


SWEEP = [
    "sweep", "--data", "prices.csv", "--weights", "A=1", "--years", "1", "--monthly", "10",
    "--monthly", "20",
]  # fmt: skip


def _report(draw: Random, here: Path) -> list[str]:
    """Spoil a report, and write another into its folder: half of it must not be lost."""
    found = sorted(path for path in (here / "report").rglob("*") if path.is_file())
    path = draw.choice(found)
    path.write_bytes(spoiled(draw, path.read_bytes()))
    return ["diff", "report", draw.choice(("report2", ".", "none"))]


def _words(draw: Random, _: Path) -> list[str]:
    """Say any words to any command; none that fetches, takes long or spreads over processes."""
    said = [draw.choice(COMMANDS)]
    for _ in range(draw.choice((1, 2, 3, 5, 8))):
        said.append(draw.choice(OPTIONS))
        if draw.random() < 0.8:
            value = draw.choice(VALUES)
            said.append(words(draw, value) if draw.random() < 0.4 else value)
    return [*said, "--offline"] if said[0] in ("compare", "run", "sweep") else said


KINDS = [
    Kind("csv", 240, _csv),
    Kind("folder", 60, _folder),
    Kind("symbols.toml", 30, _symbols),
    Kind("parquet", 90, _parquet),
    Kind("workbook", 40, _workbook),
    Kind("sums", 30, _sums),
    Kind("plan", 130, _plan),
    Kind("weights", 80, _weights),
    Kind("own", 25, _own),
    Kind("results", 140, _results, ("report", "report2", "prices.csv")),
    Kind("report", 20, _report, ("report", "report2")),
    Kind("freeze", 80, _freeze, ("ice",)),
    Kind("cache", 80, _cache, ("kept",)),
    Kind("sweep", 10, _sweep, ("prices.csv", "swept", "half")),
    Kind("words", 25, _words, ("prices.csv", "plan.toml", "mine.py", "report", "kept")),
]
