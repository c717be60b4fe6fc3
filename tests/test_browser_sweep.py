"""A sweep's page in a real browser: every start month a dot that opens its three falls."""

import csv
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from playwright.sync_api import Page, expect

from backtests.cli.sweep import sweep
from data.language import speaking
from tests.helpers import english_left
from tests.test_browser import DESK, PHONE, Opened, browser, choose, grave, opened, texts

# Fixtures that the tests below ask for by name.
__all__ = ["browser", "opened"]


def swept(folder: Path) -> Path:
    words = ["--years", "10", "--years", "5", "--from", "1998-01", "--out", str(folder)]
    done = CliRunner().invoke(sweep, words)
    assert done.exit_code == 0, done.output
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return swept(tmp_path_factory.mktemp("sweep") / "s")


@pytest.fixture(scope="module")
def chinese(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same sweep's page for a Taiwanese reader."""
    with speaking("zh-Hant"):
        folder = swept(tmp_path_factory.mktemp("sweep") / "zh")
    return (folder / "sweep.html").rename(folder / "report.html")


@pytest.fixture(scope="module")
def report(folder: Path) -> Path:
    """The page that `opened` opens."""
    return (folder / "sweep.html").rename(folder / "report.html")


@pytest.fixture(scope="module")
def windows(folder: Path) -> list[dict[str, str]]:
    with (folder / "rows.csv").open() as file:
        found = [row for row in csv.DictReader(file) if row["years"] == "10"]
    return [row for row in found if row["strategy"] == "index-fund"]


def read(page: Page) -> list[str]:
    """Return the index saver's row of the readout."""
    row = page.locator("#reading-rows tr", has_text="S&P 500 index fund")
    return [cell.inner_text() for cell in row.locator("td").all()]


def written(row: dict[str, str]) -> list[str]:
    """Write a row of the file as the readout does."""
    parts = [float(row["multiple"]) - 1, *(float(row[key]) for key in FALLS)]
    signs = ["+" if parts[0] > 0 else "\N{MINUS SIGN}", *["\N{MINUS SIGN}"] * 3]
    told = [f"{s}{abs(100 * p):.1f}\N{NO-BREAK SPACE}%" for s, p in zip(signs, parts, strict=True)]
    return [f"${float(row['final_value']):,.0f}", *told]


FALLS = ("max_drawdown", "account_max_drawdown", "worst_shortfall")


def month(row: dict[str, str]) -> str:
    return f"{np.datetime64(row['start'], 'D').astype(object):%B %Y}"


def test_the_worst_start_is_open_and_keys_open_every_other(opened: Opened, windows):
    page = opened()
    worst = min(windows, key=lambda row: float(row["multiple"]))
    assert page.locator("#reading-place").inner_text() == f"Begun in {month(worst)}"
    assert read(page) == written(worst)
    page.locator("#plot").focus()
    page.keyboard.press("Home")
    for row in windows[:4]:
        assert page.locator("#reading-place").inner_text() == f"Begun in {month(row)}"
        assert read(page) == written(row)
        page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    assert read(page) == written(windows[-1])
    last = np.datetime64(windows[-1]["end"], "D").astype(object)
    put = page.locator("#reading-put").inner_text()
    assert put == f"to {last:%B %Y}, money put in $120,000"
    expect(page.locator("#spoken")).to_contain_text(f"{month(windows[-1])}, ")
    expect(page.locator("#spoken")).to_contain_text(f"fall of the fund {written(windows[-1])[2]}")


def test_there_is_a_dot_a_window_and_a_pointer_opens_it(opened: Opened, windows):
    page = opened()
    dots = page.locator("#plot path.dots.lead").get_attribute("d")
    assert dots
    assert dots.count("h0") == len(windows)
    box = page.locator("#plot").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 100)
    place = page.locator("#reading-place").inner_text()
    assert written(next(row for row in windows if f"Begun in {month(row)}" == place)) == read(page)
    page.locator("#closer").click()
    near = page.locator("#plot path.dots.lead").get_attribute("d")
    assert near
    assert near.count("h0") == pytest.approx(len(windows) / 2, abs=1)
    page.locator("#whole").click()
    assert page.locator("#plot path.dots.lead").get_attribute("d") == dots


