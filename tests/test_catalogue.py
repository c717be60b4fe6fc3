"""Every message is in every catalogue, whole, and in the words of the language's own readers."""

import tomllib
from io import BytesIO

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo

from tests.tools import catalogue

RULES = tomllib.loads((catalogue.LOCALE / "zh_Hant/terms.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", catalogue.names())
def test_the_catalogue_is_what_the_code_says(name: str):
    """`make catalogue` brings it up; how a file is laid out is each Babel's own affair."""
    kept = catalogue.kept(name)
    compiled = BytesIO(catalogue.file_of(name, "mo").read_bytes())
    assert told(kept) == told(catalogue.brought_up(name))
    assert told(read_mo(compiled)) == told(read_mo(BytesIO(catalogue.written(kept)[1])))


def told(known: Catalog) -> list[tuple[object, object, object]]:
    return [(m.context, m.id, m.string) for m in known if m.id]


@pytest.mark.parametrize("name", catalogue.names())
def test_every_message_is_translated_and_rightly_worded(name: str):
    assert list(catalogue.faults(name)) == []


@pytest.mark.parametrize(
    ("said", "string", "fault"),
    [
        ("{n} months", "個月", "places"),
        ("{n} months", "{m} 個月", "places"),
        ("see <b>{x}</b>", "見 {x}", "places or tags"),
        ("run `dca compare`", "執行 dca compare", "places or tags"),
        ("prices", "數據", "數據 is refused"),
        ("prices", "價格,資料", "half-width"),
        ("{n} months", "共 {n} 個月,", None),
        ("{x} ended", "{x} 結束", "a space typed at a place"),
        ("it costs much", "要 $100", "a bare $"),
        ("Strategy drawdown", "跌幅", "strategy drawdown is 策略回撤"),
    ],
)
def test_a_wrong_translation_is_named(said: str, string: str, fault: str | None):
    found = list(catalogue._wrong(said, string, RULES))
    assert any(fault in each for each in found) if fault else found


def test_a_right_translation_passes():
    for said, string in [
        ("{n} months", "{n}個月"),
        ("prices to {day}", "價格到{day}為止"),
        ("large amounts of data", "大數據"),
        ("US dollars", "US$100"),
        ("Strategy drawdown", "策略回撤"),
    ]:
        assert list(catalogue._wrong(said, string, RULES)) == []


def test_the_help_of_a_command_and_the_words_of_templates_are_gathered():
    ids = [message.id for message in catalogue.gathered() if message.id]
    assert "Start with `dca compare`: what would a monthly saver have lived through?" in ids
