"""A strategy of one's own in compare, run and sweep, and what may go wrong with it."""

import json
from pathlib import Path
from typing import Any

import pytest

MINE = """
from strategies.dca.base import DcaStrategy


class Mine(DcaStrategy):
    weights = {"SP500": 0.6, "BOND": 0.4}
    rebalance = "annual"


class Copy(Mine):
    name = "index-fund"


class Escape(Mine):
    name = "../escape"


class Broken(Mine):
    def targets(self):
        return 1 / 0


class Leaver(Mine):
    def targets(self):
        raise SystemExit("done")
"""
WINDOW = ("--from", "2001-01-02", "--to", "2004-12-31")


@pytest.fixture(autouse=True)
def mine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(MINE)


def runs(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(text)["runs"]
    return found


def test_run_takes_a_class_and_gives_what_its_weights_give(dca):
    code, out, err = dca("run", "--own", "mine.py:Mine", *WINDOW, "--json")
    assert (code, err) == (0, "")
    words = ("--weights", "SP500=0.6,BOND=0.4", "--rebalance", "annual")
    other = dca("run", *words, *WINDOW, "--json")[1]
    (mine,), (allocation,) = runs(out), runs(other)
    assert mine["strategy"] == "Mine"
    assert mine["metrics"] == allocation["metrics"]


def test_results_say_which_file_was_run(dca):
    words = ("run", "--own", "mine.py:Mine", *WINDOW, "--json")
    before = json.loads(dca(*words)[1])["plan"]["own"]
    Path("mine.py").write_text(MINE + "# changed\n")
    after = json.loads(dca(*words)[1])["plan"]["own"]
    assert before.keys() == after.keys() == {"Mine"}
    assert before != after
    plain = dca("run", "--weights", "SP500=1", *WINDOW, "--json")[1]
    assert "own" not in json.loads(plain)["plan"]


def test_compare_sets_it_beside_the_defaults_or_the_strategies_named(dca):
    words = ("compare", "--era", "gfc", "--own", "mine.py:Mine", "--json")
    assert [r["strategy"] for r in runs(dca(*words)[1])] == ["index-fund", "diversified", "Mine"]
    named = dca(*words, "--strategy", "cash")[1]
    assert [r["strategy"] for r in runs(named)] == ["cash", "Mine"]


def test_several_may_be_compared(dca):
    Path("other.py").write_text(MINE.replace("Mine", "Other"))
    code, out, _ = dca(
        "compare", "--era", "gfc", "--own", "mine.py:Mine", "--own", "other.py:Other",
        "--strategy", "cash", "--json",
    )  # fmt: skip
    assert code == 0
    assert [r["strategy"] for r in runs(out)] == ["cash", "Mine", "Other"]


@pytest.mark.parametrize("command", [("compare", "--era", "gfc"), ("run", *WINDOW)])
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Broken", "mine.py, line 20: ZeroDivisionError: division by zero; correct it"),
        ("Leaver", "mine.py, line 25: SystemExit: done; correct it"),
    ],
)
def test_an_error_inside_it_is_one_line_with_file_and_line_and_exit_1(command, name, said, dca):
    code, out, err = dca(*command, "--own", f"mine.py:{name}", "--out", "report")
    assert (code, out) == (1, "")
    assert err == f"dca: {said}\n"
    assert not Path("report").exists()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_sweep_tells_the_line_too(workers, dca):
    code, _, err = dca(
        "sweep", "--own", "mine.py:Broken", "--from", "2001-01", "--to", "2002-12", "--years", "1",
        "--workers", workers,
    )  # fmt: skip
    assert code == 1
    assert err.count("\n") == 1
    assert "mine.py, line 20: ZeroDivisionError: division by zero" in err


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("mine.py", "own is 'mine.py'; write path/to/file.py:Class or module:Class"),
        ("mine.py:", "write path/to/file.py:Class"),
        ("mine.py:Miine", "unknown class in mine.py 'Miine'; did you mean 'Mine'?"),
        ("mine.py:DcaStrategy", "names no symbols"),
        ("nowhere.py:Mine", "cannot read nowhere.py"),
        (".:Mine", "write path/to/file.py:Class or module:Class"),
        ("no.such.module:Mine", "there is no module no.such.module; install it, or write"),
        ("json:JSONDecoder", "JSONDecoder is no DcaStrategy"),
        ("mine.py:Copy", "strategy 'index-fund' is declared already; give yours another name"),
        ("mine.py:Escape", "strategy '../escape' is no name"),
    ],
)
def test_what_is_no_strategy_is_one_line_and_exit_2(spec, said, dca):
    code, out, err = dca("compare", "--own", spec)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("class Mine(:", 2, "bad.py, line 1: invalid syntax; correct it"),
        ("x = '\0'", 2, "bad.py"),
        ("(" * 3_000, 2, "bad.py"),
        ("-" * 100_000 + "1", 2, "bad.py cannot be read as Python; correct it"),
        ("def f(): f()\nf()", 1, "bad.py, line 1: RecursionError: maximum recursion depth"),
        ("import sys\nsys.exit(3)", 1, "bad.py, line 2: SystemExit: 3; correct it"),
        ("\n\nraise KeyError('x')", 1, "bad.py, line 3: KeyError: 'x'; correct it"),
        ("import no_such_thing", 1, "bad.py, line 1: ModuleNotFoundError"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_one_line(text, code, said, dca):
    Path("bad.py").write_text(text)
    for _ in range(2):  # no half of it is left behind for the second time
        left, out, err = dca("compare", "--own", "bad.py:Mine")
        assert (left, out, err.count("\n")) == (code, "", 1)
        assert said in err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("weights = 0.5", "Mine: weights is 0.5; give a table of names and values"),
        ("weights = {'SP500': '1'}", "Mine: weights.SP500 is '1'; give a number"),
        ("rebalance = None", "Mine: rebalance is empty; give text, in quotes"),
        ("rebalance = 'weekly'", "rebalance 'weekly' is not known"),
        ("name = 5", "Mine: name is 5; give text, in quotes"),
        ("every_bar = 'yes'", "Mine: every_bar is 'yes'; give true or false"),
    ],
)
def test_what_a_class_states_of_itself_is_checked(line, said, dca):
    base = "from strategies.dca.base import DcaStrategy\n"
    Path("bad.py").write_text(
        f"{base}class Mine(DcaStrategy):\n    weights = {{'SP500': 1.0}}\n    {line}\n"
    )
    for words in (("compare", "--era", "gfc"), ("run", *WINDOW), ("sweep", "--workers", "0")):
        code, out, err = dca(*words, "--own", "bad.py:Mine")
        assert (code, out, err.count("\n")) == (2, "", 1), err
        assert said in err


