"""A user's own strategy in processes and on a cluster, with everything that may go wrong."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backtests.eras import Era
from backtests.sweeps.custom import Own, read_own
from backtests.sweeps.executors import Failure, Job, in_processes, run_chunk
from backtests.sweeps.layout import lay_out
from backtests.sweeps.request import Layout, Request
from backtests.sweeps.rows import Rows, Twin
from data.errors import BadInput, BadPlan, RunFailed, UnknownName
from data.prices import to_date
from data.sources import tables
from tests.helpers import run

ROOT = Path(__file__).parents[1]
SNAPSHOT = tables("snapshot")
REQUEST = Request(start="2001-01", end="2003-11", years=(2,))
TEXT = '''
import os
import time
from pathlib import Path

from strategies.dca.base import DcaStrategy


class Mine(DcaStrategy):
    weights = {"SP500": 0.6, "BOND": 0.4}


class Slow(Mine):
    def start(self):
        super().start()
        time.sleep(0.15)


class Killer(Mine):
    """Ends its process in the window begun in 2001-03."""

    def start(self):
        super().start()
        if str(self.datas[0].p.window.dates[0]).startswith("2001-03"):
            os._exit(3)


class Raiser(Mine):
    def targets(self):
        raise ValueError("no target\\ntoday")


class Missing(Mine):
    def start(self):
        import module_that_nobody_has


class Dice(Mine):
    def targets(self):
        import random
        import numpy as np
        part = (random.random() + np.random.random()) / 2
        return {"SP500": part, "BOND": 1 - part}


class Nothing(DcaStrategy):
    pass


class Stranger:
    pass
'''


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(TEXT)
    return path


def job_of(file: Path, name: str, request: Request = REQUEST) -> tuple[Layout, Job]:
    own = read_own(f"{file}:{name}")
    layout = lay_out(request, SNAPSHOT, own.load())
    return layout, Job.of(layout, own, name)


def test_rows_are_backtraders_and_equal_the_twins(file: Path) -> None:
    layout, job = job_of(file, "Mine")
    rows = run_chunk(layout.chunks[1], job)
    period = Era("w", "", *(to_date(d) for d in layout.table.dates[[0, -1]]))
    assert run(layout.variants[0].kind, layout.table, period).strategy == "Mine"
    same = lay_out(
        Request(weights={"SP500": 0.6, "BOND": 0.4}, start="2001-01", end="2003-11", years=(2,)),
        SNAPSHOT,
    )
    twin = Twin(same).rows(layout.chunks[1])
    assert rows.starts == twin.starts
    for name, values in rows.figures.items():
        assert values == pytest.approx(twin.figures[name], rel=1e-9, abs=1e-9), name


def test_dice_fall_the_same_when_a_chunk_is_run_again(file: Path) -> None:
    layout, job = job_of(file, "Dice")
    one, other = (run_chunk(layout.chunks[0], job) for _ in range(2))
    assert one.figures["final_value"].tolist() == other.figures["final_value"].tolist()
    assert len(set(one.figures["final_value"].tolist())) > 1


def test_paths_of_a_bootstrap(file: Path) -> None:
    layout, job = job_of(file, "Mine", Request(bootstrap=6, years=(2,)))
    assert [(c.first, c.stop) for c in layout.chunks] == [(0, 4), (4, 6)]
    assert run_chunk(layout.chunks[1], job).starts == ["4", "5"]


def outcomes(file: Path, name: str) -> tuple[list[Rows], list[Failure], int]:
    layout, job = job_of(file, name)
    found = list(in_processes(job, layout.chunks, 2))
    assert sorted(o.chunk.number for o in found) == [c.number for c in layout.chunks]
    rows = [o for o in found if isinstance(o, Rows)]
    return rows, [o for o in found if isinstance(o, Failure)], len(layout.chunks)


def test_a_chunk_that_ends_its_process_is_named_and_the_others_are_kept(file: Path) -> None:
    rows, failures, chunks = outcomes(file, "Killer")
    assert len(rows) == chunks - 1
    assert [(f.chunk.number, f.reason) for f in failures] == [
        (0, "it ends the process that runs it")
    ]


def test_a_strategy_that_raises_fails_in_one_line_each(file: Path) -> None:
    rows, failures, chunks = outcomes(file, "Raiser")
    assert not rows
    assert {f.reason for f in failures} == {"mine.py, line 30: ValueError: no target; correct it"}
    assert len(failures) == chunks


def test_the_standard_pool_serves_where_joblib_is_not(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backtests.sweeps.executors.find_spec", lambda _: None)
    rows, failures, chunks = outcomes(file, "Mine")
    assert len(rows) == chunks
    assert not failures


@pytest.mark.parametrize(
    ("spec", "error", "message"),
    [
        ("mine.py", BadPlan, "write path/to/file.py:Class"),
        ("nowhere.py:Mine", BadPlan, "cannot read nowhere.py"),
        ("{file}:Mien", UnknownName, "did you mean 'Mine'"),
        ("{file}:Nothing", BadPlan, "names no symbols"),
        ("{file}:Stranger", BadPlan, "is no DcaStrategy"),
    ],
)
def test_what_is_no_strategy_is_refused(
    file: Path, spec: str, error: type[BadInput], message: str
) -> None:
    with pytest.raises(error, match=message):
        read_own(spec.format(file=file)).load()


def test_a_module_is_named_by_its_name() -> None:
    assert read_own("strategies.index_fund:IndexFund") == Own("strategies.index_fund", "IndexFund")
    assert read_own("strategies.index_fund:IndexFund").load().name == "index-fund"


# The cluster: a scheduler and two workers of its own, on this machine.


def spawn(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", *arguments, "--no-dashboard"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a worker with its nanny, or a scheduler, at once."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def until(reached: Callable[[], bool], seconds: float = 30.0) -> None:
    limit = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < limit
        time.sleep(0.02)


Worker = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Worker]]:
    """Start a scheduler; hand out its address and a way to start workers."""
    folder = tmp_path_factory.mktemp("cluster")
    facts = folder / "scheduler.json"
    where = ("--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(facts))
    started = [spawn("distributed.cli.dask_scheduler", *where)]
    until(lambda: facts.exists() and facts.stat().st_size > 0)
    address = str(json.loads(facts.read_text())["address"])

    def worker() -> "subprocess.Popen[bytes]":
        space = ("--nthreads", "1", "--local-directory", str(folder))
        started.append(spawn("distributed.cli.dask_worker", address, *space))
        return started[-1]

    yield address, worker
    for process in started:
        kill(process)


@pytest.mark.filterwarnings("default")
def test_a_cluster_survives_what_happens_to_its_workers(
    cluster: tuple[str, Worker], file: Path
) -> None:
    """One worker is killed in the middle, one joins late, and one chunk kills whoever runs it."""
    from backtests.sweeps.cluster import on_cluster

    address, worker = cluster
    first, _ = worker(), worker()
    layout, job = job_of(file, "Slow")
    found = []
    for outcome in on_cluster(job, layout.chunks, address):
        found.append(outcome)
        if len(found) == 1:
            worker()
        if len(found) == 2:
            kill(first)
    assert sorted(o.chunk.number for o in found) == [c.number for c in layout.chunks]
    assert all(isinstance(o, Rows) for o in found)
    wanted = run_chunk(layout.chunks[0], job)
    came = next(o for o in found if o.chunk.number == 0)
    assert isinstance(came, Rows)
    assert came.figures["final_value"].tolist() == wanted.figures["final_value"].tolist()

    layout, job = job_of(file, "Killer")
    found = list(on_cluster(job, layout.chunks, address))
    failures = [o for o in found if isinstance(o, Failure)]
    assert [(f.chunk.number, f.reason) for f in failures] == [
        (0, "it ends every worker that runs it")
    ]
    assert len(found) == len(layout.chunks)

    layout, job = job_of(file, "Missing")
    found = list(on_cluster(job, layout.chunks[:2], address))
    assert {o.reason for o in found if isinstance(o, Failure)} == {
        "mine.py, line 35: ModuleNotFoundError: No module named 'module_that_nobody_has'; "
        "correct it"
    }


class _Client:
    """A client whose workers answer what they are told to."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def run(self, *_: object, **__: object) -> dict[str, object]:
        return {"tcp://far:1": self.answer}


