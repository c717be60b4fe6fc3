"""What was kept in English is shown as if it had been said just now."""

from pathlib import Path

import pytest

from data import snapshot
from data.checks.table import check
from data.files import freeze
from data.language import shown, speaking
from data.recalled import recalled
from tests.helpers import english_left

SAID = [
    *(str(finding) for finding in check(snapshot.load("monthly"))),
    str(snapshot.load("daily").unknown("VFINX")),
    *(str(note) for notes in snapshot.load("monthly").notes.values() for note in notes),
]
KEPT = (
    "MINE.csv: prices are its column Kurs as it stands, with dividends only where the source put "
    "them in; 2 rows without a price left out"
)


@pytest.mark.parametrize("said", SAID)
def test_a_kept_sentence_is_shown_as_the_one_it_was(said: str):
    with speaking("zh-Hant"):
        assert shown(recalled("".join(said))) == shown(said) != said


def test_sentences_in_one_line_are_known_one_by_one():
    assert recalled(KEPT) == KEPT
    with speaking("zh-Hant"):
        assert shown(recalled(KEPT)).endswith("；略去沒有價格的 2 列")
        assert not english_left(shown(recalled(KEPT)))


@pytest.mark.parametrize(
    "words", ["", "hello, world", "my own; and more", "A: B", "100 {x}", "a; " * 133, "a, " * 5_000]
)
def test_a_user_s_words_are_left_as_they_are(words: str):
    with speaking("zh-Hant"):
        assert recalled(words) == words
        assert shown(recalled(words)) == words


def test_a_freeze_holds_the_same_bytes_and_tells_the_same_in_both_languages(tmp_path: Path):
    table = snapshot.load("monthly").select(["GOLD", "IXIC", "CASH"])
    freeze.write({"monthly": table}, tmp_path / "english")
    with speaking("zh-Hant"):
        freeze.write({"monthly": table}, tmp_path / "other")
        read = freeze.read(tmp_path / "other")["monthly"]
        for symbol in table.symbols:
            names = [shown(part.name) for part in table.parts[symbol]]
            assert [shown(part.name) for part in read.parts[symbol]] == names
        assert [shown(n.text) for n in read.notes["IXIC"]] == [
            shown(n.text) for n in table.notes["IXIC"]
        ]
    for file in ("monthly.csv", freeze.MANIFEST):
        assert (tmp_path / "english" / file).read_bytes() == (
            tmp_path / "other" / file
        ).read_bytes()
