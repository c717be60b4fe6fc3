"""The real client against a server that fails in every way the network and Yahoo can.

PLTR meets the fault; TSLA, fetched after it, must not notice, and PLTR's kept copy must stay.
"""

import socket
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.deadline import Deadline, DeadlinePassed
from data.errors import BadInput, FetchFailed
from data.yahoo.answer import RateLimited, Refused, Transient, UnknownTicker
from data.yahoo.cache import Cache
from data.yahoo.client import ATTEMPTS, Client
from data.yahoo.collect import Fetcher
from tests.fake_yahoo import NOW, FakeYahoo, figures, made

BAD, GOOD = "PLTR", "TSLA"


def client(fake: FakeYahoo, seconds: float = 30, patience: float = 2.0, **more: Any) -> Client:
    return Client(Deadline(seconds), NOW, fake.url, patience, first_wait=0.01, **more)


def fetcher(fake: FakeYahoo, folder: Path, **more: Any) -> Fetcher:
    return Fetcher(Cache(folder), NOW, client(fake, **more))


@pytest.fixture
def old_copy(tmp_path, fake):
    """Keep a week-old copy of PLTR, short by five sessions."""
    old = made(BAD).keep(figures(BAD)["days"] < np.datetime64("2026-09-10"))
    Cache(tmp_path).write(replace(old, fetched=NOW - timedelta(days=7)))
    return Cache(tmp_path).path(BAD).read_bytes()


LASTING = [
    ("404", UnknownTicker, "carries no such ticker", 1),
    ("404-html", Transient, "Yahoo answers 404", ATTEMPTS),
    ("429", RateLimited, "limits how often it may be asked", ATTEMPTS),
    ("500-html", Transient, "Yahoo answers 500", ATTEMPTS),
    ("502-json", Transient, "Yahoo answers 502", ATTEMPTS),
    ("503", Transient, "Yahoo answers 503", ATTEMPTS),
    ("401", Transient, "did not answer as it should", 2 * ATTEMPTS),
    ("400", Refused, "refuses the request", 1),
    ("hang", Transient, "timed out", ATTEMPTS),
    ("drip", Transient, "timed out", ATTEMPTS),
    ("reset", Transient, "cannot be reached", ATTEMPTS),
    ("cut", Transient, "cannot be reached", ATTEMPTS),
    ("truncated-json", Transient, "holds no prices", ATTEMPTS),
    ("empty", Transient, "holds no prices", ATTEMPTS),
    ("html", Transient, "holds no prices", ATTEMPTS),
    ("list", Transient, "holds no prices", ATTEMPTS),
    ("no-result", Transient, "holds no prices", ATTEMPTS),
    ("null-chart", Transient, "holds no prices", ATTEMPTS),
    ("deep", Transient, "holds no prices", ATTEMPTS),
    ("redirect-away", FetchFailed, "a foreign host; refused", 1),
    ("redirect-plain", FetchFailed, "a foreign host; refused", 1),
    ("redirect-round", Transient, "redirects without end", 5 * ATTEMPTS),
]


@pytest.mark.parametrize("where", ["probe", "prices"])
@pytest.mark.parametrize(("fault", "kind", "why", "asked"), LASTING, ids=[f[0] for f in LASTING])
def test_a_lasting_fault_ends_in_its_error_and_touches_nothing_else(
    fake, tmp_path, old_copy, fault, kind, why, asked, where
):
    begin_again(fake, where)
    fake.fault(f"{BAD} {where}", fault)
    patience = 0.3 if fault in {"hang", "drip"} else 2.0
    got = fetcher(fake, tmp_path, patience=patience).collect([BAD, GOOD])
    error = got.failures[BAD]
    assert type(error) is kind
    assert why in str(error)
    assert len(str(error).splitlines()) == 1
    assert list(got.histories) == [GOOD]
    assert Cache(tmp_path).path(BAD).read_bytes() == old_copy
    assert fake.asked(BAD) <= asked + (ATTEMPTS if where == "prices" else 0)


