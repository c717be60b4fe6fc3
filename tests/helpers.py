"""What several tests do in a line: run an allocation, hold a lock."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from backtests.comparison import replay, strategy_called
from backtests.eras import Era
from backtests.plan import Plan
from backtests.result import Result
from data import snapshot
from data.arrays import to_date
from data.prices import PriceTable
from strategies.dca.base import DcaStrategy, allocation

TABLES = {"daily": lambda: snapshot.load("daily"), "monthly": lambda: snapshot.load("monthly")}


# What stays as it was typed in every language: quoted names, options, keys, files and addresses.
_AS_TYPED = re.compile(r"「[^」]*」|`[^`]*`|'[^']*'|--\S+|[^\s，。；：]*[./_=][^\s，。；：]*")


def heed_interrupts() -> None:
    """Undo an inherited "ignore SIGINT", which a shell gives what it runs in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def holding(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Hold a folder's lock in another process."""
    code = (
        "import sys, pathlib, data.atomic as a\n"
        "with a.locked(pathlib.Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(folder)],
        cwd=Path(__file__).parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        yield holder
        holder.kill()


def whole(table: PriceTable) -> Era:
    """Return the era of a table's first to last bar."""
    return Era("whole", "all bars", to_date(table.dates[0]), to_date(table.dates[-1]))


def era(start: str, end: str | None) -> Era:
    return Era("era", "", date.fromisoformat(start), date.fromisoformat(end) if end else None)


def run(
    strategy: str | type[DcaStrategy],
    table: PriceTable,
    period: str | Era,
    plan: Plan | None = None,
) -> Result:
    """Replay a strategy through an era, both by name or as they are."""
    plan = plan or Plan()
    kind = strategy_called(strategy, plan) if isinstance(strategy, str) else strategy
    chosen = plan.era_called(period) if isinstance(period, str) else period
    return replay(kind, chosen, table, plan.terms)


def play(
    table: PriceTable,
    weights: Mapping[str, float],
    rebalance: str = "none",
    window: Era | None = None,
    **plan: Any,
) -> Result:
    kind = allocation("mine", weights, rebalance, late_listings=True)
    return replay(kind, window or whole(table), table, Plan(**plan).terms)


def english_left(text: str) -> list[str]:
    """Return the runs of three English words or more that a text in another language holds."""
    return re.findall(r"(?:\b[A-Za-z][a-z']+\s+){2,}[A-Za-z][a-z']+", _AS_TYPED.sub("、", text))
