"""Sweeps: the windows they take, the rows they write, and what they say."""

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backtests.cli.sweep import sweep
from backtests.digits import rounded
from backtests.measures.running import KEPT
from backtests.sweeps import check, executors, quantiles, replayed
from backtests.sweeps.layout import lay_out, windows
from backtests.sweeps.request import Request
from backtests.sweeps.rows import Rows, Twin
from backtests.sweeps.run import Stopped, Sweep
from backtests.sweeps.store import Store
from backtests.vectorized.bootstrap import CELL
from data.errors import BadFolder, BadInput, BadPlan, NoPrices, RunFailed, UnknownName
from data.sources import by_resolution, tables
from tests.conftest import make_table, month_ends
from tests.helpers import holding

ROOT = Path(__file__).parents[1]
SNAPSHOT = tables("snapshot")
SMALL = ("--from", "2001-01", "--to", "2012-12", "--strategy", "index-fund")


def run(out: Path, *options: str) -> Result:
    return CliRunner().invoke(sweep, ["--out", str(out), *options], catch_exceptions=True)


def rows_of(folder: Path) -> list[dict[str, str]]:
    with (folder / "rows.csv").open() as file:
        return list(csv.DictReader(file))


def steady_tables() -> Any:
    """A rises by 1 % a month, B falls by 1 %, over 36 months from 2015-01."""
    ends = [str(day) for day in month_ends("2015-01", 36)]
    up, down = 1.01 ** np.arange(36), 0.99 ** np.arange(36)
    return by_resolution(make_table(ends, {"A": up, "B": down}, "monthly"))


def test_229_windows_of_ten_years_fit_into_29_years() -> None:
    request = Request(("cash",), start="1997-01", end="2025-12")
    starts = lay_out(request, SNAPSHOT).starts[10]
    assert len(starts) == 229
    assert (str(starts[0]), str(starts[-1])) == ("1997-01", "2016-01")


def test_windows_run_from_a_months_first_bar_to_a_months_last() -> None:
    layout = lay_out(Request(("index-fund",), start="2001-01", end="2002-03", years=(1,)), SNAPSHOT)
    spans = windows(layout.table.dates, layout.starts[1], 12)
    days = layout.table.dates
    assert [str(days[b]) for b in spans.first] == [
        "2001-01-02", "2001-02-01", "2001-03-01", "2001-04-02",
    ]  # fmt: skip
    assert [str(days[b]) for b in spans.last] == [
        "2001-12-31", "2002-01-31", "2002-02-28", "2002-03-28",
    ]  # fmt: skip


def test_unasked_windows_take_all_whole_months() -> None:
    """The snapshot's daily prices begin on 1996-05-31 and end on 2026-09-17."""
    starts = lay_out(Request(), SNAPSHOT).starts[10]
    assert (str(starts[0]), str(starts[-1])) == ("1996-06", "2016-09")


def test_months_before_the_daily_prices_fall_back_to_monthly_bars() -> None:
    layout = lay_out(Request(("index-fund",), start="1995-01", end="2005-12"), SNAPSHOT)
    assert layout.table.bars == "monthly"


def test_a_hole_in_the_daily_prices_falls_back_to_monthly_bars() -> None:
    """The snapshot has no daily Nvidia between 2007 and 2022."""
    assert lay_out(Request(weights={"NVDA": 1.0}), SNAPSHOT).table.bars == "monthly"
    with pytest.raises(NoPrices, match="NVDA.* no daily price"):
        lay_out(Request(weights={"NVDA": 1.0}, bars="daily"), SNAPSHOT)


