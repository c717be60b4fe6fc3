"""Tickers of other exchanges: their currency, their calendar, their zone, by the fake Yahoo."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from data.checks.table import check
from data.errors import BadPlan, FetchFailed
from data.files import freeze
from data.options import Options
from data.prices import PriceTable
from data.quotes import Quote
from data.sessions import Place, newest_complete
from data.sources import tables, unchecked
from data.yahoo import history_file
from data.yahoo.history import History
from tests import fake_yahoo

FIRST, LAST = np.datetime64("2024-01-02"), np.datetime64("2026-09-17")
LONDON, FRANKFURT = Place("XLON", "Europe/London"), Place("XETR", "Europe/Berlin")
CRYPTO, FOREX = Place("24/7", "UTC"), Place("", "Europe/London")
CODES = {"XLON": "LSE", "XETR": "GER", "XTKS": "OSA", "24/7": "CCC", "": "CCY"}


def answers(
    fake: fake_yahoo.FakeYahoo, ticker: str, unit: str, place: Place, level: float, **changes: Any
) -> np.ndarray:
    """Let the fake Yahoo answer for a ticker of another place; return its days."""
    days = changes.pop("days", place.sessions(FIRST, LAST))
    closes = [level * (1 + 0.01 * (i % 7)) for i in range(len(days))]
    meta = {"currency": unit, "exchangeTimezoneName": place.zone} | changes

    def spoil(chart: dict[str, Any]) -> None:
        hour = 0 if place in (CRYPTO, FOREX) else 9
        stamps = [
            int(datetime(d.year, d.month, d.day, hour, tzinfo=ZoneInfo(place.zone)).timestamp())
            for d in days.astype(object)
        ]
        chart["meta"] |= {"exchangeName": CODES[place.exchange], **meta}
        chart["timestamp"], chart["events"] = stamps, {}
        quote = {name: list(closes) for name in ("open", "high", "low", "close")}
        chart["indicators"] = {
            "quote": [quote | {"volume": [1000] * len(days)}],
            "adjclose": [{"adjclose": list(closes)}],
        }

    fake.spoil(ticker, spoil)
    return np.asarray(days)


def fetched(tmp_path: Path, *symbols: str, currency: str, **options: Any) -> PriceTable:
    asked = Options(cache_dir=tmp_path, symbols=symbols, currency=currency, **options)
    return tables("yahoo", asked)["daily"]()


def test_a_london_ticker_in_pence(fake, tmp_path: Path):
    days = answers(fake, "VUSA.L", "GBp", LONDON, 6000.0)
    made = fetched(tmp_path, "VUSA.L", currency="GBP")
    column = made.column("VUSA.L")[np.isfinite(made.column("VUSA.L"))]
    assert column[:3] == pytest.approx([60, 60.6, 61.2])
    assert len(column) == len(days)
    assert [n.text for n in made.notes["VUSA.L"]] == ["quoted in GBp (hundredths of GBP)"]
    assert made.exchanges == {"VUSA.L": "XLON"}


def test_a_european_ticker_in_a_plan_of_pounds_by_yahoos_rates(fake, tmp_path: Path):
    answers(fake, "EXSA.DE", "EUR", FRANKFURT, 40.0)
    answers(fake, "EURGBP=X", "GBP", FOREX, 0.8)
    made = fetched(tmp_path, "EXSA.DE", currency="GBP")
    (note,) = made.notes["EXSA.DE"]
    assert note.text == "quoted in EUR, converted to GBP by EURGBP=X of yahoo"
    first = np.flatnonzero(np.isfinite(made.column("EXSA.DE")))[0]
    assert made.column("EXSA.DE")[first] == pytest.approx(32.0)


def test_a_new_york_ticker_in_a_plan_of_euros_by_yahoos_rates(fake, tmp_path: Path):
    rate_days = answers(fake, "EURUSD=X", "USD", FOREX, 1.1)
    own = fake_yahoo.figures("SPY")
    made = fetched(tmp_path, "SPY", currency="EUR")
    day = np.datetime64("2025-03-03")
    rate = 1.1 * (1 + 0.01 * (int(np.searchsorted(rate_days, day)) % 7))
    price = float(own["adj"][np.searchsorted(own["days"], day)]) / rate
    assert made.column("SPY")[np.searchsorted(made.dates, day)] == pytest.approx(price)
    assert str(made.first("SPY")) == "2024-01-02"


def test_crypto_trades_every_day(fake, tmp_path: Path):
    days = answers(fake, "BTC-USD", "USD", CRYPTO, 40_000.0)
    made = fetched(tmp_path, "BTC-USD", currency="USD")
    assert np.isfinite(made.column("BTC-USD")).sum() == len(days) == 990
    assert "BTC-USD" not in made.notes


def test_its_own_sessions_are_missed_and_no_others(fake, tmp_path: Path):
    """Independence Day is a session in London, the bank holiday in August none."""
    every = LONDON.sessions(FIRST, LAST)
    assert np.datetime64("2025-07-04") in every
    assert np.datetime64("2025-08-25") not in every
    kept = every[every != np.datetime64("2025-07-04")]
    days = np.sort(np.append(kept, np.datetime64("2025-08-25")))
    answers(fake, "VUSA.L", "GBp", LONDON, 6000.0, days=days)
    made = fetched(tmp_path, "VUSA.L", currency="GBP")
    texts = [note.text for note in made.notes["VUSA.L"]]
    assert "1 bars of days XLON was closed were left out: 2025-08-25" in texts
    assert "1 sessions of XLON are missing: 2025-07-04" in texts


def test_an_exchange_without_a_calendar_is_held_against_no_other(fake, tmp_path: Path):
    """Riyadh trades from Sunday to Thursday."""
    place = Place("", "Asia/Riyadh")
    every = np.arange(FIRST, LAST)
    sundays_to_thursdays = every[np.is_busday(every, weekmask="1111001")]
    answers(fake, "2222.SR", "SAR", place, 30.0, days=sundays_to_thursdays, exchangeName="SAU")
    made = fetched(tmp_path, "2222.SR", currency="SAR")
    assert np.isfinite(made.column("2222.SR")).sum() == len(sundays_to_thursdays)
    assert "2222.SR" in made.exchanges
    answers(fake, "OLD.SR", "SAR", place, 30.0, days=sundays_to_thursdays[:-40], exchangeName="SAU")
    with pytest.raises(FetchFailed, match="OLD.SR: prices end on"):
        fetched(tmp_path, "OLD.SR", currency="SAR")


def test_the_command_puts_london_and_new_york_into_one_account_of_euros(fake, dca, tmp_path):
    answers(fake, "VUSA.L", "GBp", LONDON, 6000.0)
    answers(fake, "EURGBP=X", "GBP", FOREX, 0.8)
    answers(fake, "EURUSD=X", "USD", FOREX, 1.1)
    asked = ("--weights", "VUSA.L=50,SPY=50", "--from", "2024-06-03", "--currency", "EUR")
    where = ("--cache", str(tmp_path / "c"), "--out", str(tmp_path / "r"))
    code, shown, err = dca("run", "--data", "yahoo", *asked, *where)
    assert (code, err) == (0, "")
    assert "\N{EURO SIGN}28,000" in shown
    assert "$" not in shown
    words = " ".join(shown.split())
    text = "quoted in GBp (hundredths of GBP), converted to EUR by EURGBP=X of yahoo"
    assert f"VUSA.L: {text}" in words
    assert "SPY: quoted in USD, converted to EUR by EURUSD=X of yahoo" in words
    code, shown, _ = dca("data", "status", "--cache", str(tmp_path / "c"))
    assert "EURGBP=X" in shown


def test_the_kept_copy_knows_currency_and_place(fake, tmp_path: Path):
    answers(fake, "VUSA.L", "GBp", LONDON, 6000.0)
    live = fetched(tmp_path, "VUSA.L", currency="GBP")
    kept = fetched(tmp_path, "VUSA.L", currency="GBP", offline=True)
    assert (live.column("VUSA.L") == kept.column("VUSA.L")).sum() > 600
    assert kept.exchanges == {"VUSA.L": "XLON"}


def test_a_kept_copy_of_an_earlier_version_is_of_dollars_and_new_york():
    whole = fake_yahoo.made("SPY")
    assert b"exchange" not in history_file.dump(whole).split(b"\n")[1]
    again = history_file.load(history_file.dump(whole), "SPY")
    assert (again.unit, again.place) == ("USD", Place())


def test_a_history_of_another_place_is_written_and_read_back():
    whole = fake_yahoo.made("SPY", unit="GBp", place=LONDON)
    again: History = history_file.load(history_file.dump(whole), "SPY")
    assert (again.unit, again.place) == ("GBp", LONDON)


@pytest.mark.parametrize(
    ("meta", "wanted"),
    [
        ({"currency": None}, "currency None"),
        ({"currency": "dollars"}, "currency dollars"),
        (
            {"exchangeTimezoneName": "Mars/Base"},
            "exchangeTimezoneName Mars/Base, wanted a time zone",
        ),
        ({"symbol": "VUSB.L"}, "symbol VUSB.L, wanted VUSA.L"),
    ],
)
def test_what_yahoo_does_not_say_is_not_used(fake, tmp_path: Path, meta, wanted: str):
    answers(fake, "VUSA.L", "GBp", LONDON, 6000.0, **meta)
    with pytest.raises(FetchFailed, match=wanted):
        fetched(tmp_path, "VUSA.L", currency="GBP").column("VUSA.L")


def test_parts_of_two_currencies_are_not_chained(fake, tmp_path: Path):
    from data.splices import OwnSymbol

    answers(fake, "VUSA.L", "GBp", LONDON, 6000.0)
    own = {"MINE": OwnSymbol(parts=("SPY", "VUSA.L"))}
    with pytest.raises(BadPlan, match="MINE: Yahoo quotes its parts differently: SPY in USD, VUSA"):
        fetched(tmp_path, "MINE", currency="USD", own=own)


def test_a_freeze_knows_the_exchange(fake, tmp_path: Path):
    answers(fake, "VUSA.L", "GBp", LONDON, 6000.0)
    freeze.write({"daily": fetched(tmp_path, "VUSA.L", currency="GBP")}, tmp_path / "ice")
    (table,) = unchecked(str(tmp_path / "ice"), Options())
    assert (table.exchanges, table.currency) == ({"VUSA.L": "XLON"}, "GBP")
    only = table.select(["VUSA.L"])
    assert [str(f) for f in check(only) if f.rule == "calendar"] == []


def test_pence_with_dividends_in_pounds_pass(fake, tmp_path: Path):
    """A dividend of 0.50 pounds on a price of 6,000 pence is 50 pence of adjustment."""
    from data.yahoo.history_checks import total_return

    days = LONDON.sessions(FIRST, LAST)[:300]
    close, paid = np.full(300, 6000.0), np.zeros(300)
    paid[::20] = 0.5
    factor = np.where(paid > 0, 1 - 50 / 6000, 1.0)
    adjusted = 6000 * np.append(np.cumprod(factor[::-1])[::-1][1:], 1.0)
    none = np.zeros(300)
    whole = History("X.L", days, close, adjusted, paid, none, none, fake_yahoo.NOW)
    assert total_return(whole)[0].severity == "error"
    assert total_return(History(**{**vars(whole), "unit": "GBp"})) == []


class TestPlaces:
    @pytest.mark.parametrize(
        ("exchange", "day", "is_open"),
        [
            ("XETR", "2025-05-01", False),
            ("XETR", "2025-07-04", True),
            ("XTKS", "2025-01-02", False),
            ("XSWX", "2025-08-01", False),
            ("XSHG", "2025-10-01", False),
            ("24/7", "2025-01-01", True),
            ("", "2025-01-01", True),
            ("", "2025-01-04", False),
        ],
    )
    def test_sessions(self, exchange: str, day: str, is_open: bool):
        when = np.datetime64(day)
        assert bool(len(Place(exchange, "UTC").sessions(when, when))) is is_open

    def test_beyond_a_calendar_are_weekdays(self):
        far = np.datetime64("2029-03-05")
        assert len(Place("XSHG", "Asia/Shanghai").sessions(far, far + 6)) == 5

    def test_the_newest_day_is_over_in_its_own_zone(self):
        evening = datetime(2026, 9, 17, 18, 0, tzinfo=ZoneInfo("UTC"))
        tokyo = Place("XTKS", "Asia/Tokyo")
        assert str(newest_complete(evening, tokyo)) == "2026-09-17"
        assert str(newest_complete(evening)) == "2026-09-16"

    def test_units(self):
        assert (Quote("GBp").currency, Quote("GBp").size) == ("GBP", 0.01)
        assert (Quote("ZAc").currency, Quote("ILA").currency) == ("ZAR", "ILS")
