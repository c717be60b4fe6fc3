"""Terminal tables, lists and what is stored, in another language."""

import io
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from backtests.comparison import Comparison, compare
from backtests.plan import Plan
from backtests.report import text_table
from backtests.report.files import calendar_csv, ledger_csv, results_json
from backtests.report.folding import fold, has_han, pieces
from backtests.report.listing import entry
from backtests.report.records import Records
from backtests.report.terminal import show
from data.language import LANGUAGES, speak, speaking
from tests.helpers import TABLES, english_left

CLOSING = "，。、；：）」%"
TEXTS = st.text("ab 1日本，。（）「」%", max_size=60).map(str.strip)
# Figures, dates and names of a table's line, in letters that every terminal shows one cell wide.
ROW = re.compile(r"^ *\S.*  \S+$")


@pytest.fixture(autouse=True)
def english_again():
    yield
    speak("en")


@pytest.fixture(scope="module")
def peak() -> Comparison:
    return compare(Plan(eras=("dotcom-peak",), real=True), TABLES)


def printed(comparison: Comparison, width: int) -> str:
    out = Console(file=io.StringIO(), width=width, no_color=True)
    with speaking("zh-Hant"):
        show(comparison, out)
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_table_is_in_the_language_and_fits(peak: Comparison, width: int):
    text = printed(peak, width)
    lines = [line.rstrip() for line in text.splitlines()]
    # Strategies' names, as typed, stand above the columns.
    assert english_left(text.replace("  ", "\n1\n")) == []
    assert max(map(cell_len, lines)) <= width
    assert not [line for line in lines if line.lstrip()[:1] in [*CLOSING]]
    assert "策略回撤" in text
    assert "US$125,187" in text


def test_a_table_has_no_sign_that_may_take_two_cells(peak: Comparison):
    rows = [line for line in printed(peak, 100).splitlines() if ROW.match(line)]
    assert len(rows) > 15
    assert not re.search("[\u2014\u2026\u00b7\u00d7\u2192\u00b0\u2265\u2212\u00a0]", "".join(rows))


def test_what_is_stored_is_the_same_in_every_language(peak: Comparison):
    stored = []
    for language in LANGUAGES:
        with speaking(language):
            again = compare(Plan(eras=("dotcom-peak",), real=True), TABLES)
            ledgers = [*map(ledger_csv, again.results)]
            stored.append([results_json(again), calendar_csv(again), *ledgers])
    assert stored[0] == stored[1]
    assert stored[0][0] == results_json(peak)


@pytest.mark.parametrize("written", LANGUAGES)
@pytest.mark.parametrize("read", LANGUAGES)
def test_a_report_is_reproduced_in_every_language(written, read, dca, tmp_path):
    asked = ("--era", "gfc", "--strategy", "index-fund", "--bars", "monthly")
    code, _, _ = dca("compare", *asked, "--out", str(tmp_path / "r"), "--lang", written)
    assert code == 0
    code, out, err = dca("reproduce", str(tmp_path / "r"), "--lang", read)
    assert (code, err) == (0, "")
    assert (
        out.strip()
        == {
            "en": "3 of 3 files came out, every byte.",
            "zh-Hant": "3 個檔案中，3 個的每個位元組都相同。",
        }[read]
    )


def test_json_on_standard_output_is_the_same_in_every_language(dca):
    asked = ("compare", "--era", "gfc", "--bars", "monthly", "--json", "--lang")
    outs = [dca(*asked, language) for language in LANGUAGES]
    assert outs[0] == outs[1]
    assert json.loads(outs[0][1])["runs"]


@pytest.mark.parametrize("what", ["strategies", "eras", "symbols"])
def test_lists_are_in_the_language(what: str, dca):
    code, out, _ = dca("list", what, "--lang", "zh-Hant")
    assert code == 0
    assert english_left(out) == []
    assert {"strategies": "每年再平衡一次", "eras": "上漲期", "symbols": "月底資料"}[what] in out


def test_a_stored_note_is_shown_in_the_language(tmp_path: Path):
    figures = {"worst_shortfall": -0.4, "final_value": 5000, "contributed": 6000}
    notes = ["X: chosen with hindsight"]
    run = {"strategy": "ai-picks", "era": "dotcom", "warnings": notes, "metrics": figures}
    told = {"schema": 1, "plan": {"name": "p"}, "data": {"bars": "monthly"}, "runs": [run]}
    (tmp_path / "results.json").write_text(json.dumps(told))
    with speaking("zh-Hant"):
        lines = entry(tmp_path)
    assert english_left(lines[-1]) == []
    assert re.search(r"[^-]40\.0%.*；X：以後見之明選出$", lines[-1])
    assert entry(tmp_path)[-1].endswith("; X: chosen with hindsight")


def test_a_line_is_folded_between_han_characters_but_not_before_a_mark():
    assert fold("定期定額，最深時低於 34.6%。", 8) == ["定期定", "額，最深", "時低於", "34.6%。"]
    assert fold("（甲乙）丙", 6) == ["（甲", "乙）丙"]
    assert fold("  甲乙丙", 6) == ["  甲乙", "丙"]
    assert pieces("SP500 為 VFINX") == ["SP500", "為", "VFINX"]


@given(TEXTS, st.integers(6, 40))
def test_folding_loses_no_letter_and_fits(text: str, width: int):
    lines = fold(text, width)
    assert max(map(cell_len, lines)) <= width
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_heads_are_four_han_characters_wide():
    column = text_table.Column("累計投入金額", ["1"])
    assert column.heads == ["累計投入", "金額"]
    assert (
        text_table.Column("a-very-long-name-of-ones-own", []).heads[0] == "a-very-long-name-of-ones"
    )


def test_records_break_han_prose():
    table = Records("代號", "說明", prose=("說明",))
    table.add_row("SP500", "標普五百指數型基金" * 4)
    out = Console(file=io.StringIO(), width=40, no_color=True)
    out.print(table)
    assert isinstance(out.file, io.StringIO)
    lines = out.file.getvalue().splitlines()
    assert max(map(cell_len, lines)) <= 40
    assert lines[0].split() == ["代號", "說明"]
    assert has_han(lines[1])
