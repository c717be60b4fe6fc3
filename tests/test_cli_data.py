"""`dca data` as a person meets it, against a server of the tests' own."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backtests.comparison import symbols_needed
from backtests.plan import Plan, make_plan
from data.files import freeze
from data.sources import tables
from data.yahoo.cache import Cache
from tests.fake_yahoo import NOW, figures
from tests.helpers import english_left

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def fake(fake, monkeypatch, tmp_path):
    """Answer for Yahoo, with an empty cache and an empty folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return fake


def process(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "backtests.cli", *words],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.fixture(scope="module")
def kept(server, tmp_path_factory):
    """Fetch the whole catalogue once, with the command, in a process of its own."""
    folder = tmp_path_factory.mktemp("kept") / "three-drawdowns"
    server.forget()
    env = {"DCA_YAHOO_URL": server.url, "DCA_YAHOO_NOW": NOW.isoformat()}
    before = {name: os.environ.get(name) for name in env}
    os.environ.update(env)
    try:
        fetching = process("data", "fetch", "--cache", str(folder))
        out, err = fetching.communicate(timeout=120)
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
    assert fetching.returncode == 0, err
    # On a busy machine a line of progress comes every ten seconds.
    assert all(line.startswith("dca: fetching ") for line in err.splitlines())
    return folder, out, dict(server.hits)


