"""The one door to the network: bounded in time, in size and in hosts, with errors that have a type.

The client library keeps failed answers and repeats them; here they become exceptions before it sees
them. Redirects are followed here too, so that none leads away from Yahoo.
"""

import re
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from curl_cffi import CurlOpt
from curl_cffi.requests import Response, Session
from curl_cffi.requests.exceptions import ConnectionError as CurlConnectionError

from data.deadline import Deadline
from data.errors import FetchFailed, printable
from data.language import say
from data.notes import of
from data.yahoo.answer import Transient, check_prices, judge

_CHART = "/v8/finance/chart/"
_LARGEST_ANSWER = 64_000_000
_MOST_REDIRECTS = 5
_HOST = re.compile(r"(?:[a-z0-9-]+\.)*yahoo\.com")
LOOPBACK = re.compile(r"http://127\.0\.0\.1:\d{1,5}")


class YahooSession(Session[Response]):
    """A session for one ticker at a time: set `ticker` before it is used.

    `meta` is what Yahoo last said of prices. `base` is a loopback address at which tests answer for
    Yahoo; `patience` the most seconds one request may take.
    """

    def __init__(
        self, deadline: Deadline, now: datetime, base: str | None = None, patience: float = 20.0
    ) -> None:
        if base is not None and not LOOPBACK.fullmatch(base):
            raise FetchFailed(say("DCA_YAHOO_URL is for tests; it must be http://127.0.0.1:PORT"))
        super().__init__(
            impersonate="chrome",
            curl_options={CurlOpt.MAXFILESIZE_LARGE: _LARGEST_ANSWER},
            # A proxy of the environment's is for the world, not for this machine itself.
            trust_env=base is None,
        )
        self.ticker = ""
        self._deadline, self._now, self._base, self._patience = deadline, now, base, patience
        self._cookies_fail = False
        self.meta: dict[str, Any] = {}

    def request(self, method: Any, url: str, *args: Any, **kwargs: Any) -> Response:
        """Send a request to Yahoo; raises the errors of data.yahoo.answer and curl's own."""
        if args:
            raise TypeError("only method and url may stand without their names")
        about_prices = urlsplit(url).path.startswith(_CHART)
        if about_prices:
            response = self._follow(method, url, kwargs)
            self._judge(response, "period1" in (kwargs.get("params") or {}))
            return response
        return self._cookie(method, url, kwargs)

    def _cookie(self, method: str, url: str, kwargs: dict[str, Any]) -> Response:
        """Ask for a cookie or a crumb: helpful, never needed, so tried once and not for long."""
        if self._cookies_fail:
            raise CurlConnectionError("cookies failed before and are done without")
        try:
            little = min(self._patience, self._deadline.left()) / 4
            return self._follow(method, url, kwargs | {"timeout": little})
        except OSError:
            self._cookies_fail = True
            raise

    def _follow(self, method: Any, url: str, kwargs: dict[str, Any]) -> Response:
        for _ in range(_MOST_REDIRECTS):
            asked = min(float(kwargs.get("timeout") or self._patience), self._patience)
            settings = {"timeout": self._deadline.clamp(asked), "allow_redirects": False}
            response = super().request(method, self._target(url), **(kwargs | settings))
            where = response.headers.get("location")
            if not 300 <= response.status_code < 400 or not where:
                response.url = url
                return response
            url = urljoin(url, where)
            kwargs = {k: v for k, v in kwargs.items() if k not in {"params", "data", "json"}}
            method = "GET"
        raise Transient(of(self.ticker, say("Yahoo redirects without end; try again later")))

    def _target(self, url: str) -> str:
        """Return where a URL of Yahoo's is answered; raises FetchFailed for any other host."""
        parts = urlsplit(url)
        if parts.scheme != "https" or not _HOST.fullmatch(parts.netloc):
            text = say(
                "Yahoo leads to {host!r}, a foreign host; refused",
                host=printable(parts.netloc, 60),
            )
            raise FetchFailed(of(self.ticker, text))
        return url if self._base is None else f"{self._base}/{url.removeprefix('https://')}"

    def _judge(self, response: Response, prices: bool) -> None:
        chart = judge(
            self.ticker,
            response.status_code,
            response.headers.get("retry-after"),
            response.content,
        )
        if chart is not None and prices:
            check_prices(self.ticker, chart, self._now)
            self.meta = chart["meta"]
