"""The real client against answers that come and are wrong: refused, warned of, or harmless.

PLTR has the flaw; TSLA, fetched after it, must not notice, and PLTR's kept copy must stay.
"""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.deadline import Deadline
from data.errors import BadHistory
from data.yahoo.answer import Transient
from data.yahoo.cache import Cache
from data.yahoo.client import Client
from data.yahoo.collect import Fetcher
from tests import fake_yahoo
from tests.fake_yahoo import NOW, FakeYahoo, figures, made

BAD, GOOD = "PLTR", "TSLA"


def fetcher(fake: FakeYahoo, folder: Path) -> Fetcher:
    return Fetcher(Cache(folder), NOW, Client(Deadline(30), NOW, fake.url, 2.0, first_wait=0.01))


@pytest.fixture
def old_copy(tmp_path, fake):
    """Keep a week-old copy of PLTR, short by five sessions."""
    old = made(BAD).keep(figures(BAD)["days"] < np.datetime64("2026-09-10"))
    Cache(tmp_path).write(replace(old, fetched=NOW - timedelta(days=7)))
    return Cache(tmp_path).path(BAD).read_bytes()


def column(name: str) -> Any:
    def get(chart: dict[str, Any]) -> list[Any]:
        quote = chart["indicators"]["quote"][0]
        return quote[name] if name in quote else chart["indicators"]["adjclose"][0]["adjclose"]

    return get


CLOSE, ADJ = column("close"), column("adjclose")


def both(chart: dict[str, Any], rows: slice, factor: float) -> None:
    for values in (CLOSE(chart), ADJ(chart)):
        values[rows] = [v * factor for v in values[rows]]


def every(chart: dict[str, Any]) -> list[list[Any]]:
    quote = chart["indicators"]["quote"][0]
    return [chart["timestamp"], *quote.values(), ADJ(chart)]


def blank(chart: dict[str, Any], at: int) -> None:
    for values in every(chart)[1:]:
        values[at] = None


def drop(chart: dict[str, Any], rows: slice) -> None:
    for values in every(chart):
        del values[rows]


def insert(chart: dict[str, Any], at: int, stamp: int, factor: float = 1.0) -> None:
    times, *others = every(chart)
    for values in others:
        values.insert(at, values[at - 1] * factor)
    times.insert(at, stamp)


def seconds(day: str, hour: int = 9) -> int:
    return fake_yahoo.stamp(np.datetime64(day), hour)


def shuffle(chart: dict[str, Any]) -> None:
    order = np.random.default_rng(1).permutation(len(chart["timestamp"]))
    for values in every(chart):
        values[:] = [values[i] for i in order]


def late_dividend(chart: dict[str, Any]) -> None:
    when = seconds("2026-09-18")
    chart["events"]["dividends"][str(when)] = {"amount": 1.0, "date": when}


def lost_dividends(chart: dict[str, Any]) -> None:
    del chart["indicators"]["adjclose"]


def unadjusted_dividend(chart: dict[str, Any]) -> None:
    when, close = chart["timestamp"][400], CLOSE(chart)[399]
    chart["events"]["dividends"][str(when)] = {"amount": close * 0.2, "date": when}


def doubled_gain(chart: dict[str, Any]) -> None:
    chart["meta"]["instrumentType"] = "ETF"
    for event in list(chart["events"]["dividends"].values())[2:3]:
        event["amount"] *= 4


def split_event(chart: dict[str, Any]) -> None:
    when = chart["timestamp"][1000]
    chart["events"]["splits"] = {
        str(when): {"date": when, "numerator": 2, "denominator": 1, "splitRatio": "2:1"}
    }
    both(chart, slice(None, 1000), 2.0)


def meta(**facts: Any) -> Any:
    return lambda chart: chart["meta"].update(facts)


