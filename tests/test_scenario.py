"""A scenario: history to its last bar, then an earlier bust; held to a program of its own here."""

import json
import re
from datetime import date

import numpy as np
import pytest

from backtests import scenario
from backtests.measures.aftermath import Aftermath
from backtests.measures.course import Course
from backtests.plan import Plan
from backtests.scenarios.path import lay
from backtests.scenarios.play import play
from backtests.scenarios.sources import Scenario
from data import snapshot
from data.errors import BadPlan, NoPrices, UnknownName
from tests.conftest import make_table, weekdays
from tests.helpers import TABLES

LEADERS = ("MSFT", "CSCO", "INTC", "ORCL", "QCOM", "DELL", "YHOO")
SEVEN = ("NVDA", "MSFT", "AAPL", "GOOGL", "AMZN", "META", "TSLA")
HOLDS = {
    "index-fund": {"SP500": 1.0},
    "diversified": {"SP500": 0.40, "BOND": 0.30, "GOLD": 0.15, "REIT": 0.15},
    "ai-picks": dict.fromkeys(SEVEN, 1 / 7),
    "nasdaq": {"QQQ": 1.0},
}
FOLLOWS = {"QQQ": ("IXIC",), **dict.fromkeys(SEVEN, LEADERS)}


def test_the_figures_that_another_program_gives():
    """Printed digits of a computation that shares no code with this one."""
    runs = {r.strategy: r for r in scenario().results}
    index, nasdaq = runs["index-fund"], runs["nasdaq"]
    assert [r.era.name for r in runs.values()] == ["ai-run-then-dotcom"] * 4
    found = index.scenario
    assert (found.history_end, found.contributed) == (date(2026, 9, 17), 47_000)
    assert round(found.value, 2) == 68_918.11
    assert round(found.worst_shortfall, 6) == -0.225795
    assert found.worst_shortfall_date == date(2029, 4, 18)
    assert found.above_money_for_good == date(2030, 2, 18)
    assert found.cushion == pytest.approx(1 - 47_000 / found.value)
    assert round(index.measures["final_value"], 2) == 207_539.17
    assert index.measures["contributed"] == 141_000
    assert round(index.measures["max_drawdown"], 5) == -0.47519
    assert round(nasdaq.scenario.worst_shortfall, 6) == -0.572093
    assert nasdaq.scenario.above_money_for_good == date(2033, 4, 13)
    assert round(nasdaq.measures["final_value"], 2) == 162_600.08
    assert nasdaq.scenario.high_again is None
    assert runs["diversified"].scenario.worst_shortfall == 0
    assert runs["diversified"].scenario.worst_shortfall_date is None


def test_half_as_deep_as_another_program_gives_it():
    (index,) = scenario(strategies=("index-fund",), depth=0.5).results
    assert round(index.scenario.worst_shortfall, 6) == -0.007215
    assert round(index.measures["final_value"], 2) == 198_464.56


def naive(strategy: str, peak: str, depth: float) -> dict[str, float]:
    """Replay day by day in plain Python, a dictionary of closes a symbol."""
    table = snapshot.load("daily")
    rows = {
        s: {d.item(): c for d, c in zip(table.dates, table.column(s), strict=True) if c == c}
        for s in table.symbols
    }
    top, end = date.fromisoformat(peak), date(2007, 12, 31)
    last = date(2026, 9, 17)
    moved = date.fromordinal(top.toordinal())
    while moved < last:
        moved = date.fromordinal(moved.toordinal() + 7)
    closes = {}
    for symbol in HOLDS[strategy]:
        path = {d: c for d, c in rows[symbol].items() if date(2022, 11, 1) <= d <= last}
        stand = FOLLOWS.get(symbol, (symbol,))
        for day in sorted(d for d in rows[stand[0]] if top < d <= end):
            ratio = sum(rows[m][day] / rows[m][top] for m in stand) / len(stand)
            ratio = ratio**depth if ratio < 1 else ratio
            path[date.fromordinal(day.toordinal() + (moved - top).days)] = path[last] * ratio
        closes[symbol] = path
    shares, paid, month, year = dict.fromkeys(closes, 0.0), 0.0, None, None
    worst = 0.0
    for day in sorted(set.union(*(set(path) for path in closes.values()))):
        price = {s: path[day] for s, path in closes.items()}
        if (day.year, day.month) != month:
            money, paid = 1000.0, paid + 1000.0
            if strategy == "diversified" and year not in (None, day.year):
                money += sum(shares[s] * price[s] for s in shares)
                shares = dict.fromkeys(shares, 0.0)
            for symbol, weight in HOLDS[strategy].items():
                shares[symbol] += money * weight / price[symbol]
            month, year = (day.year, day.month), day.year
        value = sum(shares[s] * price[s] for s in shares)
        if day > last:
            worst = min(worst, value / paid - 1)
    return {"final_value": value, "contributed": paid, "worst": worst}


