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
from click.testing import CliRunner

from backtests.cli.sweep import sweep
from backtests.eras import Era
from backtests.sweeps import check, executors
from backtests.sweeps.custom import Own, read_own
from backtests.sweeps.executors import Failure, Job, Where, run_chunk
from backtests.sweeps.layout import lay_out
from backtests.sweeps.request import Layout, Request
from backtests.sweeps.rows import Rows, Twin
from data.arrays import to_date
from data.errors import BadInput, BadPlan, RunFailed, UnknownName
from data.language import shown, speaking
from data.sources import tables
from tests.helpers import heed_interrupts, run

ROOT = Path(__file__).parents[1]
SNAPSHOT = tables("snapshot")
TWO = Where(workers=2)
REQUEST = Request(start="2001-01", end="2003-11", years=(2,))
TEXT = '''
import os
import time
from pathlib import Path

from strategies.dca.base import DcaStrategy


class Plain(DcaStrategy):
    weights = {"SP500": 0.6, "BOND": 0.4}


class Mine(Plain):
    """The same, decided in code."""

    def targets(self):
        return super().targets()


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
    return layout, Job(layout.request, own, layout.table, layout.starts)


def rows_of(outcome: Rows | Failure) -> Rows:
    assert isinstance(outcome, Rows), outcome
    return outcome


def test_rows_are_backtraders_and_equal_the_twins(file: Path) -> None:
    layout, job = job_of(file, "Mine")
    rows = rows_of(run_chunk(layout.chunks[1], job))
    period = Era("w", "", *(to_date(d) for d in layout.table.dates[[0, -1]]))
    assert run(layout.variants[0].strategy_class, layout.table, period).strategy == "Mine"
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
    one, other = (rows_of(run_chunk(layout.chunks[0], job)) for _ in range(2))
    assert one.figures["final_value"].tolist() == other.figures["final_value"].tolist()
    assert len(set(one.figures["final_value"].tolist())) > 1


def test_paths_of_a_bootstrap(file: Path) -> None:
    layout, job = job_of(file, "Mine", Request(bootstrap=6, years=(2,)))
    assert [(c.first, c.stop) for c in layout.chunks] == [(0, 4), (4, 6)]
    assert rows_of(run_chunk(layout.chunks[1], job)).starts == ["4", "5"]


def outcomes(file: Path, name: str, where: Where = TWO) -> tuple[list[Rows], list[Failure], int]:
    layout, job = job_of(file, name)
    found = list(executors.run(layout, job.own, layout.chunks, where))
    assert sorted(o.chunk.number for o in found) == [c.number for c in layout.chunks]
    rows = [o for o in found if isinstance(o, Rows)]
    return rows, [o for o in found if isinstance(o, Failure)], len(layout.chunks)


def test_a_chunk_that_ends_its_process_is_named_and_the_others_are_kept(file: Path) -> None:
    rows, failures, chunks = outcomes(file, "Killer")
    assert len(rows) == chunks - 1
    assert [(f.chunk.number, f.reason) for f in failures] == [
        (0, "it ends every process that runs it")
    ]


def test_a_strategy_that_raises_fails_in_one_line_each(file: Path) -> None:
    rows, failures, chunks = outcomes(file, "Raiser")
    assert not rows
    assert {f.reason for f in failures} == {"mine.py, line 37: ValueError: no target; correct it"}
    with speaking("zh-Hant"):
        said = {shown(f.reason) for f in failures}
    assert said == {"mine.py 第 37 行：ValueError：no target；請修正"}
    assert len(failures) == chunks


@pytest.fixture
def dropped(file: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Drop a strategy that decides in code into strategies/; return its name."""
    import strategies

    folder = file.parent / "more"
    folder.mkdir()
    (folder / "switcher.py").write_text(
        TEXT + "\n\nclass Switcher(Mine):\n    name = 'switcher'\n    every_bar = True\n"
    )
    monkeypatch.setattr(strategies, "__path__", [*strategies.__path__, str(folder)])
    monkeypatch.setitem(os.environ, "PYTHONPATH", str(ROOT))
    return "switcher"


def test_strategies_that_decide_in_code_mix_with_vectorised_ones(
    dropped: str, tmp_path: Path
) -> None:
    request = Request(("index-fund", dropped), start="2001-01", end="2003-11", years=(2,))
    layout = lay_out(request, SNAPSHOT)
    assert [variant.decides for variant in layout.variants] == [False, True]
    found = list(executors.run(layout, None, layout.chunks, Where(workers=0)))
    assert sorted(rows_of(o).chunk.number for o in found) == [c.number for c in layout.chunks]
    assert {pick.variant for pick in check.picks(layout)} == {0}
    result = CliRunner().invoke(
        sweep,
        f"--strategy index-fund --strategy {dropped} --from 2001-01 --to 2003-11 --years 2 "
        f"--workers 0 --out {tmp_path / 'out'}".split(),
    )
    assert result.exit_code == 0, result.output
    assert (tmp_path / "out" / "rows.csv").read_text().count("\nswitcher,") == 12


def command(folder: Path, name: str, *options: str) -> subprocess.Popen[str]:
    where = ("--own", f"mine.py:{name}", "--from", "2001-01", "--to", "2003-11", "--years", "2")
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "backtests.cli", "sweep", *where, "--out", "out", *options],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=heed_interrupts,
        start_new_session=True,
    )


def test_processes_import_nothing_from_the_current_folder(file: Path) -> None:
    for name in ("random", "numpy", "joblib"):
        (file.parent / f"{name}.py").write_text(f"open('{name}.ran', 'w')\nraise SystemExit(9)\n")
    process = command(file.parent, "Mine", "--workers", "2")
    told, wrong = process.communicate(timeout=120)
    assert process.returncode == 0, wrong
    assert "every row was run by Backtrader" in told
    assert not list(file.parent.glob("*.ran"))


def test_ctrl_c_ends_all_processes_in_one_line(file: Path) -> None:
    process = command(file.parent, "Slow", "--workers", "2")
    until(lambda: len(list((file.parent / "out" / "parts").glob("*.part"))) > 0, 60)
    os.killpg(process.pid, signal.SIGINT)
    told, wrong = process.communicate(timeout=60)
    assert (process.returncode, told) == (130, "")
    assert wrong.startswith("dca: stopped; ")
    assert wrong.count("\n") == 1
    process = command(file.parent, "Slow", "--workers", "0", "--resume")
    assert process.communicate(timeout=120)[1] == ""
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("spec", "error", "message"),
    [
        ("mine.py", BadPlan, "write path/to/file.py:Class"),
        ("nowhere.py:Mine", BadInput, "cannot read nowhere.py"),
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
    address, worker = cluster
    there = Where(scheduler=address)
    first, _ = worker(), worker()
    layout, job = job_of(file, "Slow")
    found = []
    for outcome in executors.run(layout, job.own, layout.chunks, there):
        found.append(rows_of(outcome))
        if len(found) == 1:
            worker()
        if len(found) == 2:
            kill(first)
    assert sorted(o.chunk.number for o in found) == [c.number for c in layout.chunks]
    wanted = rows_of(run_chunk(layout.chunks[0], job))
    came = next(o for o in found if o.chunk.number == 0)
    assert came.figures["final_value"].tolist() == wanted.figures["final_value"].tolist()

    rows, failures, chunks = outcomes(file, "Killer", there)
    assert [(f.chunk.number, f.reason) for f in failures] == [
        (0, "it ends every process that runs it")
    ]
    assert len(rows) == chunks - 1

    rows, failures, _ = outcomes(file, "Missing", there)
    assert not rows
    assert len({f.reason for f in failures}) == 1
    assert "ModuleNotFoundError: No module named 'module_that_nobody_has'" in failures[0].reason


class _Client:
    """A client whose workers answer what they are told to."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def run(self, *_: object, **__: object) -> dict[str, object]:
        return {"tcp://far:1": self.answer}


def test_workers_that_cannot_run_a_sweep_are_refused() -> None:
    executors._check_workers(_Client(executors.about()))
    with pytest.raises(RunFailed, match="worker tcp://far:1 has numpy 0.0 \\(here "):
        executors._check_workers(_Client(executors.about() | {"numpy": "0.0"}))
    with pytest.raises(RunFailed, match="cannot run a sweep \\(ModuleNotFoundError: backtests"):
        executors._check_workers(_Client(ModuleNotFoundError("backtests")))


@pytest.mark.filterwarnings("default")
def test_no_scheduler_is_one_clear_line(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "WAIT_SECONDS", 1.0)
    with pytest.raises(BadInput, match="no scheduler with a worker answers at tcp://127.0.0.1:9"):
        outcomes(file, "Mine", Where(scheduler="tcp://127.0.0.1:9"))


def test_a_missing_extra_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "find_spec", lambda _: None)
    with pytest.raises(BadInput, match="three-drawdowns\\[cluster\\]"):
        outcomes(file, "Mine", Where(scheduler="tcp://127.0.0.1:1"))
