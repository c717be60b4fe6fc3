"""What may be called a symbol, how weights are written, and what is said of one nobody has."""

import json
from pathlib import Path

import pytest

from backtests import run
from backtests.cli.options import parse_weights
from backtests.plan import make_plan
from data.catalog import as_symbol, is_symbol, sold_as
from data.errors import BadPlan, UnknownSymbol
from data.files.presets import symbol_of_file
from data.options import Options
from data.sources import tables
from data.splices import OwnSymbol
from tests.conftest import make_table

WINDOW = ("--from", "2020-01-02", "--to", "2020-01-08")
DAYS = ["2020-01-02", "2020-01-03", "2020-01-06", "2020-01-07", "2020-01-08"]
STRANGE = ("M&M.NS", "GC=F", "EURUSD=X", "DX-Y.NYB", "IE00B4L5Y983", "^SPX")


@pytest.mark.parametrize(
    "good",
    ["SPY", "^IXIC", "BRK-B", "0700.HK", "A", "0P0000YWL1.F", "SPY230616C00400000", *STRANGE],
)
def test_tickers_isins_and_futures_are_symbols_and_small_letters_mean_capitals(good):
    assert is_symbol(good)
    assert as_symbol(good.lower()) == good


@pytest.mark.parametrize(
    "bad",
    ["", "../../etc/passwd", "A/B?x=1#f", "A\nB", "A\0", "SPY\n", "A" * 9000, "A" * 25, "A B",
     "A,B", "A=B", "\u202eSPY", "\uff33\uff30\uff39", "\u017fpy", "^", "A-", "A--B", "-rf", "<b>",
     "..", "=F", "A'B", 'A"B', "A;B"],
)  # fmt: skip
def test_everything_else_is_none(bad):
    assert as_symbol(bad) == ""
    assert not is_symbol(bad)


def test_a_ticker_of_the_catalogue_is_known_by_its_symbol():
    assert (sold_as("SPY"), sold_as("^IXIC"), sold_as("NVDA"), sold_as("VTI")) == (
        "SP500", "IXIC", "", "",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("stem", "symbol"),
    [
        ("SPY", "SPY"), ("spy", "SPY"), ("SPY (1)", "SPY"), ("SPY - Kopie", "SPY"),
        ("^spx_d", "^SPX"), ("spy_us_d", "SPY"), ("vod_uk_w", "VOD.UK"), ("gc_f_d", "GC.F"),
        ("spy.us", "SPY"), ("%5EGSPC", "^GSPC"), ("GC=F", "GC=F"), ("EUNL.DE", "EUNL.DE"),
        ("daily_adjusted_IBM", "IBM"), ("MacroTrends_Data_Download_MSFT", "MSFT"),
        ("SPY ETF Stock Price History", "SPY"), ("BTC Historical Data", "BTC"),
        ("spy_daily_historical-data-01-02-2024", "SPY"), ("spy_price-history-01-02-2024", "SPY"),
        ("S&P 500 Historical Data", ""), ("A B", ""), ("..", ""),
    ],
)  # fmt: skip
def test_a_file_is_called_after_its_symbol_whoever_wrote_it(stem, symbol):
    assert symbol_of_file(stem) == symbol


@pytest.mark.parametrize(
    ("said", "weights"),
    [
        ("GC=F=0.5,EURUSD=X=.5", {"GC=F": 0.5, "EURUSD=X": 0.5}),
        ("spy=60, agg=40", {"SPY": 0.6, "AGG": 0.4}),
        ("SPY=60%,AGG=40 %", {"SPY": 0.6, "AGG": 0.4}),
        ("SPY=33.3,AGG=33.3,GLD=33.4", {"SPY": 0.333, "AGG": 0.333, "GLD": 0.334}),
        ("SPY,GC=F", {"SPY": 0.5, "GC=F": 0.5}),
        ("SPY,AGG,GLD", {"SPY": 1 / 3, "AGG": 1 / 3, "GLD": 1 / 3}),
        ("m&m.ns", {"M&M.NS": 1.0}),
    ],
)
def test_weights_are_fractions_percents_or_equal_parts(said, weights):
    assert parse_weights(said) == pytest.approx(weights, abs=1e-15)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("SPY=0.5,AGG", "no fraction for AGG; give one to each symbol, or to none"),
        ("SPY,spy", "names SPY twice"),
        ("SPY=0.5,spy=0.5", "names SPY twice"),
        ("SPY=half", "has 'SPY=half'; write SYMBOL=FRACTION"),
        ("SPY==1", "has 'SPY==1'"),
        ("a b=1", "has 'a b=1'"),
        ("", "has ''; write"),
    ],
)
def test_other_weights_are_refused(said, why):
    with pytest.raises(BadPlan, match=why):
        parse_weights(said)