def begin_again(fake: FakeYahoo, where: str) -> None:
    """Let yfinance forget the time zone that it would otherwise not ask for again."""
    if where == "probe":
        from yfinance import cache

        cache.get_tz_cache().store(BAD, None)


@pytest.mark.parametrize(
    "fault",
    [f[0] for f in LASTING if f[2] != "a foreign host; refused" and f[0] not in {"404", "400"}],
)
def test_a_fault_that_passes_is_recovered_from(fake, tmp_path, old_copy, fault):
    fake.fault(f"{BAD} prices", fault, times=1)
    patience = 0.5 if fault in {"hang", "drip"} else 2.0
    got = fetcher(fake, tmp_path, patience=patience).collect([BAD])
    assert got.failures == {}
    assert got.histories[BAD].adj_close.tolist() == figures(BAD)["adj"].tolist()
    assert Cache(tmp_path).path(BAD).read_bytes() != old_copy


@pytest.mark.parametrize("where", ["cookie", "crumb"])
@pytest.mark.parametrize("fault", ["hang", "429", "500-html", "reset", "404-html", "empty", "drip"])
def test_without_cookie_or_crumb_prices_come_all_the_same(fake, tmp_path, fault, where):
    forget_the_crumb()
    fake.fault(where, fault)
    begun = time.monotonic()
    got = fetcher(fake, tmp_path, patience=2.0).collect([BAD])
    assert got.failures == {}
    assert time.monotonic() - begun < 3


def forget_the_crumb() -> None:
    from yfinance.data import YfData

    YfData()._crumb = None


def test_an_answer_after_a_while_is_waited_for(fake, tmp_path):
    fake.fault(f"{BAD} prices", "slow")
    assert fetcher(fake, tmp_path).collect([BAD]).failures == {}


class TestPatience:
    @pytest.mark.parametrize(("header", "waited"), [("0.2", 0.2), ("7", 7.0), ("86400", 60.0)])
    def test_the_time_yahoo_names_is_waited_up_to_a_minute(self, fake, header, waited):
        waits: list[float] = []
        fake.fault(BAD, "429", times=1, Retry_After=header)
        client(fake, 600, wait=waits.append).fetch(BAD)
        assert waits == [waited]

    def test_where_it_names_none_each_wait_is_twice_the_last(self, fake):
        waits: list[float] = []
        fake.fault(BAD, "503", times=3)
        client(fake, wait=waits.append).fetch(BAD)
        assert waits == [0.01, 0.02, 0.04]

    @pytest.mark.parametrize("fault", ["hang", "drip", "429", "503"])
    def test_the_deadline_holds_within_a_second(self, fake, tmp_path, fault):
        fake.fault(BAD, fault, Retry_After="30")
        begun = time.monotonic()
        got = fetcher(fake, tmp_path, seconds=1.0, patience=20.0).collect([BAD, GOOD])
        assert time.monotonic() - begun < 2.0
        assert isinstance(got.failures[BAD], FetchFailed)

    def test_a_hanging_cookie_host_does_not_eat_the_deadline(self, fake, tmp_path):
        forget_the_crumb()
        fake.fault("cookie", "hang")
        got = fetcher(fake, tmp_path, seconds=3.0, patience=20.0).collect([BAD])
        assert got.failures == {}
        assert fake.hits["fc.yahoo.com"] == 1

    def test_a_wait_that_the_deadline_forbids_is_not_begun(self, fake):
        fake.fault(BAD, "429", Retry_After="30")
        begun = time.monotonic()
        with pytest.raises(RateLimited):
            client(fake, 5.0).fetch(BAD)
        assert time.monotonic() - begun < 1.0

    def test_after_the_deadline_nothing_is_asked_and_the_mend_is_said(self, fake, tmp_path):
        got = fetcher(fake, tmp_path, seconds=0.0).collect([BAD, GOOD])
        assert list(got.failures) == [BAD]
        assert isinstance(got.failures[BAD], DeadlinePassed)
        assert "--deadline" in str(got.failures[BAD])
        assert fake.hits == {}


