import re
from itertools import combinations
from typing import get_args

import numpy as np
import pytest

from backtests.report.charts.palette import variables
from backtests.report.signs import DATA, SIGNS, sign_of, signed, signs
from data.notes import Note, NoteKind
from tests.conftest import make_table
from tests.helpers import play
from tests.test_charts import SEEN, lab, linear


def test_every_kind_of_note_has_a_sign_and_no_two_share_a_letter():
    assert {sign_of(kind) for kind in get_args(NoteKind)} == set(SIGNS)
    assert len({sign.letter for sign in SIGNS}) == len({sign.colour for sign in SIGNS}) == 6
    assert sign_of("jump") is DATA


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("seen", SEEN)
def test_signs_differ_for_colour_blind_readers(seen: str, dark: bool):
    colours = dict(re.findall(r"--(\w+):(#\w+);", variables(dark)))
    points = [lab(np.array(SEEN[seen]) @ linear(colours[s.colour])) for s in SIGNS]
    for one, other in combinations(points, 2):
        assert np.linalg.norm(one - other) > 9


def test_notes_are_grouped_by_sign_each_once_the_gravest_first():
    ends = ["2020-01-31", "2020-02-29"]
    notes = {"A": (Note("jump", "A", "jumps"), Note("hindsight", "A", "chosen"))}
    result = play(make_table(ends, {"A": [10, 20]}, "monthly", notes=notes), {"A": 1.0})
    assert [sign.letter for sign in signs(result)] == ["H", "R", "D"]
    found = {sign.letter: texts for sign, texts in signed([result, result])}
    assert found["H"] == ["A: chosen"]
    assert found["D"][0] == "A: jumps"
    assert found["R"][0].startswith("monthly bars")
