"""Strategies that peek are found out, with the first order that gives them away."""

import json
from collections.abc import Mapping
from datetime import date
from functools import cache

import numpy as np
import pytest

import backtests
from backtests.lookahead import audit, scrambled, stilled
from backtests.plan import Plan
from data.errors import BadPlan, RunFailed
from data.prices import PriceTable
from strategies.dca.base import DcaStrategy, allocation
from tests.conftest import NONE, make_table, weekdays
from tests.helpers import era, whole


@cache
def prices() -> PriceTable:
    rng = np.random.default_rng(3)
    closes = 50 * np.exp(np.cumsum(rng.normal(0, 0.02, (300, 2)), axis=0))
    days = [str(day) for day in weekdays("2019-01-01", 300)]
    return make_table(days, {"A": closes[:, 0], "B": closes[:, 1]})


class Past(DcaStrategy):
    """Buy what is dearer than it was on the bar before."""

    name = "past"
    weights: Mapping[str, float] = {"A": 0.5, "B": 0.5}
    every_bar = True

    def targets(self) -> Mapping[str, float]:
        close = self.data.close
        up = len(close) > 1 and close[0] > close[-1]
        return {"A": 1.0} if up else {"B": 1.0}


class Window(Past):
    """Buy A where it will be dearer after `ahead` bars, by the window that the feed holds."""

    name = "window"
    ahead = 1

    def targets(self) -> Mapping[str, float]:
        view = self.data.p.window
        today = np.datetime64(self.datetime.date(0))
        at = int(np.searchsorted(view.dates, today))
        later = view.closes[min(at + self.ahead, len(view.dates) - 1), 0]
        return {"A": 1.0} if later > view.closes[at, 0] else {"B": 1.0}


class Far(Window):
    """Do the same with the window's last price."""

    name = "far"
    ahead = 10_000


class Saver(Past):
    """Pay in double where the window's last price is the highest of all."""

    name = "saver"

    def paid_in(self, due_usd: float, worth_usd: float) -> float:
        closes = self.data.p.window.closes[:, 0]
        return due_usd * (1.0 + closes[-1] / closes[0])


class Memory(Past):
    """Remember on the class what an earlier run has seen."""

    name = "memory"
    runs: list[int] = []

    def targets(self) -> Mapping[str, float]:
        self.runs.append(1)
        return {"A": 1.0} if len(self.runs) > 14 else {"B": 1.0}


def audited(kind: type[DcaStrategy], **plan: object):
    return audit(kind, whole(prices()), prices(), Plan(monthly=100.0, **plan).terms)


@pytest.mark.parametrize("fill", ["close", "next"])
def test_who_looks_back_only_is_let_pass(fill):
    for kind in (Past, allocation("mine", {"A": 0.3, "B": 0.7}, "annual")):
        found = audited(kind, fill=fill)
        assert (found.first, found.told, found.fault) == (None, None, "")
        assert 10 < len(found.known) <= 12


def test_one_bar_ahead_is_found_on_the_bar_it_decides():
    """Its first order that differs is on the very bar after which prices were replaced."""
    found = audited(Window)
    assert found.first
    assert found.first.day == found.first.known
    table = prices()
    at = int(np.searchsorted(table.dates, np.datetime64(found.first.day)))
    rose = table.closes[at + 1, 0] > table.closes[at, 0]
    assert found.first.symbol == "A"
    bought = 100.0 / table.closes[at, 0]
    assert found.first.was == pytest.approx(bought if rose else 0.0)
    assert found.first.became == pytest.approx(0.0 if rose else bought)
    said = f"window looks ahead: {found.first.was:,.6g} A ordered on {found.first.day} become"
    assert found.fault.startswith(said)


def test_the_last_price_is_found_on_the_first_payment():
    found = audited(Far)
    assert found.first
    assert found.first.day == date(2019, 1, 1)


def test_a_payment_by_what_is_to_come_is_found():
    found = audited(Saver)
    assert found.first
    assert (found.first.symbol, found.first.day) == ("", date(2019, 1, 1))
    closes = prices().closes[:, 0]
    assert found.first.was == pytest.approx(100 * (1 + closes[-1] / closes[0]))
    assert "USD paid in on 2019-01-01 become" in found.fault


def test_the_bar_after_the_last_is_not_there_to_be_read():
    class Next(Past):
        name = "next"

        def targets(self) -> Mapping[str, float]:
            return {"A": 1.0} if self.data.close[1] > self.data.close[0] else {"B": 1.0}

    with pytest.raises(IndexError):
        audited(Next)


def test_who_remembers_another_run_is_refused():
    with pytest.raises(RunFailed, match="memory does not repeat itself on the same prices"):
        audited(Memory)


def test_dice_are_no_look_ahead():
    class Dice(Past):
        name = "dice"

        def targets(self) -> Mapping[str, float]:
            return {"A": float(np.random.random())}

    assert audited(Dice).fault == ""


def test_knowing_the_windows_end_is_told_apart():
    found = backtests.audit("lump-sum", era="lost-decade", cuts=2)
    assert found.fault == ""
    assert found.told
    assert (found.told.future, found.told.symbol) == ("ended", "")