def test_views_savers_and_horizons_are_chosen_by_their_controls(opened: Opened, windows):
    page = opened()
    choose(page, "view", 4)
    deepest = min(windows, key=lambda row: float(row["worst_shortfall"]))
    assert page.locator("#reading-place").inner_text() == f"Begun in {month(deepest)}"
    assert page.locator("#chart-title").inner_text() == "How far below their own money"
    page.locator('.savers:visible input[name="strategy"]').first.uncheck()
    assert page.locator("#reading-rows th").all_inner_texts() == ["Diversified mix"]
    page.locator('.savers:visible input[name="strategy"]').last.uncheck()
    assert page.locator("#no-line").is_visible()
    page.locator("#all").click()
    choose(page, "era", 1)
    assert page.locator(".savers:visible").count() == 1
    assert "5\N{NO-BREAK SPACE}years" in page.locator("#shown").inner_text()
    page.locator("#plot").focus()
    page.keyboard.press("Home")
    put = page.locator("#reading-put").inner_text()
    assert put == "to December 2002, money put in $60,000"


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "dark"), (PHONE, "light")])
def test_nothing_serious_stands_in_the_way(opened: Opened, size, scheme):
    page = opened(size, scheme)
    assert grave(page) == []


def test_a_phone_shows_the_middle_first_and_nothing_scrolls_sideways(opened: Opened):
    for width in (390, 360):
        page = opened((width, 844))
        assert page.evaluate("document.documentElement.scrollWidth") == width
        heads = page.locator("#shown .outcomes").first.locator("thead th:not(.left)").all()
        lefts = {head.inner_text(): head.bounding_box()["x"] for head in heads}
        order = sorted(lefts, key=lambda name: lefts[name])
        assert [name.split()[0] for name in order] == ["50", "5", "25", "75", "95"]
        plot = page.locator("#plot").bounding_box()
        assert plot
        assert plot["y"] < 700
        assert page.locator(".saver:visible dt").first.inner_text() == "half above"


def test_without_a_script_the_fan_stands_and_no_control_does(opened: Opened):
    page = opened(java_script_enabled=False)
    assert page.locator("figure svg.wide").is_visible()
    assert not page.locator("#explorer").is_visible()
    assert page.locator("input:visible").count() == 0
    assert texts(page.locator(".saver h2 label"))


def test_the_chinese_page_answers_with_the_same_figures(opened: Opened, chinese: Path, windows):
    page = opened(file=chinese)
    worst = min(windows, key=lambda row: float(row["multiple"]))
    assert page.locator("#reading-place").inner_text() == f"自{month_han(worst)}開始"
    page.locator("#plot").focus()
    page.keyboard.press("End")
    row = page.locator("#reading-rows tr", has_text="標普 500 指數型基金")
    told = [text.replace("\N{NO-BREAK SPACE}", "") for text in written(windows[-1])]
    cells = [cell.inner_text() for cell in row.locator("td").all()]
    assert cells == [f"US{told[0]}", *told[1:]]
    last = np.datetime64(windows[-1]["end"], "D").astype(object)
    put = page.locator("#reading-put").inner_text()
    assert put == f"至{last.year}年{last.month}月，累計投入 US$120,000"
    expect(page.locator("#spoken")).to_contain_text(f"{month_han(windows[-1])}，標普 500 ")
    expect(page.locator("#spoken")).to_contain_text(f"策略回撤 {told[2]}，")
    label = page.locator("#plot").get_attribute("aria-label")
    assert label
    assert f"標普 500 指數型基金：自{month_han(worst)}開始者最低，" in label
    for view in (1, 4, 2, 3):
        choose(page, "view", view)
        assert english_left(page.locator("main").inner_text()) == []
    assert page.locator("#chart-title").inner_text() == "帳戶回撤：對帳單市值的跌幅"


@pytest.mark.parametrize(
    ("size", "scheme"), [(DESK, "light"), (PHONE, "dark"), ((360, 844), "light")]
)
def test_the_chinese_page_stands_as_the_english_one_does(
    opened: Opened, chinese: Path, size, scheme
):
    page = opened(size, scheme, chinese)
    assert page.locator("html").get_attribute("lang") == "zh-Hant-TW"
    assert grave(page) == []
    page.wait_for_timeout(500)
    page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") == size[0]
    plot = page.locator("#plot").bounding_box()
    assert plot
    assert plot["y"] < 700


def month_han(row: dict[str, str]) -> str:
    day = np.datetime64(row["start"], "D").astype(object)
    return f"{day.year}年{day.month}月"
