"""The bytes of a kept history: a hash of all that follows, one line of facts, then the columns.

    dca-history 1 <sha256 of the rest>
    {"columns": ["date", "close", ...], "currency": "USD", "rows": 8464, "ticker": "SPY", ...}
    the columns one after another: days since 1970 (int64), then float64, little-endian

Nothing is read from it before the hash is right. Binary, because a run reads thirty of them.
"""

import json
from datetime import UTC
from hashlib import sha256

import numpy as np
from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from data.errors import printable
from data.language import say
from data.recalled import recalled
from data.sessions import IN_NEW_YORK, NEW_YORK, NEW_YORKS, Place
from data.shape import refusal
from data.yahoo.history import COLUMNS, History

FORMAT = 1
_NAME = "dca-history"


# Some 270 years from 1970.
_FARTHEST_DAY = 100_000


class _Facts(BaseModel):
    """What is said of the columns; what else is said there decides nothing."""

    rows: int = Field(ge=1)
    ticker: str
    fetched: AwareDatetime
    warnings: tuple[str, ...]
    currency: str = "USD"
    exchange: str = NEW_YORKS
    zone: str = NEW_YORK.key


class DamagedError(Exception):
    """Bytes that are not a whole history of this format: what is wrong with them."""


def dump(history: History) -> bytes:
    """Write a history."""
    place = history.place
    facts = {
        "columns": ["date", *COLUMNS],
        "currency": "percent" if history.is_rate else history.unit,
        "fetched": history.fetched.astimezone(UTC).isoformat(timespec="seconds"),
        "rows": len(history.dates),
        "source": "yahoo",
        "ticker": history.ticker,
        "warnings": list(history.warnings),
        **({} if place == IN_NEW_YORK else {"exchange": place.exchange, "zone": place.zone}),
    }
    columns = [getattr(history, name).astype("<f8").tobytes() for name in COLUMNS]
    days = history.dates.astype("datetime64[D]").astype("<i8").tobytes()
    rest = json.dumps(facts, sort_keys=True).encode() + b"\n" + days + b"".join(columns)
    return _first_line(rest) + rest


def load(raw: bytes, ticker: str) -> History:
    """Read the history of `ticker`; raises DamagedError."""
    first, _, rest = raw.partition(b"\n")
    if first + b"\n" != _first_line(rest):
        raise DamagedError(say("its content does not match its hash"))
    line, _, body = rest.partition(b"\n")
    try:
        facts = _Facts.model_validate_json(line)
    except ValidationError as error:
        raise DamagedError(say("of its facts, {why}", why=refusal(error, _Facts))) from error
    if facts.ticker != ticker:
        raise DamagedError(say("it holds {ticker}", ticker=printable(facts.ticker)))
    if len(body) != facts.rows * 8 * (1 + len(COLUMNS)):
        raise DamagedError(say("its columns are not as long as it says"))
    days = np.frombuffer(body, "<i8", facts.rows)
    values = np.frombuffer(body, "<f8", offset=facts.rows * 8).reshape(len(COLUMNS), facts.rows)
    if not (np.diff(days) > 0).all() or abs(days[[0, -1]]).max() > _FARTHEST_DAY:
        raise DamagedError(say("its days are not in order"))
    if not np.isfinite(values).all():
        raise DamagedError(say("a price in it is not a number"))
    return History(
        ticker,
        days.astype("datetime64[D]"),
        **dict(zip(COLUMNS, values, strict=True)),
        fetched=facts.fetched,
        warnings=tuple(map(recalled, facts.warnings)),
        unit="USD" if facts.currency == "percent" else facts.currency,
        place=Place(facts.exchange, facts.zone),
    )


def _first_line(rest: bytes) -> bytes:
    return f"{_NAME} {FORMAT} {sha256(rest).hexdigest()}\n".encode()