def test_workers_that_cannot_run_a_sweep_are_refused() -> None:
    from backtests.sweeps import cluster as module

    module._check_workers(_Client(module.about()))
    with pytest.raises(RunFailed, match="worker tcp://far:1 has numpy 0.0 \\(here "):
        module._check_workers(_Client(module.about() | {"numpy": "0.0"}))
    with pytest.raises(RunFailed, match="cannot run a sweep \\(ModuleNotFoundError: backtests"):
        module._check_workers(_Client(ModuleNotFoundError("backtests")))


@pytest.mark.filterwarnings("default")
def test_no_scheduler_is_one_clear_line(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from backtests.sweeps import cluster as module

    monkeypatch.setattr(module, "WAIT_SECONDS", 1.0)
    layout, job = job_of(file, "Mine")
    with pytest.raises(BadInput, match="no scheduler answers at tcp://127.0.0.1:9"):
        list(module.on_cluster(job, layout.chunks, "tcp://127.0.0.1:9"))


def test_a_missing_extra_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from backtests.sweeps import cluster as module

    monkeypatch.setattr(module, "find_spec", lambda _: None)
    layout, job = job_of(file, "Mine")
    with pytest.raises(BadInput, match="three-drawdowns\\[cluster\\]"):
        list(module.on_cluster(job, layout.chunks, "tcp://127.0.0.1:1"))
