"""Notes keep their words, and their kinds say what they are about."""

from data import snapshot
from data.catalog import CATALOG
from data.notes import Note, joined
from data.splices import OwnSymbol, with_own
from data.yahoo.recipes import menu
from tests.conftest import make_table


def test_a_note_is_written_with_its_symbol():
    assert str(Note("data", "SPY", "odd")) == "SPY: odd"
    assert str(Note("data", "", "all are odd")) == "all are odd"
    assert joined([Note("data", "SPY", "odd"), Note("stand-in", "SPY", "even")]) == "odd; even"


def test_what_leaves_dividends_out_is_of_that_kind_wherever_it_comes_from():
    (embedded,) = snapshot.load("daily").notes["IXIC"]
    (of_yahoo,) = menu(("IXIC",), {}).recipes[0].notes
    assert embedded == of_yahoo
    assert embedded.kind == "price-only"
    assert CATALOG["INTC"].said("x")[0].kind == "data"


def test_the_snapshots_series_in_yahoos_place_says_so_before_what_else_is_said_of_it():
    first, *others = menu(("UST10",), {}).recipes[0].notes
    assert (first.kind, first.symbol) == ("stand-in", "UST10")
    assert others == list(CATALOG["UST10"].said(CATALOG["UST10"].note))


def test_a_users_words_are_never_taken_for_ours():
    ours = "price index, dividends left out: the true total was higher"
    table = make_table(["2020-01-02", "2020-01-03"], {"A": [1, 2]})
    own = with_own(
        table, {"MINE": OwnSymbol(parts=("A",), label="chosen with hindsight", note=ours)}
    )
    assert [note.kind for note in own.notes["MINE"]] == ["data", "data"]


def test_a_part_nobody_could_buy_is_marked():
    parts = snapshot.load("daily").parts
    assert [part.no_costs for part in parts["GOLD"]] == [True, False]
    assert not any(p.no_costs for symbol, said in parts.items() if symbol != "GOLD" for p in said)
