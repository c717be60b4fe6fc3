"""A loopback server that speaks Yahoo's chart interface, with made-up figures that never change.

Every price follows from its ticker and its day alone. Faults are set by ticker: one of the names in
FAULTS for the transport, or a function that spoils the answer's JSON.
"""

import hashlib
import json
import threading
from collections import defaultdict
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np

from data.sessions import NEW_YORK, sessions
from data.yahoo.history import History

NOW = datetime(2026, 9, 18, 12, 0, tzinfo=UTC)
NEWEST = np.datetime64("2026-09-17")
LISTED = {
    "SPY": "1993-01-29", "AGG": "2003-09-29", "GLD": "2004-11-18", "VNQ": "2004-09-29",
    "VGSIX": "1996-05-13", "QQQ": "1999-03-10", "NVDA": "1999-01-22", "GOOGL": "2004-08-19",
    "AMZN": "1997-05-15", "META": "2012-05-18", "TSLA": "2010-06-29", "AVGO": "2009-08-06",
    "PLTR": "2020-09-30", "CSCO": "1990-02-16", "QCOM": "1991-12-13",
}  # fmt: skip
FUNDS = {"VFINX": "MUTUALFUND", "VBMFX": "MUTUALFUND", "VGSIX": "MUTUALFUND"} | dict.fromkeys(
    ("SPY", "AGG", "GLD", "VNQ", "QQQ"), "ETF"
)
# No dividends: indices, and gold.
DRY = {"GLD"}
Spoil = Callable[[dict[str, Any]], None]


def stamp(day: np.datetime64, hour: int = 9, minute: int = 30) -> int:
    """Return a day's opening in New York as seconds since 1970."""
    when: date = day.astype("datetime64[D]").item()
    return int(datetime(when.year, when.month, when.day, hour, minute, tzinfo=NEW_YORK).timestamp())


@cache
def stamps(first: str) -> list[int]:
    return [stamp(d) for d in sessions(np.datetime64(first), NEWEST)]


@cache
def figures(ticker: str) -> dict[str, Any]:
    """Make a ticker's days, closes, adjusted closes and dividends by day."""
    days = sessions(np.datetime64(LISTED.get(ticker, "1990-01-02")), NEWEST)
    seed = int.from_bytes(hashlib.sha256(ticker.encode()).digest()[:8], "little")
    rng = np.random.default_rng(seed)
    if ticker == "^IRX":
        close = np.round(3 + 2.5 * np.sin(np.arange(len(days)) / 700), 3)
    else:
        close = np.round(50 * np.exp(np.cumsum(rng.normal(3e-4, 0.01, len(days)))), 6)
    paid = np.zeros(len(days))
    if not ticker.startswith("^") and ticker not in DRY:
        paid[60::63] = np.round(close[59:-1:63] * 0.005, 6)
    factor = np.ones(len(days))
    factor[1:] = 1 - paid[1:] / close[:-1]
    after = np.concatenate([np.cumprod(factor[::-1])[::-1][1:], [1.0]])
    return {"days": days, "close": close, "adj": close * after, "paid": paid}


def made(ticker: str, **changes: Any) -> History:
    """Return what a sound fetch of a ticker brings."""
    own = figures(ticker)
    none = np.zeros(len(own["days"]))
    whole = History(ticker, own["days"], own["close"], own["adj"], own["paid"], none, none, NOW)
    return replace(whole, **changes)


