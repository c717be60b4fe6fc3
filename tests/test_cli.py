"""The command as a person meets it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backtests.cli import main as cli
from backtests.cli.options import parse_weights
from backtests.cli.start import STOPPED
from data.errors import BadPlan
from tests.conftest import weekdays
from tests.helpers import heed_interrupts

ROOT = Path(__file__).resolve().parent.parent


def dca(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "backtests.cli", *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def refused(capsys, monkeypatch, *words: str) -> str:
    """Run the command in this process and return its one line of complaint."""
    monkeypatch.setattr(sys, "argv", ["dca", *words])
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err


BAD = [
    ("compare --era dotcmo", "did you mean 'dotcom'"),
    ("compare --strategy divrsified", "did you mean 'diversified'"),
    ("compare --monthly nan", "monthly is nan; give a finite number"),
    ("compare --monthly inf", "monthly is inf; give a finite number"),
    ("compare --monthly -100", "monthly is -100; give 0 or more"),
    ("compare --monthly many", "'many' is not a number; write it like 1000 or 0.5"),
    ("compare --initial -1", "initial is -1; give 0 or more"),
    ("compare --fee-bps -1", "fee_bps is -1; give 0 or more"),
    ("compare --fee-per-order nan", "fee_per_order is nan"),
    ("compare --bars hourly", "hourly"),
    ("compare --fill yesterday", "yesterday"),
    ("compare --era gfc --strategy ai-picks", "no basket for ai-picks"),
    ("compare --plan nowhere.toml", "cannot read nowhere.toml"),
    ("compare --data nowhere.csv", "nowhere.csv"),
    ("compare --out taken", "not a folder"),
    ("run --weights SP500=0.5 --from 2000-01-01", "weights sum to 0.5"),
    ("run --weights SP500=0.5,SP500=0.5 --from 2000-01-01", "names SP500 twice"),
    ("run --weights SP500=half --from 2000-01-01", "write SYMBOL=FRACTION"),
    ("run --weights SP500=nan --from 2000-01-01", "write SYMBOL=FRACTION"),
    ("run --weights SP500=-1,BOND=2 --from 2000-01-01", "weight of SP500 is -1"),
    ("run --weights SP50=1 --from 2000-01-01", "did you mean 'SP500'"),
    ("run --weights SP500=1 --from 2001-02-29", "'2001-02-29' is not a day; write YYYY-MM-DD"),
    ("run --weights SP500=1 --from 20010228", "'20010228' is not a day; write YYYY-MM-DD"),
    ("sweep --from 2001-13", "'2001-13' is not a month; write YYYY-MM"),
    ("sweep --years 1.5", "'1.5' is not a whole number"),
    ("sweep --workers 2000", "'2000' is not a whole number from 0 to 1024"),
    ("sweep --weights SP500=0.5", "weights sum to 0.5"),
    ("sweep --plan nowhere.toml", "cannot read nowhere.toml"),
    ("sweep --data nowhere.csv", "nowhere.csv"),
    ("sweep --strategy indx-fund", "did you mean 'index-fund'"),
    ("sweep --own x.py:X --weights SP500=1", "--own runs alone"),
    ("run --weights SP500=1 --from 2009-01-01 --to 2000-01-01", "swap the two"),
    ("run --weights SP500=1 --from 1920-01-01", "no monthly prices before 1926-06-30"),
    ("run --weights SP500=1 --from 2000-01-01 --to 2040-01-01", "prices end on 2026-09"),
    ("run --weights NVDA=0.5,SP500=0.5 --from 1996-06-01", "NVDA has no price before 1999-02-28"),
    ("run --weights GOOGL=1 --from 2005-01-01", "no monthly prices before 2012-12-31"),
    ("run --weights SP500=1 --from 2000-01-01 --rebalance weekly", "rebalance 'weekly'"),
    ("diff here there", "cannot read here/results.json"),
    ("compare --nonsense", "--nonsense"),
    ("nonsense", "nonsense"),
]


@pytest.mark.parametrize(("words", "said"), BAD, ids=[words for words, _ in BAD])
def test_bad_input_is_one_line_exit_code_2_and_nothing_left(
    words, said, capsys, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").write_text("x")
    assert said in refused(capsys, monkeypatch, *words.split())
    assert [p.name for p in tmp_path.iterdir()] == ["taken"]


LONG = "x\x1b[2J" * 5_000


@pytest.mark.parametrize(
    "words",
    [
        [LONG], ["list", LONG], ["diff", LONG, "b"], ["compare", LONG], ["compare", f"--{LONG}=1"],
        *(
            ["compare", f"--{name}={LONG}"]
            for name in ("era", "strategy", "own", "plan", "monthly", "bars", "data", "deadline")
        ),
        *(
            ["run", "--from", "2001-01-02", "--weights", "SP500=1", f"--{name}={LONG}"]
            for name in ("weights", "rebalance", "from", "to", "accept-jumps", "date-order")
        ),
        *(["sweep", f"--{name}={LONG}"] for name in ("years", "from", "workers", "weights", "own")),
    ],
    ids=lambda words: " ".join(words)[:30].replace("\x1b", ""),
)  # fmt: skip
def test_long_and_unseen_letters_are_cut_and_shown(words, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    said = refused(capsys, monkeypatch, *words)
    assert said[:-1].isprintable()
    assert len(said) < 500
    assert "Python" not in said


def test_a_plan_with_an_unknown_key_and_a_malformed_csv_name_the_place(
    capsys, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.toml").write_text("montly = 5\n")
    assert "unknown plan key 'montly'" in refused(
        capsys, monkeypatch, "compare", "--plan", "p.toml"
    )
    days = weekdays("2000-01-03", 40).astype(str)
    rows = [f"{day},{100 + i}" for i, day in enumerate(days)]
    rows[9] = f"{days[9]},oops"
    (tmp_path / "bad.csv").write_text("\n".join(["date,SP500", *rows]) + "\n")
    said = refused(capsys, monkeypatch, "compare", "--data", "bad.csv")
    assert "bad.csv" in said
    assert "line 11" in said


def test_compare_writes_the_report_and_prints_plain_text_that_fits(tmp_path):
    done = dca("compare", "--era", "dotcom", "--monthly", "100", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stderr == ""
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100
    for row in (r"Worth at the end +\$20,405 ", r"XIRR, a year +6\.41 % ", r"back .*  2006-10-26 "):
        assert re.search(row, done.stdout), row
    assert "chosen with hindsight; Sun and WorldCom are missing" in " ".join(done.stdout.split())
    folder = tmp_path / "reports" / "compare"
    assert json.loads((folder / "results.json").read_text())["plan"]["monthly"] == 100


def test_json_prints_the_results_alone_and_writes_no_folder(tmp_path):
    words = ("run", "--weights", "SP500=0.6,BOND=0.4", "--from", "2000-01-01", "--to", "2009-12-31")
    done = dca(*words, "--rebalance", "annual", "--json", cwd=tmp_path)
    run = json.loads(done.stdout)["runs"][0]
    assert (run["start"], run["end"], run["rebalance"]) == ("2000-01-03", "2009-12-31", "annual")
    assert list(tmp_path.iterdir()) == []
    done = dca(*words, "--json", "--out", "kept", cwd=tmp_path)
    assert (tmp_path / "kept" / "results.json").read_text() == done.stdout


def test_month_end_bars_on_request_match_the_published_digits(tmp_path):
    done = dca(
        *("compare", "--era", "dotcom", "--strategy", "index-fund", "--bars", "monthly", "--json"),
        cwd=tmp_path,
    )
    (run,) = json.loads(done.stdout)["runs"]
    assert run["resolution"] == "monthly"
    assert run["metrics"]["final_value"] == pytest.approx(203_137.80, abs=0.005)


DAMAGED = [
    ("", "it is not JSON"),
    ("{", "it is not JSON"),
    ("[]", "it is a list; give a table of names and values"),
    ("null", "it is empty; give a table"),
    ('{"schema": 1}', "runs is missing; add it"),
    ('{"schema": 1, "runs": 5}', "runs is 5; give a list"),
    ('{"schema": 1, "runs": [5]}', "runs.0 is 5; give a table"),
    ('{"schema": 1, "runs": [{"strategy": 5, "era": "a"}]}', "runs.0.strategy is 5; give text"),
    ('{"schema": 1, "plan": [], "runs": []}', "plan is a list; give a table"),
    ('{"schema": 1, "runs": [], "x": ' + "[" * 5_000, "it is not JSON"),
    ('{"schema": 1, "runs": [], "x": ' + "9" * 5_000 + "}", "it is not JSON: number out of range"),
    ('{"schema": 1, "runs": [], "x": "\\ud800"}', "it is not JSON"),
]


@pytest.mark.parametrize(("text", "said"), DAMAGED, ids=range(len(DAMAGED)))
def test_damaged_results_are_refused_in_one_line(text, said, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "results.json").write_text(text)
    assert f"a/results.json is no report's results: {said}" in refused(
        capsys, monkeypatch, "diff", "a", "a"
    )


def test_what_a_results_file_says_reaches_the_terminal_in_visible_letters(dca, tmp_path):
    words = '{"schema": 1, "runs": [{"strategy": "a", "era": "b", "x": %s}]}'
    for name, value in (("a", '"\\u001b[2J"'), ("b", "NaN")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "results.json").write_text(words % value)
    code, out, _ = dca("diff", "--all", str(tmp_path / "a"), str(tmp_path / "b"))
    assert code == 1
    assert out.endswith("a/b.x: '\\x1b[2J' -> nan\n1 figure differs\n")


def test_a_report_of_other_terms_is_not_replaced_in_silence(dca, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    words = ("run", "--weights", "SP500=1", "--from", "2001-01-02", "--to", "2003-12-31")
    assert dca(*words)[2] == ""
    assert dca(*words)[2] == ""
    _, _, err = dca(*words, "--monthly", "500", "--rebalance", "annual")
    assert err == (
        "dca: reports/run held a report with another monthly, strategy, which is now replaced; "
        "--out keeps both\n"
    )
    assert dca(*words, "--monthly", "500", "--rebalance", "annual", "--json")[2] == ""


@pytest.mark.parametrize("what", ["strategies", "eras", "symbols"])
def test_lists_name_what_can_be_asked_for(what, tmp_path):
    done = dca("list", what, cwd=tmp_path)
    assert done.returncode == 0
    wanted = {"strategies": "ai-picks-survivors", "eras": "lost-decade", "symbols": "SP500"}
    assert wanted[what] in done.stdout


def test_help_is_light(tmp_path):
    code = (
        "import sys; sys.argv = ['dca', '--help']\n"
        "from backtests.cli import main as cli\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        "heavy = {'matplotlib', 'backtrader', 'pandas', 'numpy', 'yfinance'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "compare" in done.stdout


def test_ctrl_c_leaves_nothing_behind(tmp_path):
    started = subprocess.Popen(
        [sys.executable, "-m", "backtests.cli", "compare"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=heed_interrupts,
    )
    limit = time.monotonic() + 60
    while not (tmp_path / "reports").exists() and time.monotonic() < limit:
        time.sleep(0.001)
    started.send_signal(signal.SIGINT)
    _, err = started.communicate(timeout=30)
    left = [p for p in tmp_path.rglob("*") if p.is_file()]
    # Stopped in mid-write with nothing left, or (on a fast machine) already done and whole.
    assert started.returncode == STOPPED or (started.returncode == 0 and left)
    if started.returncode == STOPPED:
        assert left == []
        assert b"Traceback" not in err


def test_weights_are_read_as_written():
    assert parse_weights("SP500=0.6, BOND=.4") == {"SP500": 0.6, "BOND": 0.4}
    with pytest.raises(BadPlan):
        parse_weights("")


@pytest.mark.parametrize("script", ["dotcom", "ai_run", "compare_drawdowns"])
def test_the_scripts_print_and_write(script, tmp_path):
    done = subprocess.run(
        [sys.executable, str(ROOT / "backtests" / f"{script}.py")],
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "index-fund" in done.stdout
    assert list(tmp_path.glob("reports/*/report.html"))
