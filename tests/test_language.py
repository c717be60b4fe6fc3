"""A message is English wherever it is kept, and shown in the language that is spoken."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtests.cli.main import _spoken_to
from data import language, snapshot
from data.arrays import to_date
from data.catalog import CATALOG
from data.checks.table import check
from data.errors import BadInput, UnknownName, one_line
from data.language import (
    Said,
    filled,
    say,
    say_all,
    say_each,
    say_many,
    shown,
    speak,
    speaking,
    spoken,
)
from data.notes import Note, joined
from data.sources import tables
from tests.conftest import make_table
from tests.helpers import english_left


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch):
    """A catalogue of four messages."""
    known = {
        "{symbol} enters on {day}": "{symbol} 自{day}起納入",
        "Index fund": "指數型基金",
        "the {strategy} saver": "{strategy}的帳戶",
        "{one}; {other}": "{one}；{other}",
    }

    class Four:
        def gettext(self, message: str) -> str:
            return known.get(message, message)

        def ngettext(self, one: str, many: str, count: int) -> str:
            return {"{n} month": "{n} 個月"}.get(one, one)

        def pgettext(self, context: str, message: str) -> str:
            return f"{context}：{message}"

    monkeypatch.setattr(language, "_catalogue", lambda _: Four())
    with speaking("zh-Hant"):
        yield


ENTERS = say("{symbol} enters on {day}", symbol="NVDA", day="1999-01-22")


def test_what_is_kept_is_english(chinese: None):
    assert ENTERS == "NVDA enters on 1999-01-22"
    assert json.dumps({"note": ENTERS}) == '{"note": "NVDA enters on 1999-01-22"}'
    assert {ENTERS: 1}["NVDA enters on 1999-01-22"] == 1


def test_what_is_shown_is_translated_with_all_that_is_in_it(chinese: None):
    assert shown(ENTERS) == "NVDA 自1999-01-22起納入"
    assert shown(say("the {strategy} saver", strategy=say("Index fund"))) == "指數型基金的帳戶"
    assert shown(say_all([ENTERS, "", "SPY"])) == "NVDA 自1999-01-22起納入；SPY"
    assert shown(say_many("{n} month", "{n} months", 2)) == "2 個月"
    assert shown(language.say_in("money", "return")) == "money：return"
    assert shown("a name of one's own") == "a name of one's own"


def test_an_error_and_a_copy_in_another_process_can_still_be_shown(chinese: None):
    assert shown(str(BadInput(ENTERS))) == shown(ENTERS)
    copy = pickle.loads(pickle.dumps(ENTERS))  # noqa: S301 - our own bytes
    assert isinstance(copy, Said)
    assert shown(copy) == shown(ENTERS)


def test_an_error_of_errors_is_shown_in_the_reader_s_language():
    with speaking("zh-Hant"):
        unknown = UnknownName(say("key"), "wieghts", ["weights", "base"])
        assert shown(str(unknown)) == "沒有名為「wieghts」的鍵；是不是「weights」？"
        assert shown(one_line(unknown)) == shown(str(unknown))
        assert shown(str(Note("data", "SPY", say("empty")))) == "SPY：空白"
        assert shown(joined([Note("data", "A", say("empty")), Note("data", "A", "x")])) == "空白；x"
        names = [f"N{n}" for n in range(5_000)]
        assert shown(say_each(names)) == "、".join(names)


def test_what_is_left_in_english_is_found():
    assert english_left("沒有名為「a b c」的鍵；use --data PATH or `dca data fetch`") == []
    assert english_left("價格 from the snapshot 與 Peter Thiel") == ["from the snapshot"]


def test_in_english_what_was_said_is_shown_as_it_is():
    assert shown(ENTERS) == ENTERS
    assert type(shown(ENTERS)) is str


@pytest.mark.parametrize(
    ("message", "value", "text"),
    [
        ("低於累計投入{x}以上", "35%", "低於累計投入 35% 以上"),
        ("於{x}賣出", "2008-12-31", "於2008-12-31賣出"),
        ("自{x}起", "2000年3月", "自2000年3月起"),
        ("monthly 是{x}；", "-100", "monthly 是 -100；"),
        ("每月{x}", "1,000 美元", "每月 1,000 美元"),
        ("帳戶{x}", "\u22129.5%", "帳戶 \u22129.5%"),
        ("{x}的帳戶", "指數型基金", "指數型基金的帳戶"),
        ("{x}，", "SPY", "SPY，"),
        ("{x}的", "AI 熱潮", "AI 熱潮的"),
        ("投入{x}", "AI 熱潮", "投入 AI 熱潮"),
    ],
)
def test_a_space_stands_where_latin_meets_han_and_none_beside_a_date(
    message: str, value: str, text: str
):
    assert filled(message, {"x": value}) == text


@given(st.text(), st.text().filter(lambda text: "{" not in text and "}" not in text))
def test_filling_loses_no_letter(value: str, around: str):
    text = filled(f"{around}{{x}}{around}", {"x": value})
    assert text.replace(" ", "") == f"{around}{value}{around}".replace(" ", "")


@pytest.mark.parametrize(
    ("words", "rest", "tongue"),
    [
        (["--lang", "zh-Hant", "compare"], ["compare"], "zh-Hant"),
        (["compare", "--lang=zh_TW", "--json"], ["compare", "--json"], "zh-Hant"),
        (["compare", "--lang", "EN"], ["compare"], "en"),
        (["compare"], ["compare"], "en"),
    ],
)
def test_the_language_may_stand_anywhere(words: list[str], rest: list[str], tongue: str):
    assert _spoken_to(words) == rest
    assert spoken() == tongue
    speak("en")


def test_the_surroundings_may_name_the_language(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DCA_LANG", "zh_Hant")
    _spoken_to(["compare"])
    assert spoken() == "zh-Hant"
    _spoken_to(["compare", "--lang", "en"])
    assert spoken() == "en"


def test_an_unknown_language_is_refused_by_name():
    with pytest.raises(UnknownName, match="unknown language 'zh-Hans'"):
        _spoken_to(["--lang", "zh-Hans"])
    with pytest.raises(ValueError, match="zh-Hant, not 'fr'"):
        speak("fr")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (CATALOG["CASH"].label, "3 個月期美國國庫券（到期續買）"),
        (
            CATALOG["IXIC"].said(CATALOG["IXIC"].note)[0].text,
            "價格指數，未計股利，實際含息總報酬更高",
        ),
        (str(snapshot.load("daily").unknown("VTII")), None),
    ],
)
def test_what_the_prices_say_is_shown_in_the_reader_s_language(text: str, wanted: str | None):
    with speaking("zh-Hant"):
        assert wanted in (None, shown(text))
        assert not english_left(shown(text))


BAD_FILES = {
    "empty.csv": "",
    "headless.csv": "1,2\n3,4\n",
    "day.csv": "date,SPY\n2020-02-30,1\n2020-03-02,1\n",
    "cell.csv": "date,SPY\n2020-01-02,1\n2020-01-03,x y z of\n",
    "sign.csv": "date,SPY\n2020-01-02,1\n2020-01-03,-1\n",
    "twice.csv": "date,SPY\n2020-01-02,1\n2020-01-02,2\n2020-01-03,2\n",
    "order.csv": "date,SPY\n01/02/2020,1\n01/03/2020,1\n",
    "columns.csv": "date,not a symbol,nor this\n2020-01-02,1,2\n2020-01-03,1,2\n",
    "prices.csv": "date,open,volume\n2020-01-02,1,2\n2020-01-03,1,2\n",
    "apart.csv": "date,SPY\n2020-01-02,1\n2020-04-03,1\n2020-09-03,1\n",
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_what_is_wrong_with_a_file_is_shown_in_the_reader_s_language(name: str, tmp_path: Path):
    (tmp_path / name).write_text(BAD_FILES[name])
    with pytest.raises(BadInput) as refused, speaking("zh-Hant"):
        tables(str(tmp_path / name))
    with speaking("zh-Hant"):
        text = shown(str(refused.value))
    assert text != str(refused.value)
    assert not english_left(text)


def test_what_is_wrong_with_prices_is_shown_in_the_reader_s_language():
    closes = [100.0, 101, 10, 100, 99] + [98.0] * 9
    days = np.arange("2020-01-06", "2020-01-24", dtype="datetime64[D]")
    table = make_table([str(d) for d in days[np.is_busday(days)]], {"FUND": closes})
    found = check(table, accepted=[to_date(days[9])])
    with speaking("zh-Hant"):
        texts = [shown(str(finding)) for finding in found]
    assert found
    assert not [left for text in texts for left in english_left(text)]
    assert any("兩筆內又回到原位" in text for text in texts)
