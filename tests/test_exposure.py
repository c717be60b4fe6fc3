"""A basket inside each strategy: by hand, by a naive program, and where it is not known."""

import json
import math
import re
from datetime import date, timedelta

import numpy as np
import pytest

from backtests import exposure as from_python
from backtests.comparison import compare
from backtests.exposures import THE_SEVEN, Exposure, asked, exposure, weights
from backtests.plan import OwnStrategy, Plan
from data import snapshot
from data.errors import BadPlan, UnknownName
from data.snapshot.weights import dated, members, published, technology
from tests.conftest import make_table
from tests.helpers import TABLES


def exposed(*strategies: str, **options) -> Exposure:
    plan = Plan(strategies=strategies, **options)
    question = asked(plan)
    return exposure(compare(question.plan, TABLES), question)


@pytest.fixture(scope="module")
def seven() -> Exposure:
    return exposed()


def test_the_table_has_what_its_sources_say():
    assert len(published()) == 368
    assert set(members()) == set(THE_SEVEN)
    high, low = technology()
    assert (high.figure, low.figure) == (0.345, 0.128)
    table = dated()
    for day, sum_ in zip(table["SEVEN"].days, table["SEVEN"].figures, strict=True):
        single = [table[s].figures[table[s].days == day].sum() for s in THE_SEVEN]
        assert math.fsum(single) == pytest.approx(sum_, abs=1e-9)
    effective = dict(
        zip(
            table["EFFECTIVE_NUMBER"].days.astype(str),
            table["EFFECTIVE_NUMBER"].figures,
            strict=True,
        )
    )
    assert round(effective["2006-12-29"]) == 129
    assert round(effective["2026-08-20"]) == 44


def naive(symbol: str, day: str) -> float:
    """Move a weight from the day before to the day after in plain Python, on daily prices."""
    table = snapshot.load("daily")
    price = {
        str(d): (float(a), float(i))
        for d, a, i in zip(table.dates, table.column(symbol), table.column("SP500"), strict=True)
        if a == a and str(d) >= "2022-10"
    }
    known = [w for w in published() if w.symbol == symbol and w.date in price]
    before = [w for w in known if w.date <= day]
    after = [w for w in known if w.date > day]

    def moved(start: str, end: str) -> float:
        own, index = (price[end][k] / price[start][k] for k in (0, 1))
        return own / index

    if not before:
        return after[0].figure / moved(day, after[0].date)
    low = before[-1]
    if not after:
        return low.figure * moved(low.date, day)
    high = after[0]
    growth = high.figure / (low.figure * moved(low.date, high.date))
    begin, end, here = (date.fromisoformat(d) for d in (low.date, high.date, day))
    passed = (here - begin) / (end - begin)
    return low.figure * moved(low.date, day) * growth**passed


@pytest.mark.parametrize(
    "day", ["2022-11-01", "2022-12-30", "2023-05-25", "2025-11-03", "2026-08-20", "2026-09-17"]
)
def test_an_estimate_is_what_a_naive_program_computes(seven: Exposure, day: str):
    at = int(np.flatnonzero(seven.index.days == np.datetime64(day))[0])
    assert seven.index.weight[at] == pytest.approx(
        math.fsum(naive(s, day) for s in THE_SEVEN), rel=1e-12
    )
    assert seven.index.estimate[at] == (day not in ("2022-12-30", "2026-08-20"))


def test_estimates_come_near_the_highest_day_that_was_read(seven: Exposure):
    # Read from the fund's holdings of every day: 35.92 % on 2025-11-03.
    bars = seven.index.days <= np.datetime64("2026-08-31")
    at = int(np.nanargmax(seven.index.weight[bars]))
    assert str(seven.index.days[at]) == "2025-11-03"
    assert seven.index.weight[at] == pytest.approx(0.3592, abs=1e-3)


def test_dated_weights_are_the_tables_own_and_the_newest_stand_after_the_last_bar(seven: Exposure):
    sure = ~seven.index.estimate
    got = dict(zip(seven.index.days[sure].astype(str), seven.index.weight[sure], strict=True))
    assert got["2026-09-30"] == pytest.approx(0.346488, abs=1e-9)
    assert got["2022-12-30"] == pytest.approx(0.199771, abs=1e-9)
    assert list(got)[-1] == "2026-10-08"
    assert seven.index_loss[-1] == pytest.approx(-0.8 * 0.34686, abs=1e-9)


