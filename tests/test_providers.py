"""What every provider of prices promises; a line in PROVIDERS inherits these tests."""

from pathlib import Path

import pytest

from data.checks.table import check
from data.options import Options
from data.sources import PROVIDERS, tables, unchecked
from data.splices import OwnSymbol
from tests.fake_yahoo import NOW

pytestmark = pytest.mark.parametrize("name", PROVIDERS)
SYMBOLS = ("SP500", "NVDA")


def options(folder: Path, **more: object) -> Options:
    return Options(cache_dir=folder, symbols=SYMBOLS, **more)  # type: ignore[arg-type]


def test_opening_fetches_nothing_and_says_what_there_is(name, fake, tmp_path):
    offered = tables(name, options(tmp_path))
    assert set(offered) == {"daily", "monthly"}
    assert fake.hits == {}
    assert not list(tmp_path.iterdir())


def test_a_table_is_of_its_resolution_holds_what_was_asked_and_is_read_once(name, fake, tmp_path):
    for bars, load in tables(name, options(tmp_path)).items():
        table = load()
        assert table.bars == bars
        assert table.source == name
        assert {*SYMBOLS, "CASH"} <= set(table.symbols)
        assert table is load()


def test_its_prices_pass_the_checks(name, fake, tmp_path):
    table = tables(name, options(tmp_path))["daily"]()
    assert [f for f in check(table, NOW) if f.severity == "error"] == []


def test_notes_stand_with_the_symbol_they_are_about(name, fake, tmp_path):
    table = tables(name, options(tmp_path))["daily"]()
    assert all(note.symbol == symbol for symbol, said in table.notes.items() for note in said)
    assert all(note.symbol == "" for note in table.warnings)


def test_a_users_own_symbol_is_made_of_its_parts(name, fake, tmp_path):
    own = {"MINE": OwnSymbol(parts=("NVDA",), label="mine")}
    table = tables(name, options(tmp_path, own=own))["daily"]()
    assert table.last("MINE") == table.last("NVDA")
    assert table.notes["MINE"][0].text == "mine"


def test_it_can_be_looked_at_without_a_network(name, fake, tmp_path):
    (found,) = {table.source for table in unchecked(name, options(tmp_path))}
    assert found == name
    assert fake.hits == {}


def test_it_says_in_words_what_it_is(name):
    assert PROVIDERS[name].label