def results(text: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def figures_of(found: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every measure but those for which a table of prices lacks consumer prices."""
    metrics = [run["metrics"] for run in found["runs"]]
    return [{k: v for k, v in one.items() if not k.startswith("real_")} for one in metrics]


class TestFetch:
    def test_the_whole_catalogue_comes_in_two_requests_a_ticker(self, kept):
        _, out, hits = kept
        assert "26 of 26 tickers are kept" in out
        charts = {path: n for path, n in hits.items() if "/chart/" in path}
        assert len(charts) == 26
        assert set(charts.values()) == {2}

    def test_only_the_tickers_named_are_asked_for(self, fake, dca):
        code, out, err = dca("data", "fetch", "PLTR", "DELL")
        assert (code, err) == (0, "")
        assert "PLTR      2020-09-30 to 2026-09-17, 1,498 days" in out
        assert "1 of 1 tickers are kept" in out
        assert 1 <= fake.charts() <= 2

    def test_again_means_again(self, fake, dca):
        dca("data", "fetch", "PLTR")
        dca("data", "fetch", "PLTR")
        once = fake.charts()
        dca("data", "fetch", "PLTR", "--again")
        assert once <= 2
        assert fake.charts() == once

    def test_warnings_are_shown(self, fake, dca):
        def gap(chart: dict[str, Any]) -> None:
            for values in (*chart["indicators"]["quote"][0].values(), chart["timestamp"]):
                del values[700]
            del chart["indicators"]["adjclose"][0]["adjclose"][700]

        fake.spoil("PLTR", gap)
        code, out, _ = dca("data", "fetch", "PLTR")
        assert code == 0
        assert "warning: 1 sessions of New York are missing" in out

    def test_one_failure_keeps_the_others_and_exits_1_in_one_line(self, fake, dca):
        fake.fault("PLTR", "400")
        code, out, err = dca("data", "fetch", "PLTR", "META")
        assert code == 1
        assert "1 of 2 tickers are kept" in out
        assert re.fullmatch(r"dca: PLTR: Yahoo refuses the request .*\n", err)

    @pytest.mark.parametrize(
        "symbol", ["../../etc/passwd", "A/B?x=1#f", "A B", "A" * 9000, "\u202eSPY", "NONE"]
    )
    def test_a_hostile_or_unknown_symbol_is_one_line_and_exit_2(self, fake, dca, symbol):
        fake.unknown.add("NONE")
        code, _, err = dca("data", "fetch", symbol)
        assert code == 2
        assert err.count("\n") == 1
        assert err.strip().isprintable()
        assert "Traceback" not in err

    @pytest.mark.parametrize("word", ["0", "nan", "-1", "inf", "soon"])
    def test_a_deadline_that_is_none_is_refused(self, fake, dca, word):
        code, _, err = dca("data", "fetch", "PLTR", f"--deadline={word}")
        assert (code, err.count("\n")) == (2, 1)

    def test_a_cache_that_is_a_file_is_refused(self, fake, dca, tmp_path):
        (tmp_path / "mine.txt").write_text("words")
        code, _, err = dca("data", "fetch", "PLTR", "--cache", "mine.txt")
        assert code == 2
        assert "name another folder with --cache" in err
        assert (tmp_path / "mine.txt").read_text() == "words"

    def test_six_processes_at_once_fetch_each_ticker_once(self, fake, tmp_path):
        words = ("data", "fetch", "PLTR", "META", "--cache", str(tmp_path / "cold"))
        children = [process(*words) for _ in range(6)]
        ended = [(*child.communicate(timeout=120), child.returncode) for child in children]
        assert [code for *_, code in ended] == [0] * 6, ended
        assert len({out for out, *_ in ended}) == 1
        assert (fake.asked("PLTR"), fake.asked("META")) == (2, 2)
        entries, notes = Cache(tmp_path / "cold").entries()
        assert [e.ticker for e in entries] == ["META", "PLTR"]
        assert notes == []


class TestStatus:
    def test_span_rows_age_source_and_hash_of_each(self, kept, dca):
        code, out, err = dca("data", "status", "--cache", str(kept[0]))
        assert (code, err) == (0, "")
        row = next(line for line in out.splitlines() if line.startswith("^IRX "))
        assert re.search(r"1990-01-02 .* 2026-09-17 .* 9,245 .* yahoo .* [0-9a-f]{12}", row)
        assert "26 tickers are kept in" in out

    def test_a_damaged_copy_is_named(self, fake, dca, tmp_path):
        dca("data", "fetch", "PLTR", "--cache", "c")
        next((tmp_path / "c").glob("*.dca")).write_bytes(b"garbage")
        code, out, err = dca("data", "status", "--cache", "c")
        assert code == 0
        assert "PLTR: the kept copy is damaged" in err
        assert "0 tickers are kept" in out

    def test_an_empty_cache_makes_no_folder(self, fake, dca, tmp_path):
        assert dca("data", "status", "--cache", "c")[0] == 0
        assert not (tmp_path / "c").exists()


class TestVerify:
    def test_the_snapshot_has_no_errors(self, dca):
        code, out, err = dca("data", "verify")
        assert (code, err) == (0, "")
        assert "daily: 20 symbols, 0 errors" in out
        assert re.search(r"warning +daily +calendar +NVDA: no price on 3714 bars", out)

    def test_everything_is_said_of_a_file_and_an_error_exits_1(self, dca, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        days = [d for d in np.arange("2020-01-02", "2020-03-01", dtype="M8[D]") if np.is_busday(d)]
        rows = [f"{d},{10 + i / 100},{100 if i == 9 else 10}" for i, d in enumerate(days)]
        Path("p.csv").write_text("\n".join(["date,AAA,BBB", *rows]))
        code, out, err = dca("data", "verify", "--data", "p.csv")
        assert (code, err) == (1, "")
        assert "error    daily    jump       BBB: 10 times the price before" in out
        assert "warning  daily    flat       BBB:" in out
        assert "2 symbols, 2 errors" in out
        code, _, err = dca("run", "--weights", "BBB=1", "--from", "2020-01-02", "--data", "p.csv")
        assert code == 2
        assert "BBB: 10 times the price before" in err

    def test_kept_figures_are_verified_without_a_network(self, kept, dca, monkeypatch):
        monkeypatch.setenv("DCA_YAHOO_URL", "http://127.0.0.1:9")
        code, out, _ = dca("data", "verify", "--data", "yahoo", "--cache", str(kept[0]))
        assert code == 0
        assert "note       SP500: VFINX: not the series embedded under that name" in out

    def test_a_freeze_that_was_changed_is_refused(self, dca, tmp_path):
        freeze.write({"daily": tables("snapshot")["daily"]()}, tmp_path / "ice")
        assert dca("data", "verify", "--data", str(tmp_path / "ice"))[0] == 0
        with (tmp_path / "ice" / "daily.csv").open("a") as file:
            file.write("\n")
        code, _, err = dca("data", "verify", "--data", str(tmp_path / "ice"))
        assert code == 2
        assert "was changed after the freeze" in err


class TestComparing:
    """A run on Yahoo's figures equals the same run on the same figures from anywhere."""

    @pytest.fixture
    def live(self, fake, kept, monkeypatch):
        monkeypatch.setenv("XDG_CACHE_HOME", str(kept[0].parent))

    def test_yahoo_equals_its_own_figures_as_a_file_and_as_a_freeze(self, live, dca, tmp_path):
        code, out, err = dca("compare", "--data", "yahoo", "--json")
        assert (code, err) == (0, "")
        from_yahoo = results(out)
        assert from_yahoo["data"]["source"] == "yahoo"
        assert len(from_yahoo["runs"]) >= 9
        said = {text for run in from_yahoo["runs"] for text in run["warnings"]}
        assert any("Yahoo no longer carries it" in text for text in said)
        assert any("the series mixes sources" in text for text in said)
        dca("data", "freeze", "ice", "--data", "yahoo")
        wide = results(dca("compare", "--data", "ice/daily.csv", "--json")[1])
        assert wide["data"]["source"] == "file"
        assert figures_of(wide) == figures_of(from_yahoo)
        frozen = results(dca("compare", "--data", "ice", "--json")[1])
        for part in ("data", "runs", "left_out"):
            assert frozen[part] == from_yahoo[part]

    def test_a_freeze_elsewhere_gives_the_same_bytes(self, dca, tmp_path, monkeypatch):
        (tmp_path / "one").mkdir()
        (tmp_path / "other").mkdir()
        monkeypatch.chdir(tmp_path / "one")
        dca("data", "freeze", "ice", "--data", "snapshot")
        words = ("compare", "--era", "ai-run", "--data", "ice", "--json")
        one = dca(*words)[1]
        Path("ice").rename(tmp_path / "other" / "ice")
        monkeypatch.chdir(tmp_path / "other")
        assert dca(*words)[1] == one


class TestFreeze:
    def test_it_holds_what_the_defaults_need_and_what_is_named(self, dca, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        code, out, _ = dca("data", "freeze", "ice", "--data", "snapshot")
        assert code == 0
        assert "frozen in ice" in out
        assert set(freeze.read(tmp_path / "ice")) == {"daily", "monthly"}

    def test_a_folder_of_another_kind_is_left_alone(self, dca, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "mine").mkdir()
        (tmp_path / "mine" / "daily.csv").write_text("mine")
        code, _, err = dca("data", "freeze", "mine", "--data", "snapshot")
        assert code == 2
        assert "holds something else (daily.csv)" in err

    def test_a_plans_own_symbols_are_in_it(self, fake, dca, tmp_path):
        (tmp_path / "p.toml").write_text(
            'strategies = ["two"]\neras = ["ai-run"]\n'
            "[strategy.two]\nweights = {PLTR = 0.5, META = 0.5}\n"
        )
        code, _, err = dca("data", "freeze", "ice", "--data", "yahoo", "--plan", "p.toml")
        assert (code, err) == (0, "")
        assert freeze.read(tmp_path / "ice")["daily"].symbols == ("PLTR", "META", "CASH")
        assert fake.charts() <= 6


def test_the_defaults_need_these_symbols():
    assert set(symbols_needed(Plan())) == {
        "SP500", "BOND", "GOLD", "REIT", "IXIC", "QQQ", "NVDA", "MSFT", "AAPL", "GOOGL", "AMZN",
        "META", "TSLA", "CSCO", "INTC", "ORCL", "QCOM", "DELL", "YHOO",
    }  # fmt: skip


def test_a_plan_needs_only_its_own():
    plan = make_plan(strategies=("index-fund",), eras=("gfc",))
    assert symbols_needed(plan) == ("SP500",)


def test_the_client_library_is_loaded_by_nothing_but_fetching(tmp_path):
    code = (
        "import sys\nfrom backtests.cli import main as cli\n"
        "for words in (['data', '--help'], ['data', 'status'], ['data', 'verify'],\n"
        "              ['compare', '--era', 'ai-run', '--json']):\n"
        "    sys.argv = ['dca', *words]\n"
        "    try:\n        cli.main()\n"
        "    except SystemExit as left:\n        assert not left.code, words\n"
        "assert not {'yfinance', 'curl_cffi', 'tenacity'} & set(sys.modules)\n"
    )
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    ran = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_the_made_up_figures_never_change():
    made = figures("PLTR")
    assert str(made["days"][0]) == "2020-09-30"
    assert made["close"][:3].tolist() == pytest.approx([49.962991, 50.684804, 51.566618], rel=1e-6)


def test_what_is_fetched_kept_and_found_is_told_in_the_language(dca, fake):
    speak = ("--lang", "zh-Hant")
    _, out, _ = dca("data", "fetch", "SPY", *speak)
    assert re.search(r"^SPY +\S+至\S+，[\d,]+ 個交易日\n", out)
    assert out.endswith("1 個代號中，已保存 1 個\n")
    _, out, _ = dca("data", "status", *speak)
    assert out.split()[:8] == [
        "代號",
        "起日",
        "迄日",
        "筆數",
        "存放時間",
        "資料來源",
        "警告",
        "sha256",
    ]
    _, out, _ = dca("data", "verify", *speak)
    assert english_left(re.sub(r"^警告 .*", "", out, flags=re.M)) == []
    assert re.search(r"^月底資料：27 個代號，0 個錯誤，\d+ 個警告$", out, re.M)
