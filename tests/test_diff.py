"""Reports side by side: what was changed, in words; what that did, to hand-worked figures."""

import csv
import json
import re
import shutil
from pathlib import Path

import pytest
from rich.console import Console

from backtests.comparison import compare
from backtests.measures.catalogue import CATALOGUE
from backtests.plan import make_plan
from backtests.report import difference_page, differences, files
from backtests.report.ledgers import read_ledger
from backtests.report.terminal import put
from backtests.report.wording import percent
from data.errors import BadFolder
from data.language import shown, speaking
from data.recalled import recalled
from tests.helpers import TABLES, english_left

ERAS = {"eras": ("gfc",), "strategies": ("index-fund", "cash")}


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """Write a report, the same with a fee, and one of other strategies in another era besides."""
    folder = tmp_path_factory.mktemp("reports")
    for name, terms in (
        ("plain", ERAS),
        ("dear", {**ERAS, "fee_bps": 100.0}),
        ("other", {"eras": ("gfc", "dotcom"), "strategies": ("index-fund",), "monthly": 500.0}),
    ):
        files.write(compare(make_plan(**terms), TABLES), folder / name)
    return folder


def read(folder: Path, *names: str) -> list[differences.Report]:
    return differences.read([folder / name for name in names])


def changed(made: Path, name: str, change) -> Path:
    """Copy a report with another results.json."""
    folder = made / f"changed-{name}"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(made / name, folder)
    found = json.loads((folder / "results.json").read_text())
    change(found)
    (folder / "results.json").write_text(json.dumps(found))
    return folder


def test_the_plan_is_told_before_the_figures_and_the_change_is_right(made, dca):
    code, out, err = dca("diff", str(made / "plain"), str(made / "dear"))
    assert (code, err) == (1, "")
    lines = out.splitlines()
    # A fee of 1 % of what is traded buys 1/1.01 as much: 0.990 % less at every day's prices.
    assert lines[0] == "Worth at the end: -0.99 % in every run."
    assert lines[1] == "- Fee on all that is traded: 0 % in plain, 1 % in dear."
    assert "figures differ; --all names each of them" in lines[-1]
    assert "Money put in" not in out


def test_money_changes_in_per_cent_and_shares_of_it_in_points(made):
    (worth, worst) = [
        next(row for row in differences.rows(read(made, "plain", "dear"), CATALOGUE)
             if row.key == ("gfc", "index-fund") and row.measure.key == key)
        for key in ("final_value", "worst_shortfall")
    ]  # fmt: skip
    assert worth.change(1) == (pytest.approx((1 / 1.01 - 1) * 100, abs=1e-8), "%")
    plain, dear = worst.figures
    assert 1 + dear == pytest.approx((1 + plain) / 1.01, abs=1e-11)
    assert worst.change(1) == (pytest.approx((dear - plain) * 100), "points")


@pytest.mark.parametrize("figure", [10**400, True, "12"], ids=["beyond", "yes", "text"])
def test_a_figure_that_no_float_holds_is_none(made, dca, figure):
    def spoil(found):
        found["runs"][0]["metrics"]["final_value"] = figure

    spoiled = changed(made, "plain", spoil)
    several = differences.read([made / "plain", spoiled])
    (worth,) = (measure for measure in CATALOGUE if measure.key == "final_value")
    figures = next(differences.rows(several, [worth])).figures
    assert isinstance(figures[0], float)
    assert figures[1] is None
    assert dca("diff", str(made / "plain"), str(spoiled))[0] == 1
    assert dca("reports", str(spoiled))[0] == 0


def test_a_report_agrees_with_itself(made, dca):
    code, out, err = dca("diff", str(made / "plain"), str(made / "plain"))
    assert (code, out, err) == (0, "the two reports agree in every figure\n", "")


def test_runs_that_only_one_has_are_listed_and_the_rest_is_matched(made, dca):
    code, out, _ = dca("diff", *(str(made / name) for name in ("plain", "dear", "other")))
    said = " ".join(out.split())
    assert code == 1
    assert "cash in gfc: not in other" in said
    assert "index-fund in dotcom: not in plain, dear" in said
    assert "Paid in each period: $1,000 in plain and dear, $500 in other" in said
    # Half of every payment is half of every value, and the same rate.
    assert "of dear of other" in said
    assert differences.sentence(read(made, "plain", "other")) == (
        "Worth at the end: \N{MINUS SIGN}50.00 % in every run"
    )