@pytest.mark.parametrize(
    ("peak", "depth"), [("2000-03-10", 1.0), ("2000-09-01", 0.7), ("2000-03-24", 1.5)]
)
def test_every_strategy_at_other_peaks_and_depths(peak, depth):
    for run in scenario(peak=date.fromisoformat(peak), depth=depth).results:
        wanted = naive(run.strategy, peak, depth)
        came = {k: run.measures[k] for k in ("final_value", "contributed")}
        came["worst"] = run.scenario.worst_shortfall
        assert came == pytest.approx(wanted, rel=1e-9), run.strategy


PEAK_WEEK = ["2000-03-10", "2000-03-13", "2000-03-14"]


def small(depth: float = 1.0, **paths):
    """Lay two days of 2000 behind a history that ends on a Wednesday."""
    now = ["2020-01-06", "2020-01-07", "2020-01-08"]
    none = [float("nan")] * 3
    then = {"LEAD": [50, 60, 25], "FAST": [10, 5, 40]} | paths
    prices = {s: [*p, *none] for s, p in then.items()} | {"OWN": [*none, 100, 100, 200]}
    table = make_table([*PEAK_WEEK, *now], prices)
    follows = Scenario(depth=depth, counterparts={"OWN": "LEAD"})
    return table, follows


def test_the_peak_is_laid_on_the_last_bar_moved_on_to_its_weekday(monkeypatch):
    """Friday goes to Friday 2020-01-10, so Monday is the 13th; prices by hand."""
    table, follows = small()
    monkeypatch.setattr(Scenario, "bust", _bust("2000-03-14"))
    laid = lay(table, ["OWN"], None, follows).table
    assert [str(d) for d in laid.dates[-3:]] == ["2020-01-08", "2020-01-13", "2020-01-14"]
    assert laid.column("OWN").tolist() == [100, 100, 200, 240, 100]
    assert laid.assumed.since == date(2020, 1, 8)
    assert laid.cpi is None


def _bust(end: str):
    from backtests.scenarios.sources import Bust

    return Bust("dotcom", "a bust", date(2000, 3, 10), date.fromisoformat(end))


def test_depth_takes_what_fell_and_leaves_what_rose(monkeypatch):
    """LEAD rises to 1.2 and falls to 0.5; half as deep is the root of 0.5."""
    table, follows = small(0.5)
    monkeypatch.setattr(Scenario, "bust", _bust("2000-03-14"))
    laid = lay(table, ["OWN"], None, follows).table
    assert laid.column("OWN")[-2:].tolist() == pytest.approx([240, 200 * 0.5**0.5])


def test_payments_stop_after_so_many_months_of_the_scenario():
    (index,) = scenario(strategies=("index-fund",), stop_after=6).results
    paid = index.course.dates[index.course.flow > 0]
    assert [str(d) for d in paid[-7:]] == [
        "2026-09-01", "2026-10-01", "2026-11-02", "2026-12-01", "2027-01-01", "2027-02-01",
        "2027-03-01",
    ]  # fmt: skip
    (none,) = scenario(strategies=("index-fund",), stop_after=0).results
    assert none.measures["contributed"] == none.scenario.contributed == 47_000


