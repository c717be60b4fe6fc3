"""What is sent on: the card, the table for a post with the command that makes it, the list."""

import json
import re
import shlex
import webbrowser
from hashlib import sha256
from importlib.metadata import version
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from matplotlib.text import Text
from PIL import Image

from backtests.comparison import compare
from backtests.plan import Plan, make_plan
from backtests.report import files, sending
from backtests.report.charts import card
from backtests.report.charts.draw import draw_card
from backtests.report.charts.palette import looks
from backtests.report.summary import verdict
from tests.conftest import day, weekdays
from tests.helpers import TABLES


@pytest.fixture(autouse=True)
def alone(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def words_on(comparison) -> list[str]:
    worn = looks(r.strategy for r in comparison.results)
    sheet = card._paint(comparison, worn, ["made by hand"])
    return [each.get_text() for each in sheet.drawing.findobj(Text) if each.get_text()]


class TestCard:
    def test_it_says_verdict_terms_worst_day_ends_and_provenance(self, default):
        words = words_on(default)
        said = [text.replace("\n", " ") for text in words]
        sentence = verdict(default).sentence.replace("\N{NO-BREAK SPACE}", " ")
        assert sentence in said
        assert "March 2000 to December 2007, $94,000 put in: $1,000 a month" in said
        assert "made by hand" in said
        assert "\N{MINUS SIGN}35\N{NO-BREAK SPACE}%, July 2002" in said
        # 125,187 on 94,000 is a third more.
        assert "S&P 500 index fund +33\N{NO-BREAK SPACE}%" in said
        assert any(
            "Not a forecast. " in text and "Concentrated picks: chosen with hindsight." in text
            for text in said
        )
        assert not [text for text in words if "\\x" in text or "…" in text]

    def test_its_file_is_of_the_size_that_is_shown_whole(self, default):
        drawn = draw_card(default, lambda: "made by hand")
        picture = Image.open(BytesIO(drawn))
        assert (picture.format, picture.size) == ("PNG", (1200, 630))
        pixels = np.asarray(picture.convert("L"))
        # Something is drawn, and nothing up to the edges.
        assert (pixels < 128).mean() > 0.01
        for edge in (pixels[:8], pixels[-4:], pixels[:, :30], pixels[:, -20:]):
            assert edge.min() > 200
        assert draw_card(default, lambda: "made by hand") == drawn

    def test_a_line_that_grew_many_times_is_on_a_ratio_scale_in_words(self):
        plan = make_plan(eras=("all",), strategies=("index-fund",))
        words = words_on(compare(plan, TABLES))
        assert {"even", "double", "5 times"} <= set(words)
        assert not [text for text in words if text.endswith("00 %")]


COMMANDS = [
    "compare --era gfc --era lost-decade --strategy index-fund --strategy cash --fee-bps 10 "
    "--monthly 250.5 --growth 0.03 --pause 2008-10-01:2009-03-31 --real --whole-shares",
    "compare --era gfc --quit-at 0.3 --return-after 6 --tax 0.25 --fill next --bars daily",
    "run --weights SP500=0.6,BOND=0.4 --from 2000-01-03 --to 2007-12-31 --rebalance band:0.05",
    "run --strategy lump-sum --strategy index-fund --weights GOLD=1 --from 2000-01-03",
    "run --strategy index-fund --strategy cash --from 2000-01-03 --stop 2010-12-31",
    "scenario --like gfc --depth 0.5 --stop-after 6 --counterpart NVDA=CSCO --strategy index-fund",
    "scenario --weights SP500=0.8,NVDA=0.2 --rebalance annual --monthly 500",
    "scenario --peak 2000-09-01 --strategy ai-picks",
]


class TestSummary:
    def test_every_key_of_a_plan_is_an_option_or_named_by_its_plan(self):
        named = {"name", "eras", "strategies", "data", "pause", "accept_jumps"}
        declared = {"strategy", "era", "symbol", "payments"}
        assert set(Plan.model_fields) == {*sending._OPTIONS, *named, *declared}

    @pytest.mark.parametrize("command", COMMANDS)
    def test_its_command_makes_the_same_bytes(self, command, dca):
        assert dca(*command.split(), "--out", "one")[0] == 0
        (line,) = re.findall(r"(?m)^`(dca .*)`$", Path("one/summary.md").read_text("utf-8"))
        assert dca(*shlex.split(line)[1:], "--out", "other")[0] == 0
        one, other = (Path(name, "results.json").read_bytes() for name in ("one", "other"))
        assert one == other

    def test_it_has_every_run_with_its_notes_and_the_hash_of_the_data(self, default):
        data = files.data_of(default)
        text = sending.markdown(default, data)
        rows = [line for line in text.splitlines() if line.startswith("| ")]
        assert len(rows) == len(list(default.results)) + 3 + 3
        assert "| $94,000 | $125,187 |" in text
        assert "Concentrated picks (chosen with hindsight) (5 6)" in text
        written = json.loads(files.results_json(default))["data"]
        by_hand = json.dumps(written, sort_keys=True, indent=1) + "\n"
        assert f"in full `{sha256(by_hand.encode()).hexdigest()}`" in text
        assert f"three-drawdowns {version('three-drawdowns')}, snapshot prices" in text

    def test_a_plans_own_names_are_no_markdown_and_its_command_names_the_plan(self):
        own = {"mine": {"start": day("2000-01-03"), "title": "<b>|x|*y*`z`"}}
        plan = make_plan(name="post", eras=("mine",), strategies=("cash",), era=own)
        made = compare(plan, TABLES)
        text = sending.markdown(made, files.data_of(made))
        assert r"\<b\>\|x\|\*y\*\`z\`" in text
        assert "`dca compare --plan post.toml`" in text

    def test_no_path_of_this_machine_is_in_it(self, dca, tmp_path):
        days = weekdays("2000-01-10", 60).astype(str)
        lines = ["date,FUND", *(f"{day},{100 + at}" for at, day in enumerate(days))]
        Path("mine.csv").write_text("\n".join([*lines, ""]))
        words = ("run", "--weights", "FUND=1", "--from", "2000-01-10", "--bars", "daily")
        assert dca(*words, "--data", str(tmp_path / "mine.csv"), "--out", "r")[0] == 0
        text = Path("r/summary.md").read_text("utf-8")
        assert "--data PATH" in text
        assert str(tmp_path) not in text


class TestReports:
    def test_each_report_of_a_folder_is_listed_a_broken_one_with_the_reason(self, dca):
        dca("compare", "--era", "gfc", "--strategy", "index-fund", "--out", "reports/plain")
        Path("reports/broken").mkdir()
        Path("reports/broken/results.json").write_text("{")
        Path("reports/other").mkdir()
        code, out, err = dca("reports")
        assert (code, err) == (0, "")
        told = json.loads(Path("reports/plain/results.json").read_text())
        metrics = told["runs"][0]["metrics"]
        said = " ".join(out.split())
        assert "reports/broken cannot be read: reports/broken/results.json is no report's" in said
        assert "reports/plain plan compare: index-fund in gfc snapshot prices, daily bars" in said
        assert f"data {sending.data_hash(told['data'])[:12]}" in said
        worst = f"{-100 * metrics['worst_shortfall']:.1f}"
        assert f"index-fund in gfc: \N{MINUS SIGN}{worst} % at worst against $66,000 put in" in said
        assert "other" not in out

    def test_without_a_report_it_says_so_and_without_a_folder_it_refuses(self, dca, tmp_path):
        assert dca("reports", str(tmp_path))[:2] == (
            0, f"no report in {tmp_path}; dca compare writes one\n"
        )  # fmt: skip
        code, _, err = dca("reports", "nowhere")
        assert (code, err.count("\n")) == (2, 1)

    def test_what_a_stranger_wrote_is_shown_in_visible_letters(self, dca):
        Path("r").mkdir()
        run = {"strategy": "a\x1b[2J", "era": "b", "metrics": {"final_value": "x"}}
        content = {"schema": 1, "plan": {"name": ["\x1b"]}, "data": {"x": "\x1b"}, "runs": [run]}
        Path("r/results.json").write_text(json.dumps(content))
        code, out, err = dca("reports", "r")
        assert (code, err) == (0, "")
        assert "\x1b" not in out


class TestOpen:
    @pytest.mark.parametrize(
        "words",
        [
            "compare --era gfc --strategy cash",
            "run --weights SP500=1 --from 2001-01-02 --to 2003-12-31",
            "scenario --strategy index-fund --bars monthly",
        ],
    )
    def test_the_page_is_opened_where_it_was_written(self, words, dca, monkeypatch, tmp_path):
        opened: list[str] = []
        monkeypatch.setattr(webbrowser, "open", opened.append)
        assert dca(*words.split(), "--out", "r", "--open")[0] == 0
        assert opened == [(tmp_path / "r" / "report.html").as_uri()]

    def test_without_a_page_it_is_refused(self, dca):
        code, _, err = dca("compare", "--json", "--open")
        assert (code, "--json writes no page to open" in err) == (2, True)