def test_a_plan_takes_them_too():
    mix = {"weights": {"spy": 60.0, "agg": 40.0}}
    plan = make_plan(strategy={"mix": mix}, symbol={"my_fund": {"parts": ["spy"], "title": "Mine"}})
    assert plan.strategy["mix"].weights == {"SPY": 0.6, "AGG": 0.4}
    assert plan.symbol["MY_FUND"] == OwnSymbol(parts=("SPY",), title="Mine")
    assert OwnSymbol(parts=("SPY",), label="Mine").title == "Mine"
    with pytest.raises(BadPlan, match="names SPY twice"):
        make_plan(strategy={"mix": {"weights": {"spy": 0.5, "SPY": 0.5}}})


def test_from_python_small_letters_and_percents_mean_the_same():
    table = make_table(DAYS, {"A": [1, 2, 3, 4, 5], "B": [5, 4, 3, 2, 1]})
    small, large = (run(w, prices=table) for w in ({"a": 60, "b": 40}, {"A": 0.6, "B": 0.4}))
    assert small.measures["final_value"] == large.measures["final_value"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("SP50", "unknown symbol 'SP50'; did you mean 'SP500'. the embedded prices have AAPL,"),
        ("SP5000", "did you mean 'SP500'. "),
        ("S5P00", "did you mean 'SP500'. "),
        ("VTI", "unknown symbol 'VTI'; the embedded prices have AAPL, .* more; --data yahoo fetc"),
        ("SPY", "; SPY is inside SP500 here, and --data yahoo fetches others, --data PATH reads"),
        ("AAPPL", "did you mean 'AAPL'"),
        ("X" * 200, "unknown symbol 'XXX"),
    ],
)
def test_an_unknown_symbol_is_told_what_can_be_had(name, said):
    with pytest.raises(UnknownSymbol, match=said) as refused:
        tables("snapshot")["daily"]().column(name)
    assert len(str(refused.value)) < 300


def test_a_file_says_what_it_has(tmp_path):
    (tmp_path / "p.csv").write_text("date,AAA,BBB\n" + "".join(f"{d},1,2\n" for d in DAYS))
    with pytest.raises(UnknownSymbol, match=r"'VTI'; the prices have AAA, BBB; --data yahoo fetc"):
        tables(str(tmp_path / "p.csv"), Options())["daily"]().column("VTI")


def test_strange_symbols_go_safely_through_files_and_pages(tmp_path, monkeypatch, dca):
    monkeypatch.chdir(tmp_path)
    rows = [f"{day}," + ",".join(str(i + n) for n in range(1, 7)) for i, day in enumerate(DAYS)]
    Path("p.csv").write_text("\n".join(["date," + ",".join(s.lower() for s in STRANGE), *rows]))
    code, _, err = dca("run", "--data", "p.csv", *WINDOW, f"--weights={','.join(STRANGE)}")
    assert (code, err) == (0, "")
    page = Path("reports/run/report.html").read_text()
    assert "M&amp;M.NS" in page
    assert "M&M.NS" not in page
    results = json.loads(Path("reports/run/results.json").read_text())
    assert set(results["data"]["symbols"]) == set(STRANGE)
    ledger = Path("reports/run/ledgers/allocation--window.csv").read_text().splitlines()
    assert len(ledger[0].split(",")) == len(ledger[1].split(","))
