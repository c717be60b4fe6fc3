"""Get histories from the cache where they are new enough, else from Yahoo, one ticker at a time."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np

from data import sessions
from data.catalog import is_symbol
from data.checks.series import missing
from data.deadline import Deadline, DeadlinePassed
from data.errors import BadFolder, BadInput, DcaError, FetchFailed, printable
from data.language import say, say_each
from data.options import Options
from data.progress import Told, untold
from data.yahoo.cache import Cache
from data.yahoo.client import Client
from data.yahoo.history import History
from data.yahoo.history_checks import accepted

_ASKED_LATELY = timedelta(hours=1)
# Yahoo fills in lost sessions within weeks; asking again fills no older gap.
_FILLED_IN = np.timedelta64(30, "D")


@dataclass(frozen=True)
class Collected:
    """What came of a list of tickers: histories, the reasons where none came, sentences to show."""

    histories: dict[str, History] = field(default_factory=dict)
    failures: dict[str, DcaError] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def raise_failures(self) -> None:
        """Raise the first failure, naming the others; nothing where all came."""
        if not self.failures:
            return
        first, *others = self.failures
        refused = all(isinstance(e, BadInput) for e in self.failures.values())
        error_class = BadInput if refused else FetchFailed
        text = str(self.failures[first])
        if others:
            text = say(
                "{failure} (and {n} more failed: {tickers})",
                failure=text,
                n=len(others),
                tickers=say_each(others[:8]),
            )
        raise error_class(text) from self.failures[first]


@dataclass(frozen=True)
class Fetcher:
    """Where histories come from; no client: nothing but the cache is asked."""

    cache: Cache
    now: datetime
    client: Client | None = None
    again: bool = False

    def collect(self, tickers: Iterable[str], told: Told = untold) -> Collected:
        """Get every ticker that can be had; one that fails keeps no other from coming."""
        got, wanted = Collected(), tuple(dict.fromkeys(tickers))
        try:
            for done, ticker in enumerate(wanted):
                told(say("fetching {ticker}", ticker=ticker), done, len(wanted))
                self._one(ticker, got)
                if isinstance(got.failures.get(ticker), DeadlinePassed):
                    break
        finally:
            if self.client:
                self.client.close()
        return got

    def _one(self, ticker: str, got: Collected) -> None:
        try:
            history = self.get(ticker, got.notes)
        except BadFolder:
            # The disk will not be better for the next ticker.
            raise
        except (FetchFailed, BadInput) as error:
            got.failures[ticker] = error
        else:
            if history is not None:
                got.histories[ticker] = history

    def get(self, ticker: str, notes: list[str]) -> History | None:
        """Return a ticker's history, fetched if the kept one is old; None: offline and not kept."""
        if not is_symbol(ticker):
            raise BadInput(
                say(
                    "{ticker!r} is not a ticker; write it like SPY or ^IRX",
                    ticker=printable(ticker, 30),
                )
            )
        kept = self.cache.read(ticker)
        if kept.note:
            notes.append(kept.note)
        if self.client is None or (kept.history and self._fresh(kept.history)):
            return kept.history
        with self.cache.lock(ticker, self.client.deadline.left()):
            # Another process may have fetched it while this one waited.
            before = self.cache.read(ticker).history
            if before and self._fresh(before):
                return before
            history = accepted(self.client.fetch(ticker), self.now, before)
            self.cache.write(history)
            return history

    def _fresh(self, history: History) -> bool:
        """Say whether asking again would bring nothing new."""
        if history.fetched >= self.now - (timedelta(0) if self.again else _ASKED_LATELY):
            return True
        newest = sessions.newest_complete(self.now, history.place)
        if self.again or history.last < newest:
            return False
        lately = history.dates[history.dates >= np.datetime64(newest) - _FILLED_IN]
        wanted = history.place.sessions(lately[0], lately[-1])
        known = bool(history.place.exchange) and not history.is_rate
        return not known or not missing(history.ticker, lately, wanted)


def fetcher(options: Options, again: bool = False) -> Fetcher:
    """Build the fetcher that the options ask for."""
    cache = Cache(options.cache_dir)
    base = os.environ.get("DCA_YAHOO_URL")
    now = sessions.now()
    if base and os.environ.get("DCA_YAHOO_NOW"):
        # For tests alone: their server stands still in time, and so must we.
        now = datetime.fromisoformat(os.environ["DCA_YAHOO_NOW"])
    if options.offline:
        return Fetcher(cache, now)
    client = Client(Deadline(options.deadline), now, base)
    return Fetcher(cache, now, replace(client, first_wait=0.05) if base else client, again)