def test_grid_is_every_combination() -> None:
    request = Request(
        ("index-fund", "diversified"), years=(5, 10), monthly=(100.0, 200.0),
        rebalance=("none", "band:0.1"), fee_bps=(0.0, 10.0, 20.0),
    )  # fmt: skip
    layout = lay_out(request, SNAPSHOT)
    assert len(layout.variants) == 2 * 2 * 2 * 2 * 3
    assert len({tuple(v.labels.values()) for v in layout.variants}) == len(layout.variants)
    covered = [row for chunk in layout.chunks for row in range(chunk.first, chunk.stop)]
    assert len(covered) == sum(layout.rows(v) for v in layout.variants)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"strategies": ("ai-picks",)}, BadPlan, "ai-picks holds what stood for it in one era"),
        ({"strategies": ("index-fnud",)}, UnknownName, "did you mean 'index-fund'"),
        ({"weights": {"NOPE": 1.0}}, UnknownName, "unknown symbol 'NOPE'"),
        ({"weights": {"SP500": 0.5}}, BadPlan, "weights sum to 0.5"),
        ({"rebalance": ("weekly",)}, BadPlan, "rebalance 'weekly' is not known"),
        ({"years": (40,)}, NoPrices, "no window of 40 years fits"),
        ({"years": (0,)}, BadPlan, "years are a whole number"),
        ({"start": "1980-01"}, NoPrices, "asked from 1980-01"),
        ({"bootstrap": 0}, BadPlan, "bootstrap is 0"),
        ({"bootstrap": 5, "bars": "daily"}, BadPlan, "leave --bars daily out"),
        ({"monthly": (0.0,)}, BadPlan, "nothing is ever put in"),
        ({"monthly": (-1.0,)}, BadPlan, "monthly is -1"),
        ({"fee_bps": (20_000.0,)}, BadPlan, "takes all"),
        ({"monthly": tuple(map(float, range(1, 1_002)))}, BadPlan, "2,002 combinations"),
    ],
)
def test_what_cannot_be_swept_is_refused(
    options: dict[str, Any], error: type[BadInput], message: str
) -> None:
    with pytest.raises(error, match=message):
        lay_out(Request(**options), SNAPSHOT)


def test_windows_by_hand() -> None:
    """12 payments of 100, the i-th growing for 12 - i months at 1 %; B only falls."""
    layout = lay_out(Request(weights={"A": 1.0}, years=(1,), monthly=(100.0,)), steady_tables())
    rows = Twin(layout).rows(layout.chunks[0])
    assert len(rows.starts) == 25
    worth = sum(100 * 1.01**k for k in range(12))
    assert rows.figures["final_value"] == pytest.approx(np.full(25, worth))
    falling = lay_out(Request(weights={"B": 1.0}, years=(1,)), steady_tables())
    found = Twin(falling).rows(falling.chunks[0]).figures
    assert found["max_drawdown"] == pytest.approx(np.full(25, 0.99**11 - 1))
    assert found["months_below_money_in"].tolist() == [11.0] * 25


def test_lump_sum_puts_the_whole_total_in_first() -> None:
    layout = lay_out(Request(("lump-sum",), start="2001-01", end="2010-12"), SNAPSHOT)
    found = Twin(layout).rows(layout.chunks[0]).figures
    assert found["contributed"].tolist() == [120_000.0]


@pytest.mark.parametrize(
    "request_",
    [
        Request(("index-fund", "diversified", "lump-sum"), fee_bps=(0.0, 15.0), years=(3,)),
        Request(("diversified",), rebalance=("contribute",), fill="next", years=(4,)),
        Request(weights={"NVDA": 0.5, "BOND": 0.5}, rebalance=("band:0.1",), years=(5,)),
        Request(("diversified",), bootstrap=CELL + 7, years=(3,), whole_shares=True),
        Request(("cash", "diversified"), bootstrap=30, years=(2,), initial=5000.0, block=3.0),
    ],
)
def test_random_rows_agree_with_backtrader(request_: Request) -> None:
    layout = lay_out(request_, SNAPSHOT)
    twin = Twin(layout)
    for pick in check.picks(layout)[:6]:
        chunk = next(
            c for c in layout.chunks if c.variant == pick.variant and c.first <= pick.row < c.stop
        )
        figures = twin.rows(replace(chunk, first=pick.row, stop=pick.row + 1)).figures
        result = replayed.row(layout, pick)
        one = {name: float(values[0]) for name, values in figures.items()}
        assert check.difference(result.measures.figures, one) < 1e-11


def test_disagreement_fails_the_sweep() -> None:
    with pytest.raises(RunFailed, match="differ by 1.0e-06"):
        check.agreed(20, 1e-6)
    with pytest.raises(RunFailed, match="differ"):
        check.agreed(20, float("nan"))


def test_paths_do_not_depend_on_how_many_are_asked_for() -> None:
    few, many = (
        lay_out(Request(("cash",), bootstrap=n, years=(2,)), SNAPSHOT) for n in (10, CELL + 10)
    )
    one, other = Twin(few).rows(few.chunks[0]), Twin(many).rows(many.chunks[0])
    for name in KEPT:
        assert one.figures[name].tolist() == other.figures[name][:10].tolist()


