"""Fetch one ticker's whole history through yfinance, and nothing else of it."""

import atexit
import logging
import re
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from time import sleep
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from data.deadline import Deadline
from data.errors import BadHistory, printable
from data.language import say
from data.notes import of
from data.yahoo.answer import RateLimited, Transient, place_of, unit_of
from data.yahoo.history import History
from data.yahoo.session import YahooSession

if TYPE_CHECKING:
    import pandas as pd
    from tenacity import RetryCallState

ATTEMPTS = 4
_CURL = re.compile(r"Failed to perform, curl: \(\d+\) (.*?)\. See https?://.*")
_NO_HOST = "Could not resolve host: "
_NAMES = {
    "close": "Close",
    "adj_close": "Adj Close",
    "dividends": "Dividends",
    "splits": "Stock Splits",
    "capital_gains": "Capital Gains",
}


@dataclass
class Client:
    """How Yahoo is asked: until when, at what moment, where, and how one waits.

    `base` is the loopback address of a test's server; `patience` the seconds one request may take.
    """

    deadline: Deadline
    now: datetime
    base: str | None = None
    patience: float = 20.0
    wait: Callable[[float], None] = sleep
    first_wait: float = 1.0
    # One for all tickers: Yahoo's crumb is good only with the cookie it came with.
    _session: YahooSession | None = field(default=None, init=False)

    def fetch(self, ticker: str) -> History:
        """Return a ticker's history to its newest complete day.

        `ticker` must be a symbol. Raises UnknownTicker, FetchFailed or, where the answer cannot be
        read, BadHistory.
        """
        from tenacity import Retrying, retry_if_exception_type

        retrying = Retrying(
            retry=retry_if_exception_type(Transient),
            stop=self._enough,
            wait=self._pause,
            sleep=self.wait,
            reraise=True,
        )
        frame: pd.DataFrame = retrying(self._once, ticker)
        return self._history(ticker, frame, self._session.meta if self._session else {})

    def _once(self, ticker: str) -> "pd.DataFrame":
        self.deadline.clamp(self.patience)
        if self._session is None:
            self._session = YahooSession(self.deadline, self.now, self.base, self.patience)
        self._session.ticker = ticker
        with _library() as yf, _typed(ticker):
            frame: pd.DataFrame = yf.Ticker(ticker, session=self._session).history(
                period="max", auto_adjust=False, actions=True, timeout=self.patience
            )
            return frame

    def close(self) -> None:
        """Close the connections; the next fetch opens others."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _pause(self, state: "RetryCallState") -> float:
        """Return the seconds to wait: as Yahoo says, else twice as long each time."""
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, RateLimited) and error.seconds is not None:
            return error.seconds
        return float(self.first_wait * 2 ** (state.attempt_number - 1))

    def _enough(self, state: "RetryCallState") -> bool:
        """Say whether to give up: asked often enough, or no time to wait and ask again."""
        return state.attempt_number >= ATTEMPTS or state.upcoming_sleep >= self.deadline.left()

    def _history(self, ticker: str, frame: "pd.DataFrame", meta: dict[str, Any]) -> History:
        """Take what is kept out of yfinance's frame, without today's unfinished bar."""
        import pandas as pd

        stamps = pd.DatetimeIndex(frame.index).tz_localize(None)
        days = stamps.to_numpy().astype("datetime64[D]")
        columns = {ours: _column(ticker, frame, name) for ours, name in _NAMES.items()}
        place = place_of(ticker, meta)
        today = np.datetime64(self.now.astimezone(ZoneInfo(place.zone)).date())
        if (days > today).any():
            text = say("Yahoo sent a bar of {day}, which is yet to come", day=days.max())
            raise BadHistory(of(ticker, text))
        done = days < today
        if not done.any():
            raise BadHistory(of(ticker, say("Yahoo sent no complete day")))
        fetched = self.now.replace(microsecond=0)
        whole = History(ticker, days, **columns, fetched=fetched, place=place)
        return replace(whole, unit=unit_of(ticker, meta)).keep(done)


def _column(ticker: str, frame: "pd.DataFrame", name: str) -> Any:
    """Return a column as floats; only funds have capital gains."""
    if name in frame.columns:
        return frame[name].to_numpy(dtype=np.float64)
    if name == "Capital Gains":
        return np.zeros(len(frame))
    raise BadHistory(of(ticker, say("Yahoo sent no {name}; try again later", name=name)))


@contextmanager
def _library() -> Iterator[Any]:
    """Lend yfinance with its memory of answers emptied and its errors told, not hidden."""
    with warnings.catch_warnings():
        # It warns of pandas to come, in its own code; nobody running this program can act on it.
        warnings.simplefilter("ignore", DeprecationWarning)
        import yfinance as yf
        from yfinance.data import YfData

        # Importing it has switched these on again.
        warnings.simplefilter("ignore", DeprecationWarning)
        logging.getLogger("yfinance").setLevel(logging.CRITICAL)
        yf.config.debug.hide_exceptions = False
        _keep_files_apart()
        YfData.cache_get.cache_clear()
        yield yf


@cache
def _keep_files_apart() -> None:
    """Give yfinance's files a folder of this process's own, gone at its end.

    Shared with another process or left half-written, they break every later call.
    """
    from yfinance import set_tz_cache_location

    folder = tempfile.mkdtemp(prefix="dca-yfinance-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    set_tz_cache_location(folder)


@contextmanager
def _typed(ticker: str) -> Iterator[None]:
    """Turn what escapes from yfinance into errors of ours."""
    from peewee import PeeweeException
    from yfinance.exceptions import YFException, YFRateLimitError

    try:
        yield
    except YFRateLimitError as error:
        text = say("Yahoo limits how often it may be asked")
        raise RateLimited(of(ticker, text), None) from error
    except OSError as error:
        text = say(
            "Yahoo cannot be reached ({why}); try again later, or use what is kept with --offline",
            why=_reason(error),
        )
        raise Transient(of(ticker, text)) from error
    except (YFException, PeeweeException) as error:
        text = say("Yahoo did not answer as it should ({why}); try again later", why=_reason(error))
        raise Transient(of(ticker, text)) from error
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        # What yfinance's parser lets escape from an answer that is not built as it expects.
        text = say(
            "Yahoo's answer cannot be read ({why}); try again later", why=type(error).__name__
        )
        raise BadHistory(of(ticker, text)) from error


def _reason(error: Exception) -> str:
    """Return the first line of an error, of curl's only what happened."""
    line = (str(error) or type(error).__name__).splitlines()[0]
    told = _CURL.fullmatch(line)
    text = printable(told[1] if told else line, 100)
    nowhere, _, host = text.partition(_NO_HOST)
    return text if nowhere or not host else say("Could not resolve host: {host}", host=host)