def test_a_weight_halfway_by_hand():
    """NVDA doubles while the index stands still, then both stand still: by hand."""
    # In the table: 0.0112913 on 2022-12-30, 0.019846 on 2023-03-31, 91 days later.
    days = ["2022-12-30", "2023-01-03", "2023-03-31", "2023-04-03"]
    table = make_table(days, {"NVDA": [10, 20, 20, 30], "SP500": [5, 5, 5, 10]})
    found = weights(table, ["NVDA"])
    factor = 0.019846 / (2 * 0.0112913)
    by_hand = [0.0112913, 2 * 0.0112913 * factor ** (4 / 91), 0.019846, 0.019846 * 1.5 / 2]
    assert found.weight[:4].tolist() == pytest.approx(by_hand, rel=1e-12)
    assert found.estimate[:4].tolist() == [False, True, False, True]


def test_a_gap_of_the_prices_connects_nothing():
    days = [str(date(2022, 12, 30) + timedelta(days=n)) for n in range(93)]
    prices = [10.0, *[float("nan")] * 20, *[99.0] * 72]
    table = make_table(days, {"NVDA": prices, "SP500": [5.0] * 93})
    found = weights(table, ["NVDA"])
    assert np.isnan(found.weight[1:21]).all()
    assert found.weight[21:92].tolist() == pytest.approx([0.019846] * 71)


def test_members_enter_on_their_days_in_the_table():
    table = snapshot.load("monthly")
    for symbol, last in (("META", "2013-11-30"), ("TSLA", "2020-11-30")):
        found = weights(table, [symbol])
        months = found.days.astype(str).tolist()
        at = months.index(last)
        assert found.weight[at] == 0.0
        assert found.estimate[at]
        assert found.weight[at + 1] == dated()[symbol].figures[0]
        assert not found.estimate[at + 1]


def test_the_seven_are_not_known_while_alphabets_prices_are_missing():
    found = weights(snapshot.load("daily"))
    known = dict(zip(found.days.astype(str), found.weight, strict=True))
    assert known["2000-03-10"] == pytest.approx(0.0492, abs=5e-5)
    assert math.isnan(known["2005-06-01"])
    assert known["2006-12-29"] == pytest.approx(0.03563936, abs=1e-9)


def test_each_strategy_holds_what_its_parts_hold(seven: Exposure):
    held = {h.result.strategy: h for h in seven.held}
    bars = held["index-fund"].result.course.dates
    index = seven.index.at(bars)
    assert held["index-fund"].weight.tolist() == pytest.approx(index.tolist())
    mix = held["diversified"].result
    part = (mix.shares * mix.closes)[:, mix.symbols.index("SP500")]
    assert held["diversified"].usd.tolist() == pytest.approx((part * index).tolist())
    assert held["ai-picks"].weight.tolist() == pytest.approx([1.0] * len(bars))
    assert held["ai-picks"].usd[-1] == pytest.approx(91_620.44, abs=0.01)
    assert np.isnan(held["nasdaq"].weight).all()
    assert held["index-fund"].usd[-1] == pytest.approx(68_918.11 * index[-1], abs=0.01)


def test_what_is_held_beside_the_index_counts_twice_and_cash_not_at_all():
    own = {"mine": OwnStrategy(weights={"SP500": 0.5, "NVDA": 0.25, "CASH": 0.25})}
    found = exposed("mine", strategy=own, bars="monthly", monthly=0, initial=1000)
    held, index = found.held[0], found.index
    assert held.usd[0] == pytest.approx(250 + 500 * index.weight[0])
    assert held.weight[0] == pytest.approx(0.25 + 0.5 * index.weight[0])


@pytest.mark.parametrize("unknown", ["QQQ", "IXIC"])
def test_a_fund_whose_weights_are_not_in_the_table_is_not_known_never_zero(unknown: str):
    own = {"mine": OwnStrategy(weights={"SP500": 0.9, unknown: 0.1})}
    era = {"w": {"start": date(2010, 1, 1), "end": date(2012, 12, 31)}}
    found = exposed("mine", strategy=own, era=era, eras=("w",), bars="monthly")
    assert np.isnan(found.held[0].weight).all()
    assert {entry["weight"] for entry in found.as_json()["strategies"]["mine"]} == {None}


