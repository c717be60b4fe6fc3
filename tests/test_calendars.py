"""The twin on the inputs of tests/cases, and over markets with calendars of their own."""

import json
import shlex
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backtests import engine
from backtests.sweeps import check, replayed
from backtests.sweeps.layout import lay_out
from backtests.sweeps.request import Request
from backtests.sweeps.rows import Twin
from backtests.vectorized import walk
from backtests.vectorized.market import Market, Spans
from data.sources import by_resolution, tables
from data.window import window
from strategies.dca.base import allocation
from strategies.dca.terms import Costs, Rebalance, Terms
from strategies.dca.trading import Saver
from tests.conftest import NONE, make_table

CASES = Path(__file__).parent / "cases"
EXPECTED = json.loads((CASES / "expected.json").read_text())


def commands() -> list[tuple[str, list[str], dict[str, Any]]]:
    """Return name, words and right figures; `the same with` stands for the words before."""
    found, before = [], ""
    for case in EXPECTED:
        same = case["command"].startswith("the same with ")
        before = before + case["command"].removeprefix("the same with") if same else case["command"]
        found.append((case["case"], shlex.split(before), case["expect"]))
    return found


def option(words: list[str], name: str, default: str) -> str:
    return words[words.index(name) + 1] if name in words else default


@pytest.mark.parametrize(("name", "words", "right"), commands(), ids=lambda x: str(x)[:40])
def test_the_twin_gives_the_right_figures(name, words, right):
    weights = dict(pair.split("=") for pair in option(words, "--weights", "").split(","))
    file = str(CASES / option(words, "--data", ""))
    table = next(iter(tables(file).values()))()
    start, end = option(words, "--from", ""), option(words, "--to", "")
    last = date.fromisoformat(end) if end else None
    view = window(table, tuple(weights), date.fromisoformat(start), last)
    terms = Terms(
        float(option(words, "--monthly", "1000")),
        costs=Costs(0.0, float(option(words, "--fee-per-order", "0"))),
        whole_shares="--whole-shares" in words,
    )
    rule = Rebalance.parse(option(words, "--rebalance", "none"))
    saver = Saver(np.array([[float(w)] for w in weights.values()]), rule, terms)
    found = walk.figures(Market.of(view), Spans.whole(len(view.dates), 1), saver)
    for key in set(right) & set(found):
        came, wanted = float(found[key][0]), right[key]
        assert abs(came - wanted) <= 1e-9 * max(1, abs(wanted)), (name, key, wanted, came)


def two_calendars(seed: int) -> Any:
    """Return A, which trades every day, and B on weekdays with holidays of its own."""
    dice = np.random.default_rng(seed)
    dates = np.arange("2018-01-01", "2021-02-01", dtype="datetime64[D]")
    closes = 100 * np.exp(np.cumsum(dice.normal(0, 0.02, (len(dates), 2)), axis=0))
    shut = ~np.is_busday(dates) | (dice.random(len(dates)) < 0.08)
    shut[0] = False
    closes[shut, 1] = NONE
    return by_resolution(make_table(dates, {"A": closes[:, 0], "B": closes[:, 1]}))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("rule", ["none", "annual", "contribute", "band:0.05"])
@pytest.mark.parametrize("fill", ["close", "next"])
def test_every_window_over_two_calendars_is_that_of_a_single_run(seed, rule, fill):
    request = Request(
        weights={"A": 0.4, "B": 0.6}, rebalance=(rule,), years=(1, 2), fill=fill, seed=seed,
        fee_bps=(0.0, 30.0), fee_per_order=0.5,
    )  # fmt: skip
    layout = lay_out(request, two_calendars(seed))
    twin = Twin(layout)
    rows = {c.variant: twin.rows(c).figures for c in layout.chunks}
    for pick in check.picks(layout)[:6]:
        one = {name: float(v[pick.row]) for name, v in rows[pick.variant].items()}
        assert check.difference(replayed.row(layout, pick).measures.figures, one) < 1e-10


def test_a_yearly_rebalancing_is_done_on_the_years_first_common_session():
    table = next(iter(tables(str(CASES / "rebalance_weekend.csv")).values()))()
    view = window(table, ("BTC-USD", "BND"), date(2022, 1, 1), None)
    strategy = allocation("mix", {"BTC-USD": 0.5, "BND": 0.5}, "annual")
    ledger = engine.run(strategy, view, Terms(1.0, 10_000.0))
    worth = ledger.shares * view.closes
    turns = np.flatnonzero(engine.calendar_of(view).new_year)
    assert len(turns) == 1
    assert worth[turns[0], 0] == pytest.approx(worth[turns[0], 1], rel=1e-9)
    assert worth[turns[0] - 1, 0] != pytest.approx(worth[turns[0] - 1, 1], rel=0.2)