@pytest.mark.parametrize(
    ("targets", "said"),
    [
        ("None", "Mine: its targets are no mapping; return symbols and fractions"),
        ("0.5", "Mine: its targets are no mapping"),
        ("{5: 1.0}", "unknown symbol in the targets of Mine '5'"),
        ("{'SP500': None}", "Mine: the target of SP500 is None; give 0 to 1"),
        ("{'SP500': 'all'}", "Mine: the target of SP500 is all; give 0 to 1"),
        ("{'SP500': float('nan')}", "Mine: the target of SP500 is nan; give 0 to 1"),
        ("{'SP500': -1}", "Mine: the target of SP500 is -1; give 0 to 1"),
        ("{'SP500': 1.5}", "Mine: its targets sum to 1.5; give at most 1 in all"),
    ],
)
def test_what_it_wants_is_checked(targets, said, dca):
    base = "from strategies.dca.base import DcaStrategy\nclass Mine(DcaStrategy):\n"
    body = f"    weights = {{'SP500': 1.0}}\n    def targets(self):\n        return {targets}\n"
    Path("bad.py").write_text(base + body)
    code, out, err = dca("run", *WINDOW, "--own", "bad.py:Mine")
    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert said in err


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("paid_in(self, due)", "def paid_in(self, due_usd: float, worth_usd: float) -> float"),
        ("targets(self, today)", "def targets(self) -> "),
    ],
)
def test_what_it_takes_is_checked(wrong, right, dca):
    base = "from strategies.dca.base import DcaStrategy\nclass Mine(DcaStrategy):\n"
    body = f"    weights = {{'SP500': 1.0}}\n    def {wrong}:\n        return 0\n"
    Path("bad.py").write_text(base + body)
    code, out, err = dca("run", *WINDOW, "--own", "bad.py:Mine")
    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert f"; write {right}" in err


def test_a_file_may_be_called_like_a_library(dca):
    Path("numpy.py").write_text(MINE)
    code, out, err = dca("run", "--own", "numpy.py:Mine", *WINDOW, "--json")
    assert (code, err) == (0, "")
    assert runs(out)[0]["strategy"] == "Mine"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "with --weights or --strategy, or else with --own"),
        (("--own", "mine.py:Mine", "--weights", "SP500=1"), "or else with --own"),
        (("--own", "mine.py:Mine", "--strategy", "cash"), "or else with --own"),
        (("--own", "mine.py:Mine", "--rebalance", "annual"), "a class states its own rule"),
        (("--own", "mine.py:Mine", "--late-listings"), "a class states its own rule"),
    ],
)
def test_run_takes_weights_or_a_class(words, said, dca):
    code, _, err = dca("run", *WINDOW, *words)
    assert (code, err.count("\n")) == (2, 1)
    assert said in err
