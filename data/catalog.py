"""What each symbol is, what stands in for it before it was listed, and when it ended.

One entry a symbol. `daily` and `monthly` name the snapshot's columns, oldest first; two are chained
by returns (data/snapshot/SOURCES.md says where each comes from). `yahoo` names the tickers there,
oldest first: None is the symbol itself, none at all that Yahoo no longer carries it; `EMBEDDED`
stands for the snapshot's first column. `ended` and `note` are of the snapshot's prices,
`yahoo_note` is of Yahoo's; `kind` is of both. `licensed` says why nothing of it is embedded.
`opaque` is a fund or an index whose members' weights nobody has told us.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from data.language import say
from data.notes import Note, NoteKind

Columns = tuple[str, ...]

# A part that is the snapshot's first column, where Yahoo has nothing as old.
EMBEDDED = ""
# Tickers, ISINs and free names: a caret for an index, words joined by . - & _, and Yahoo's endings
# for futures and currencies. Nothing in it means anything to a file system, a shell or a page.
_SYMBOL = re.compile(r"\^?[A-Z0-9]+(?:[.\-&_][A-Z0-9]+)*(?:=[FX])?", re.ASCII)
_LONGEST_SYMBOL = 24


@dataclass(frozen=True)
class Asset:
    """One thing a saver can buy, and every label that must stand beside its prices."""

    symbol: str
    label: str
    daily: Columns = ()
    monthly: Columns = ()
    listed: date | None = None
    ended: date | None = None
    note: str = ""
    yahoo: Columns | None = None
    yahoo_note: str = ""
    kind: NoteKind = "data"
    opaque: bool = False
    licensed: str = ""

    def said(self, text: str) -> tuple[Note, ...]:
        """Return `text` as a note of this asset's kind, none where it is empty."""
        return (Note(self.kind, self.symbol, text),) if text else ()


def as_symbol(text: str) -> str:
    """Return the symbol that `text` means, in capital letters, or nothing where it means none.

    This is the one rule of what may be asked for, fetched, written into files and shown.
    """
    wanted = text.upper() if text.isascii() and len(text) <= _LONGEST_SYMBOL else ""
    return wanted if _SYMBOL.fullmatch(wanted) else ""


def is_symbol(text: str) -> bool:
    """Say whether `text` is a symbol as it stands."""
    return text != "" and as_symbol(text) == text


def sold_as(ticker: str) -> str:
    """Return the catalogue's symbol that a ticker is a part of, or nothing."""
    parts = (a.symbol for a in _ASSETS if ticker in (*a.daily, *a.monthly, *(a.yahoo or ())))
    return next((symbol for symbol in parts if symbol != ticker), "")


def trades_in_new_york(symbol: str) -> bool:
    """Say whether a symbol is known to: the catalogue's, and the tickers they are made of."""
    known = CATALOG.get(symbol)
    return not known.licensed if known else symbol in _TICKERS


def _both(*columns: str) -> tuple[Columns, Columns]:
    """Name the same columns for daily and for monthly bars."""
    return columns, columns


_PRICE_ONLY = say("price index, dividends left out: the true total was higher")
_MIXED = say("the embedded spot index without costs, then Yahoo's GLD: the series mixes sources")
_IRX = say("an index accrued from the yield of ^IRX")
_INTC = say("daily figures leave out dividends before 2000-02 (0.1 to 0.2 % a year)")
_SUNW = say("figures begin in 2004: its fall in the dot-com bust is missing")
_HPQ = say("prices with two decimals only (0.06 % a month)")
_NIKKEI = say(
    "^N225: its owner licenses the Nikkei's figures, so none are embedded; use --data yahoo"
)
_UST10 = say("computed from yields, biased up by about 0.05 % a month")