def matrix(rows: int) -> np.ndarray:
    dice = np.random.default_rng(rows)
    values = np.exp(dice.normal(0.2, 0.5, (rows, len(quantiles.SHOWN))))
    values[:, 2:] = np.round(-values[:, 2:] / 5, 2)
    values[dice.random(rows) < 0.1, 0] = np.nan
    return np.array(rounded(values.tolist()))


@pytest.mark.parametrize("rows", [1, 2, 3, 19, 20, 1_000, 20_001])
def test_quantiles_are_numpys(rows: int) -> None:
    values = matrix(rows)

    def blocks() -> Iterator[np.ndarray]:
        return iter(np.array_split(values, min(rows, 7)))

    summary = quantiles.summarise(blocks)
    for column, name in enumerate(quantiles.SHOWN):
        known = values[np.isfinite(values[:, column]), column]
        if len(known):
            wanted = np.quantile(known, quantiles.LEVELS)
            assert summary.quantiles[name] == pytest.approx(wanted, rel=1e-14), name
        else:
            assert summary.quantiles[name] == [None] * 5
    assert summary.below == (values[:, 1] < 1).mean()
    assert summary.lowest == values[:, 1].argmin()
    assert summary.blanks["xirr"] == np.isnan(values[:, 0]).sum()


def test_figures_count_as_they_are_written() -> None:
    """A multiple that is written as 1 is not below 1, and of equals the first is the lowest."""
    values = np.ones((3, len(quantiles.SHOWN)))
    values[:, 1] = [1 + 1e-13, 1 - 1e-13, 2]
    summary = quantiles.summarise(lambda: iter([values[2:], values[:2]]))
    assert summary.below == 0
    assert summary.lowest == 1
    assert summary.quantiles["multiple"][0] == 1.0


def test_command_writes_rows_summary_page_and_fan(tmp_path: Path) -> None:
    result = run(tmp_path / "out", *SMALL, "--strategy", "diversified")
    assert result.exit_code == 0, result.output
    assert "largest difference" in result.output
    assert "20 random rows re-run by Backtrader" in result.output
    folder = tmp_path / "out"
    held = {path.name for path in folder.iterdir()}
    assert held == {"fan.png", "rows.csv", "summary.json", "sweep.html", "sweep.json"}
    rows = rows_of(folder)
    assert len(rows) == 50
    assert rows[0]["start"] == "2001-01-02"
    assert rows[0]["end"] == "2010-12-31"
    assert list(rows[0])[7:] == list(KEPT)
    summary = json.loads((folder / "summary.json").read_text())
    xirr = [float(row["xirr"]) for row in rows if row["strategy"] == "index-fund"]
    told = summary["variants"][0]["quantiles"]["xirr"]
    assert list(told.values()) == pytest.approx(np.quantile(xirr, quantiles.LEVELS), rel=1e-11)


def test_page_is_self_contained_and_carries_every_label(tmp_path: Path) -> None:
    result = run(tmp_path / "out", *SMALL, "--bars", "monthly")
    page = (tmp_path / "out" / "sweep.html").read_text()
    assert "default-src 'none'" in page
    assert page.count("<script>") == 1
    for forbidden in ("<script src", 'http-equiv="refresh"', 'src="http', "url(http", "@import"):
        assert forbidden not in page
    for label in ("monthly bars: drawdowns between them are not seen", "SP500 is VFINX"):
        assert label in page
        assert label in result.output
    assert "<svg" in page


def test_names_are_escaped_on_the_page(tmp_path: Path) -> None:
    file = tmp_path / "odd.py"
    file.write_text(
        "from strategies.dca.base import DcaStrategy\n"
        "class Odd(DcaStrategy):\n"
        "    '''Odd.'''\n"
        "    name = '<b>odd</b>'\n"
        "    weights = {'SP500': 1.0}\n"
    )
    options = ("--from", "2001-01", "--to", "2005-12", "--years", "5", "--workers", "0")
    result = run(tmp_path / "out", "--own", f"{file}:Odd", *options)
    assert result.exit_code == 1 or result.exit_code == 0, result.output
    page = (tmp_path / "out" / "sweep.html").read_text()
    assert "<b>odd" not in page
    assert "&lt;b&gt;odd" in page


def test_same_sweep_same_bytes(tmp_path: Path) -> None:
    options = ("--bootstrap", "300", "--years", "2", "--strategy", "diversified")
    for name in ("one", "other"):
        assert run(tmp_path / name, *options).exit_code == 0
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "other" / path.name).read_bytes(), path.name