def test_month_ends_stay_month_ends():
    c = play(Plan(strategies=("index-fund", "ai-picks")), Scenario("gfc"), TABLES)
    (chapter,) = c.chapters
    assert chapter.bars == "monthly"
    index = chapter.results[0].course
    after = index.dates[index.dates > np.datetime64("2026-09-30")]
    assert [str(d) for d in after[:3]] == ["2026-10-31", "2026-11-30", "2026-12-31"]
    assert (index.flow == 1000).all()
    table = snapshot.load("monthly")
    price = dict(zip(table.dates.astype(str), table.column("SP500"), strict=True))
    grown = price["2013-03-31"] / price["2007-10-31"]
    assert c.tables["monthly"].column("SP500")[-1] == pytest.approx(price["2026-09-30"] * grown)


@pytest.mark.parametrize(
    ("like", "peak", "end"),
    [("1929", "1929-08-31", "1945-12-31"), ("1973", "1972-12-31", "1982-12-31")],
)
def test_busts_of_the_century_by_months(like, peak, end):
    """The whole market stands in for the index fund; by hand, a payment a month."""
    index, cash = scenario(like=like, strategies=("index-fund", "cash")).results
    table = snapshot.century()
    price = dict(zip(table.dates.astype(str), table.column("SP500"), strict=True))
    history = [d for d in sorted(price) if "2022-11" <= d <= "2026-09-30"]
    path = [price[d] / price[peak] for d in sorted(price) if peak < d <= end]
    units = sum(1000 / price[d] for d in history) + sum(1000 / r for r in path) / price[history[-1]]
    worth = units * price[history[-1]] * path[-1]
    assert index.measures["final_value"] == pytest.approx(worth, rel=1e-9)
    assert index.measures["contributed"] == 1000 * (len(history) + len(path))
    assert any("US stocks, CRSP" in str(note) for note in index.notes)
    assert cash.scenario.worst_shortfall > -0.001
    left = scenario(like=like).replayed.chapters[0].left_out
    assert [text.split()[0] for text in left] == ["diversified", "ai-picks", "nasdaq"]


