"""Eras laid on one another from start or high, and the newest one among all start months."""

import json
from datetime import date

import numpy as np
import pytest

from backtests.asking import replay
from backtests.comparison import Comparison
from backtests.plan import Plan
from backtests.report.aligned import share_said, standing_sentences
from backtests.report.charts.ages import overlay
from backtests.report.charts.draw import draw
from backtests.standings import Standing, standings
from data import snapshot
from tests.conftest import make_table, month_ends

ERAS = ("great-depression", "stagflation", "dotcom", "dotcom-peak", "gfc", "ai-run")


@pytest.fixture(scope="module")
def peaks() -> Comparison:
    return replay(Plan(eras=ERAS, align="peak"))


def standing(compared: Comparison, strategy: str) -> Standing:
    return next(found for found in standings(compared) if found.strategy == strategy)


def test_the_ai_run_among_all_start_months_by_a_naive_loop(peaks: Comparison):
    past = peaks.past
    assert past is not None
    days = [str(day) for day in past.dates]
    prices = past.column("SP500").tolist()
    begin, months = days.index("2022-10-31"), 46
    grown, fallen = [], []
    for start in range(len(prices) - months):
        window = prices[start : start + months + 1]
        high = low = 1.0
        for price in window:
            high = max(high, price / window[0])
            low = min(low, price / window[0] / high)
        grown.append(window[-1] / window[0] - 1)
        fallen.append(low - 1)
    found = standing(peaks, "index-fund")
    assert (found.start, found.end, found.months) == (date(2022, 10, 31), date(2026, 8, 31), 46)
    assert found.growth == pytest.approx(grown[begin], rel=1e-12)
    assert found.depth == pytest.approx(fallen[begin], rel=1e-12)
    others = [at for at in range(len(grown)) if at != begin]
    assert found.windows == len(others) == 1157
    assert found.first == date(1926, 6, 30)
    less = sum(grown[at] < grown[begin] for at in others) / len(others)
    deeper = sum(fallen[at] < fallen[begin] for at in others) / len(others)
    assert found.grew_less == pytest.approx(less, abs=1e-12)
    assert found.fell_deeper == pytest.approx(deeper, abs=1e-12)
    assert "CRSP" in found.notes[0]
    assert set(found.eras) == set(ERAS)
    daily = snapshot.load("daily").select(["SP500"])
    days, closes = daily.dates, daily.column("SP500")
    # 46 months of mean length are 1,400 days: from 1996-06-03 to 2000-04-03.
    one, other = (closes[days == np.datetime64(day)][0] for day in ("1996-06-03", "2000-04-03"))
    assert found.eras["dotcom"] == pytest.approx(other / one - 1)


def test_a_mix_is_held_to_the_months_it_could_be_held(peaks: Comparison):
    found = standing(peaks, "diversified")
    assert found.first == date(1996, 5, 31)
    assert found.windows == 318


def test_a_standing_by_hand():
    """Six months that double once: the era of the last two months beside three others."""
    ends = [str(day) for day in month_ends("2020-01", 6)]
    table = make_table(ends, {"A": [10, 20, 10, 10, 15, 15]}, "monthly")
    own = {"mine": {"weights": {"A": 1.0}}}
    eras = {"then": {"start": date(2020, 1, 31), "end": date(2020, 3, 31)}}
    eras |= {"now": {"start": date(2020, 4, 30), "end": date(2020, 6, 30)}}
    plan = Plan.model_validate(
        {"strategy": own, "era": eras, "eras": ("then", "now"), "strategies": ("mine",),
         "align": "start"}
    )  # fmt: skip
    (found,) = standings(replay(plan, prices=table))
    # Windows of two months: 10-20-10, 20-10-10, 10-10-15 and, the era's own, 10-15-15.
    assert (found.months, found.windows) == (2, 3)
    assert found.growth == pytest.approx(0.5)
    assert found.depth == 0
    assert found.grew_less == pytest.approx(2 / 3)
    assert found.fell_deeper == pytest.approx(2 / 3)


def test_at_the_peak_every_line_is_a_dollar_at_its_own_high(peaks: Comparison):
    laid = overlay(peaks)
    assert laid is not None
    assert laid.at_peak
    assert laid.older == (
        "The Great Depression", "Stagflation", "Dot-com", "Global financial crisis",
    )  # fmt: skip
    group = laid.groups[0]
    for line in group.lines:
        at = int(np.argmin(np.abs(line.months)))
        assert line.unit[at] == pytest.approx(1.0)
    highs = {line.name: f"{line.zero:%Y-%m}" for line in group.others}
    assert highs == {
        "The Great Depression": "1929-08",
        "Stagflation": "1972-12",
        "Dot-com": "2000-08",
        "Global financial crisis": "2007-10",
    }
    assert group.now.unit.max() == pytest.approx(1.0)
    depth = min(line.unit.min() for line in group.others if line.name == "The Great Depression")
    assert depth == pytest.approx(1 - 0.8371, abs=5e-4)


def test_from_the_start_every_era_is_laid_and_without_it_the_first_alone():
    plan = Plan(eras=("gfc", "dotcom", "dotcom-peak", "ai-run"), strategies=("index-fund",))
    alone = overlay(replay(plan))
    every = overlay(replay(plan.model_copy(update={"align": "start"})))
    assert alone is not None
    assert every is not None
    assert alone.older == ("Global financial crisis",)
    assert every.older == (
        "Global financial crisis", "Dot-com: run-up, bust and recovery",
        "Dot-com: begun at the top",
    )  # fmt: skip
    assert [line.unit[0] for line in every.groups[0].lines] == pytest.approx([1.0] * 4)


