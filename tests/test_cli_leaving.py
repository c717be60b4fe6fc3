"""How the command ends in bad surroundings: streams, signals, folders and errors nobody foresaw."""

import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backtests.cli import main, start
from backtests.report import files, results
from tests.helpers import heed_interrupts

ROOT = Path(__file__).resolve().parent.parent
DCA = f"{sys.executable} -m backtests.cli"
QUICK = "compare --era gfc --strategy cash"


@pytest.fixture
def shell(tmp_path):
    """Run a line of shell in an empty folder, `dca` standing for the command."""

    def run(line: str, **env: str) -> subprocess.CompletedProcess[str]:
        known = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(tmp_path / "state")}
        return subprocess.run(
            ["/bin/bash", "-c", f"set -o pipefail; dca() {{ {DCA} \"$@\"; }}; {line}"],
            cwd=tmp_path, env=known | env, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    return run


class TestStreams:
    def test_a_reader_that_goes_away_ends_it_quietly(self, shell):
        for words in ("list symbols", "--help", f"{QUICK} --json"):
            done = shell(f"dca {words} | true; echo ${{PIPESTATUS[0]}}")
            assert (done.stdout.strip(), done.stderr) in {("141", ""), ("0", "")}
        done = shell("(sleep 1; dca list symbols; echo $? >&2) | true")
        assert done.stderr == "141\n"

    def test_a_closed_standard_output_or_error_is_no_trouble(self, shell, tmp_path):
        done = shell(f"dca {QUICK} --out one >&-")
        assert (done.returncode, done.stderr) == (0, "")
        done = shell(f"dca {QUICK} --out two 2>&-")
        assert done.returncode == 0
        assert "cash" in done.stdout
        done = shell(f"dca {QUICK} --out three <&- >&- 2>&-")
        assert done.returncode == 0
        kept = [(tmp_path / n / "results.json").read_bytes() for n in ("one", "two", "three")]
        assert kept[0] == kept[1] == kept[2]
        assert shell("dca compare --era nowhere 2>&-").returncode == 2

    def test_a_full_standard_output_is_said_in_one_line(self, shell):
        done = shell("dca list eras > /dev/full")
        assert done.returncode == 1
        assert re.fullmatch(r"dca: OSError: .*No space left on device; .*\n", done.stderr)
        done = shell("dca --version > /dev/full")
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1
        assert shell("dca compare --era nowhere 2> /dev/full").returncode == 2

    @pytest.mark.parametrize(
        "env",
        [
            {"LANG": "C", "LC_ALL": "C"},
            {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
            {"PYTHONIOENCODING": "ascii"},
        ],
    )
    def test_a_terminal_of_ascii_alone_shows_what_it_can(self, env, shell, tmp_path):
        (tmp_path / "p.toml").write_text(
            'eras = ["mine"]\nstrategies = ["cash"]\n'
            '[era.mine]\ntitle = "Börse, 日本"\nstart = 2001-01-01\nend = 2002-12-31\n',
            "utf-8",
        )
        done = shell("dca compare --plan p.toml", **env)
        assert (done.returncode, done.stderr) == (0, "")
        assert "cash" in done.stdout
        assert shell("dca compare --era 日本", **env).returncode == 2


class TestFolder:
    def test_nothing_is_imported_from_the_folder_it_stands_in(self, shell, tmp_path):
        for name in ("random", "numpy", "click", "strategies", "joblib", "secrets", "pandas"):
            (tmp_path / f"{name}.py").write_text("open('EXECUTED', 'a').write(__name__)\n")
        (tmp_path / "mine.py").write_text(
            "import random\nfrom strategies.dca.base import DcaStrategy\n"
            "class Mine(DcaStrategy):\n    weights = {'SP500': 1.0}\n"
        )
        done = shell(f"dca {QUICK}")
        assert (done.returncode, done.stderr) == (0, "")
        words = "--own mine.py:Mine --from 2001-01 --to 2002-12 --years 1 --workers 2"
        done = shell(f"dca sweep {words}")
        assert (done.returncode, done.stderr) == (0, "")
        assert not (tmp_path / "EXECUTED").exists()


class TestNet:
    def test_what_nobody_foresaw_is_one_line_with_the_trace_in_a_file(
        self, dca, monkeypatch, tmp_path
    ):
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
        for error in (
            OSError(28, "No space left on device"),
            MemoryError(),
            RecursionError("deep"),
            UnicodeDecodeError("utf-8", b"x", 0, 1, "bad"),
            SystemExit(4),
            KeyError("a\x1b[2Jb"),
        ):

            def fall(_: Path, error: BaseException = error) -> None:
                raise error

            monkeypatch.setattr(results, "read_results", fall)
            code, out, err = dca("diff", "one", "other")
            assert (code, out, err.count("\n")) == (1, "", 1)
            assert err[:-1].isprintable()
            assert err.startswith(f"dca: {type(error).__name__}: ")
            file = re.search(r"please report it with the trace in (\S+)$", err)
            assert file
            trace = Path(file[1]).read_text()
            assert trace.startswith("dca diff one other\nTraceback")
            assert "in fall" in trace

    def test_where_no_trace_can_be_kept_the_line_says_so(self, dca, monkeypatch):
        def full(*_: object, **__: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(main.tempfile, "mkstemp", full)
        monkeypatch.setattr(results, "read_results", lambda _: 1 / 0)
        code, _, err = dca("diff", "one", "other")
        assert code == 1
        assert err == (
            "dca: ZeroDivisionError: division by zero; this was not foreseen, and its trace cannot "
            "be kept: No space left on device\n"
        )

    def test_an_interrupt_that_a_library_swallowed_is_still_one(self, dca, monkeypatch):
        monkeypatch.setattr(start, "_heard", [2])
        monkeypatch.setattr(results, "read_results", lambda _: 1 / 0)
        assert dca("diff", "a", "b")[0] == 130


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_at_any_moment_it_says_one_line_and_leaves_whole_reports(number, tmp_path):
    """Moments are drawn anew each time; a run of this length lasts some two seconds."""
    seed = int(time.time())
    draw = random.Random(seed)
    for attempt in range(5):
        folder = tmp_path / f"{attempt}"
        folder.mkdir()
        running = subprocess.Popen(
            [sys.executable, "-m", "backtests.cli", "compare", "--era", "gfc", "--out", "report"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=heed_interrupts,
        )
        # Before some 0.05 s it is Python that starts, not the command.
        time.sleep(draw.uniform(0.15, 2.5))
        running.send_signal(number)
        _, err = running.communicate(timeout=60)
        said = f"seed {seed}, attempt {attempt}: {err!r}"
        if running.returncode:
            assert running.returncode == start.STOPPED, said
            assert err == b"dca: stopped; nothing was left half-written\n", said
        left = {path.name for path in folder.glob("report/*")}
        assert left in (set(), {*files.FILES, "figures", "ledgers"}), said
        assert [path.name for path in folder.iterdir()] in ([], ["report"]), said


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are POSIX'")
def test_ctrl_c_in_a_terminal_reaches_every_process_and_one_of_them_answers(tmp_path):
    """A terminal tells the whole group; workers say nothing, not even while they import."""
    (tmp_path / "mine.py").write_text(
        "import time\n"
        "from strategies.dca.base import DcaStrategy\n"
        "class Mine(DcaStrategy):\n"
        "    weights = {'SP500': 1.0}\n"
        "    def targets(self):\n"
        "        time.sleep(0.05)  # so that no machine is done before it is stopped\n"
        "        return self.weights\n"
    )
    words = ["sweep", "--own", "mine.py:Mine", "--from", "2001-01", "--to", "2012-12"]
    draw = random.Random(seed := int(time.time()))
    for attempt in range(4):
        running = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "backtests.cli",
                *words,
                "--workers",
                "2",
                "--out",
                f"{attempt}",
            ],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=heed_interrupts,
            start_new_session=True,
        )
        # A busy machine takes a second to start Python, which answers for itself until then.
        time.sleep(draw.uniform(1.5, 4))
        os.killpg(running.pid, signal.SIGINT)
        _, err = running.communicate(timeout=60)
        said = f"seed {seed}, attempt {attempt}: {err!r}"
        assert running.returncode == start.STOPPED, said
        assert re.fullmatch(rb"dca: stopped; .*\n", err), said