def test_a_check_beside_the_paths_is_the_check_after_them(monkeypatch: pytest.MonkeyPatch) -> None:
    layout = lay_out(Request(("diversified",), bootstrap=9, years=(2,)), SNAPSHOT)
    picks = check.picks(layout)
    with executors.check_of(layout, None, picks, executors.Where()) as run_again:
        here = run_again()
    monkeypatch.setattr(executors, "PATHS_WORTH_A_PROCESS", 1)
    monkeypatch.setattr(replayed, "figures", None)  # this process's own would fail
    with executors.check_of(layout, None, picks, executors.Where()) as run_again:
        assert run_again() == here
    assert len(here) == check.CHECKS
    assert here[0]["xirr"] is not None


def test_parquet_holds_what_csv_holds(tmp_path: Path) -> None:
    import pandas

    for form in ("csv", "parquet"):
        assert run(tmp_path / form, *SMALL, "--format", form).exit_code == 0
    one = pandas.read_csv(tmp_path / "csv" / "rows.csv")
    other = pandas.read_parquet(tmp_path / "parquet" / "rows.parquet")
    assert list(one.columns) == list(other.columns)
    assert one["start"].tolist() == other["start"].tolist()
    for name in KEPT:
        assert one[name].to_numpy(float) == pytest.approx(other[name].to_numpy(float), rel=1e-11)


def begun(tmp_path: Path) -> Sweep:
    layout = lay_out(Request(("cash",), bootstrap=30_000, years=(1,)), SNAPSHOT)
    return Sweep(layout, Store(tmp_path / "out", "csv"))


def opened(sweep: Sweep, resume: bool = True, **other: object) -> AbstractContextManager[set[int]]:
    return sweep.store.opened(sweep.layout, {**sweep.asked, **other}, resume)


def save(sweep: Sweep, *numbers: int) -> None:
    twin = Twin(sweep.layout)
    for number in numbers:
        sweep.store.save(twin.rows(sweep.layout.chunks[number]))


def test_stop_keeps_what_is_done(tmp_path: Path) -> None:
    sweep = begun(tmp_path)

    def interrupt(what: str, done: float = 0, of: float = 0) -> None:
        raise KeyboardInterrupt

    with pytest.raises(Stopped, match="1 of 3 parts are in") as stopped:
        sweep.run(False, interrupt, lambda _: {})
    assert stopped.value.exit_code == 130
    with opened(sweep) as done:
        assert done == {0}


def test_an_unfinished_sweep_is_not_overwritten_and_resumes_only_as_asked(tmp_path: Path) -> None:
    sweep = begun(tmp_path)
    with opened(sweep, resume=False) as done:
        assert done == set()
        save(sweep, 1)
    with pytest.raises(BadFolder, match="add --resume"), opened(sweep, resume=False):
        pass
    with opened(sweep) as done:
        assert done == {1}
    refused = pytest.raises(BadFolder, match="begun with something else \\(request seed\\)")
    with refused, opened(sweep, request={**sweep.asked["request"], "seed": 2}):
        pass


def flip(raw: bytes) -> bytes:
    return raw[:500] + bytes([raw[500] ^ 1]) + raw[501:]


