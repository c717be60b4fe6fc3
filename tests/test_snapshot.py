"""The embedded figures give what was published elsewhere."""

import gzip
from hashlib import sha256
from importlib.resources import files

import numpy as np
import pytest

from data import snapshot
from data.catalog import CATALOG
from data.errors import BadPrices
from tests.conftest import day

TABLES = files("data.snapshot")


def change(bars: str, symbol: str, first: str, last: str) -> float:
    table = snapshot.load(bars)
    at = [int(np.searchsorted(table.dates, np.datetime64(d))) for d in (first, last)]
    assert [str(table.dates[i]) for i in at] == [first, last]
    one, other = table.column(symbol)[at]
    return float(other / one - 1)


@pytest.mark.parametrize(
    ("bars", "symbol", "first", "last", "fall"),
    [
        ("daily", "IXIC", "2000-03-10", "2002-10-09", -0.77932),
        ("daily", "SP500", "2000-09-01", "2002-10-09", -0.47519),
        ("daily", "SP500", "2007-10-09", "2009-03-09", -0.55045),
        ("monthly", "IXIC", "2000-02-29", "2002-09-30", -0.7504),
        ("monthly", "SP500", "2000-08-31", "2002-09-30", -0.4484),
        ("monthly", "SP500", "2007-10-31", "2009-02-28", -0.5097),
        ("monthly", "QQQ", "2000-03-31", "2002-09-30", -0.8108),
    ],
)
def test_published_falls(bars, symbol, first, last, fall):
    digits = 5 if bars == "daily" else 4
    assert round(change(bars, symbol, first, last), digits) == fall


def test_the_nasdaq_had_not_recovered_by_the_end_of_2013():
    table = snapshot.load("monthly")
    index = table.column("IXIC")
    peak = int(np.searchsorted(table.dates, np.datetime64("2000-02-29")))
    assert np.nanmax(index[peak + 1 :]) < index[peak]


@pytest.mark.parametrize("bars", ["daily", "monthly"])
def test_every_catalogued_symbol_loads_and_says_what_it_is_made_of(bars):
    table = snapshot.load(bars)
    for symbol in table.symbols:
        parts = table.parts[symbol]
        assert symbol in CATALOG
        assert parts[0].first == table.first(symbol)
        assert parts[-1].last == table.last(symbol)


@pytest.mark.parametrize("symbol", ["SP500", "BOND", "GOLD", "REIT"])
@pytest.mark.parametrize(("bars", "join"), [("daily", "2007-12-31"), ("monthly", "2012-12-31")])
def test_a_chained_series_has_its_parts_returns_on_both_sides(bars, join, symbol):
    table = snapshot.load(bars)
    assert [p.last for p in table.parts[symbol]][:1] == [day(join)]
    at = int(np.searchsorted(table.dates, np.datetime64(join)))
    around = table.column(symbol)[at - 1 : at + 2]
    assert np.abs(around[1:] / around[:-1] - 1).max() < 0.07


def test_picks_between_the_daily_eras_are_a_gap():
    table = snapshot.load("daily")
    between = (table.dates > np.datetime64("2007-12-31")) & (
        table.dates < np.datetime64("2022-10-03")
    )
    assert np.isnan(table.column("MSFT")[between]).all()


def test_the_sums_are_those_of_the_embedded_text():
    lines = (TABLES / "SHA256SUMS").read_text().split()
    sums = dict(zip(lines[1::2], lines[::2], strict=True))
    assert len(sums) == len([f for f in TABLES.iterdir() if f.name.endswith(".csv.gz")])
    for name, wanted in sums.items():
        text = gzip.decompress((TABLES / f"{name}.gz").read_bytes())
        assert sha256(text).hexdigest() == wanted


def test_a_damaged_table_is_refused(monkeypatch):
    monkeypatch.setattr(snapshot.gzip, "decompress", lambda packed: b"date,VFINX\n2000-01-03,1\n")
    with pytest.raises(BadPrices, match="damaged"):
        snapshot._read.__wrapped__("daily_1996_2007")


def test_consumer_prices_cover_both_spans_and_bridge_october_2025():
    cpi = snapshot.cpi()
    table = snapshot.load("monthly")
    assert np.isfinite(cpi.at(table.dates)).all()
    assert cpi.bridged(table.dates) == ("2025-10",)
    assert cpi.levels[0] == 149.7


def test_bills_yield_what_the_reserve_bank_paid_in_2000():
    # 3-month bills averaged about 6 % in 2000 and about 0.1 % in 2012.
    table = snapshot.load("monthly")
    bill = table.column("CASH")
    at = {str(d)[:7]: i for i, d in enumerate(table.dates)}
    assert 0.055 < bill[at["2000-12"]] / bill[at["1999-12"]] - 1 < 0.065
    assert 0.0 < bill[at["2012-12"]] / bill[at["2011-12"]] - 1 < 0.002
