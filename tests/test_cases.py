"""Inputs that people have, and what must come out: worked out by a program that shares no code."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

CASES = Path(__file__).parent / "cases"
EXPECTED = json.loads((CASES / "expected.json").read_text(encoding="utf-8"))
TO_1E9 = {"rel": 1e-9, "abs": 1e-9}


@pytest.fixture
def replay(dca, monkeypatch):
    """Run a case and return what came of it."""
    monkeypatch.chdir(CASES)

    def run(*words: str) -> dict[str, Any]:
        code, out, complaint = dca("run", *words, "--json")
        assert (code, complaint) == (0, "")
        (found,) = json.loads(out)["runs"]
        return found

    return run


def asked(case: dict[str, Any]) -> list[str]:
    """Return a case's words; `the same with` means the words of the case before it."""
    more = case["command"].removeprefix("the same with ")
    if more == case["command"]:
        return more.split()
    return [*asked(EXPECTED[EXPECTED.index(case) - 1]), *more.split()]


@pytest.mark.parametrize("case", EXPECTED, ids=lambda case: case["case"])
def test_the_figures_are_right(case, replay):
    right = {k: v for k, v in case["expect"].items() if k != "note"}
    if right["max_drawdown"] == 0:
        del right["max_drawdown_trough"]  # the date of a fall that never was
    found = replay(*asked(case))["metrics"]
    dates = {name: day for name, day in right.items() if isinstance(day, str)}
    assert {name: found[name] for name in dates} == dates
    numbers = {name: number for name, number in right.items() if name not in dates}
    assert {name: found[name] for name in numbers} == pytest.approx(numbers, **TO_1E9)


@pytest.mark.parametrize(
    ("file", "symbol", "start", "date", "factor"),
    [
        ("pence_then_pounds_monthly.csv", "EZJ.L", "2022-01-31", "2023-03-31", "0.0099"),
        ("split_monthly.csv", "WIDG", "2022-01-31", "2023-06-30", "0.099"),
        ("ten_times_in_a_day.csv", "MEME", "2021-01-04", "2021-01-05", "10"),
    ],
)
def test_a_jump_that_no_price_makes_is_refused(file, symbol, start, date, factor, dca, monkeypatch):
    monkeypatch.chdir(CASES)
    words = ("--weights", f"{symbol}=1", "--from", start, "--json")
    code, out, complaint = dca("run", "--data", file, *words)
    assert (code, out) == (2, "")
    assert all(word in complaint for word in (symbol, date, factor, "--accept-jumps"))


def test_an_accepted_jump_has_no_rate_that_no_float_holds(replay):
    words = ("--data", "ten_times_in_a_day.csv", "--weights", "MEME=1", "--from", "2021-01-04")
    found = replay(*words, "--accept-jumps", "2021-01-05")
    assert found["metrics"]["final_value"] == pytest.approx(200_000, **TO_1E9)
    assert found["metrics"]["xirr"] is None
    assert found["metrics"]["cagr"] is None
    assert {"xirr", "cagr"} <= set(found["nulls"])


@pytest.mark.parametrize(
    ("file", "start", "rate"),
    [
        ("monthly_dated_first_with_live_row.csv", "2022-01-01", 0.2410),
        ("weekly_dated_monday.csv", "2022-01-03", 0.2350),
    ],
)
def test_bars_dated_at_their_beginning_are_dated_to_their_end(file, start, rate, replay):
    """Each bar to the last session that it has: worked out by a root finder of scipy's."""
    found = replay("--data", file, "--weights", "SPY=1", "--from", start)
    assert found["metrics"]["xirr"] == pytest.approx(rate, abs=5e-5)
    assert any("dated" in warning for warning in found["warnings"])


def test_a_point_that_may_part_thousands_is_asked_about(dca, replay):
    words = ("--data", "thousands_point.csv", "--weights", "DAX=1", "--from", "2022-01-03")
    assert dca("run", *words)[0] == 2
    found = replay(*words, "--decimal", "comma")
    assert found["metrics"]["final_value"] == pytest.approx(25_743, abs=0.5)


def test_a_total_loss_is_declared_by_the_words_of_the_error(tmp_path, dca, replay):
    """Half of each payment is lost until the end in March 2023; then all goes into the other."""
    words = ("--weights", "SIVB=0.5,SPY=0.5", "--from", "2022-01-03")
    code, _, complaint = dca("run", "--data", "delisted.csv", *words)
    assert code == 2
    assert "[symbol.SIVB] ended = 2023-03-10" in complaint
    text = (CASES / "delisted.csv").read_text()
    (tmp_path / "prices.csv").write_text(text)
    (tmp_path / "symbols.toml").write_text("[symbol.SIVB]\nended = 2023-03-10\nlast_price = 0\n")
    lost = replay("--data", str(tmp_path / "prices.csv"), *words)
    closes = [(row["Date"][:7], float(row["SPY"])) for row in csv.DictReader(text.splitlines())]
    firsts = dict(reversed(closes))
    shares = sum((500 if month <= "2023-03" else 1000) / close for month, close in firsts.items())
    assert lost["final_shares"] == {"SIVB": 0, "SPY": pytest.approx(shares, **TO_1E9)}
    assert lost["metrics"]["final_value"] == pytest.approx(shares * closes[-1][1], **TO_1E9)