@pytest.mark.parametrize(
    "damage",
    [flip, lambda raw: raw[:-1], lambda raw: raw + b"x", lambda raw: b"", lambda raw: raw[:20]],
)
def test_a_damaged_part_is_computed_again(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    sweep = begun(tmp_path)
    with opened(sweep):
        save(sweep, 0, 1)
    part = tmp_path / "out" / "parts" / "000001.part"
    part.write_bytes(damage(part.read_bytes()))
    with opened(sweep) as done:
        assert done == {0}


def test_a_part_of_another_chunk_or_sweep_counts_for_nothing(tmp_path: Path) -> None:
    sweep = begun(tmp_path)
    with opened(sweep):
        save(sweep, 0)
    parts = tmp_path / "out" / "parts"
    (parts / "000001.part").write_bytes((parts / "000000.part").read_bytes())
    with opened(sweep) as done:
        assert done == {0}
    (parts / "sweep.json").write_text("damaged")
    with opened(sweep, version="another") as done:
        assert done == set()


@pytest.mark.parametrize("left", [(), ("sweep.json",), (".dca-1-dead",), ("sweep.json", ".dca-1")])
@pytest.mark.parametrize("resume", [True, False])
def test_a_folder_stopped_at_its_beginning_can_be_begun_or_resumed(
    tmp_path: Path, left: tuple[str, ...], resume: bool
) -> None:
    (tmp_path / "out" / "parts").mkdir(parents=True)
    for name in left:
        (tmp_path / "out" / "parts" / name).write_text("half")
    with opened(begun(tmp_path), resume) as done:
        assert done == set()
    assert [p.name for p in (tmp_path / "out" / "parts").iterdir()] == ["sweep.json"]


JUNK = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [b"[]", b"{}", b"null", b'{"request": 5}', b"[" * 9_999, b"1" * 5_000, b"\xff"]
    ),
)
NAMES = ("sweep.json", "summary.json", "rows.csv", "parts/sweep.json", "parts/000000.part")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(st.sampled_from((*NAMES, "parts/000009.part")), JUNK), st.booleans())
def test_whatever_a_folder_holds_it_is_resumed_or_refused(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes], resume: bool
) -> None:
    folder = tmp_path_factory.mktemp("junk")
    sweep = begun(folder)
    (folder / "out" / "parts").mkdir(parents=True)
    for name, content in files.items():
        (folder / "out" / name).write_bytes(content)
    try:
        with opened(sweep, resume) as done:
            assert done == set()
    except BadFolder as error:
        assert "unfinished" in str(error) or "something else" in str(error)  # noqa: PT017
        for name, content in files.items():
            assert (folder / "out" / name).read_bytes() == content


def test_two_sweeps_do_not_share_a_folder(tmp_path: Path) -> None:
    with holding(tmp_path / "out"):
        assert "another run is writing" in str(run(tmp_path / "out", *SMALL).exception)
    assert run(tmp_path / "out", *SMALL).exit_code == 0
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    "make", [lambda p: p.write_text("x"), lambda p: (p.mkdir(), (p / "a").touch())]
)
def test_foreign_folders_are_left_alone(tmp_path: Path, make: Callable[[Path], object]) -> None:
    make(tmp_path / "out")
    with pytest.raises(BadFolder, match="name another"), opened(begun(tmp_path)):
        pass


def test_a_finished_sweep_is_replaced_by_the_next(tmp_path: Path) -> None:
    assert run(tmp_path / "out", *SMALL).exit_code == 0
    assert "complete already" in run(tmp_path / "out", *SMALL, "--resume").output
    assert run(tmp_path / "out", *SMALL, "--monthly", "50").exit_code == 0
    assert {row["monthly"] for row in rows_of(tmp_path / "out")} == {"50"}


def test_an_interrupted_next_sweep_leaves_the_finished_one_whole(tmp_path: Path) -> None:
    assert run(tmp_path / "out", *SMALL).exit_code == 0
    held = {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()}
    sweep = begun(tmp_path)
    with opened(sweep, resume=False):
        save(sweep, 0)
    for name, content in held.items():
        assert (tmp_path / "out" / name).read_bytes() == content


def test_blanks_are_empty_cells_not_nan(tmp_path: Path) -> None:
    layout = lay_out(Request(("cash",), bootstrap=2, years=(1,)), SNAPSHOT)
    sweep = Sweep(layout, Store(tmp_path / "out", "csv"))
    figures = {name: np.array([np.nan, -0.0]) for name in KEPT}
    with opened(sweep):
        sweep.store.save(Rows(layout.chunks[0], ["0", "1"], ["", ""], figures))
        block = next(sweep.store.blocks(layout.chunks, ["xirr"]))
        with sweep.store.finishing():
            pass
    assert np.isnan(block[0, 0])
    lines = (tmp_path / "out" / "rows.csv").read_text().splitlines()
    assert lines[1] == "cash,1,1000,none,0,0" + "," * len(KEPT)
    assert lines[2].endswith(",0" * len(KEPT))


def test_a_column_that_most_rows_lack_is_not_summed_up(tmp_path: Path) -> None:
    """Most one-year windows are days short of a year: the few yearly rates say little of all."""
    options = ("--strategy", "index-fund", "--years", "1", "--from", "2001-01", "--to", "2005-12")
    printed = run(tmp_path / "out", *options).output
    shown = {line[:34].strip(): line[34:].split() for line in printed.splitlines()}
    assert shown["XIRR, a year"] == ["-"] * 5
    assert "%" in shown["Return on the money, whole period"]
    assert "have no XIRR" in printed
