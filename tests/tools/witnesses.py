"""Run tests in a fork of a warm interpreter: once to learn which lines each runs, then for faults.

A plain test has its figures in it, a property test (hypothesis) draws them. The plain ones that run
a fault's line come first, the fastest first; then all other plain ones, then the property tests.
"""

import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

# What takes long to import and no fault is planted in is there before the fork.
import backtrader  # noqa: F401
import exchange_calendars  # noqa: F401
import joblib  # noqa: F401
import matplotlib.pyplot  # noqa: F401
import pydantic  # noqa: F401
import pytest
import scipy.optimize  # noqa: F401
from coverage import Coverage
from hypothesis import Phase, settings

FORK = get_context("fork")
# A test that takes so much longer than without a fault, and at least so long, never ends.
TIMES, SHORTEST_SECONDS = 20, 20
MOST_BYTES = 6 << 30


@dataclass(frozen=True)
class Witness:
    """One test: its name, whether it draws its cases, how long it takes."""

    name: str
    draws: bool
    seconds: float


@dataclass(eq=False)
class Record:
    """A plugin that notes each test that runs, and by coverage the lines it runs."""

    coverage: Coverage
    tests: list[Witness] = field(default_factory=list)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Function) -> Iterator[None]:
        self.coverage.switch_context(item.nodeid)
        began = time.perf_counter()
        result = yield
        seconds = time.perf_counter() - began
        draws = getattr(item.obj, "is_hypothesis_test", False)
        self.tests.append(Witness(item.nodeid, draws, seconds))
        return result


@dataclass(eq=False)
class Trial:
    """A plugin that runs the tests in a given order, and notes the first that fails."""

    order: dict[str, Witness]
    killer: str = ""

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        ranks = {name: rank for rank, name in enumerate(self.order)}
        asked = [item for item in items if item.nodeid in ranks]
        items[:] = sorted(asked, key=lambda item: ranks[item.nodeid])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        seconds = self.order[item.nodeid].seconds
        signal.alarm(int(max(TIMES * seconds, SHORTEST_SECONDS)))
        return (yield)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self.pytest_runtest_logreport(report)

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed and not self.killer:
            self.killer = report.nodeid


@dataclass(frozen=True)
class Witnesses:
    """The tests, and for each file and line the names of those that run it."""

    tests: list[Witness]
    lines: dict[str, dict[int, list[str]]]

    def order(self, path: str, lines: range, far: bool) -> dict[str, Witness]:
        """Put the tests that run any of the lines first, plain ones before all that draw.

        Without the far ones these are all, unless the lines run on import.
        """
        known = self.lines.get(path, {})
        near = {name for line in lines for name in known.get(line, []) if name}
        ranked = sorted(self.tests, key=lambda t: (t.draws, t.name not in near, t.seconds))
        return {test.name: test for test in ranked if far or not near or test.name in near}

    def killer(self, copy: Path, path: str, lines: range, far: bool = True) -> str:
        """Run them in a copy of the checkout; return the first that fails, "" if none does."""
        try:
            found: str | None = forked(_tried, copy, self.order(path, lines, far))
        except EOFError:
            return "timeout"
        if found is None:
            raise RuntimeError("pytest itself failed")
        return found


def watched(copy: Path, planted: list[str], files: list[str]) -> Witnesses:
    """Run the tests, which must pass, and learn which lines of the planted files each runs."""
    return Witnesses(*forked(_watched, copy, planted, files))


def forked(work: Callable[..., object], copy: Path, *given: object) -> Any:
    """Return what `work` returns in a fork, and let nothing it started outlive it."""
    ours, theirs = FORK.Pipe(duplex=False)
    child = FORK.Process(target=_alone, args=(theirs, work, copy, *given))
    child.start()
    theirs.close()
    try:
        return ours.recv()
    finally:
        os.killpg(child.pid, signal.SIGKILL)
        child.join()


def _alone(answer: Any, work: Callable[..., object], copy: Path, *given: object) -> None:
    os.setsid()
    os.chdir(copy)
    sys.path[0] = str(copy)
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    # The same cases at each run, and no search for a smaller one once a fault is seen.
    phases = (Phase.explicit, Phase.generate)
    settings.register_profile("fault", phases=phases, derandomize=True, deadline=None)
    settings.load_profile("fault")
    answer.send(work(*given))


def _pytest(plugin: object, *words: str) -> int:
    early = "ignore::pytest.PytestAssertRewriteWarning"
    return pytest.main(["-qx", "-pno:cacheprovider", "-W", early, *words], [plugin])


def _watched(
    planted: list[str], files: list[str]
) -> tuple[list[Witness], dict[str, dict[int, list[str]]]]:
    coverage = Coverage(data_file=None, config_file=False, include=planted)
    record = Record(coverage)
    coverage.start()
    if _pytest(record, *files):
        sys.exit("the tests fail without any fault; mend them first")
    coverage.stop()
    data, here = coverage.get_data(), Path.cwd()
    paths = [Path(name) for name in data.measured_files()]
    return record.tests, {
        str(path.relative_to(here)): data.contexts_by_lineno(str(path)) for path in paths
    }


def _tried(order: dict[str, Witness]) -> str | None:
    sys.dont_write_bytecode = True
    trial = Trial(order)
    signal.alarm(SHORTEST_SECONDS)
    code = _pytest(trial, *{name.partition("::")[0] for name in order})
    if code == pytest.ExitCode.INTERNAL_ERROR:
        return None
    return trial.killer or ("import" if code else "")
