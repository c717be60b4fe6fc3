import json
import os
import re
import subprocess
import sys
from base64 import b64encode
from dataclasses import replace
from datetime import date
from hashlib import sha256
from html import escape, unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markupsafe import Markup

from backtests.comparison import Chapter, Comparison, LeftOut, compare
from backtests.measures.catalogue import CATALOGUE
from backtests.plan import OwnEra, OwnPhase, Plan
from backtests.report import explorer, templating
from backtests.report.card import card
from backtests.report.cells import HEADLINE, Cell, cell
from backtests.report.charts.canvas import Picture
from backtests.report.charts.draw import draw
from backtests.report.glossary import glossary, place_of
from backtests.report.page import render_html
from backtests.report.signs import sign_of, signs
from backtests.report.summary import verdict
from backtests.report.wording import DASH, NOT_YET, in_words, money, percent
from data.language import speaking
from data.notes import Note
from tests.conftest import make_table, month_ends
from tests.helpers import TABLES, play
from tests.test_terminal import printed

HOSTILE = '</title></script><script>alert(1)</script>"><img src=x onerror=alert(1)> {{ 7*7 }}'
VOID = {"meta", "br", "link", "img", "input", "hr"}


class Outline(HTMLParser):
    """Check that what is opened is closed, and collect what a reader could meet."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ids += [value for name, value in attrs if name == "id"]
        self.links += [value for name, value in attrs if name in ("href", "src", "xlink:href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"{tag} closes what is not open"


@pytest.fixture(scope="module")
def page(default: Comparison) -> str:
    return render_html(default, draw(default), "1.2.3")


@pytest.fixture(scope="module")
def outline(page: str) -> Outline:
    return Outline(page)


def text_of(page: str) -> str:
    bare = re.sub(r"<(style|svg|script).*?</\1>", "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", bare)).replace("\N{NO-BREAK SPACE}", " ")


def test_the_page_is_well_formed_and_its_links_lead_somewhere(outline: Outline):
    assert outline.open == []
    assert len(outline.ids) == len(set(outline.ids))
    inside = [link for link in outline.links if link != "data:,"]
    assert all(link.startswith("#") and link[1:] in outline.ids for link in inside)


def test_nothing_is_loaded_and_what_runs_is_named_by_its_hash(page: str, outline: Outline):
    assert not {"img", "iframe", "object", "form"} & set(outline.tags)
    assert re.findall("<link[^>]*>", page) == ['<link rel="icon" href="data:,">']
    assert not [name for name in outline.attributes if name.startswith("on") or name == "style"]
    assert set(re.findall(r"\w+://[^\"' <]*", page)) == {
        "http://www.w3.org/1999/xlink",
        "http://www.w3.org/2000/svg",
    }
    assert not re.search(r"url\((?!#)|@import", page)
    (style,) = re.findall(r"<style>(.*?)</style>", page, flags=re.DOTALL)
    assert f"style-src 'sha256-{hashed(style)}'" in policy(page)
    data, script = re.findall(r"<script[^>]*>(.*?)</script>", page, flags=re.DOTALL)
    assert f"script-src 'sha256-{hashed(script)}'" in policy(page)
    assert json.loads(data)["era"] == 1


def test_no_template_writes_a_style_that_the_policy_forbids():
    templates = Path(explorer.__file__).parent / "templates"
    files = sorted(templates.rglob("*.j2"))
    assert len(files) > 10
    for file in files:
        assert not re.search(r"\sstyle=|\son\w+=|<style>(?!\{)", file.read_text()), file.name


def policy(page: str) -> str:
    found = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert found
    assert found[1].startswith("default-src 'none'; img-src data:; ")
    assert found[1].endswith("; base-uri 'none'; form-action 'none'")
    return found[1]


def hashed(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()).decode()


def test_it_is_small_and_every_figure_is_there_for_page_and_phone(page: str, outline: Outline):
    assert len(page.encode()) < 1_200_000
    assert outline.tags.count("figure") == 5
    assert len(re.findall('<svg[^>]* class="(?:wide|narrow)"', page)) == 10
    assert page.count('role="img"') == 10


def test_the_verdict_comes_first_then_cards_one_picture_one_table_and_the_rest_is_folded(
    default: Comparison, page: str
):
    told = verdict(default)
    first, folded = page.split("<details", 1)
    places = [
        first.index(mark)
        for mark in (f"<h1>{told.sentence}</h1>", "<article", "<figure", '<table class="headline">')
    ]
    assert places == sorted(places)
    assert (first.count("<figure"), first.count('<div class="wide-table')) == (1, 1)
    assert first.count("<article") == len(list(default.results))
    shown = re.findall(r'<div class="savers" data-era="(\d)"( hidden)?>', first)
    assert shown == [("0", " hidden"), ("1", ""), ("2", " hidden")]
    for result in told.chapter.results:
        assert first.count(money(result.measures.number("final_value"))) >= 2, "card and table"
        assert percent(result.measures.number("worst_shortfall")) in first
    assert "<details open" not in page
    assert page.count('<details id="') == 9
    calendar = len(default.chapters) + len(list(default.results))
    assert folded.count("<table") == 13 + calendar


def test_what_is_in_the_seven_stands_in_the_newest_era_where_it_is_known(
    default: Comparison, page: str
):
    assert "How much of it is in the seven" in page
    assert "34.3\N{NO-BREAK SPACE}% of the index fund is in 7 companies" in page
    assert "every other figure in which the index has a part is an estimate" in page
    gfc = compare(Plan(eras=("gfc",)), TABLES)
    assert "is in the seven" not in render_html(gfc, [], "1")


def test_light_dark_phone_and_print_are_provided_for(page: str):
    assert "@media screen and (prefers-color-scheme: dark)" in page
    assert "@media screen and (max-width: 700px)" in page
    assert "@media print" in page
    assert 'name="viewport"' in page


def test_the_headline_numbers_stand_in_the_tables(default: Comparison, page: str):
    text = text_of(page)
    for result in default.results:
        for measure in HEADLINE:
            assert cell(result.measures, measure).text.replace("\N{NO-BREAK SPACE}", " ") in text
    assert "Money put in" in text
    assert "1.2.3" in text


def test_what_was_asked_and_the_source_stand_at_the_top(page: str):
    top = text_of(page)
    assert "$1,000 on the first trading day of every month" in top
    assert "S&amp;P 500 index fund, Diversified mix, Concentrated picks and Nasdaq index" in top
    assert "AI run: since ChatGPT&#39;s release, 1 November 2022 to 17 September 2026" in top
    assert "(snapshot)" in top


def test_every_warning_is_a_note_of_its_era_and_marked_beside_the_name(
    default: Comparison, page: str
):
    for place, chapter in enumerate(default.chapters, start=1):
        for note in {note for r in chapter.results for note in r.notes}:
            letter = sign_of(note.kind).letter
            found = re.search(f'<li id="note-{place}-{letter}">(.*?)</li>', page)
            assert found
            assert f">{in_words(str(note))}</span>" in unescape(found[1])
            assert f'href="#era-{place}"' in found[1]
        for result in chapter.results:
            for sign in signs(result):
                beside = f'{re.escape(escape(result.title))}<sup>(?:<a class="sign [^>]*>.</a>)*'
                link = f'<a class="sign {sign.colour}" href="#note-{place}-{sign.letter}"'
                assert re.search(f"{beside}{link}", page)


def test_what_was_left_out_is_said(default: Comparison):
    chapter = replace(default.chapters[0], absent=(LeftOut("mine", "<no> basket"),))
    comparison = replace(default, chapters=(chapter,), left_out=("era x left out: no prices",))
    text = render_html(comparison, [], "1")
    assert "mine left out: &lt;no&gt; basket" in text
    assert "era x left out: no prices" in text


def test_a_strategy_that_an_era_leaves_out_keeps_its_card_with_the_reason():
    plan = Plan(eras=("dotcom-peak", "gfc"), strategies=())
    cards = render_html(compare(plan, TABLES), [], "1").split('class="savers"')
    assert cards[1].count("<article") == 4
    crisis = cards[2].split("</fieldset>")[0].split("<section")[0]
    assert crisis.count("<article") == 4
    assert crisis.count(f"<dd>{DASH}</dd>") == 4
    assert crisis.count("left out: no basket is declared for this era") == 2


def test_the_data_can_be_checked(default: Comparison, page: str):
    table = default.tables["daily"]
    for symbol in ("SP500", "IXIC", "TSLA"):
        assert table.sha256(symbol) in page
    assert "VFINX to 2007-12-31, then SPY" in text_of(page)
    assert table.sha256("CASH") not in page, "no strategy used it"


def test_a_high_not_reached_again_is_not_yet_and_a_missing_number_has_its_reason():
    ends = ["2020-01-31", "2020-02-29", "2020-03-31"]
    fell = play(make_table(ends, {"A": [10, 20, 10]}, "monthly"), {"A": 1.0})
    rose = play(make_table(ends, {"A": [10, 20, 30]}, "monthly"), {"A": 1.0})
    recovery = next(m for m in CATALOGUE if m.key == "max_drawdown_recovery")
    calmar = next(m for m in CATALOGUE if m.key == "calmar")
    assert cell(fell.measures, recovery).text == NOT_YET
    assert cell(rose.measures, recovery) == Cell(DASH, "never fell")
    assert cell(rose.measures, calmar).reason == "the strategy never fell, or under a year"


def test_a_jump_stands_beside_the_dollars_of_table_and_sentence():
    days = ["2020-01-31", "2020-02-29", "2020-03-31"]
    jump = Note("jump", "A", "3 times the price before on 2020-02-29")
    table = make_table(days, {"A": [10, 30, 30]}, "monthly", notes={"A": (jump,)})
    result = play(table, {"A": 1.0})
    chapter = Chapter(result.era, "monthly", (result,), ())
    page = render_html(Comparison(Plan(), (chapter,), {"monthly": table}, ()), [], "1")
    assert '$5,000<span class="when beside">prices jump: see note D</span>' in page
    assert "Not a forecast. mine: prices jump." in text_of(page)


def test_every_measure_has_its_word_and_leads_to_it(page: str):
    places = [entry.slug for entry in glossary()]
    assert len(places) == len(set(places))
    for measure in CATALOGUE:
        assert place_of(measure) in places, measure.key
        assert f'href="#{place_of(measure)}">{measure.title}</a>' in page
    folded = page.split('<details id="words">')[1]
    for entry in glossary():
        assert f'<dt id="{entry.slug}">' in folded
    formulas = re.findall('<details class="formula"><summary>The formula</summary>(.*?)</', folded)
    assert list(map(unescape, formulas)) == [entry.formula for entry in glossary() if entry.formula]
    assert len(formulas) > 12


def test_no_cell_is_ever_nan_or_none(page: str):
    words = re.findall(r"\w+", text_of(page).lower())
    assert not {"nan", "none", "undefined", "inf"} & set(words)


def test_the_reasons_stand_under_the_table():
    era = {"e": OwnEra(start=date(2010, 1, 4), end=date(2010, 1, 4))}
    plan = Plan(eras=("e",), strategies=("index-fund",), era=era)
    text = text_of(render_html(compare(plan, TABLES), [], "1"))
    assert "\N{EM DASH} XIRR, a year: under a year, which is not annualised" in text


def test_under_a_year_the_return_in_all_stands_in_the_place_of_xirr():
    days = [str(day) for day in month_ends("2020-01", 3)]
    table = make_table(days, {"A": [10, 10, 12]}, "monthly")
    result = play(table, {"A": 1.0})
    rate = cell(result.measures, next(m for m in HEADLINE if m.key == "xirr"))
    assert result.measures["xirr"] is None
    assert rate.text == f"{100 * result.measures.number('mwr'):.1f}\N{NO-BREAK SPACE}% in all"
    chapter = Chapter(result.era, "monthly", (result,), ())
    comparison = Comparison(Plan(), (chapter,), {"monthly": table}, ())
    assert f">{rate.text}</td>" in card([result])
    assert text_of(render_html(comparison, [], "1")).count(rate.text.replace("\xa0", " ")) == 2
    rate = cell(result.measures, HEADLINE[2], digits=2)
    assert re.search(rf"XIRR, a year +{rate.text[:5]} % in all\n", printed(comparison))


def test_hostile_titles_come_out_as_text():
    own = OwnEra(
        start=date(2008, 1, 1),
        end=date(2008, 6, 30),
        title=HOSTILE,
        phases=(OwnPhase(name=HOSTILE, start=date(2008, 1, 1)),),
    )
    plan = Plan(eras=("e",), strategies=("index-fund", "diversified"), era={"e": own})
    comparison = compare(plan, TABLES)
    page = render_html(comparison, draw(comparison), "<b>")
    outline = Outline(page)
    assert outline.open == []
    assert not {"img", "b"} & set(outline.tags)
    assert outline.tags.count("script") == 2
    assert "{{ 7*7 }}" in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_a_figures_words_are_escaped(default: Comparison):
    figure = Picture("x", "<i>title</i>", "<i>caption</i>", "", "<svg></svg>", "<svg></svg>", b"")
    page = render_html(default, [figure], "1")
    assert "<i>" not in page
    assert "&lt;i&gt;title&lt;/i&gt;" in page


def test_the_same_comparison_gives_the_same_bytes(default: Comparison):
    assert render_html(default, [], "1") == render_html(default, [], "1")


def test_an_estimate_among_consumer_prices_is_said_where_it_counts(page: str):
    said = "Consumer prices of October 2025, never published,"
    assert text_of(page).count(said) == 1, "in the AI run only"


def without_bills(result):
    return replace(result, course=replace(result.course, bill=None))


def test_what_the_ratios_are_taken_over_is_said(default: Comparison, page: str):
    assert text_of(page).count("Sharpe and Sortino ratios: over Treasury bills.") == 3
    chapter = default.chapters[0]
    bare = replace(chapter, results=tuple(without_bills(r) for r in chapter.results))
    text = text_of(render_html(replace(default, chapters=(bare,)), [], "1"))
    assert "over zero, the data has no Treasury bills" in text


def test_an_era_without_phases_and_monthly_bars_are_said():
    plan = Plan(eras=("lost-decade",), strategies=("index-fund",), bars="monthly")
    text = text_of(render_html(compare(plan, TABLES), [], "1"))
    assert "Phase by phase" not in text
    assert "month-end prices" in text
    assert "Months below the high" in text


def test_terms_are_explained_and_nothing_is_advised(page: str):
    text = text_of(page)
    for term in (
        "XIRR",
        "CAGR",
        "Ulcer index",
        "Sharpe ratio",
        "Unit value",
        "Hindsight",
        "SHA-256",
    ):
        assert term in text.split("Words used here")[1]
    assert "recommends nothing" in text
    assert not re.search(r"\b(should|you|your)\b|!", text)


NEW_MEASURE = """
import sys
from backtests.measures import catalogue
entry = catalogue.Measure(
    "highest_value", "Most it was worth", "money", lambda c: 12345.0, headline=True,
    meaning="The account's highest value.", series=lambda c: c.value * 2,
)
catalogue.CATALOGUE = (*catalogue.CATALOGUE, entry)
from backtests.cli.main import main
sys.argv = "dca run --weights SP500=1 --from 2020-01-01 --to 2020-12-31 --out r".split()
main()
"""


def test_a_measure_in_the_catalogue_appears_in_every_output(tmp_path):
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run(
        [sys.executable, "-c", NEW_MEASURE],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    run = json.loads((tmp_path / "r" / "results.json").read_text())["runs"][0]
    assert run["metrics"]["highest_value"] == 12345
    assert re.search(r"Most it was worth +\$12,345\n", done.stdout)
    page = (tmp_path / "r" / "report.html").read_text()
    assert page.count(">$12,345</td>") == 2, "the headline and the table of all measures"
    entry = '<dt id="word-most-it-was-worth">Most it was worth</dt>'
    assert f"{entry}<dd>The account&#39;s highest value.</dd>" in page
    (ledger,) = (tmp_path / "r" / "ledgers").iterdir()
    head, first, *_ = ledger.read_text().splitlines()
    row = dict(zip(head.split(","), first.split(","), strict=True))
    assert float(row["highest_value"]) == 2 * float(row["value"])


@pytest.mark.parametrize(
    ("heading", "clauses"),
    [
        (Markup("It fell, then rose."), []),
        (Markup("跌破，「A&amp;B」。"), ["跌破，", "「A&amp;B」。"]),
        (Markup("自高點起定期定額，止。"), ["自高點起<wbr>定期定額，", "止。"]),
        (Markup("市值（甲，乙）。"), []),
    ],
)
def test_a_heading_is_parted_at_full_width_commas_outside_brackets(
    heading: Markup, clauses: list[str]
):
    with speaking("zh-Hant"):
        written = templating._clauses(heading)
    assert re.findall(r'<span class="clause">(.*?)</span>', written) == clauses
    assert written.replace("<wbr>", "").striptags() == heading.striptags()