def test_the_json_has_the_contracts_shape(dca):
    code, out, err = dca("exposure", "--basket", "NVDA,MSFT", "--fall", "0.5", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["basket"] == ["NVDA", "MSFT"]
    last = found["index"][-1]
    assert last == {"date": "2026-10-08", "weight": 0.1411075, "estimate": False}
    assert found["index_loss"] == pytest.approx(-0.5 * 0.1411075)
    entry = found["strategies"]["index-fund"][0]
    assert set(entry) == {"date", "weight", "usd"}
    assert entry["usd"] == pytest.approx(1000 * entry["weight"])
    assert found["strategies"]["nasdaq"][0] == {"date": "2022-11-01", "weight": None, "usd": None}


def test_the_terminal_and_the_page_say_which_figures_are_estimates(dca, tmp_path):
    code, out, _ = dca("exposure", "--out", str(tmp_path / "x"))
    assert code == 0
    assert "34.3 % of the index fund is in 7 companies" in out
    assert "2025-12-31 *" in out
    assert "2026-09-17 *" not in out
    assert "not known" in out
    assert "129 on 2006-12-29, 44 on 2026-08-20" in out
    names = sorted(p.name for p in (tmp_path / "x").iterdir())
    assert names == ["concentration.png", "exposure.html", "exposure.json", "exposure.png"]
    page = (tmp_path / "x" / "exposure.html").read_text()
    assert "<script" not in page
    assert "the lines between and after them are estimates" in page
    assert "34.5\N{NO-BREAK SPACE}%" in page
    assert re.findall(r'href="#(note-1-\w)"', page) == ["note-1-S", "note-1-S", "note-1-H"]
    assert re.findall(r'<li id="(note-1-\w)"', page) == ["note-1-H", "note-1-S"]
    assert 'href="#era-1"' in page
    assert '<h3 id="era-1">' in page
    again, _, err = dca("exposure", "--basket", "NVDA", "--out", str(tmp_path / "x"))
    assert (again, err) == (0, "")


def test_a_file_without_the_members_shows_what_is_known(dca, tmp_path):
    days = np.datetime64("2024-12-31") + np.arange(60)
    lines = [f"{d},{100 + n}" for n, d in enumerate(days[np.is_busday(days)])]
    (tmp_path / "p.csv").write_text("\n".join(["date,SP500", *lines, ""]))
    words = ("--data", str(tmp_path / "p.csv"), "--strategy", "index-fund", "--json")
    plan = tmp_path / "plan.toml"
    plan.write_text("[era.w]\nstart = 2024-12-31\nend = 2025-02-28\n")
    code, out, err = dca("exposure", "--plan", str(plan), "--era", "w", *words)
    assert (code, err) == (0, "")
    told = json.loads(out)["index"]
    assert told[0] == {"date": "2024-12-31", "weight": 0.334202, "estimate": False}
    assert {entry["weight"] for entry in told[1:]} == {None}


@pytest.mark.parametrize(
    ("asking", "error", "said"),
    [
        ({"basket": ("IBM",)}, UnknownName, "member of the index 'IBM'"),
        ({"basket": ("NVDA", "NVDA")}, BadPlan, "twice"),
        ({"fall": 1.5}, BadPlan, "fall is 1.5"),
        ({"fall": float("nan")}, BadPlan, "fall is nan"),
    ],
)
def test_what_cannot_be_asked_is_refused(asking, error, said):
    with pytest.raises(error, match=said):
        asked(Plan(), **asking)


def test_one_era_at_a_time(dca):
    code, _, err = dca("exposure", "--era", "dotcom", "--era", "ai-run")
    assert code == 2
    assert "one era at a time" in err


def test_from_python_it_is_a_frame():
    found = from_python(strategies=("index-fund",), basket=["NVDA"], bars="monthly")
    frame = found.frame()
    assert frame.loc["2026-09-30", "index"] == pytest.approx(0.0837005)
    assert not frame.loc["2026-09-30", "estimate"]
    assert frame.loc["2026-09-30", "index-fund"] == pytest.approx(0.0837005)
