"""What is wrong with the shape of an option or a file is said in plain words."""

from datetime import date, datetime, time
from typing import Any

import pytest

from backtests.plan import Plan, make_plan, read_plan
from data.errors import BadInput, printable
from data.shape import said

# Words of Python and of the libraries, which say nothing to a saver.
FOREIGN = (
    "tuple",
    "dict",
    "valid",
    "NoneType",
    "instance",
    "input",
    "str",
    "pattern",
    "Error",
    "%Y",
)
HOSTILE: list[Any] = [
    None, True, 0, -1, 10**400, int("f" * 9_000, 16), 1.5, -1e-320, float("nan"), float("inf"),
    -float("inf"), "", "x" * 10_000, "a\x1b[2J\n\u202eb", "\ud800", [], ["a", 5], [[]], (), {},
    {"a": 1}, {"a": {"weights": 5}}, {"a": {"weights": {"X": "y"}}}, {"a": {"start": "2000"}},
    {"../a": {}}, date(9999, 12, 31), datetime(2000, 1, 1, 12), time(1), b"x", object(),
]  # fmt: skip


@pytest.mark.parametrize("name", Plan.model_fields)
def test_whatever_an_option_is_given_is_taken_or_refused_in_plain_words(name):
    for value in HOSTILE:
        try:
            make_plan(**{name: value})
        except BadInput as error:
            text = str(error)
            assert text.isprintable(), text
            assert len(text) < 400, text
            assert not any(word in text.split() for word in FOREIGN), text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("monthly = '5'", "monthly is '5'; give a number"),
        ("eras = 'dotcom'", "eras is 'dotcom'; give a list, in brackets"),
        ("eras = [5]", "eras.0 is 5; give text, in quotes"),
        ("whole_shares = 1", "whole_shares is 1; give true or false"),
        ("fill = 'later'", "fill is 'later'; give 'close' or 'next'"),
        ("fee_bps = 10000", "fee_bps is 10000; give less than 10000"),
        ("name = '../x'", "name is '../x'; give up to 64 letters, digits, . _ and -"),
        ("strategy = 5", "strategy is 5; give a table of names and values"),
        ("[strategy]\na = 5", "strategy.a is 5; give a table of names and values"),
        (
            "[strategy.a]\nrebalance = 'none'",
            "needs weights, or the name of a strategy as its base",
        ),
        (
            "[era.a]\nstart = '2000-01-01'",
            "era.a.start is '2000-01-01'; give a date, as 2000-01-31",
        ),
        ("[era.a]\nstrat = 2000-01-01", "unknown plan key 'strat'; did you mean 'start'?"),
        (
            "[symbol.A]\nparts = [" + "'B'," * 11 + "]",
            "symbol.A.parts is a list; give at most 10 of",
        ),
        (f"monthly = {'9' * 400}", "monthly is a number of many digits; give a number"),
        (f"monthly = {'9' * 5_000}", "is not a TOML plan: a number in it has too many digits"),
        (f"monthly = 0x{'f' * 9_000}", "monthly is a number of many digits; give a number"),
        (f"x = {'[' * 100_000}", "is not a TOML plan"),
        ("x = [", "is not a TOML plan"),
    ],
)
def test_a_plans_faults_by_hand(text, wanted, tmp_path):
    (tmp_path / "p.toml").write_text(text)
    with pytest.raises(BadInput) as refused:
        read_plan(tmp_path / "p.toml", {})
    assert wanted in str(refused.value)


def test_a_plan_is_a_regular_file_of_utf_8_and_may_be_linked_to(tmp_path):
    (tmp_path / "p.toml").write_text("monthly = 5\n")
    (tmp_path / "link.toml").symlink_to(tmp_path / "p.toml")
    assert read_plan(tmp_path / "link.toml", {}).monthly == 5
    (tmp_path / "latin.toml").write_bytes(b"# B\xf6rse\n")
    with pytest.raises(BadInput, match="it is not UTF-8 text; save it as UTF-8"):
        read_plan(tmp_path / "latin.toml", {})
    with pytest.raises(BadInput, match="is not a TOML plan"):
        read_plan(tmp_path, {})


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "empty"), (True, "true"), (-100.0, "-100"), (1e-320, "1e-320"), (5, "5"),
        (date(2000, 1, 31), "2000-01-31"), ("a\tb", r"'a\tb'"), ({}, "a table"), ([1], "a list"),
    ],
)  # fmt: skip
def test_values_are_said_as_they_were_written(value, shown):
    assert said(value) == shown


def test_control_characters_are_shown_and_long_values_cut_once():
    assert printable("a\x1b[2J\nb\u202e\ud800") == r"a\x1b[2J\nb\u202e\ud800"
    assert printable("x" * 10_000) == "x" * 59 + "…"
    assert printable("x" * 60) == "x" * 60
