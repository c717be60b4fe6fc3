"""The bytes of a kept history: a hash of all that follows, one line of facts, then the columns.

    dca-history 1 <sha256 of the rest>
    {"columns": ["date", "close", ...], "currency": "USD", "rows": 8464, "ticker": "SPY", ...}
    the columns one after another: days since 1970 (int64), then float64, little-endian

Nothing is read from it before the hash is right. Binary, because a run reads thirty of them.
"""

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import numpy as np

from data.yahoo.history import COLUMNS, History

FORMAT = 1
_NAME = "dca-history"


class DamagedError(Exception):
    """Bytes that are not a whole history of this format: what is wrong with them."""


def dump(history: History) -> bytes:
    """Write a history."""
    facts = {
        "columns": ["date", *COLUMNS],
        "currency": "percent" if history.is_rate else "USD",
        "fetched": history.fetched.astimezone(UTC).isoformat(timespec="seconds"),
        "rows": len(history.dates),
        "source": "yahoo",
        "ticker": history.ticker,
        "warnings": list(history.warnings),
    }
    columns = [getattr(history, name).astype("<f8").tobytes() for name in COLUMNS]
    days = history.dates.astype("datetime64[D]").astype("<i8").tobytes()
    rest = json.dumps(facts, sort_keys=True).encode() + b"\n" + days + b"".join(columns)
    return _first_line(rest) + rest


def load(raw: bytes, ticker: str) -> History:
    """Read the history of `ticker`; raises DamagedError."""
    first, _, rest = raw.partition(b"\n")
    if first + b"\n" != _first_line(rest):
        raise DamagedError("its content does not match its hash")
    line, _, body = rest.partition(b"\n")
    facts: dict[str, Any] = json.loads(line)
    if facts["ticker"] != ticker:
        raise DamagedError(f"it holds {facts['ticker']}")
    size = facts["rows"] * 8
    days, *columns = (body[at : at + size] for at in range(0, len(body), size))
    return History(
        ticker,
        np.frombuffer(days, dtype="<i8").astype("datetime64[D]"),
        **{n: np.frombuffer(c, dtype="<f8") for n, c in zip(COLUMNS, columns, strict=True)},
        fetched=datetime.fromisoformat(facts["fetched"]),
        warnings=tuple(facts["warnings"]),
    )


def _first_line(rest: bytes) -> bytes:
    return f"{_NAME} {FORMAT} {sha256(rest).hexdigest()}\n".encode()
