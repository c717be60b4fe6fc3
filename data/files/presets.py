"""What exports call things: their columns, their files. One table; a vendor more is a word more.

Names stand here as `plain` writes them: in small letters, without units and with single spaces.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from data.catalog import as_symbol
from data.language import say
from data.options import DateOrder

DATES = frozenset({
    "date", "datum", "data", "fecha", "dato", "day", "tag", "dátum", "päivä", "tarih", "dia",
    "jour", "observation date", "trade date", "trading date", "trading day", "price date",
    "nav date", "as of date", "as of", "handelstag", "börsentag", "kursdatum", "month", "monat",
    "mes", "mois",
})  # fmt: skip
# Names of a date where no column has one of those above.
TIMES = frozenset({"time", "timestamp", "datetime", "date time", "zeit", "zeitpunkt", "uhrzeit"})

# Prices with splits and dividends in.
ADJUSTED = frozenset({
    "adj close", "adjclose", "adjusted close", "adjustedclose", "adj closing price",
    "adjusted closing price", "adj close price", "adjusted close price", "close adjusted",
    "close adj", "adj price", "adjusted price", "adj schlusskurs", "bereinigter schlusskurs",
    "schlusskurs bereinigt",
    "adj close adjusted close price adjusted for splits and dividend and/or capital gain "
    "distributions",
})  # fmt: skip
# Prices of which no name says whether dividends are in.
CLOSES = frozenset({
    "close", "close/last", "last", "latest", "price", "value", "quote", "close price",
    "closing price", "closeprice", "last price", "last close", "nav", "net asset value", "settle",
    "settlement price", "closing value", "index value", "share price", "nav per share",
    "letzter preis", "px last", "close close price adjusted for splits",
    "schluss", "schlusskurs", "kurs", "letzter", "letzter kurs", "zuletzt", "wert",
    "rücknahmepreis", "ruecknahmepreis", "rücknahmekurs", "anteilwert", "anteilspreis",
    "zamkniecie", "zamknięcie", "kurs zamknięcia", "ostatnio", "clôture", "cloture", "dernier",
    "cierre", "último", "ultimo", "chiusura", "prezzo", "precio", "prix", "slot", "slotkoers",
    "koers", "fechamento", "fecho",
})  # fmt: skip
# What stands beside a price and is none.
OTHERS = frozenset({
    "open", "high", "low", "volume", "vol", "change", "change %", "chg", "dividend", "dividends",
    "stock splits", "capital gains", "repaired?", "split coefficient", "dividend amount", "divcash",
    "splitfactor", "openint", "per", "turnover", "currency", "adj open", "adj high", "adj low",
    "adjopen", "adjhigh", "adjlow", "adj volume", "adjvolume", "eröffnung", "eröffn", "erster",
    "hoch", "tief", "tageshoch", "tagestief", "volumen", "stücke", "stuecke", "umsatz", "währung",
    "waehrung", "veränderung", "otwarcie", "najwyzszy", "najnizszy", "najwyższy", "najniższy",
    "wolumen", "name", *TIMES,
})  # fmt: skip
# Columns that say on each row what it is a price of.
SYMBOLS = ("ticker", "symbol", "isin", "wkn")

# A file's name without what vendors and browsers put around the symbol.
_AROUND = tuple(re.compile(pattern, re.ASCII) for pattern in (
    r"( ?\(\d+\)| - Copy| - Kopie| copy)$",
    r"( ETF| Stock)?( Stock)? Price History$| Historical Data$",
    r"_(daily|weekly|monthly)_historical-data[-\d]*$|_price-history[-\d]*$",
    r"^(MacroTrends_Data_Download|(daily|weekly|monthly)(_adjusted)?)_",
))  # fmt: skip
# Stooq: ^spx_d, spy_us_d, vod_uk_w.
_STOOQ = re.compile(r"(\^?[a-z0-9.\-]+?)(?:_([a-z]{1,2}))?_[dwmqy]", re.ASCII)
_UNIT = re.compile(r"\s*(?:[(\[][^()\[\]]*[)\]]|\bin (?:[a-z]{3}|[€$£]))\s*$")
_NUMBERED = re.compile(r"\d+[a-z]?\. ")
_LONGEST_NAME = 120


@dataclass(frozen=True)
class Preset:
    """What columns that stand together tell: whose they are, and which are prices of what."""

    marks: frozenset[str]
    columns: Mapping[str, str] = field(default_factory=dict)
    order: DateOrder | None = None
    said: str = ""


_AVERAGES = say("Shiller's prices are averages of each month's days, without dividends")
PRESETS = (
    Preset(frozenset({"close/last"}), order="mdy"),
    Preset(
        frozenset({"sp500", "dividend", "earnings", "pe10"}),
        {"sp500": "SP500", "consumer price index": "CPI"},
        said=_AVERAGES,
    ),
    Preset(frozenset({"p", "d", "e", "cpi"}), {"p": "SP500", "cpi": "CPI"}, said=_AVERAGES),
)


def plain(name: str) -> str:
    """Return a column's name as the tables above have it: <CLOSE>, 4. close and Close* are one."""
    if not name or (name.isascii() and name.isalnum()):
        return name.lower()
    name = _NUMBERED.sub("", name[:_LONGEST_NAME].strip("<>* \t").casefold(), count=1)
    return " ".join(re.split(r"[\s_.\-*]+", _UNIT.sub("", name))).strip()


def symbol_of_file(stem: str) -> str:
    """Return the symbol a file is called after, or nothing: `^spx_d`, `SPY (1)`, `spy.us`."""
    stem = unquote(stem).strip()
    for around in _AROUND:
        stem = around.sub("", stem).strip()
    stooq = _STOOQ.fullmatch(stem)
    if stooq:
        stem = stooq[1] if stooq[2] in (None, "us") else f"{stooq[1]}.{stooq[2]}"
    return symbol_of_cell(stem)


def symbol_of_cell(text: str) -> str:
    """Return the symbol that a cell or a file names; Stooq's ending for New York is left out."""
    symbol = as_symbol(text.strip())
    return symbol.removesuffix(".US") or symbol