@pytest.mark.parametrize(
    "kind", ["DNSError", "CertificateVerifyError", "ProxyError", "IncompleteRead", "Timeout"]
)
def test_what_curl_cannot_do_may_go_away(fake, tmp_path, monkeypatch, kind):
    from curl_cffi.requests import Session, exceptions

    tried = []

    def fail(*_args: object, **_more: object) -> None:
        tried.append(kind)
        raise getattr(exceptions, kind)("it failed\nfor a reason")

    monkeypatch.setattr(Session, "request", fail)
    error = fetcher(fake, tmp_path).collect([BAD]).failures[BAD]
    assert type(error) is Transient
    assert "(it failed)" in str(error)
    assert len(tried) <= 2 * ATTEMPTS


def test_a_port_nobody_listens_at(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    got = Fetcher(Cache(tmp_path), NOW, Client(Deadline(5), NOW, url, first_wait=0.01)).collect(
        [BAD]
    )
    assert isinstance(got.failures[BAD], Transient)


@pytest.mark.parametrize(
    "address",
    ["http://example.com", "https://127.0.0.1:1", "http://127.0.0.1", "http://127.0.0.1:1/x"],
)
def test_only_a_loopback_address_may_stand_in_for_yahoo(address):
    with pytest.raises(FetchFailed, match="must be http://127"):
        Client(Deadline(5), NOW, address).fetch("SPY")


@pytest.mark.parametrize(
    "url",
    ["https://example.com/", "http://query2.finance.yahoo.com/", "https://yahoo.com.evil.org/",
     "https://user@query2.finance.yahoo.com/", "https://query2.finance.yahoo.com:444/",
     "https://evil.org\\@yahoo.com/", "file:///etc/passwd", "https://notyahoo.com/", "ftp://yahoo.com"],
)  # fmt: skip
def test_the_session_opens_no_connection_to_anyone_else(fake, url):
    from data.yahoo.session import YahooSession

    with YahooSession(Deadline(5), NOW, fake.url) as session, pytest.raises(FetchFailed):
        session.get(url)
    assert fake.hits == {}


@pytest.mark.parametrize(
    "ticker",
    ["../../etc/passwd", "A/B?x=1#f", "A\0", "A\nB", "\u202eSPY", "A" * 9000, "", "brk-b", "A B"],
)
def test_a_hostile_ticker_is_refused_before_anything_is_asked(fake, tmp_path, ticker):
    got = fetcher(fake, tmp_path).collect([ticker])
    error = got.failures[ticker]
    assert isinstance(error, BadInput)
    assert str(error).isprintable()
    assert len(str(error)) < 150
    assert fake.hits == {}


@pytest.mark.parametrize("ticker", ["^IRX", "BRK-B", "GC=F", "0700.HK", "CON"])
def test_a_ticker_of_any_shape_is_asked_for_as_it_is(fake, tmp_path, ticker):
    got = fetcher(fake, tmp_path).collect([ticker])
    assert got.failures == {}
    assert fake.asked(ticker) in (1, 2)


def test_yahoos_answer_is_not_remembered_by_the_client_library(fake):
    one = client(fake)
    fake.fault(f"{BAD} prices", "404", times=1)
    with pytest.raises(UnknownTicker):
        one.fetch(BAD)
    assert len(one.fetch(BAD).dates) == 1498
    one.close()


def test_a_wait_as_a_date_is_counted_from_now():
    from data.yahoo.answer import seconds_to_wait

    now = datetime(2026, 9, 18, 12, 0, tzinfo=UTC)
    assert seconds_to_wait("Fri, 18 Sep 2026 12:00:20 GMT", now) == 20
    assert seconds_to_wait("Fri, 18 Sep 2026 11:00:00 GMT", now) == 0
    assert [seconds_to_wait(t, now) for t in (None, "", "soon", "nan", "-5")] == [
        None,
        None,
        None,
        None,
        0,
    ]
