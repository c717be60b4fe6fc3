"""Published figures against ours: the rows, the command, the page, and what computes them."""

import json
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from backtests.measures.catalogue import Figure
from backtests.report.terminal import console, put
from backtests.report.validation_page import markdown, pieces
from backtests.validation import ours, public, published
from backtests.validation.published import Group
from backtests.validation.row import AGREES, EXPLAINED, OFF, Case, Printed, Row
from backtests.validation.verify import Validation, verify
from data import snapshot
from data.errors import NoPrices
from data.language import speaking
from tests.helpers import english_left

PAGE = Path(__file__).parents[1] / "docs" / "validation.md"


@pytest.fixture(scope="module")
def found() -> Validation:
    return verify()


def test_every_row_is_where_it_is_known_to_be(found: Validation):
    assert [f"{r.case.what}: {r.figure} {r.texts}" for r in found.off] == []
    assert len(found.rows) > 200
    assert sum(row.verdict == EXPLAINED for row in found.rows) == 13
    assert all(row.why for row in found.rows)
    assert found.left_out == ()


def test_the_page_is_of_a_fresh_run(found: Validation):
    assert markdown(found) == PAGE.read_text(), "run make validation"


def test_the_terminal_has_it_in_chinese_and_the_page_stays_english(found: Validation, capsys):
    english = found.as_json()
    with speaking("zh-Hant"):
        put(console(), pieces(found))
        assert markdown(found) == PAGE.read_text()
        assert found.as_json() == english
    said = capsys.readouterr().out
    assert "最深本金虧損，發生日期" in said
    assert "差異已說明" in said
    assert not english_left(said.replace("Ned Davis Research", ""))
    assert " %" not in said


def row(printed: Printed, ours: Figure) -> Row:
    case = Case("what", "who", dict, {"figure": printed}, "why")
    return Row(case, "figure", printed, ours)


@pytest.mark.parametrize(
    ("printed", "ours", "verdict"),
    [
        (Printed("2.07 %"), 0.020749, AGREES),
        (Printed("2.07 %"), 0.020751, OFF),
        (Printed("-13,326.96"), -13326.956, AGREES),
        (Printed("-13,326.96"), -13326.954, OFF),
        (Printed("36,657", "75"), 36_582.1, AGREES),
        (Printed("36,657", "75"), 36_581.9, OFF),
        (Printed("37 %", "0.1", "-2.0"), 0.3501, EXPLAINED),
        # What is known to differ and suddenly agrees is off too.
        (Printed("37 %", "0.1", "-2.0"), 0.37, OFF),
        (Printed("2000-02-29"), "2000-02-29", AGREES),
        (Printed("2000-02-29"), "2000-03-01", OFF),
        (Printed("2000-02-29", "1"), "2000-03-01", AGREES),
        (Printed("2000-02-29", apart="-60"), "1999-12-31", EXPLAINED),
        (Printed("1 %"), None, OFF),
        (Printed("2000-02-29"), None, OFF),
    ],
)
def test_verdicts_by_hand(printed: Printed, ours: Figure, verdict: str):
    assert row(printed, ours).verdict == verdict


def test_texts_by_hand():
    assert row(Printed("2.07 %"), 0.020749).texts == ("2.07 %", "2.0749 %", "+0.0049 %",
                                                      "as printed")  # fmt: skip
    assert row(Printed("36,657", "75"), 36_608.2).texts == ("36,657", "36,608", "-49", "75")
    assert row(Printed("2000-02-29", apart="1"), "2000-03-01").texts == (
        "2000-02-29", "2000-03-01", "+1 days", "+1 days",
    )  # fmt: skip
    assert row(Printed("37 %", "0.05", "-1.08"), 0.3592).texts == (
        "37 %", "35.92 %", "-1.08 %", "-1.08 % ± 0.05 %",
    )  # fmt: skip
    assert row(Printed("120"), 120).texts == ("120", "120", "0", "as printed")
    assert row(Printed("1 %"), None).texts == ("1 %", "None", "none", "as printed")