def test_on_prices_of_yahoo(fake, dca, tmp_path, monkeypatch):
    """What the holdings follow is fetched with them."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    code, out, said = dca("scenario", "--data", "yahoo", "--strategy", "nasdaq", "--json")
    assert (code, said) == (0, "")
    content = json.loads(out)
    assert content["runs"][0]["scenario"]["history_end"] == "2026-09-17"
    assert content["data"]["source"] == "yahoo"
    assert content["data"]["symbols"]["QQQ"]["parts"][-1][0] == "scenario: IXIC after 2000-03-10"


def test_ledger_and_plot_tell_what_is_assumed():
    (index,) = scenario(strategies=("index-fund",)).results
    assumed = index.frame()["scenario"]
    assert assumed[:"2026-09-17"].sum() == 0
    assert (assumed["2026-09-18":] == 1).all()
    from matplotlib.figure import Figure

    ax = index.plot("drawdown", Figure().add_subplot())
    assert "Scenario: assumed, no forecast" in [t.get_text() for t in ax.get_legend().get_texts()]


def test_what_has_no_counterpart_is_refused_with_the_option_that_settles_it(dca):
    code, _, said = dca("scenario", "--weights", "AVGO=1", "--bars", "monthly", "--json")
    assert code == 2
    assert "AVGO has no counterpart in the dot-com bust; name one with --counterpart AVGO=" in said
    words = ("--counterpart", "AVGO=CSCO", "--bars", "monthly", "--json")
    code, out, said = dca("scenario", "--weights", "AVGO=1", *words)
    assert (code, said) == (0, "")
    assert json.loads(out)["plan"]["scenario"]["counterparts"]["AVGO"] == "CSCO"
    twice = ("--counterpart", "NVDA=CSCO", "--counterpart", "NVDA=INTC")
    code, _, said = dca("scenario", *twice)
    assert (code, said) == (2, "dca: NVDA has two counterparts; name one\n")


def test_a_plan_names_counterparts_and_its_eras_are_left_aside(dca, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.toml").write_text(
        'eras = ["dotcom"]\nstrategies = ["mine"]\n[strategy.mine]\nweights = {NVDA = 1.0}\n'
        '[symbol.NVDA]\ncounterpart = "CSCO"\n'
    )
    code, _, said = dca("scenario", "--plan", "p.toml")
    assert (code, said) == (0, "")
    (run,) = json.loads((tmp_path / "reports/p-scenario/results.json").read_text())["runs"]
    table = snapshot.load("daily")
    cisco, at = table.column("CSCO"), np.searchsorted(table.dates, np.datetime64("2000-03-10"))
    fall = cisco[table.dates == np.datetime64("2007-12-31")][0] / cisco[at]
    twr = (
        table.column("NVDA")[-1]
        / table.column("NVDA")[table.dates >= np.datetime64("2022-11-01")][0]
    )
    assert run["metrics"]["twr"] == pytest.approx(twr * fall - 1, rel=1e-9)


def test_a_file_of_ones_own_says_what_it_lacks_and_keeps_its_days(dca, tmp_path):
    """Two funds by the day: the default strategies that it cannot hold are left out, with why."""
    table = snapshot.load("daily")
    lines = ["date,WORLD,SP500"]
    for day, close in zip(table.dates, table.column("SP500"), strict=True):
        lines.append(f"{day},{2 * close if day >= np.datetime64('2015-01-01') else ''},{close}")
    (tmp_path / "mine.csv").write_text("\n".join(lines))
    source = ("--data", str(tmp_path / "mine.csv"))
    code, _, said = dca("scenario", *source, "--weights", "WORLD=1", "--json")
    assert code == 2
    assert "WORLD has no counterpart" in said
    code, _, said = dca("scenario", *source, "--strategy", "nasdaq", "--json")
    assert code == 2
    assert "unknown symbol 'QQQ'" in said
    code, out, _ = dca("scenario", *source, "--json")
    content = json.loads(out)
    assert [run["strategy"] for run in content["runs"]] == ["index-fund"]
    assert content["data"]["bars"] == "daily"
    assert len(content["left_out"]) == 3
    words = ("--weights", "WORLD=1", "--counterpart", "world=SP500")
    code, out, _ = dca("scenario", *source, *words, "--json")
    (run,) = json.loads(out)["runs"]
    assert round(run["metrics"]["final_value"], 2) == 207_539.17


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({"like": "1987"}, "unknown bust '1987'"),
        ({"depth": 0.0}, "depth is 0; give more than 0 and at most 2"),
        ({"depth": 2.1}, "depth is 2.1; give more than 0 and at most 2"),
        ({"depth": float("nan")}, "depth is nan"),
        ({"peak": date(2008, 1, 1)}, "the peak 2008-01-01 is not before 2007-12-31"),
        ({"stop_after": -1}, "stop_after is -1 months"),
        ({"peak": date(1900, 1, 1), "strategies": ("index-fund",)}, "prices before"),
        ({"counterparts": {"QQQ": "../x"}}, "counterpart '../x' is no symbol"),
        ({"counterparts": {"QQQ": "NOPE"}, "strategies": ("nasdaq",)}, "unknown symbol 'NOPE'"),
        ({"like": "gfc", "bars": "daily", "strategies": ("nasdaq",)}, "prices end on 2007-12-31"),
        ({"like": "1929", "strategies": ("nasdaq",)}, "choose another --counterpart for QQQ"),
        ({"counterparts": {"NVDIA": "CSCO"}}, "unknown holding 'NVDIA'; did you mean 'NVDA'?"),
    ],
)
def test_bad_questions_are_refused(asked, wanted):
    with pytest.raises((BadPlan, NoPrices, UnknownName)) as refused:
        scenario(**asked)
    assert wanted in str(refused.value)


def test_what_the_defaults_alone_name_is_left_out_with_the_reason():
    compared = scenario(counterparts={"QQQ": "NOPE"})
    assert [r.strategy for r in compared.results] == ["index-fund", "diversified", "ai-picks"]
    (said,) = compared.replayed.chapters[0].left_out
    assert said.startswith("nasdaq left out: unknown symbol 'NOPE'")


def _course(values: list[float]) -> Course:
    dates = weekdays("2020-01-01", len(values))
    value, flow = np.array(values, dtype=float), np.zeros(len(values))
    flow[0] = 100
    return Course(dates, value, flow, np.zeros(len(values)), value - flow, "daily")


@pytest.mark.parametrize(
    ("values", "worst", "above", "again"),
    [
        # History ends on the third bar, a Friday; 2020-01-06 is the Monday after it.
        ([100, 120, 125, 110, 90, 101, 130], (-0.1, "2020-01-07"), "2020-01-08", "2020-01-09"),
        ([100, 120, 125, 90, 110, 80, 99], (-0.2, "2020-01-08"), None, None),
        ([100, 90, 125, 110, 124, 125, 110], (0, None), "2020-01-03", "2020-01-08"),
        ([100, 90, 125, 126, 127, 128, 129], (0, None), "2020-01-03", "2020-01-03"),
    ],
)
def test_what_came_after_history_by_hand(values, worst, above, again):
    found = Aftermath.of(_course(values), date(2020, 1, 3))
    day = None if worst[1] is None else date.fromisoformat(worst[1])
    assert (found.value, found.contributed, found.cushion) == (125, 100, pytest.approx(0.2))
    assert (found.worst_shortfall, found.worst_shortfall_date) == (pytest.approx(worst[0]), day)
    assert (str(found.above_money_for_good), str(found.high_again)) == (str(above), str(again))


def test_json_holds_the_scenario_of_each_run(dca):
    code, out, said = dca("scenario", "--json", "--strategy", "index-fund")
    assert (code, said) == (0, "")
    content = json.loads(out)
    assert content["runs"][0]["scenario"] == {
        "above_money_for_good": "2030-02-18",
        "contributed": 47000.0,
        "cushion": pytest.approx(0.318031200347),
        "high_again": "2033-05-05",
        "history_end": "2026-09-17",
        "value": pytest.approx(68918.1088986),
        "worst_shortfall": pytest.approx(-0.225795257633),
        "worst_shortfall_date": "2029-04-18",
    }
    assert content["plan"]["scenario"] | {"counterparts": 0} == {
        "like": "dotcom", "peak": "2000-03-10", "history_end": "2026-09-17", "end": "2034-07-10",
        "depth": 1.0, "stop_after": None, "counterparts": 0,
    }  # fmt: skip
    symbol = content["data"]["symbols"]["SP500"]
    assert symbol["parts"][-1] == ["scenario: SP500 after 2000-03-10", "2026-09-17", "2034-07-10"]


def test_a_stranger_can_tell_what_is_assumed_from_the_report_alone(dca, tmp_path):
    code, out, said = dca("scenario", "--out", str(tmp_path / "r"))
    assert (code, said) == (0, "")
    line = "history ends on 2026-09-17; all after it, to 2034-07-10, is a scenario and no forecast"
    assert line in out
    assert "2026-09-17, history " in out
    assert "2034-07-10, scenario " in out
    page = (tmp_path / "r" / "report.html").read_text()
    told = re.search("<h1>(.*?)</h1>", page)
    assert told
    assert told[1].startswith("In a scenario like the dot-com bust, the index saver was ")
    assert len(told[1].split(" ")) <= 25
    assert "<title>Scenario: index saver from November 2022: " in page
    assert "what follows is a scenario and never happened" in page
    assert "What is shown happened once" not in page
    # In both sizes: the value, the three drawdowns and the holdings; and a phase of each strategy.
    assert page.count(">history<") == 2 * 5
    assert page.count(">scenario<") == 2 * 5 + 4
    assert page.count("scenario, no forecast") >= 4
    pictures = {p.name for p in (tmp_path / "r" / "figures").iterdir()}
    assert pictures == {"value.png", "underwater.png", "drawdowns.png", "weights.png"}


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({"like": 1929}, "like is 1929; give a name"),
        ({"peak": "2000-03-10"}, "peak is '2000-03-10'; give a date"),
        ({"depth": "0.5"}, "depth is '0.5'; give a number"),
        ({"counterparts": "NVDA=CSCO"}, "counterparts is 'NVDA=CSCO'; give a mapping"),
        ({"stop_after": 1.5}, "stop_after is 1.5; give a whole number"),
    ],
)
def test_what_python_says_wrongly_is_told(said, wanted):
    with pytest.raises(BadPlan, match=re.escape(wanted)):
        scenario(**said)