ERRORS = [
    ("zero", lambda c: CLOSE(c).__setitem__(700, 0.0), "the close is 0 on"),
    ("negative", lambda c: CLOSE(c).__setitem__(700, -5.0), "the close is -5 on"),
    ("infinite", lambda c: CLOSE(c).__setitem__(700, float("inf")), "the close is inf on"),
    ("adjusted-zero", lambda c: ADJ(c).__setitem__(700, 0.0), "the adjusted close is 0 on"),
    ("adjusted-null", lambda c: ADJ(c).__setitem__(700, None), "the adjusted close is nan on"),
    (
        "tenfold",
        lambda c: both(c, slice(700, None), 10),
        "10.1 times|9.9|10 times|more than a price",
    ),
    ("spike", lambda c: both(c, slice(700, 701), 100), "back within two bars: a wrong print"),
    ("two-for-one", split_event, "a split of 2 is recorded: it was not applied"),
    ("repeated", lambda c: insert(c, 700, c["timestamp"][699], 1.3), "twice"),
    ("same-day", lambda c: insert(c, 700, c["timestamp"][699] + 3600, 1.3), "twice"),
    ("gap", lambda c: drop(c, slice(700, 720)), "20 days of the copy kept before are gone"),
    ("year", lambda c: drop(c, slice(-200, -3)), "days of the copy kept before are gone"),
    ("stale", lambda c: drop(c, slice(-60, None)), "60 sessions before the newest"),
    ("future", lambda c: insert(c, 1498, seconds("2026-09-21")), "to come"),
    ("tokyo", meta(exchangeTimezoneName="Asia/Tokyo"), "have exchangeTimezoneName Asia/Tokyo"),
    ("no-zone", meta(exchangeTimezoneName=None), "exchangeTimezoneName None"),
    ("wrong-zone", meta(exchangeTimezoneName="Mars/Base"), "exchangeTimezoneName Mars/Base"),
    ("euro", meta(currency="EUR"), "have currency EUR, wanted USD"),
    ("no-currency", meta(currency=None), "have currency None"),
    ("other-symbol", meta(symbol="PLTR.L"), "have symbol PLTR.L, wanted PLTR"),
    ("no-meta", lambda c: c.update(meta=None), "does not say what its prices are|cannot be read"),
    ("no-kind", lambda c: c["meta"].pop("instrumentType"), "cannot be read"),
    ("no-stamps", lambda c: c.pop("timestamp"), "sent no prices"),
    ("no-quotes", lambda c: c["indicators"].update(quote=[{}]), "sent no prices"),
    ("unequal", lambda c: CLOSE(c).pop(), "close does not fit its dates"),
    ("text", lambda c: CLOSE(c).__setitem__(7, "12"), "close holds '12', not a number"),
    ("true", lambda c: CLOSE(c).__setitem__(7, True), "close holds True, not a number"),
    ("no-dates", lambda c: c["timestamp"].__setitem__(7, "x"), "dates are not numbers"),
    ("wild-date", lambda c: c["timestamp"].__setitem__(7, 10**18), "dates are no dates"),
    ("all-null", lambda c: [blank(c, i) for i in range(len(c["timestamp"]))], "no |cannot be read"),
    ("lost-dividends", lost_dividends, "do not follow from closes and dividends"),
    (
        "unadjusted-dividend",
        unadjusted_dividend,
        "do not follow from closes and dividends on 1 days",
    ),
]

WARNED = [
    ("null-row", lambda c: blank(c, 700), "1 sessions of New York are missing"),
    ("null-close", lambda c: CLOSE(c).__setitem__(700, None), "1 sessions of New York are missing"),
    ("gap-of-two", lambda c: drop(c, slice(700, 702)), "2 sessions of New York are missing"),
    ("stale-by-two", lambda c: drop(c, slice(-2, None)), "2 sessions before the newest"),
    ("weekend", lambda c: insert(c, 1498, seconds("2026-09-12"), 1.3), "left out: 2026-09-12"),
    ("doubled-gain", doubled_gain, "do not follow from closes and dividends on 1 days"),
    ("wild-day", lambda c: both(c, slice(700, None), 2.5), "times the price before on"),
    ("lost-tenth", lambda c: both(c, slice(700, 701), 0.85), "taken back by the next bar"),
]  # fmt: skip

HARMLESS = [
    ("shuffled", shuffle),
    ("null-last", lambda c: insert(c, 1498, seconds("2026-09-18")) or blank(c, 1498)),
    ("today", lambda c: insert(c, 1498, seconds("2026-09-18"), 1.3)),
    ("today-twice", lambda c: [insert(c, 1498, seconds("2026-09-18", h), 1.3) for h in (9, 7)]),
    ("late-dividend", late_dividend),
    ("chicago-is-for-indices", lambda c: None),
    ("extra-facts", meta(new="thing")),
]