def test_a_figure_that_is_off_fails_the_command(dca, monkeypatch):
    wrong = Case("half", "a test", lambda: {"share": 0.5}, {"share": Printed("51 %")}, "made up")
    monkeypatch.setattr(published, "GROUPS", (Group("Made up", "One row.", (wrong,)),))
    code, out, err = dca("verify", "--json")
    assert code == 1
    assert err == "dca: 1 of 1 figures are off, as half: share\n"
    (told,) = json.loads(out)["rows"]
    assert (told["theirs"], told["ours"], told["tolerance"]) == (0.51, 0.5, 0.005)
    assert told["verdict"] == OFF
    code, out, _ = dca("verify")
    assert code == 1
    assert "out of tolerance" in out
    assert "**Out of tolerance**: made up" in dca("verify", "--markdown")[1]


def test_without_the_package_the_rest_is_verified(dca, monkeypatch):
    monkeypatch.setattr(public, "here", lambda: False)
    monkeypatch.setattr(public, "prices", lambda index: pytest.fail(f"{index} was read"))
    code, out, err = dca("verify", "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert len(told["rows"]) > 100
    assert told["left_out"] == [
        "97 figures on public indices are left out: pip install arch brings their prices"
    ]


@pytest.mark.parametrize("package", ["no_such_package", "json"])
def test_a_package_without_the_prices_is_as_none(package, monkeypatch):
    monkeypatch.setattr(public, "PACKAGE", package)
    assert not public.here()
    with pytest.raises(NoPrices, match="pip install arch"):
        public.prices.__wrapped__("nasdaq")


def test_the_public_prices_are_the_packages():
    for index in ("nasdaq", "sp500"):
        theirs = import_module(f"arch.data.{index}").load()["Adj Close"]
        table = public.prices(index)
        assert table.column(index).tolist() == theirs.tolist()
        assert (table.dates == theirs.index.to_numpy().astype("datetime64[D]")).all()


def test_a_yearly_rebalancing_at_the_years_end_by_a_naive_ledger():
    """Written again, plainly: what is bought, and both halves set right on each December's last."""
    table = snapshot.load("monthly")
    at = (table.dates >= np.datetime64("2004-12-31")) & (table.dates <= np.datetime64("2017-12-31"))
    closes = np.column_stack([table.column("SP500"), table.column("AMZN")])[at].tolist()
    shares = [1000 * 0.9 / closes[0][0], 1000 * 0.1 / closes[0][1]]
    for day, price in zip(table.dates[at][1:].tolist(), closes[1:], strict=True):
        if day.month == 12:
            worth = 100 + shares[0] * price[0] + shares[1] * price[1]
            shares = [worth * 0.9 / price[0], worth * 0.1 / price[1]]
        else:
            shares = [shares[0] + 90 / price[0], shares[1] + 10 / price[1]]
    case = next(c for c in published._VISUALIZER.cases if "each year's end" in c.what)
    worth = shares[0] * closes[-1][0] + shares[1] * closes[-1][1]
    assert case.find()["final_value"] == pytest.approx(worth, rel=1e-9)
    assert round(worth) == 45_370
    # What is said of the rule that rebalances a month later.
    amazon = pd.Series([row[1] for row in closes], pd.DatetimeIndex(table.dates[at])).pct_change()
    means = amazon.groupby(amazon.index.month == 1).mean()
    assert (round(means[True], 3), round(means[False], 3)) == (-0.005, 0.030)


def test_parts_that_wait_in_bills_by_a_naive_ledger():
    """Half in stocks, half in bills, in three parts, every window of a year, month by month."""
    table = snapshot.century()
    months = table.dates.astype("datetime64[M]").astype(str).tolist()
    first, last = months.index("1929-01"), months.index("1932-12")
    stocks, bills = table.column("SP500").tolist(), table.column("CASH").tolist()

    def grown(usd: float, start: int, end: int) -> float:
        for m in range(start, end):
            usd = usd / 2 * stocks[m + 1] / stocks[m] + usd / 2 * bills[m + 1] / bills[m]
        return usd

    wins, whole, split = [], 0.0, 0.0
    for start in range(first, last - 12 + 2):
        end = start + 11
        parts = (grown(bills[start + k] / bills[start] / 3, start + k, end) for k in range(3))
        one, other = grown(1.0, start, end), sum(parts)
        wins.append(one > other)
        whole, split = whole + one, split + other
    found = ours.waiting_in_bills(0.5, ("1929-01", "1932-12"), 1, 3)
    assert found["windows"] == len(wins) == 37
    assert found["won by all at once"] == pytest.approx(np.mean(wins))
    assert found["more by all at once"] == pytest.approx(whole / split - 1)