def test_the_same_inputs_with_other_numbers_are_an_alarm(made, dca):
    def forge(found):
        found["runs"][0]["metrics"]["final_value"] *= 1.01

    forged = changed(made, "plain", forge)
    code, out, err = dca("diff", str(made / "plain"), str(forged))
    assert code == 1
    assert err.startswith("dca: ALARM: the same plan, prices and version gave other numbers")
    assert "index-fund in gfc" in err
    assert "are the same" not in out
    # Fewer eras and strategies decide no number, and what is decided is no alarm.
    assert differences.alarm(read(made, "plain", "other")) == ""
    assert differences.alarm(read(made, "plain", "dear", forged.name)) != ""


def test_prices_versions_and_what_a_run_held_are_told(made):
    def other_data(found):
        found["version"] = "0.1"
        found["data"]["symbols"]["SP500"] |= {"sha256": "0", "rows": 9, "last": "2020-01-01"}
        found["runs"][0] |= {"rebalance": "annual"}
        found["plan"]["strategy"] = {"index-fund": {"weights": {"X": 1.0}}}

    forged = changed(made, "dear", other_data)
    said = "\n".join(differences.inputs(read(made, "dear", forged.name)))
    assert f"0.1 in {forged.name}" in said
    assert f"9 bars to 2020-01-01 in {forged.name}" in said
    assert "Other prices of SP500: " in said
    assert f"Rebalanced: none in dear, annual in {forged.name} (index-fund in gfc)" in said
    assert f"Strategy, index-fund, weights, X: none in dear, 1.0 in {forged.name}" in said


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_digit_is_lost_on_a_narrow_terminal(made, width):
    out, reports = Console(width=width, no_color=True), read(made, "plain", "dear", "other")
    with out.capture() as kept:
        put(out, difference_page.pieces(reports, difference_page.chosen(False), width, False))
    said = kept.get()
    assert max(map(len, said.splitlines())) <= width
    for row in differences.rows(reports, difference_page.chosen(False)):
        if row.differs(reports):
            for text in row.texts(reports):
                assert text.translate({0xA0: " ", 0x2212: "-", 0x2014: "-"}) in said


def test_the_csv_has_every_change_and_no_formula(made, dca):
    file = made / "d.csv"
    assert dca("diff", str(made / "plain"), str(made / "dear"), "--csv", str(file))[0] == 1
    rows = list(csv.DictReader(file.read_text().splitlines()))
    (row,) = [r for r in rows if (r["strategy"], r["measure"]) == ("cash", "final_value")]
    assert float(row["change"]) == pytest.approx(
        (float(row["figure"]) / float(row["first_figure"]) - 1) * 100, abs=1e-9
    )
    assert (row["first"], row["report"], row["change_unit"]) == ("plain", "dear", "%")
    assert differences.quoted_name("=1+1") == "'=1+1"


def test_the_page_lays_all_lines_in_one_chart(made, dca):
    file = made / "d.html"
    assert dca("diff", str(made / "plain"), str(made / "dear"), "--html", str(file))[0] == 1
    text = file.read_text("utf-8")
    packed = json.loads(text.split('id="lines">')[1].split("</script>")[0])
    names = [each["name"] for each in packed["strategies"]]
    assert names == ["index-fund, plain", "index-fund, dear", "cash, plain", "cash, dear"]
    assert packed["shown"] == [0, 1]
    run = packed["eras"][0]["runs"][1]
    last = sum(run["value"]) / run["unit"]
    (found,) = [r for r in read(made, "dear")[0].results.runs if r.strategy == "index-fund"]
    assert last == pytest.approx(found.metrics["final_value"], abs=0.01)
    assert run["worst"][0]["text"] == percent(found.metrics["worst_shortfall"], 1)
    assert "Fee on all that is traded: 0 % in plain, 1 % in dear." in text


def test_a_plans_own_era_goes_by_its_title_and_other_names_stand_as_they_are(made):
    def own(found):
        found["plan"]["era"] = {"gfc": {"title": "My years"}, "mine": {"start": "2000-01-01"}}

    reports = differences.read([changed(made, "plain", own)])
    titles = [differences.era_title(reports, name) for name in ("gfc", "mine", "dotcom", "other")]
    assert titles == ["My years", "mine", "Dot-com: run-up, bust and recovery", "other"]
    assert differences.strategy_title("index-fund") == "S&P 500 index fund"
    assert differences.strategy_title("of-mine") == "of-mine"


def test_notes_stand_there_for_the_runs_that_differ(made, dca):
    def newer(found):
        found["version"] = "9"

    def dearer(found):
        newer(found)
        found["runs"][1]["metrics"]["final_value"] += 1000

    _, out, _ = dca("diff", str(made / "plain"), str(changed(made, "plain", newer)))
    assert "Version: " in out
    assert "SP500 is" not in out
    assert "CASH is" not in out
    _, out, _ = dca("diff", str(made / "plain"), str(changed(made, "plain", dearer)))
    assert "CASH is" in out
    assert "SP500 is" not in out