def chart(ticker: str) -> dict[str, Any]:
    """Write a ticker's whole answer."""
    own = figures(ticker)
    times = stamps(LISTED.get(ticker, "1990-01-02"))
    closes = own["close"].tolist()
    dividends = {
        str(times[i]): {"amount": float(own["paid"][i]), "date": times[i]}
        for i in np.flatnonzero(own["paid"])
    }
    return {
        "meta": {
            "symbol": ticker,
            "currency": "USD",
            "exchangeTimezoneName": "America/New_York",
            "instrumentType": FUNDS.get(ticker, "INDEX" if ticker[0] == "^" else "EQUITY"),
            "timezone": "EDT",
            "gmtoffset": -14400,
            "firstTradeDate": times[0],
            "regularMarketTime": times[-1] + 23400,
            "regularMarketPrice": closes[-1],
            "priceHint": 2,
            "dataGranularity": "1d",
            "range": "",
            "validRanges": ["1d", "5d", "1mo", "1y", "max"],
        },
        "timestamp": list(times),
        "events": {"dividends": dividends} if dividends else {},
        "indicators": {
            "quote": [
                {name: list(closes) for name in ("open", "high", "low", "close")}
                | {"volume": [1000] * len(times)}
            ],
            "adjclose": [{"adjclose": own["adj"].tolist()}],
        },
    }


@cache
def body(ticker: str) -> bytes:
    return answer(chart(ticker))


def answer(result: dict[str, Any]) -> bytes:
    return json.dumps({"chart": {"result": [result], "error": None}}).encode()


def error(code: str, description: str) -> bytes:
    reason = {"code": code, "description": description}
    return json.dumps({"chart": {"result": None, "error": reason}}).encode()


