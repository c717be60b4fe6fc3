"""What each symbol is, what stands in for it before it was listed, and when it ended.

One entry a symbol. `daily` and `monthly` name the snapshot's columns, oldest first; two are chained
by returns (data/snapshot/SOURCES.md says where each comes from). `yahoo` names the tickers there,
oldest first: None is the symbol itself, none at all that Yahoo no longer carries it; `EMBEDDED`
stands for the snapshot's first column. `ended` and `note` are of the snapshot's figures,
`yahoo_note` is of Yahoo's; `kind` is of both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from data.notes import Note, NoteKind


@dataclass(frozen=True)
class Asset:
    """One thing a saver can buy, and every label that must stand beside its figures."""

    symbol: str
    label: str
    daily: tuple[str, ...] = ()
    monthly: tuple[str, ...] = ()
    listed: date | None = None
    ended: date | None = None
    note: str = ""
    yahoo: tuple[str, ...] | None = None
    yahoo_note: str = ""
    kind: NoteKind = "data"

    def said(self, text: str) -> tuple[Note, ...]:
        """Return `text` as a note of this asset's kind, none where it is empty."""
        return (Note(self.kind, self.symbol, text),) if text else ()


# A part that is the snapshot's first column, where Yahoo has nothing as old.
EMBEDDED = ""

_PRICE_ONLY = "price index, dividends left out: the true total was higher"

_ASSETS = (
    Asset(
        "SP500",
        "S&P 500 index fund",
        daily=("VFINX", "SPY"),
        monthly=("VFINX", "SPY"),
        listed=date(1976, 8, 31),
        yahoo=("VFINX", "SPY"),
    ),
    Asset(
        "BOND",
        "US bonds, total market",
        daily=("VBMFX", "AGG"),
        monthly=("VBMFX", "AGG"),
        listed=date(1986, 12, 11),
        yahoo=("VBMFX", "AGG"),
    ),
    Asset(
        "GOLD",
        "gold",
        daily=("GOLD", "GLD"),
        monthly=("GOLD", "GLD"),
        yahoo=(EMBEDDED, "GLD"),
        yahoo_note="the embedded spot index without costs, then Yahoo's GLD: the series mixes "
        "sources",
        kind="stand-in",
    ),
    Asset(
        "REIT",
        "US real estate trusts",
        daily=("VGSIX", "VNQ"),
        monthly=("REIT", "VNQ"),
        listed=date(1996, 5, 13),
        yahoo=("VGSIX", "VNQ"),
    ),
    Asset(
        "CASH",
        "3-month Treasury bills, rolled",
        yahoo=("^IRX",),
        yahoo_note="an index accrued from the yield of ^IRX",
    ),
    Asset(
        "IXIC",
        "Nasdaq Composite",
        daily=("IXIC",),
        monthly=("IXIC",),
        note=_PRICE_ONLY,
        yahoo=("^IXIC",),
        yahoo_note=_PRICE_ONLY,
        kind="price-only",
    ),
    Asset(
        "QQQ",
        "Nasdaq-100 fund",
        daily=("QQQ",),
        monthly=("QQQ", "QQQ"),
        listed=date(1999, 3, 10),
    ),
    Asset("NVDA", "Nvidia", ("NVDA", "NVDA"), ("NVDA", "NVDA"), listed=date(1999, 1, 22)),
    Asset("MSFT", "Microsoft", ("MSFT", "MSFT"), ("MSFT", "MSFT"), listed=date(1986, 3, 13)),
    Asset("AAPL", "Apple", ("AAPL", "AAPL"), ("AAPL", "AAPL"), listed=date(1980, 12, 12)),
    Asset("GOOGL", "Alphabet", ("GOOGL",), ("GOOGL",), listed=date(2004, 8, 19)),
    Asset("AMZN", "Amazon", ("AMZN", "AMZN"), ("AMZN", "AMZN"), listed=date(1997, 5, 15)),
    Asset("META", "Meta", ("META",), ("META",), listed=date(2012, 5, 18)),
    Asset("TSLA", "Tesla", ("TSLA",), ("TSLA",), listed=date(2010, 6, 29)),
    Asset("AVGO", "Broadcom", (), ("AVGO",), listed=date(2009, 8, 6)),
    Asset("PLTR", "Palantir", (), ("PLTR",), listed=date(2020, 9, 30)),
    Asset("CSCO", "Cisco", ("CSCO",), ("CSCO",), listed=date(1990, 2, 16)),
    Asset(
        "INTC",
        "Intel",
        ("INTC",),
        ("INTC",),
        listed=date(1971, 10, 13),
        note="daily figures leave out dividends before 2000-02 (0.1 to 0.2 % a year)",
    ),
    Asset("ORCL", "Oracle", ("ORCL",), ("ORCL",), listed=date(1986, 3, 12)),
    Asset("QCOM", "Qualcomm", ("QCOM",), ("QCOM",), listed=date(1991, 12, 13)),
    Asset(
        "DELL",
        "Dell (taken private 2013-10-29)",
        ("DELL",),
        ("DELL",),
        listed=date(1988, 6, 22),
        ended=date(2013, 10, 29),
        yahoo=(),
    ),
    Asset(
        "SUNW",
        "Sun Microsystems (taken over 2010-01-26)",
        (),
        ("SUNW",),
        listed=date(1986, 3, 4),
        ended=date(2010, 1, 26),
        note="figures begin in 2004: its fall in the dot-com bust is missing",
        yahoo=(),
    ),
    Asset(
        "YHOO",
        "Yahoo (figures end 2013-10)",
        ("YHOO",),
        ("YHOO",),
        listed=date(1996, 4, 12),
        ended=date(2013, 10, 31),
        yahoo=(),
    ),
    Asset("IBM", "IBM", (), ("IBM",), listed=date(1915, 11, 11)),
    Asset(
        "HPQ",
        "Hewlett-Packard (figures end 2013-10)",
        (),
        ("HPQ",),
        listed=date(1961, 3, 17),
        ended=date(2013, 10, 31),
        note="prices with two decimals only (0.06 % a month)",
    ),
    Asset(
        "UST10",
        "10-year Treasury, computed",
        (),
        ("UST10",),
        note="computed from yields, biased up by about 0.05 % a month",
        yahoo=(),
    ),
    Asset("SP500TR", "S&P 500 total return index", (), ("SP500TR",), yahoo=("^SP500TR",)),
)

CATALOG: Mapping[str, Asset] = {asset.symbol: asset for asset in _ASSETS}