@pytest.mark.parametrize(("spoil", "why"), [e[1:] for e in ERRORS], ids=[e[0] for e in ERRORS])
def test_figures_that_cannot_be_trusted_are_not_kept(fake, tmp_path, spoil, why, old_copy):
    fake.spoil(BAD, spoil)
    got = fetcher(fake, tmp_path).collect([BAD, GOOD])
    assert isinstance(got.failures[BAD], BadHistory | Transient), got.histories[BAD].warnings
    assert any(part in str(got.failures[BAD]) for part in why.split("|")), got.failures[BAD]
    assert list(got.histories) == [GOOD]
    assert Cache(tmp_path).path(BAD).read_bytes() == old_copy


@pytest.mark.parametrize(("spoil", "why"), [w[1:] for w in WARNED], ids=[w[0] for w in WARNED])
def test_figures_with_a_flaw_are_kept_with_a_visible_warning(fake, tmp_path, spoil, why):
    fake.spoil(BAD, spoil)
    got = fetcher(fake, tmp_path).collect([BAD])
    assert got.failures == {}
    kept = Cache(tmp_path).read(BAD).history
    assert kept is not None
    assert any(why in text for text in kept.warnings), kept.warnings
    assert np.isfinite(kept.adj_close).all()


@pytest.mark.parametrize("spoil", [h[1] for h in HARMLESS], ids=[h[0] for h in HARMLESS])
def test_figures_that_only_look_odd_are_the_same(fake, tmp_path, spoil):
    fake.spoil(BAD, spoil)
    got = fetcher(fake, tmp_path).collect([BAD])
    assert got.failures == {}
    history = got.histories[BAD]
    assert history.warnings == ()
    assert (history.dates == figures(BAD)["days"]).all()
    assert history.adj_close.tolist() == figures(BAD)["adj"].tolist()


def test_an_index_may_be_stamped_in_chicago(fake, tmp_path):
    fake.spoil("^IRX", meta(exchangeTimezoneName="America/Chicago"))
    assert fetcher(fake, tmp_path).collect(["^IRX"]).failures == {}


def test_events_are_kept_beside_the_prices(fake, tmp_path):
    def spoil(chart: dict[str, Any]) -> None:
        chart["meta"]["instrumentType"] = "ETF"
        when = chart["timestamp"][500]
        chart["events"]["capitalGains"] = {str(when): {"amount": 0.0, "date": when}}
        chart["events"]["splits"] = {
            str(when): {"date": when, "numerator": 2, "denominator": 1, "splitRatio": "2:1"}
        }

    fake.spoil(BAD, spoil)
    history = fetcher(fake, tmp_path).collect([BAD]).histories[BAD]
    assert np.flatnonzero(history.splits).tolist() == [500]
    assert history.splits[500] == 2
    assert history.dividends.tolist() == figures(BAD)["paid"].tolist()
    assert history.fetched == NOW


def test_a_new_fetch_replaces_all_and_appends_nothing(fake, tmp_path, old_copy):
    """Yahoo lowers every older adjusted close at each dividend; the copy must follow."""
    fake.spoil(BAD, lambda c: ADJ(c).__setitem__(slice(None), [v * 0.9 for v in ADJ(c)]))
    history = fetcher(fake, tmp_path).collect([BAD]).histories[BAD]
    np.testing.assert_allclose(history.adj_close, figures(BAD)["adj"] * 0.9)
    assert history.warnings == ()


def test_a_rewritten_past_is_said(fake, tmp_path, old_copy):
    def spoil(chart: dict[str, Any]) -> None:
        both(chart, slice(300, 301), 1.01)

    fake.spoil(BAD, spoil)
    history = fetcher(fake, tmp_path).collect([BAD]).histories[BAD]
    assert "the source has rewritten 2 returns since the copy kept before" in history.warnings[0]


def test_the_fake_speaks_json_that_adds_up():
    chart = json.loads(fake_yahoo.body(BAD))["chart"]["result"][0]
    assert len(chart["timestamp"]) == 1498 == len(CLOSE(chart))


def test_the_warnings_say_nothing_when_nothing_is_odd(fake, tmp_path, recwarn):
    assert fetcher(fake, tmp_path).collect([BAD]).histories[BAD].warnings == ()
    assert [w for w in recwarn if "yfinance" in str(w.filename)] == []
