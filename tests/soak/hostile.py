"""Hand hostile inputs to every reader and command, and count what must never happen.

Commands run in this process. A fault is an error that nobody foresaw (a traceback, had the last
net not been), an exit code that is none of ours, more than one line of complaint, a control
character on the terminal, or more than ten seconds of work; what made it is kept where --keep says.
"""

import contextlib
import io
import os
import random
import re
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backtests.cli import main as cli
from tests.soak import kinds
from tests.soak.kinds import KINDS, Kind

# Of a processor's time; the clock may go on for longer where others are at work.
HANG_SECONDS = 10
LONGEST_WAIT = 6 * HANG_SECONDS
HUNG = -1
MOST_BYTES = 1_500_000_000
# Beyond this a command is refused memory, so that a fault of that kind is seen and survived.
LIMIT_BYTES = 6_000_000_000


class HangError(BaseException):
    """A command took too long."""


@dataclass
class Tally:
    """What came of the inputs."""

    inputs: int = 0
    codes: Counter[int] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    kept: list[str] = field(default_factory=list)
    slowest: float = 0.0

    @property
    def peak_bytes(self) -> int:
        """Return the most memory that this process has had."""
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

    def __str__(self) -> str:
        wrong = ", ".join(
            f"{self.faults[name]} {name}" for name in ("tracebacks", "hangs", "other")
        )
        codes = ", ".join(f"{n} exit {code}" for code, n in sorted(self.codes.items()))
        return (
            f"{self.inputs} inputs ({codes}): {wrong}; slowest {self.slowest:.1f} s, "
            f"peak memory {self.peak_bytes / 1e9:.2f} GB"
        )


def soak(seed: int, numbers: Iterable[int], keep: Path | None = None) -> Tally:
    """Try hostile inputs, each drawn by its number."""
    tally = Tally()
    with tempfile.TemporaryDirectory() as scratch, surroundings(Path(scratch)):
        model, here = Path(scratch) / "model", Path(scratch) / "here"
        model.mkdir()
        _prepare(model)
        for number in numbers:
            draw = random.Random(f"{seed}/{number}")
            (kind,) = draw.choices(KINDS, [kind.share for kind in KINDS])
            name = f"{seed}-{number}"
            words = kind.laid(name, model, here)
            if _one(tally, kind, words, here, number) and keep:
                kind.laid(name, model, keep / name)
                (keep / name / "WORDS").write_text(tally.kept[-1], errors="backslashreplace")
    if tally.peak_bytes > MOST_BYTES:
        tally.kept.append(f"more memory than {MOST_BYTES / 1e9} GB")
    return tally


def _one(tally: Tally, kind: Kind, words: list[str], here: Path, number: int) -> str:
    """Run a command on what was spoiled; return the name of the fault, if it is one."""
    begun = time.process_time()
    code, out, err = command(words, here)
    taken = time.process_time() - begun
    tally.inputs += 1
    tally.codes[code] += 1
    tally.slowest = max(tally.slowest, taken)
    fault = _fault(code, out, err, taken)
    if fault:
        tally.faults[fault] += 1
        tally.kept.append(
            f"input {number}, {kind.name}: {words} -> {code}, {taken:.1f} s: {_told(out, err)!r}"
        )
    return fault


def _fault(code: int, out: str, err: str, taken: float) -> str:
    if "was not foreseen" in err or "Traceback" in err:
        return "tracebacks"
    if taken > HANG_SECONDS or code == HUNG:
        return "hangs"
    lines = [line for line in err.splitlines() if line.startswith("dca: ")]
    clean = all(c.isprintable() or c == "\n" for c in out + err)
    one = code == 0 or (code == 1 and not err) or len(lines) == 1
    return "" if code in (0, 1, 2) and clean and one else "other"


def _told(out: str, err: str) -> str:
    """Return the complaint, with the last steps of the trace that it names."""
    named = re.search(r"trace in (\S+)", err)
    if not named:
        return err[-600:] or repr(out[-600:])
    steps = re.findall(
        r'File "\S*?([^"/]+/[^"/]+)", (line \d+, in \S+)', Path(named[1]).read_text()
    )
    return " ".join([err[:150], *(" ".join(step) for step in steps[-4:])])


def command(words: list[str], here: Path) -> tuple[int, str, str]:
    """Run the command in this process; return its exit code, output and complaints."""
    out, err = io.StringIO(), io.StringIO()
    os.chdir(here)
    sys.argv = ["dca", *words]
    signal.signal(signal.SIGALRM, _too_long)
    signal.setitimer(signal.ITIMER_REAL, LONGEST_WAIT)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = cli.run()
    except HangError:
        code = HUNG
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return code, out.getvalue(), err.getvalue()


def _too_long(*_: object) -> None:
    raise HangError


@contextlib.contextmanager
def surroundings(scratch: Path) -> Iterator[None]:
    """Keep traces and caches in the scratch folder, bound the memory, and come back at the end."""
    env, here, argv = dict(os.environ), Path.cwd(), sys.argv
    old = resource.getrlimit(resource.RLIMIT_AS)
    os.environ |= {name: str(scratch) for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME")}
    os.environ["DCA_YAHOO_URL"] = "http://127.0.0.1:9"
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT_BYTES, old[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, old)
        os.chdir(here)
        sys.argv = argv
        os.environ.clear()
        os.environ.update(env)


def _prepare(model: Path) -> None:
    """Write everything that is then spoiled."""
    (model / "prices.csv").write_text(kinds.prices())
    (model / "plan.toml").write_text(kinds.PLAN)
    (model / "mine.py").write_text(kinds.OWN)
    (model / "kept").mkdir()
    run = [*kinds.A, "prices.csv"]
    for words in (
        [*run, "--out", "report"],
        [*run, "--out", "report2", "--monthly", "5"],
        ["data", "freeze", "ice", "--plan", "plan.toml", "--data", "prices.csv"],
        [*kinds.SWEEP, "--out", "swept"],
        ["compare", "--plan", "plan.toml", "--json"],
        [*kinds.RUN, "--own", "mine.py:Mine", "--data", "prices.csv"],
    ):
        code, _, err = command(words, model)
        if code:
            raise SystemExit(f"the whole inputs are not fine: {words}: {err}")
    from data.yahoo.cache import Cache

    Cache(model / "kept").write(kinds.history())
    _stop_half_way(model)


def _stop_half_way(model: Path) -> None:
    """Leave an unfinished sweep behind."""
    from backtests.sweeps import run

    def stop(self: Any, *_: object) -> None:
        raise KeyboardInterrupt

    whole = run.Sweep._sum_up
    run.Sweep._sum_up = stop  # type: ignore[method-assign]
    try:
        command([*kinds.SWEEP, "--out", "half"], model)
    finally:
        run.Sweep._sum_up = whole  # type: ignore[method-assign]