def test_what_a_class_reads_is_named_from_python_too(tmp_path):
    class Reader(Past):
        name = "reader"

        def targets(self) -> Mapping[str, float]:
            return {"A": float((tmp_path / "share.txt").read_text())}

    (tmp_path / "share.txt").write_text("0.5")
    assert backtests.audit(Reader, prices(), cuts=1).reads == ("share.txt",)
    assert backtests.audit(Past, prices(), cuts=1).reads == ()
    assert backtests.audit({"A": 1.0}, prices(), cuts=1).fault == ""


def test_futures_by_hand():
    days = ["2020-01-01", "2020-01-02", "2020-01-03", "2020-01-06"]
    table = make_table(days, {"A": [1, 2, 3, 4], "B": [NONE, NONE, 5, 6], "C": [1, NONE, 2, 3]})
    still = stilled(table, date(2020, 1, 2))
    assert still.column("A").tolist() == [1, 2, 2, 2]
    assert still.column("B").tolist()[2:] == [1, 1]
    assert still.column("C").tolist()[2:] == [1, 1]
    other = scrambled(table, date(2020, 1, 2))
    assert other.column("A")[:2].tolist() == [1, 2]
    ratios = (other.closes / table.closes)[2:]
    assert ((ratios > 0.5) & (ratios < 2) & (ratios != 1)).all()


def test_a_window_of_one_bar_decides_nothing():
    with pytest.raises(BadPlan, match="nothing is decided before the window's last bar"):
        audit(Past, era("2019-01-01", "2019-01-01"), prices(), Plan().terms)


def test_cuts_within_reason():
    with pytest.raises(BadPlan, match="cuts are 0; give 1 to"):
        audit(Past, whole(prices()), prices(), Plan().terms, cuts=0)


OWN = """
from pathlib import Path

import pandas as pd

from data import snapshot
from strategies.dca.base import DcaStrategy


class Honest(DcaStrategy):
    weights = {"A": 1.0}


class Reader(Honest):
    '''Hold cash where the file says that the price will fall.'''

    def targets(self):
        frame = pd.read_csv(FILE)
        today = str(self.datetime.date(0))
        at = int(frame.index[frame["date"] == today][0])
        return {"A": float(frame["A"][min(at + 1, len(frame) - 1)] > frame["A"][at])}


class Embedded(Honest):
    weights = {"SP500": 1.0}

    def targets(self):
        return {"SP500": float(snapshot.load("daily").column("SP500")[-1] > 0)}


class Tomorrow(Honest):
    def targets(self):
        return {"A": float(self.data.close[1] > self.data.close[0])}


class Peek(Honest):
    def targets(self):
        return {"A": float(self.data.p.window.closes[-1, 0] > self.data.close[0])}
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table = prices()
    lines = [f"{d},{p!r}" for d, p in zip(table.dates, table.column("A").tolist(), strict=True)]
    (tmp_path / "prices.csv").write_text("\n".join(["date,A", *lines, ""]))
    (tmp_path / "own.py").write_text(f"FILE = {str(tmp_path / 'prices.csv')!r}\n{OWN}")
    return ("--data", "prices.csv", "--cuts", "3")


def test_the_command_lets_an_honest_one_pass(dca, own):
    code, out, err = dca("audit", "own.py:Honest", *own)
    assert (code, err) == (0, "")
    assert out.startswith("Honest, 2019-01-01 to 2020-02-24, daily bars: no order looks ahead.\n")
    assert "In 9 reruns prices to come changed no order and no payment" in out
    found = json.loads(dca("audit", "own.py:Honest", *own, "--json")[1])
    assert (found["looks_ahead"], found["first"], found["reads"]) == (False, None, [])
    assert found["known"][0] == "2019-01-01"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Reader", "Reader opens prices.csv itself: what it finds there may be the future"),
        ("Peek", "Peek looks ahead: "),
        ("Tomorrow", "own.py, line "),
    ],
)
def test_the_command_finds_who_peeks(dca, own, name, said):
    code, out, err = dca("audit", f"own.py:{name}", *own)
    assert (code, out) == (1, "")
    assert err.startswith(f"dca: {said}")
    assert err.count("\n") == 1


def test_who_reads_the_embedded_prices_is_found(dca, own):
    code, _, err = dca("audit", "own.py:Embedded", "--era", "gfc", "--cuts", "2")
    assert code == 1
    assert err.startswith("dca: Embedded opens daily_1996_2007.csv.gz, ")


def test_the_command_takes_a_strategys_name_and_one_era(dca):
    code, out, _ = dca("audit", "ai-picks", "--cuts", "1", "--fee-bps", "10")
    assert code == 0
    assert out.startswith("ai-picks, 1996-06-03 to 2007-12-31")
    code, _, err = dca("audit", "index-fund", "--era", "gfc", "--era", "dotcom")
    assert (code, err) == (2, "dca: an audit is of one era; name one\n")
    assert "did you mean 'index-fund'" in dca("audit", "index_fund")[2]