def test_the_picture_and_the_sentences_say_what_stands_beside(peaks: Comparison):
    picture = next(p for p in draw(peaks) if p.name == "overlay")
    assert picture.title == "AI run and earlier eras, by months before and after the high of each"
    for words in ("which nobody knows to be a top", "of 1,157 begun since 1926-06", "CRSP"):
        assert words in picture.caption
    assert "\N{MINUS SIGN}60" in picture.wide_svg
    head, first, *_ = standing_sentences(peaks)
    assert first.endswith("4 of 5 other eras had grown less as long after the start.")
    assert "46 months by month ends, 2022-10-31 to 2026-08-31" in head


def test_results_json_has_standings_only_where_they_are_asked_for(dca):
    words = ("compare", "--era", "dotcom", "--era", "ai-run", "--strategy", "index-fund", "--json")
    plain = json.loads(dca(*words)[1])
    assert "standings" not in plain
    assert "align" not in plain["plan"]
    code, out, _ = dca(*words, "--align", "peak")
    found = json.loads(out)
    assert code == 0
    assert found["plan"]["align"] == "peak"
    assert found["standings"][0]["windows"] == 1157
    assert found["runs"] == plain["runs"]
    assert dca(*words, "--align", "end")[0] == 2


def test_without_a_longer_past_nothing_is_said():
    table = snapshot.load("daily").select(["SP500"])
    cut = table.until(date(1997, 1, 31))
    plan = Plan(
        eras=("w",), strategies=("index-fund",), align="start",
        era={"w": {"start": date(1996, 6, 3)}},
    )  # fmt: skip
    assert standings(replay(plan, prices=cut)) == ()


def test_a_month_that_is_still_going_on_counts_as_none():
    days = np.arange(np.datetime64("2020-01-01"), np.datetime64("2021-03-11"))
    days = days[np.is_busday(days)]
    table = make_table([str(day) for day in days], {"A": [10.0 + n for n in range(len(days))]})
    plan = Plan.model_validate(
        {"strategy": {"mine": {"weights": {"A": 1.0}}}, "eras": ("then", "now"),
         "era": {"then": {"start": date(2020, 1, 1), "end": date(2020, 6, 30)},
                 "now": {"start": date(2020, 12, 1)}},
         "strategies": ("mine",), "align": "start"}
    )  # fmt: skip
    (found,) = standings(replay(plan, prices=table))
    assert (found.start, found.end) == (date(2020, 11, 30), date(2021, 2, 26))
    assert found.months == 3
    assert found.last == date(2020, 11, 30)


def test_a_bust_elsewhere_is_laid_on_the_ai_run_from_a_file_of_ones_own(dca, tmp_path):
    """A yen index of one's own: up by a tenth a month for 40 months, then down to a fifth."""
    levels = [100 * 1.1**n for n in range(40)]
    levels += [levels[-1] * 0.2 ** (n / 60) for n in range(1, 61)]
    ends = month_ends("1986-09", len(levels))
    lines = [f"{day},{level!r}" for day, level in zip(ends, levels, strict=True)]
    (tmp_path / "japan.csv").write_text("\n".join(["date,NIKKEI", *lines, ""]))
    (tmp_path / "plan.toml").write_text(
        f"data = ['{tmp_path / 'japan.csv'}', 'snapshot']\n"
        "eras = ['yen', 'dotcom', 'ai-run']\nstrategies = ['nasdaq']\nalign = 'peak'\n"
        "[era.yen]\ntitle = 'Japan'\nstart = 1986-09-30\nend = 1994-12-31\n"
        "baskets = {nasdaq = ['NIKKEI']}\n[symbol.NIKKEI]\nended = 1994-12-31\n"
    )
    code, out, err = dca("compare", "--plan", str(tmp_path / "plan.toml"), "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    fall = found["runs"][0]["drawdowns"][0]
    assert (fall["peak"], round(fall["depth"], 6)) == ("1989-12-31", -0.8)
    assert [run["era"] for run in found["runs"]] == ["yen", "dotcom", "ai-run"]
    assert found["standings"][0]["strategy"] == "nasdaq"
    code, out, _ = dca(
        "compare", "--plan", str(tmp_path / "plan.toml"), "--out", str(tmp_path / "r")
    )
    page = (tmp_path / "r" / "report.html").read_text()
    assert code == 0
    assert "AI run and earlier eras, by months before and after the high of each" in page


def test_an_eras_own_index_is_laid_on_the_index_fund():
    ends = month_ends("1984-12", 502)
    boom = [100 * 1.02**n for n in range(61)]
    bust = [boom[-1] * 0.999**n for n in range(1, 442)]
    table = make_table(
        [str(day) for day in ends],
        {"^N225": boom + bust, "SP500": [10 * 1.01**n for n in range(502)]},
        "monthly",
    )
    compared = replay(Plan(eras=("japan", "ai-run"), align="peak"), prices=table)
    laid = overlay(compared)
    assert laid is not None
    (group,) = laid.groups
    (line,) = group.others
    assert (group.now.result.strategy, line.result.strategy) == ("index-fund", "nikkei")
    assert (line.name, str(line.zero)) == ("Japan", "1989-12-31")
    assert line.unit[-1] == pytest.approx(0.999**441)
    picture = next(p for p in draw(compared) if p.name == "overlay")
    assert "Japan: Nikkei 225" in picture.caption


@pytest.mark.parametrize(
    ("part", "said"),
    [(1.0, "all"), (283 / 284, "99.6 %"), (0.99996, "99.9 %"), (0.913, "91 %"), (0.0, "0 %")],
)
def test_only_all_windows_are_all(part, said):
    assert share_said(part).replace("\N{NO-BREAK SPACE}", " ") == said
