"""Judge a raw answer of Yahoo's chart interface before the client library sees and caches it.

FetchFailed
├── Transient       may go away: asked again
│   └── RateLimited asked again after the time Yahoo names
├── Refused         will not go away by asking again
└── BadHistory      an answer whose prices cannot be trusted
BadInput
└── UnknownTicker   Yahoo knows no such ticker
"""

import json
from collections import Counter
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from data.catalog import trades_in_new_york
from data.errors import BadHistory, BadInput, FetchFailed, printable
from data.language import say
from data.notes import of
from data.quotes import is_unit
from data.sessions import IN_NEW_YORK, NEW_YORK, Place
from data.yahoo.exchanges import CALENDARS

LONGEST_RETRY_AFTER = 60.0


class Transient(FetchFailed):
    """A failure that may go away."""


class RateLimited(Transient):
    """Yahoo asks for patience: `seconds` of it, None where it does not say."""

    def __init__(self, text: str, seconds: float | None) -> None:
        super().__init__(text)
        self.seconds = seconds


class Refused(FetchFailed):
    """A request that Yahoo will not answer however often it is asked."""


class UnknownTicker(BadInput):
    """A ticker Yahoo does not carry."""


def judge(ticker: str, status: int, retry_after: str | None, body: bytes) -> dict[str, Any] | None:
    """Return the chart in an answer, None for one the client library must answer to (401, 403).

    Raises the errors above.
    """
    if status in (401, 403):
        return None
    if status == 429:
        raise RateLimited(
            of(
                ticker,
                say("Yahoo limits how often it may be asked (429); wait a while and run again"),
            ),
            seconds_to_wait(retry_after),
        )
    answer = _json(body)
    reason = _reason(answer)
    if (status == 404 and reason) or reason.startswith("Not Found"):
        text = say("Yahoo carries no such ticker; check its spelling there")
        raise UnknownTicker(of(ticker, text))
    if status in (400, 422):
        text = say("Yahoo refuses the request ({status} {why})", status=status, why=reason)
        raise Refused(of(ticker, text))
    if status != 200:
        raise Transient(of(ticker, say("Yahoo answers {answer}; try again later", answer=status)))
    if reason:
        raise Transient(of(ticker, say("Yahoo answers {answer}; try again later", answer=reason)))
    return _chart(ticker, answer)


def check_prices(ticker: str, chart: dict[str, Any], now: datetime) -> None:
    """Raise BadHistory for prices of another thing, or that contradict each other."""
    meta = chart.get("meta")
    if not isinstance(meta, dict):
        text = say("Yahoo does not say what its prices are; try again later")
        raise BadHistory(of(ticker, text))
    place = place_of(ticker, meta)
    stamps = chart.get("timestamp")
    quote = _first(_mapping(chart.get("indicators")).get("quote"))
    if not isinstance(stamps, list) or not stamps or not quote.get("close"):
        raise Transient(of(ticker, say("Yahoo sent no prices; try again later")))
    adjusted = _first(_mapping(chart["indicators"]).get("adjclose"))
    for name, values in (quote | adjusted).items():
        _check_values(ticker, name, values, len(stamps))
    _check_days(ticker, stamps, now, ZoneInfo(place.zone))


def seconds_to_wait(text: str | None, now: datetime | None = None) -> float | None:
    """Read a Retry-After header, seconds or a date, capped at a minute; None where it is absent."""
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(text) - (now or datetime.now(UTC))).total_seconds()
        except (ValueError, TypeError):
            return None
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER) if seconds == seconds else None


def unit_of(ticker: str, meta: dict[str, Any]) -> str:
    """Return what prices are quoted in; raises BadHistory, of what is known for all but dollars."""
    unit = meta.get("currency")
    if not is_unit(unit) or (trades_in_new_york(ticker) and unit != "USD"):
        raise _wrong(
            ticker, "currency", unit, "USD" if trades_in_new_york(ticker) else say("a code")
        )
    return str(unit)


def place_of(ticker: str, meta: dict[str, Any]) -> Place:
    """Return where prices are made; raises BadHistory for those of another symbol or place."""
    unit_of(ticker, meta)
    zone = meta.get("exchangeTimezoneName")
    if meta.get("symbol") != ticker:
        raise _wrong(ticker, "symbol", meta.get("symbol"), ticker)
    # The options exchange that computes the Treasury indices stands in Chicago; its days are ours.
    if zone == NEW_YORK.key or (zone == "America/Chicago" and ticker.startswith("^")):
        return IN_NEW_YORK
    if trades_in_new_york(ticker) or zone not in available_timezones():
        known = trades_in_new_york(ticker)
        raise _wrong(
            ticker, "exchangeTimezoneName", zone, NEW_YORK.key if known else say("a time zone")
        )
    return Place(CALENDARS.get(str(meta.get("exchangeName")), ""), str(zone))


def _wrong(ticker: str, key: str, came: Any, wanted: str) -> BadHistory:
    text = say(
        "Yahoo's prices have {key} {came}, wanted {wanted}; not used",
        key=key,
        came=printable(str(came), 30),
        wanted=wanted,
    )
    return BadHistory(of(ticker, text))


def _check_values(ticker: str, name: str, values: Any, count: int) -> None:
    if not isinstance(values, list) or len(values) != count:
        text = say("Yahoo's {name} does not fit its dates; try again later", name=name)
        raise BadHistory(of(ticker, text))
    for value in values:
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            text = say(
                "Yahoo's {name} holds {value}, not a number; try again later",
                name=name,
                value=printable(repr(value), 30),
            )
            raise BadHistory(of(ticker, text))


def _check_days(ticker: str, stamps: list[Any], now: datetime, zone: ZoneInfo) -> None:
    """Refuse a day that stands twice; today's may, as the running price follows the bar."""
    today = now.astimezone(zone).date()
    if not all(isinstance(s, int) and not isinstance(s, bool) for s in stamps):
        raise BadHistory(of(ticker, say("Yahoo's dates are not numbers; try again later")))
    try:
        days = Counter(datetime.fromtimestamp(s, zone).date() for s in stamps)
    except (OverflowError, ValueError, OSError) as error:
        text = say("Yahoo's dates are no dates ({why})", why=str(error))
        raise BadHistory(of(ticker, text)) from error
    twice = [day for day, count in days.items() if count > 1 and day < today]
    if twice:
        text = say("Yahoo sent {day} twice; try again later", day=min(twice))
        raise BadHistory(of(ticker, text))


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _reason(answer: Any) -> str:
    """Return Yahoo's own error, empty where it sent none."""
    error = _mapping(_mapping(answer).get("chart")).get("error")
    if not isinstance(error, dict):
        return ""
    return printable(f"{error.get('code', '')}: {error.get('description', '')}", 120)


def _chart(ticker: str, answer: Any) -> dict[str, Any]:
    results = _mapping(_mapping(answer).get("chart")).get("result")
    if not isinstance(results, list) or not results or not isinstance(results[0], dict):
        raise Transient(of(ticker, say("Yahoo's answer holds no prices; try again later")))
    return results[0]


def _mapping(thing: Any) -> dict[str, Any]:
    return thing if isinstance(thing, dict) else {}


def _first(thing: Any) -> dict[str, Any]:
    return _mapping(thing[0]) if isinstance(thing, list) and thing else {}
