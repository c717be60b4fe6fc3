"""What tests share: tiny hand-made tables of round numbers, and what is dear to make, made once."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

import numpy as np
import pytest

from backtests.cli import main as cli
from backtests.comparison import Comparison, compare
from backtests.plan import Plan
from data.prices import PriceTable
from tests import fake_yahoo
from tests.helpers import TABLES

NONE = float("nan")


def make_table(
    dates: Sequence[str],
    prices: Mapping[str, Sequence[float]],
    bars: str = "daily",
    **facts: object,
) -> PriceTable:
    """Build a price table from ISO dates and one list of closes a symbol."""
    columns = np.column_stack([np.array(p, dtype=float) for p in prices.values()])
    days = np.array(dates, dtype="datetime64[D]")
    return PriceTable(days, tuple(prices), columns, bars, "file", **facts)  # type: ignore[arg-type]


def weekdays(first: str, count: int) -> np.ndarray:
    """Return `count` weekdays from `first` on."""
    return np.busday_offset(first, np.arange(count), roll="forward").astype("datetime64[D]")


def month_ends(first: str, count: int) -> np.ndarray:
    """Return `count` calendar month ends from the month `first` (YYYY-MM) on."""
    months = np.datetime64(first, "M") + np.arange(1, count + 1).astype("timedelta64[M]")
    return months.astype("datetime64[D]") - np.timedelta64(1, "D")


@pytest.fixture
def table() -> Callable[..., PriceTable]:
    return make_table


@pytest.fixture
def four_months() -> PriceTable:
    """Two symbols at four month ends: A doubles, halves and doubles; B stands still."""
    ends = ["2020-01-31", "2020-02-29", "2020-03-31", "2020-04-30"]
    return make_table(ends, {"A": [10, 20, 10, 20], "B": [50, 50, 50, 50]}, "monthly")


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.fixture(scope="session")
def default() -> Comparison:
    """Every default strategy through every default era, on the embedded prices."""
    return compare(Plan(), TABLES)


@pytest.fixture(scope="session")
def server() -> Iterator[fake_yahoo.FakeYahoo]:
    with fake_yahoo.running() as running:
        yield running


@pytest.fixture
def fake(server: fake_yahoo.FakeYahoo, monkeypatch: pytest.MonkeyPatch) -> fake_yahoo.FakeYahoo:
    """Answer for Yahoo as on the first day, and stop the clock."""
    server.forget()
    monkeypatch.setenv("DCA_YAHOO_URL", server.url)
    monkeypatch.setenv("DCA_YAHOO_NOW", fake_yahoo.NOW.isoformat())
    return server


@pytest.fixture
def dca(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run the command in this process; return its exit code, output and complaints."""

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["dca", *words])
        # A process of its own would not have looked for fonts yet.
        if "backtests.report.charts.fonts" in sys.modules:
            sys.modules["backtests.report.charts.fonts"].han.cache_clear()
        code = 0
        try:
            cli.main()
        except SystemExit as left:
            code = int(left.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return run