class FakeYahoo:
    """The server and its memory: `hits` counts requests by host and path, `faults` are to come."""

    def __init__(self) -> None:
        self.hits: dict[str, int] = defaultdict(int)
        self.faults: dict[str, str] = {}
        self.times: dict[str, int] = {}
        self.spoils: dict[str, Spoil] = {}
        self.unknown: set[str] = set()
        self.headers: dict[str, str] = {}
        self.stop = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True

    def forget(self) -> None:
        """Forget every request and every fault."""
        for memory in (self.hits, self.faults, self.times, self.spoils, self.headers, self.unknown):
            memory.clear()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def fault(self, where: str, name: str, times: int = 1_000_000, **headers: str) -> None:
        """Let the next `times` requests for a ticker or a path fail; `prices` for prices alone."""
        self.faults[where], self.times[where] = name, times
        self.headers = {k.replace("_", "-"): v for k, v in headers.items()}

    def spoil(self, ticker: str, how: Spoil) -> None:
        self.spoils[ticker] = how

    def asked(self, ticker: str) -> int:
        """Count the requests for a ticker's chart."""
        return self.hits[f"query2.finance.yahoo.com/v8/finance/chart/{ticker}"]

    def charts(self) -> int:
        return sum(n for path, n in self.hits.items() if "/v8/finance/chart/" in path)

    def pending(self, *names: str) -> str:
        """Return the fault due for one of these names, using it up."""
        for name in names:
            if self.times.get(name, 0) > 0:
                self.times[name] -= 1
                return self.faults[name]
        return ""

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args: Any) -> None:
                """Say nothing."""

            def do_GET(self) -> None:
                try:
                    fake.serve(self)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            def do_POST(self) -> None:
                self.do_GET()

        return Handler

    def serve(self, http: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(http.path)
        path = unquote(parts.path.lstrip("/"))
        self.hits[path] += 1
        if "/v8/finance/chart/" not in path:
            self.serve_cookies(http, path)
            return
        ticker = path.rsplit("/", 1)[1]
        probe = "range" in parse_qs(parts.query)
        fault = self.pending(ticker, f"{ticker} {'probe' if probe else 'prices'}")
        if fault:
            FAULTS[fault](self, http)
        elif ticker in self.unknown:
            send(http, 404, error("Not Found", "No data found, symbol may be delisted"))
        elif ticker in self.spoils:
            spoilt = chart(ticker)
            self.spoils[ticker](spoilt)
            send(http, 200, answer(spoilt))
        else:
            send(http, 200, probe_body(ticker) if probe else body(ticker))

    def serve_cookies(self, http: BaseHTTPRequestHandler, path: str) -> None:
        fault = self.pending("cookie" if path.startswith("fc.") else "crumb")
        if fault:
            FAULTS[fault](self, http)
        elif path.startswith("fc.yahoo.com"):
            send(http, 404, b"", {"Set-Cookie": "A3=made-up; Path=/"})
        elif path.endswith("getcrumb"):
            send(http, 200, b"crumb", kind="text/plain")
        else:
            send(http, 404, b"no such page", kind="text/html")


@cache
def probe_body(ticker: str) -> bytes:
    return answer({"meta": chart(ticker)["meta"], "indicators": {"quote": [{}]}})


def send(
    http: BaseHTTPRequestHandler,
    status: int,
    content: bytes,
    headers: dict[str, str] | None = None,
    kind: str = "application/json",
    length: int | None = None,
) -> None:
    http.send_response(status)
    http.send_header("Content-Type", kind)
    http.send_header("Content-Length", str(len(content) if length is None else length))
    for name, value in (headers or {}).items():
        http.send_header(name, value)
    http.end_headers()
    http.wfile.write(content)


def _status(status: int, content: bytes, kind: str = "application/json") -> Callable[..., None]:
    def fail(fake: FakeYahoo, http: BaseHTTPRequestHandler) -> None:
        send(http, status, content, fake.headers, kind)

    return fail


def _hang(fake: FakeYahoo, http: BaseHTTPRequestHandler) -> None:
    fake.stop.wait(30)
    http.close_connection = True


def _drip(fake: FakeYahoo, http: BaseHTTPRequestHandler) -> None:
    http.send_response(200)
    http.send_header("Content-Length", "100000")
    http.end_headers()
    while not fake.stop.wait(0.2):
        http.wfile.write(b"{")


def _reset(fake: FakeYahoo, http: BaseHTTPRequestHandler) -> None:
    http.close_connection = True
    http.connection.close()


def _cut(fake: FakeYahoo, http: BaseHTTPRequestHandler) -> None:
    """Promise more than is sent."""
    send(http, 200, body("SPY")[:5000], length=100_000)
    http.close_connection = True


def _slow(fake: FakeYahoo, http: BaseHTTPRequestHandler) -> None:
    fake.stop.wait(0.5)
    send(http, 200, body(unquote(urlsplit(http.path).path).rsplit("/", 1)[1]))


_DOWN = b"<html><body>Will be right back</body></html>"
FAULTS: dict[str, Callable[..., None]] = {
    "404": _status(404, error("Not Found", "No data found, symbol may be delisted")),
    "404-html": _status(404, b"<html>not here</html>", "text/html"),
    "429": _status(429, b"Too Many Requests", "text/plain"),
    "500-html": _status(500, b"<html>oops</html>", "text/html"),
    "502-json": _status(502, error("Bad Gateway", "upstream connect error")),
    "503": _status(503, b""),
    "401": _status(401, error("Unauthorized", "Invalid Crumb")),
    "400": _status(400, error("Bad Request", "Data doesn't exist for startDate")),
    "hang": _hang,
    "drip": _drip,
    "reset": _reset,
    "cut": _cut,
    "slow": _slow,
    "truncated-json": lambda fake, http: send(http, 200, body("SPY")[:5000]),
    "empty": _status(200, b""),
    "html": _status(200, _DOWN, "text/html"),
    "list": _status(200, b"[1, 2, 3]"),
    "no-result": _status(200, b'{"chart": {"result": [], "error": null}}'),
    "null-chart": _status(200, b'{"chart": null}'),
    "deep": _status(200, b"[" * 100_000),
    "redirect-away": lambda fake, http: send(
        http, 302, b"", {"Location": "https://example.com/v8/finance/chart/SPY"}
    ),
    "redirect-plain": lambda fake, http: send(
        http, 302, b"", {"Location": "http://query2.finance.yahoo.com/v8/finance/chart/SPY"}
    ),
    "redirect-round": lambda fake, http: send(
        http, 302, b"", {"Location": "https://query2.finance.yahoo.com" + http.path[25:]}
    ),
}


@contextmanager
def running() -> Any:
    """Lend a running server."""
    fake = FakeYahoo()
    thread = threading.Thread(target=fake.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield fake
    finally:
        fake.stop.set()
        fake.server.shutdown()
        thread.join()
        fake.server.server_close()