def test_it_is_chinese_with_the_stored_notes_and_the_csv_the_same(made, dca):
    def noted(found):
        found["runs"][0]["warnings"].append("My own remark on it")

    changed_ = changed(made, "dear", noted)
    files = []
    for language in ("en", "zh-Hant"):
        ends = [made / f"{language}.{ending}" for ending in ("html", "csv")]
        with speaking("en"):
            _, out, _ = dca("--lang", language, "diff", str(made / "plain"), str(changed_),
                            "--html", str(ends[0]), "--csv", str(ends[1]))  # fmt: skip
        files.append(ends[1].read_bytes())
    assert files[0] == files[1]
    page = re.sub(
        r"<(style|script|template)\b.*?</\1>|<[^>]*>", "", ends[0].read_text(), flags=re.S
    )
    for text in (out, page):
        assert english_left(text) == []
        assert "「My own remark on it」" in text
        assert "SP500 為 VFINX" in text
        assert "手續費率（依成交金額）：plain 為 0%、changed-dear 為 1%。" in text
        assert "標普 500 指數型基金" in text


@pytest.mark.parametrize(
    ("stored", "shown_"),
    [
        (
            "MSFT, DELL: chosen with hindsight; Sun and WorldCom are missing, so the truth was "
            "worse",
            "MSFT、DELL：以後見之明選出；未計入昇陽（Sun）與世界通訊（WorldCom），實際結果更差",
        ),
        (
            "monthly bars: drawdowns between them are not seen and were deeper",
            "採用月底資料：兩筆資料之間的跌幅看不到，實際回撤更深",
        ),
        (
            "12.50 USD of cash is not invested on the last bar",
            "最後一筆資料時仍有 12.50 USD 現金未投入",
        ),
        ("My fund: bought by hand", None),
        ("no prices after 2001-02-03; sold at 1,5 " + "x" * 600, None),
    ],
)
def test_a_stored_sentence_is_known_again(stored, shown_):
    with speaking("zh-Hant"):
        assert shown(recalled(stored)) == (shown_ or stored)


def test_names_out_of_a_strangers_report_are_text_on_the_page(made, dca):
    def forge(found):
        found["plan"]["<b>x"] = "<script>alert(1)</script>"
        for run in found["runs"]:
            run["warnings"] = ["<img src=x onerror=alert(1)>"]

    forged = changed(made, "plain", forge)
    assert dca("diff", str(made / "plain"), str(forged), "--html", str(made / "x.html"))[0] == 1
    text = (made / "x.html").read_text("utf-8")
    assert "<script>alert" not in text
    assert "<img src=x" not in text
    assert "&lt;img src=x" in text


_HEAD = "date,value,flow,unit_value\n"
BROKEN = [
    "", "\0", "date\n", f"{_HEAD}now,1,1,1\n", f"{_HEAD}2000-01-03,nan,1,1\n",
    f"{_HEAD}2000-01-03,1e300,1,1\n", f"{_HEAD}2000-01-03,1,1,1\n2000-01-03,1,1,1\n",
]  # fmt: skip


@pytest.mark.parametrize("text", BROKEN, ids=range(len(BROKEN)))
def test_a_ledger_that_is_none_is_refused_by_name(made, text):
    forged = changed(made, "plain", lambda _: None)
    (forged / "ledgers" / "index-fund--gfc.csv").write_text(text)
    (report,) = differences.read([forged])
    with pytest.raises(BadFolder, match=r"index-fund--gfc\.csv"):
        read_ledger(forged, report.results, ("index-fund", "gfc"))


def test_a_ledger_that_points_elsewhere_is_not_followed(made, tmp_path):
    forged = changed(made, "plain", lambda _: None)
    ledger = forged / "ledgers" / "index-fund--gfc.csv"
    ledger.rename(tmp_path / "elsewhere.csv")
    ledger.symlink_to(tmp_path / "elsewhere.csv")
    with pytest.raises(BadFolder, match="is a symbolic link"):
        read_ledger(forged, differences.read([forged])[0].results, ("index-fund", "gfc"))


def test_another_schema_is_refused_by_its_number(made, dca):
    forged = changed(made, "plain", lambda found: found.update(schema=2))
    code, _, err = dca("diff", str(made / "plain"), str(forged))
    assert code == 2
    assert "is written by schema 2, this version reads schema 1" in err


def test_one_report_alone_is_refused(made, dca):
    code, _, err = dca("diff", str(made / "plain"))
    assert (code, err.count("\n")) == (2, 1)
    assert "name two report folders or more" in err
