"""The table of Yahoo's figures: recipes, splices, what is kept and what stands in offline."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data import snapshot
from data.catalog import CATALOG
from data.deadline import Deadline
from data.errors import BadFolder, BadInput, BadPlan, FetchFailed
from data.notes import joined
from data.options import Options
from data.prices import PriceTable
from data.rates import bond_equivalent, cash_index
from data.sources import tables
from data.splices import OwnSymbol
from data.yahoo.cache import Cache
from data.yahoo.client import Client
from data.yahoo.collect import Collected, Fetcher, fetcher
from data.yahoo.history_checks import jumps
from data.yahoo.recipes import Recipe, menu, recipe, tickers_of
from data.yahoo.table import load, table
from tests.fake_yahoo import NOW, figures, made

ALL = (
    "VFINX", "SPY", "VBMFX", "AGG", "GLD", "VGSIX", "VNQ", "^IRX", "^IXIC", "QQQ", "NVDA", "MSFT",
    "AAPL", "GOOGL", "AMZN", "META", "TSLA", "AVGO", "PLTR", "CSCO", "INTC", "ORCL", "QCOM", "IBM",
    "HPQ", "^SP500TR",
)  # fmt: skip


def collected(*tickers: str) -> Collected:
    return Collected({ticker: made(ticker) for ticker in tickers})


def build(symbols: tuple[str, ...] = (), **own: OwnSymbol) -> PriceTable:
    wanted = menu(symbols, own)
    return table(wanted, collected(*wanted.tickers))


class TestRecipes:
    def test_the_catalogue_needs_these_tickers(self):
        assert menu((), {}).tickers == ALL

    def test_cash_is_always_wanted_for_the_sharpe_ratio(self):
        assert menu(("SP500",), {}).tickers == ("VFINX", "SPY", "^IRX")

    def test_a_symbol_the_catalogue_lacks_is_a_ticker(self):
        assert recipe("BRK-B", {}) == Recipe("BRK-B", ("BRK-B",))

    def test_what_yahoo_no_longer_carries_is_the_snapshots_and_never_asked_for(self):
        dell = recipe("DELL", {})
        assert dell.tickers == ()
        assert dell.ended == CATALOG["DELL"].ended
        assert "Yahoo no longer carries it" in joined(dell.notes)

    def test_what_ended_in_the_snapshot_has_not_ended_at_yahoo(self):
        assert recipe("HPQ", {}).ended is None

    def test_the_users_own_symbol_comes_before_the_catalogues(self):
        own = {"DELL": OwnSymbol(parts=("DELL",), note="the new one")}
        assert recipe("DELL", own).tickers == ("DELL",)
        assert recipe("DELL", own).ended is None

    def test_tickers_are_named_once(self):
        assert tickers_of(("SP500", "SPY", "DELL")) == ("VFINX", "SPY")

    @pytest.mark.parametrize("name", ["../x", "spy", "", "A" * 99])
    def test_no_other_name_passes(self, name):
        with pytest.raises(BadInput, match="is not a symbol"):
            recipe(name, {})
        with pytest.raises(BadPlan, match="not a symbol"):
            recipe(name, {name: OwnSymbol(parts=("SPY",))})

    @pytest.mark.parametrize("symbol", CATALOG)
    def test_every_asset_is_at_yahoo_or_says_that_it_is_not(self, symbol):
        asked = recipe(symbol, {})
        assert (asked.tickers == ()) == ("no longer carries" in joined(asked.notes))


class TestTable:
    def test_stand_ins_are_chained_on_the_last_session_of_2007(self):
        built = build(("SP500",))
        assert [(p.name, str(p.last)) for p in built.parts["SP500"]] == [
            ("VFINX", "2007-12-31"),
            ("SPY", "2026-09-17"),
        ]
        old, new = made("VFINX"), made("SPY")
        series = built.column("SP500")
        early = built.dates <= np.datetime64("2007-12-31")
        np.testing.assert_array_equal(series[early], old.adj_close[: early.sum()])
        late = new.adj_close[new.dates > np.datetime64("2007-12-31")]
        np.testing.assert_allclose(np.diff(np.log(series[~early])), np.diff(np.log(late)))
        at = int(np.searchsorted(new.dates, np.datetime64("2008-01-02")))
        expected = new.adj_close[at] / new.adj_close[at - 1]
        assert series[early.sum()] / series[early.sum() - 1] == pytest.approx(expected, rel=1e-12)

    def test_the_users_parts_are_chained_at_that_day_or_their_first_common_bar(self):
        own = OwnSymbol(parts=("^IXIC", "TSLA"), label="tech")
        built = build(("SP500",), TECH=own)
        first = built.parts["TECH"][0]
        assert (first.name, str(first.last)) == ("^IXIC", "2010-06-29")
        assert joined(built.notes["TECH"]) == "tech"

    def test_gold_mixes_sources_and_says_so(self):
        built = build(("GOLD",))
        assert [p.name for p in built.parts["GOLD"]] == [
            snapshot.load("daily").parts["GOLD"][0].name,
            "GLD",
        ]
        assert [p.no_costs for p in built.parts["GOLD"]] == [True, False]
        assert "the series mixes sources" in joined(built.notes["GOLD"])
        embedded = snapshot.load("daily")
        early = built.column("GOLD")[np.isfinite(built.column("GOLD"))][:100]
        np.testing.assert_array_equal(early, embedded.column("GOLD")[:100])

    def test_cash_accrues_the_bond_equivalent_of_the_bills_discount(self):
        built = build(("SP500",))
        bill = made("^IRX")
        expected = cash_index(built.dates, bill.dates, bond_equivalent(bill.close))
        np.testing.assert_array_equal(built.column("CASH"), expected)

    def test_what_yahoo_lacks_is_the_snapshots_to_the_bit(self):
        built = build(("SP500", "DELL"))
        assert built.sha256("DELL") == snapshot.load("daily").sha256("DELL")
        assert built.ended == {"DELL": CATALOG["DELL"].ended}
        assert "Yahoo no longer carries it" in joined(built.notes["DELL"])

    def test_what_no_source_has_by_the_day_is_left_out(self):
        assert "SUNW" not in build().symbols
        assert "UST10" not in build().symbols

    def test_a_jump_of_a_ticker_is_told_apart_from_what_else_is_said(self):
        wanted = menu(("QQQ",), {})
        got = collected(*wanted.tickers)
        jumped = replace(made("QQQ"), close=made("QQQ").close.copy())
        jumped.close[100:] *= 2.5
        texts = tuple(finding.text for finding in jumps(jumped))
        got.histories["QQQ"] = replace(jumped, warnings=("odd", *texts))
        kinds = [note.kind for note in table(wanted, got).notes["QQQ"]]
        assert kinds == ["data", "jump"]

    def test_facts_and_warnings_travel_with_the_symbol_they_are_about(self):
        wanted = menu(("SP500", "QQQ"), {})
        got = collected(*wanted.tickers)
        got.histories["SPY"] = made("SPY", warnings=("odd",))
        got.histories["QQQ"] = made("QQQ", warnings=("odder",))
        built = table(wanted, replace(got, notes=["a damaged copy"]))
        assert joined(built.notes["SP500"]) == "SPY: odd"
        assert joined(built.notes["QQQ"]) == "odder"
        assert list(map(str, built.warnings)) == ["a damaged copy"]
        assert built.source == "yahoo"
        assert built.cpi is not None
        assert built.listed["QQQ"] == CATALOG["QQQ"].listed


@pytest.fixture
def no_network(monkeypatch):
    """Refuse every socket, as a machine without a network does at best."""
    import socket

    import curl_cffi

    def refuse(*_args: object, **_more: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(curl_cffi.Curl, "perform", refuse)


def at(fake: Any, folder: Path, when: datetime, again: bool = False) -> Fetcher:
    return Fetcher(Cache(folder), when, Client(Deadline(30), when, fake.url), again)


class TestKept:
    @pytest.mark.parametrize(
        ("later", "asked"),
        [(timedelta(minutes=59), 0), (timedelta(hours=14), 0), (timedelta(hours=17), 1)],
        ids=["within-the-hour", "no-newer-session", "a-session-later"],
    )
    def test_yahoo_is_asked_again_once_a_session_has_passed(self, fake, tmp_path, later, asked):
        Cache(tmp_path).write(made("PLTR"))
        got = at(fake, tmp_path, NOW + later).collect(["PLTR"])
        assert (fake.asked("PLTR") > 0) == asked
        assert "PLTR" in got.histories

    def test_a_copy_with_a_fresh_gap_is_asked_for_again(self, fake, tmp_path):
        gap = made("PLTR").keep(figures("PLTR")["days"] != np.datetime64("2026-09-10"))
        Cache(tmp_path).write(gap)
        at(fake, tmp_path, NOW + timedelta(hours=2)).collect(["PLTR"])
        assert fake.asked("PLTR") > 0

    def test_an_old_gap_is_left_alone(self, fake, tmp_path):
        gap = made("PLTR").keep(figures("PLTR")["days"] != np.datetime64("2022-09-09"))
        Cache(tmp_path).write(gap)
        at(fake, tmp_path, NOW + timedelta(hours=2)).collect(["PLTR"])
        assert fake.asked("PLTR") == 0

    def test_it_can_be_asked_for_again_at_once(self, fake, tmp_path):
        Cache(tmp_path).write(made("PLTR"))
        at(fake, tmp_path, NOW + timedelta(seconds=5), again=True).collect(["PLTR"])
        assert fake.asked("PLTR") > 0

    def test_a_damaged_copy_is_named_and_fetched_anew(self, fake, tmp_path):
        Cache(tmp_path).write(made("PLTR"))
        Cache(tmp_path).path("PLTR").write_bytes(b"garbage")
        got = at(fake, tmp_path, NOW).collect(["PLTR"])
        assert got.histories["PLTR"].adj_close.tolist() == figures("PLTR")["adj"].tolist()
        assert "PLTR: the kept copy is damaged" in got.notes[0]

    def test_a_full_disk_stops_at_once_and_says_so(self, fake, tmp_path):
        (tmp_path / "cache").write_text("a file")
        with pytest.raises(BadFolder):
            at(fake, tmp_path / "cache", NOW).collect(["PLTR", "TSLA"])
        assert fake.asked("TSLA") == 0

    def test_one_failure_names_the_others(self, fake, tmp_path):
        fake.unknown.add("PLTR")
        fake.fault("TSLA", "400")
        got = at(fake, tmp_path, NOW).collect(["PLTR", "TSLA", "META"])
        assert list(got.histories) == ["META"]
        with pytest.raises(FetchFailed, match=r"PLTR: Yahoo carries no such.*1 more failed: TSLA"):
            got.raise_failures()

    def test_unknown_tickers_alone_are_a_persons_to_mend(self, fake, tmp_path):
        fake.unknown.add("PLTR")
        got = at(fake, tmp_path, NOW).collect(["PLTR"])
        with pytest.raises(BadInput, match="PLTR: Yahoo carries no such ticker"):
            got.raise_failures()


class TestLoading:
    def test_a_run_fetches_what_it_needs_once_and_then_nothing(self, fake, tmp_path):
        options = Options(cache_dir=tmp_path, symbols=("META", "PLTR"))
        first = load(options)
        assert first.symbols == ("META", "PLTR", "CASH")
        assert first.column("PLTR")[-1] == figures("PLTR")["adj"][-1]
        asked = fake.charts()
        assert asked <= 2 * 3
        second = load(options)
        assert fake.charts() == asked
        assert [second.sha256(s) for s in second.symbols] == [
            first.sha256(s) for s in first.symbols
        ]

    def test_it_is_offered_by_the_day_and_by_the_month(self, fake, tmp_path):
        offered = tables("yahoo", Options(cache_dir=tmp_path, symbols=("PLTR",)))
        assert fake.hits == {}
        assert offered["daily"]().bars == "daily"
        assert offered["monthly"]().bars == "monthly"
        assert offered["daily"]() is offered["daily"]()

    def test_a_symbol_that_fails_fails_the_run_and_keeps_the_others(self, fake, tmp_path):
        fake.fault("PLTR", "400")
        with pytest.raises(FetchFailed, match="PLTR: Yahoo refuses"):
            load(Options(cache_dir=tmp_path, symbols=("PLTR", "META")))
        assert Cache(tmp_path).read("META").history is not None

    def test_a_clock_of_the_tests_is_nothing_without_their_server(self, monkeypatch):
        monkeypatch.delenv("DCA_YAHOO_URL", raising=False)
        monkeypatch.setenv("DCA_YAHOO_NOW", "1999-01-01T00:00:00+00:00")
        assert fetcher(Options()).now.year > 2000


class TestOffline:
    def options(self, folder: Path, *symbols: str, **more: Any) -> Options:
        return Options(offline=True, cache_dir=folder, symbols=symbols, **more)

    def test_kept_copies_are_used_whatever_their_age_and_no_socket_is_opened(
        self, tmp_path, no_network
    ):
        for ticker in ("PLTR", "^IRX"):
            Cache(tmp_path).write(made(ticker, fetched=datetime(2026, 1, 2, tzinfo=UTC)))
        built = load(self.options(tmp_path, "PLTR"))
        assert built.column("PLTR")[-1] == figures("PLTR")["adj"][-1]
        assert "the oldest fetched on 2026-01-02" in built.warnings[0].text

    def test_what_was_never_kept_is_the_snapshots_with_a_note(self, tmp_path, no_network):
        built = load(self.options(tmp_path, "SP500", "QQQ", "DELL"))
        known = snapshot.load("daily")
        for symbol in ("SP500", "QQQ", "DELL"):
            assert built.sha256(symbol) == known.sha256(symbol)
        assert joined(built.notes["QQQ"]).startswith(
            "no kept copy of QQQ: prices of the embedded snapshot"
        )
        assert "nothing of Yahoo's was kept" in built.warnings[0].text
        assert not tmp_path.joinpath("anything").exists()

    def test_a_damaged_copy_is_replaced_by_the_snapshot_with_a_note(self, tmp_path, no_network):
        Cache(tmp_path).write(made("QQQ"))
        Cache(tmp_path).path("QQQ").write_bytes(b"garbage")
        built = load(self.options(tmp_path, "QQQ"))
        assert built.sha256("QQQ") == snapshot.load("daily").sha256("QQQ")
        assert "QQQ: the kept copy is damaged" in built.warnings[0].text

    def test_where_the_snapshot_ends_the_table_ends(self, tmp_path, no_network):
        days = np.append(figures("PLTR")["days"], np.datetime64("2026-09-18"))
        more = {
            name: np.append(getattr(made("PLTR"), name), 10.0)
            for name in ("close", "adj_close", "dividends", "splits", "capital_gains")
        }
        Cache(tmp_path).write(made("PLTR", dates=days, **more))
        built = load(self.options(tmp_path, "PLTR", "QQQ"))
        assert str(built.dates[-1]) == "2026-09-17"
        assert built.warnings[-1].text == (
            "all prices are cut on 2026-09-17, where the embedded ones of QQQ, CASH end"
        )

    @pytest.mark.parametrize("symbol", ["PLTR", "BRK-B"])
    def test_what_neither_has_is_said(self, tmp_path, no_network, symbol):
        with pytest.raises(
            FetchFailed, match=f"{symbol}: no kept copy of {symbol}, and the embedded"
        ):
            load(self.options(tmp_path, symbol))

    def test_of_the_whole_catalogue_only_what_can_be_had_is_offered(self, tmp_path, no_network):
        assert set(load(self.options(tmp_path)).symbols) == set(snapshot.load("daily").symbols)

    def test_the_users_own_symbol_has_no_stand_in(self, tmp_path, no_network):
        own = {"QQQ": OwnSymbol(parts=("^NDX",))}
        with pytest.raises(FetchFailed, match="no kept copy of \\^NDX"):
            load(self.options(tmp_path, own=own))
