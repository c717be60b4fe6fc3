"""Interrupt a write at each of its steps, and say where neither the old nor the new was whole.

interrupt.py WHAT FOLDER    WHAT is report, freeze, sweep or fetch; FOLDER is empty

Steps are the calls that Python reports to audit hooks: opening, making, renaming, removing. Each
is met by a kill, by Ctrl-C, by SIGTERM, by a failure and by a disk that is full from then on.
Prints what went wrong, one line each, then how many interruptions there were.
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from backtests.comparison import Comparison, compare
from backtests.plan import OwnEra, OwnStrategy, Plan
from backtests.report import files
from backtests.report.charts import draw
from backtests.sweeps import check
from backtests.sweeps.layout import lay_out
from backtests.sweeps.request import Request
from backtests.sweeps.run import Sweep
from backtests.sweeps.store import Store
from data.errors import DcaError
from data.files import freeze
from data.progress import untold
from data.sources import by_resolution
from data.yahoo.cache import Cache
from tests.conftest import make_table, month_ends
from tests.test_cache import history

# Between two of these nothing on disk changes.
CHANGES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "shutil.rmtree", "ctypes.")
SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGINT, "term": signal.SIGTERM}
ENDS = [str(day) for day in month_ends("2015-01", 60)]
TABLE = make_table(ENDS, {"A": [100.0 + i for i in range(60)], "CASH": [1.0] * 60}, "monthly")
# Each over an old one, and two into an empty place.
WAYS = [(way, True) for way in (*SIGNALS, "fail", "full")] + [("kill", False), ("full", False)]
Write = Callable[[Path, float], None]


def report(place: Path, version: float) -> None:
    """Write a report."""
    files.write(compared(version), place)


@cache
def compared(version: float) -> Comparison:
    """Run what a report is of."""
    plan = Plan(
        strategies=("mix",),
        strategy={"mix": OwnStrategy(weights={"A": 1.0})},
        eras=("five",),
        era={"five": OwnEra(start=date(2015, 1, 1), end=date(2019, 12, 31))},
        monthly=version,
    )
    return compare(plan, by_resolution(TABLE))


def frozen(place: Path, version: float) -> None:
    """Write a freeze."""
    freeze.write({"monthly": replace(TABLE, source=f"file {version:g}")}, place)


def swept(place: Path, version: float) -> None:
    """Write a sweep, or go on with it."""
    request = Request(weights={"A": 1.0}, years=(4,), monthly=(version,))
    sweep = Sweep(lay_out(request, by_resolution(TABLE)), Store(place))
    sweep.run(
        sweep.store.parts > 0, untold, lambda _: {"sweep.html": b"page", "fan.png": b"picture"}
    )


def fetched(place: Path, version: float) -> None:
    """Write a ticker's history into a cache."""
    cache = Cache(place)
    with cache.lock("SPY"):
        cache.write(history(level=version))


WRITES: dict[str, Write] = {
    "report": report, "freeze": frozen, "sweep": swept, "fetch": fetched,
}  # fmt: skip


class Interruption:
    """What happens at a step; counts the steps where it never comes to that."""

    def __init__(self, way: str, step: int) -> None:
        self.way, self.left = way, step

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        """Hear of a step."""
        if not event.startswith(CHANGES) and not _opens_to_write(event, args):
            return
        self.left -= 1
        if self.way == "full" and self.left <= 0 and event in ("os.mkdir", "open"):
            raise OSError(28, "No space left on device")
        if self.left:
            return
        if self.way == "fail":
            raise OSError(5, "Input/output error")
        if self.way in SIGNALS:
            os.kill(os.getpid(), SIGNALS[self.way])


def _opens_to_write(event: str, args: tuple[Any, ...]) -> bool:
    return event == "open" and bool(int(args[2]) & (os.O_CREAT | os.O_WRONLY | os.O_RDWR))


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def interrupted(write: Write, place: Path, hook: Interruption) -> int:
    """Write version 2 in a process of its own; return its status, 0 where it came to an end."""
    child = os.fork()
    if not child:
        status = 1
        try:
            sys.addaudithook(hook)
            write(place, 2.0)
            status = 0 if hook.left > 0 else 4
        except (KeyboardInterrupt, DcaError, OSError):
            status = 3
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def held(place: Path) -> dict[str, bytes]:
    """Return what a folder holds, but for parts of what is not finished, and locks of a cache."""
    return {
        str(path.relative_to(place)): path.read_bytes()
        for path in place.rglob("*")
        if path.is_file() and path.parent.name != "parts" and path.suffix != ".lock"
        and not (path.name.startswith(".dca-") and path.parent == place)
    }  # fmt: skip


def walk(write: Write, room: Path, way: str, old: bool) -> tuple[list[str], int]:
    """Interrupt every step; return what went wrong and how many steps there were."""
    place, kept = room / "place", room.parent / "kept"
    wrong: list[str] = []
    versions = [{}] if not old else []
    for version in (1.0, 2.0):
        write(room / "model", version)
        versions.append(held(room / "model"))
    if old:
        write(place, 1.0)
        shutil.copytree(place, kept)
    shutil.rmtree(room / "model")
    step, status = 0, 1
    while status:
        step += 1
        status = interrupted(write, place, Interruption(way, step))
        where = f"{way} at step {step}{' over an old one' if old else ''}"
        if status not in (0, 3, 4, -9):
            wrong.append(f"{where}: ended with {status}")
        if held(place) not in [versions[0], versions[-1]]:
            wrong.append(f"{where}: neither old nor new")
        # Nobody can clean up after a kill, or where removing fails; the next run does.
        again = interrupted(write, place, Interruption("", 0)) if way in ("kill", "fail") else 4
        if again != 4 or (way in ("kill", "fail") and held(place) != versions[-1]):
            wrong.append(f"{where}: could not be written again")
        if {p.name for p in room.iterdir()} - {"place"}:
            wrong.append(f"{where}: left {sorted(p.name for p in room.iterdir())}")
        shutil.rmtree(place, ignore_errors=True)
        if old:
            shutil.copytree(kept, place)
    return wrong, step - 1


def quicken() -> None:
    """Hear of signals, draw pictures once, check little and wait for no disk."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _stop)
    pictures: list[Any] = []
    drawn = draw.draw
    draw.draw = lambda *asked: pictures or pictures.extend(drawn(*asked)) or pictures
    check.CHECKS = 1
    os.fsync = lambda _: None  # a process that dies loses no write that it has made


def main() -> None:
    """Walk all steps in all ways."""
    write, folder = WRITES[sys.argv[1]], Path(sys.argv[2])
    quicken()
    steps = 0
    for way, old in WAYS:
        room = folder / f"{way}-{old}" / "room"
        room.mkdir(parents=True)
        wrong, count = walk(write, room, way, old)
        steps += count
        print("\n".join(wrong), end="\n" if wrong else "")
    print(f"{steps} interruptions")


if __name__ == "__main__":
    main()
