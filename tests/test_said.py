"""Titles, notes and refusals are shown in Chinese; what is kept is the same in every language."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path

import pytest

from backtests.comparison import Comparison, LeftOut, compare
from backtests.eras import ERAS, HINDSIGHT
from backtests.lookahead import Difference
from backtests.measures.catalogue import BEYOND, CATALOGUE, NOT_BACK
from backtests.plan import Plan, make_plan
from backtests.report.files import results_json
from backtests.result import Result
from backtests.scenarios.play import play
from backtests.scenarios.satellite import Question
from backtests.scenarios.sources import BUSTS, Scenario
from backtests.sweeps.check import Check, labels
from backtests.sweeps.layout import lay_out
from backtests.sweeps.request import Request
from backtests.sweeps.run import Sweep
from backtests.sweeps.store import Store
from data.errors import DcaError
from data.language import shown, speaking
from strategies.dca import discovery
from strategies.dca.terms import Quit, Rebalance, Schedule
from tests.helpers import TABLES, english_left


def titles() -> Iterator[str]:
    """Yield what is said of everything that has a title."""
    for measure in CATALOGUE:
        yield from (measure.title, measure.term, measure.meaning, measure.reason)
    for era in ERAS.values():
        yield from (era.title, era.short, era.opening)
        yield from (phase.name for phase in era.phases)
        yield from (basket.label for basket in era.baskets.values())
    for name in discovery.names():
        yield from (discovery.strategy(name).title, discovery.strategy(name).said())
    yield from (bust.title for bust in BUSTS.values())
    yield from (NOT_BACK, BEYOND, HINDSIGHT)


def untranslated(texts: Iterator[str]) -> list[str]:
    """Return what has no Chinese in it, or words of English."""
    found = [shown(text) for text in texts if text]
    return [t for t in found if english_left(t) or not re.search(r"[\u3400-\u9fff]", t)]


def notes_of(results: Iterable[Result]) -> list[str]:
    """Return every note once."""
    return list(dict.fromkeys(str(note) for result in results for note in result.notes))


def test_everything_that_has_a_title_has_one_in_chinese():
    with speaking("zh-Hant"):
        assert not untranslated(titles())
        assert not [m.formula for m in CATALOGUE if english_left(shown(m.formula))]


def test_every_note_of_the_defaults_is_shown_in_chinese(default: Comparison):
    notes = notes_of(default.results)
    assert len(notes) > 5
    with speaking("zh-Hant"):
        assert not untranslated(iter(notes))


def test_a_scenario_says_in_chinese_what_it_assumes():
    asked = Scenario(depth=0.5, stop_after=12)
    plan = Plan(strategies=("index-fund", "ai-picks"), bars="monthly", quit_at=0.2)
    compared = play(plan, asked, TABLES)
    chapter = compared.chapters[0]
    notes = notes_of(chapter.results)
    with speaking("zh-Hant"):
        told = [
            *notes,
            chapter.era.title,
            chapter.era.opening,
            *(p.name for p in chapter.era.phases),
        ]
        assert not untranslated(iter(told))
        assert shown(chapter.era.title) == "AI 熱潮：ChatGPT 問世以來，之後為情境（網路泡沫破裂）"


def test_terms_are_said_whole():
    schedule = Schedule("quarter", 5, 0.03, ((date(2020, 1, 1), date(2020, 2, 1)),))
    with speaking("zh-Hant"):
        assert shown(schedule.paying("3,000 美元")) == (
            "每季首月 5 日起 3,000 美元，每年調整 +3%，2020-01-01至2020-02-01暫停扣款"
        )
        assert shown(str(Quit(0.3, 12))) == "自高點下跌 30% 時全數賣出，12 個月後重新進場"
        assert shown(Rebalance.parse("band:0.05").said) == "門檻再平衡（band:0.05）"
        assert shown(str(LeftOut("nasdaq", "x"))) == "未納入 nasdaq：x"
        assert shown(str(Difference(date(2020, 1, 2), "SPY", 1, 2, date(2020, 1, 1), "ended"))) == (
            "2020-01-01之後沒有價格時，2020-01-02委託的 1 SPY 變成 2"
        )
        assert (
            shown(str(Check(20, 1e-12))) == "隨機抽出 20 列由 Backtrader 重新計算：最大差異 1e-12"
        )


def test_a_sweeps_variant_is_said_whole():
    request = Request(
        ("lump-sum",), years=(3,), fee_bps=(5.0,), fee_per_order=1.0, fee_min=2.0, tax=0.25,
        quit_at=(0.3,),
    )  # fmt: skip
    layout = lay_out(request, TABLES)
    stays, quits = layout.variants
    assert str(stays) == (
        "lump-sum, 3 years, 1,000 a month, rebalance none, fee 5 bp and 1 an order, at least 2 an "
        "order, 25 % of gains taxed, stays"
    )
    with speaking("zh-Hant"):
        assert shown(str(quits)) == (
            "lump-sum，3 年，每月 1,000，不再平衡，手續費 5 個基點加每筆 1，每筆最低 2，"
            "獲利課稅 25%，自高點下跌 30% 時全數賣出，不再進場"
        )
        assert not untranslated(iter(labels(layout)["lump-sum"]))


REFUSALS: tuple[Callable[[], object], ...] = (
    lambda: make_plan(monthly=0.0),
    lambda: make_plan(eras=("dotcon",)).era_called("dotcon"),
    lambda: make_plan(day=40),
    lambda: make_plan(every="week", day=3),
    lambda: make_plan(return_after=3),
    lambda: make_plan(strategy={"a b": {"weights": {"A": 1.0}}}),
    lambda: make_plan(strategy={"cash": {"weights": {"A": 1.0}}}),
    lambda: make_plan(strategy={"mine": {"weights": {"A": 0.5}}}),
    lambda: Rebalance.parse("often"),
    lambda: discovery.strategy("index-fnd"),
    lambda: Scenario(depth=3.0),
    lambda: Scenario(like="dotcon"),
    lambda: Question(max_loss=2.0),
    lambda: lay_out(Request(("ai-picks",)), TABLES),
    lambda: lay_out(Request(years=(90,)), TABLES),
    lambda: Request(bootstrap=1, stop=date(2020, 1, 1)),
)


@pytest.mark.parametrize("refused", REFUSALS)
def test_what_is_refused_is_refused_in_chinese(refused: Callable[[], object]):
    with pytest.raises(DcaError) as error:
        refused()
    with speaking("zh-Hant"):
        assert not untranslated(iter([str(error.value)]))


def kept(folder: Path) -> dict[str, bytes]:
    """Run a small comparison and a small sweep and return what is kept of them."""
    compared = compare(Plan(eras=("gfc",), strategy={"a": {"base": "cash"}}, quit_at=0.3), TABLES)
    asked = Request(("index-fund", "cash"), start="2000-01", end="2004-12", years=(3,))
    Sweep(lay_out(asked, TABLES), Store(folder)).run(False, lambda *_: None, lambda _: {})
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    return {"results.json": results_json(compared).encode(), **files}


def test_what_is_kept_is_the_same_in_both_languages(tmp_path: Path):
    english = kept(tmp_path / "en")
    assert b"left out" in english["results.json"]
    assert english.keys() >= {"rows.csv", "summary.json", "sweep.json"}
    with speaking("zh-Hant"):
        assert kept(tmp_path / "zh") == english