# fmt: off
_ASSETS = (
    Asset("SP500", say("S&P 500 index fund"), *_both("VFINX", "SPY"), date(1976, 8, 31),
          yahoo=("VFINX", "SPY")),
    Asset("BOND", say("US bonds, total market"), *_both("VBMFX", "AGG"), date(1986, 12, 11),
          yahoo=("VBMFX", "AGG")),
    Asset("GOLD", say("gold"), *_both("GOLD", "GLD"),
          yahoo=(EMBEDDED, "GLD"), yahoo_note=_MIXED, kind="stand-in"),
    Asset("REIT", say("US real estate trusts"), ("VGSIX", "VNQ"), ("REIT", "VNQ"),
          date(1996, 5, 13), yahoo=("VGSIX", "VNQ")),
    Asset("CASH", say("3-month Treasury bills, rolled"), yahoo=("^IRX",), yahoo_note=_IRX),
    Asset("IXIC", say("Nasdaq Composite"), *_both("IXIC"), note=_PRICE_ONLY,
          yahoo=("^IXIC",), yahoo_note=_PRICE_ONLY, kind="price-only", opaque=True),
    Asset("QQQ", say("Nasdaq-100 fund"), ("QQQ",), ("QQQ", "QQQ"), date(1999, 3, 10), opaque=True),
    Asset("NVDA", say("Nvidia"), *_both("NVDA", "NVDA"), date(1999, 1, 22)),
    Asset("MSFT", say("Microsoft"), *_both("MSFT", "MSFT"), date(1986, 3, 13)),
    Asset("AAPL", say("Apple"), *_both("AAPL", "AAPL"), date(1980, 12, 12)),
    Asset("GOOGL", say("Alphabet"), *_both("GOOGL"), date(2004, 8, 19)),
    Asset("AMZN", say("Amazon"), *_both("AMZN", "AMZN"), date(1997, 5, 15)),
    Asset("META", say("Meta"), *_both("META"), date(2012, 5, 18)),
    Asset("TSLA", say("Tesla"), *_both("TSLA"), date(2010, 6, 29)),
    Asset("AVGO", say("Broadcom"), (), ("AVGO",), date(2009, 8, 6)),
    Asset("PLTR", say("Palantir"), (), ("PLTR",), date(2020, 9, 30)),
    Asset("CSCO", say("Cisco"), *_both("CSCO"), date(1990, 2, 16)),
    Asset("INTC", say("Intel"), *_both("INTC"), date(1971, 10, 13), note=_INTC),
    Asset("ORCL", say("Oracle"), *_both("ORCL"), date(1986, 3, 12)),
    Asset("QCOM", say("Qualcomm"), *_both("QCOM"), date(1991, 12, 13)),
    Asset("DELL", say("Dell (taken private 2013-10-29)"), *_both("DELL"),
          date(1988, 6, 22), date(2013, 10, 29), yahoo=()),
    Asset("SUNW", say("Sun Microsystems (taken over 2010-01-26)"), (), ("SUNW",),
          date(1986, 3, 4), date(2010, 1, 26), _SUNW, yahoo=()),
    Asset("YHOO", say("Yahoo (figures end 2013-10)"), *_both("YHOO"),
          date(1996, 4, 12), date(2013, 10, 31), yahoo=()),
    Asset("IBM", say("IBM"), (), ("IBM",), date(1915, 11, 11)),
    Asset("HPQ", say("Hewlett-Packard (figures end 2013-10)"), (), ("HPQ",),
          date(1961, 3, 17), date(2013, 10, 31), _HPQ),
    Asset("UST10", say("10-year Treasury, computed"), (), ("UST10",), note=_UST10, yahoo=()),
    Asset("^N225", say("Nikkei 225, in yen"), yahoo=("^N225",), yahoo_note=_PRICE_ONLY,
          kind="price-only", licensed=_NIKKEI),
    Asset("SP500TR", say("S&P 500 total return index"), (), ("SP500TR",), yahoo=("^SP500TR",)),
)
# fmt: on

CATALOG: Mapping[str, Asset] = {asset.symbol: asset for asset in _ASSETS}
_TICKERS = frozenset(t for a in _ASSETS for t in (*a.daily, *a.monthly, *(a.yahoo or ())))
