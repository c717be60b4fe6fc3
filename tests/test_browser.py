"""The page in a real browser: every control by mouse and by keyboard, on a desk and on a phone."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from backtests.api import scenario
from backtests.comparison import Comparison, compare
from backtests.plan import OwnEra, Plan
from backtests.report import difference_page, differences, files
from backtests.report.charts.draw import draw
from backtests.report.page import render_html
from backtests.report.wording import money, percent
from data.language import speaking
from tests.helpers import TABLES, english_left

GOLDEN = Path(__file__).parent / "golden"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
)
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
DESK, PHONE = (1280, 800), (390, 844)
KEYS = ("worst_shortfall", "worst_shortfall", "max_drawdown", "account_max_drawdown")
DAYS = ("worst_shortfall_date", "worst_shortfall_date", "max_drawdown_trough")
DAY_OF = (*DAYS, "account_max_drawdown_trough")

Opened = Callable[..., Page]


def installed() -> dict[str, Any]:
    """Return how to find the browser: the one named, one on the path, or Google Chrome."""
    wanted = os.environ.get("DCA_BROWSER") or next(filter(shutil.which, NAMES), "")
    found = shutil.which(wanted)
    return {"executable_path": found} if found else {"channel": "chrome"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(args=list(QUIET), **installed())
        yield running
        running.close()


@pytest.fixture(scope="module")
def report(default: Comparison, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(render_html(default, draw(default), "1.2.3"), encoding="utf-8")
    return file


@pytest.fixture
def opened(browser: Browser, report: Path) -> Iterator[Opened]:
    """Open the page; whatever a test does with it, it says nothing and asks for nothing."""
    said: list[str] = []
    asked: list[str] = []
    contexts = []

    def open_it(
        size: tuple[int, int] = DESK, scheme: str = "light", file: Path = report, **settings: Any
    ) -> Page:
        viewport = {"width": size[0], "height": size[1]}
        context = browser.new_context(viewport=viewport, color_scheme=scheme, **settings)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert said == []
    assert not [url for url in asked if not url.startswith("data:") and "report.html" not in url]


def choose(page: Page, name: str, value: object) -> None:
    page.locator(f'input[name="{name}"][value="{value}"]').first.check()


def rows(page: Page) -> dict[str, tuple[str, str]]:
    """Read the readout: share and dollars by name."""
    found = {}
    for row in page.locator("#reading-rows tr").all():
        name, share, usd = (cell.inner_text() for cell in row.locator("th, td").all())
        found[name.strip()] = (share, usd)
    return found


def texts(found: Locator) -> list[str]:
    return [text for text in found.all_text_contents() if text]


def in_words(day: str) -> str:
    """Write an ISO date as the readout does: 23 July 2002."""
    moment = np.datetime64(day).astype(object)
    return f"{moment.day} {moment:%B %Y}"


def test_reports_side_by_side_answer_like_any_page(opened: Opened, tmp_path: Path):
    for name, fee in (("plain", 0.0), ("dear", 100.0)):
        plan = Plan(eras=("gfc", "lost-decade"), strategies=("index-fund", "cash"), fee_bps=fee)
        files.write(compare(plan, TABLES), tmp_path / name)
    reports = differences.read([tmp_path / name for name in ("plain", "dear")])
    file = tmp_path / "report.html"
    file.write_text(difference_page.page(reports, difference_page.chosen(False)), "utf-8")
    for size, scheme in ((DESK, "light"), (PHONE, "dark")):
        page = opened(size, scheme, file)
        assert set(rows(page)) == {"index-fund, plain", "index-fund, dear"}
        choose(page, "strategy", 2)
        choose(page, "era", 1)
        assert set(rows(page)) == {"index-fund, plain", "index-fund, dear", "cash, plain"}
        assert page.locator("#shown h3").inner_text().startswith("The lost decade")
        assert page.evaluate("document.documentElement.scrollWidth") == size[0]
        assert grave(page) == []


def test_the_first_screen_answers_and_nothing_scrolls_sideways(opened: Opened):
    page = opened(DESK)
    told = page.locator("h1").inner_text()
    assert "35\N{NO-BREAK SPACE}%" in told
    for part in ("h1", ".savers:not([hidden])", "#plot"):
        box = page.locator(part).first.bounding_box()
        assert box
        assert box["y"] < 600, part
    height = page.evaluate("document.documentElement.scrollHeight")
    assert height <= 6 * DESK[1]
    for width in (390, 360):
        page = opened((width, 844))
        assert page.evaluate("document.documentElement.scrollWidth") == width
        plot = page.locator("#plot").bounding_box()
        assert plot
        assert plot["y"] < 700, width


def test_the_readout_rests_on_every_worst_day_with_the_reports_figures(
    opened: Opened, default: Comparison
):
    page = opened()
    for place, chapter in enumerate(default.chapters):
        choose(page, "era", place)
        for view, (key, day) in enumerate(zip(KEYS, DAY_OF, strict=True)):
            choose(page, "view", view)
            figures = chapter.results[0].measures
            assert page.locator("#reading-place").inner_text() == in_words(str(figures[day]))
            share, usd = rows(page)[chapter.results[0].title]
            assert share == percent(figures.number(key), 1), (chapter.era.name, view)
            at = np.searchsorted(chapter.results[0].course.dates, np.datetime64(str(figures[day])))
            assert usd == money(float(chapter.results[0].course.value[at]))
            lowest = texts(page.locator("#plot .name.halo"))
            beside = usd if view == 1 else percent(figures.number(key))
            assert lowest[-1] == f"{chapter.results[0].title} {beside}"
            label = page.locator("#plot .name.halo").last
            assert not overlap(label, page.locator("#reading")), (chapter.era.name, view)


def overlap(one: Locator, other: Locator) -> bool:
    a, b = one.bounding_box(), other.bounding_box()
    assert a
    assert b
    across = a["x"] < b["x"] + b["width"] and b["x"] < a["x"] + a["width"]
    return across and a["y"] < b["y"] + b["height"] and b["y"] < a["y"] + a["height"]


def test_cards_and_table_follow_the_period(opened: Opened, default: Comparison):
    page = opened()
    for place, chapter in [*enumerate(default.chapters)][::-1]:
        choose(page, "era", place)
        cards = page.locator(".savers:visible")
        assert cards.count() == 1
        assert money(chapter.results[0].measures.number("final_value")) in cards.inner_text()
        assert page.locator("#shown h3").inner_text() == chapter.era.title
    assert page.locator("#others table").count() == len(default.chapters) - 1


def test_arrow_keys_read_every_day(opened: Opened, default: Comparison):
    page = opened()
    chapter = default.chapters[1]
    page.locator("#plot").focus()
    page.keyboard.press("Home")
    seen = []
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowRight", "End", "ArrowLeft"):
        page.keyboard.press(key)
        seen.append(page.locator("#reading-place").inner_text())
    course = chapter.results[2].course
    assert seen == [
        "2 March 2000", "3 March 2000", "3 April 2000", "31 December 2007", "28 December 2007"
    ]  # fmt: skip
    share, usd = rows(page)[chapter.results[2].title]
    assert usd == money(float(course.value[-2]))
    gain = float(course.value[-2] / course.contributed[-2] - 1)
    assert share == f"+{percent(gain, 1)}"
    put_in = page.locator("#reading-put").inner_text()
    assert put_in == f"money put in {money(float(course.contributed[-2]))}"


def test_what_the_crosshair_reads_is_spoken_once_it_rests(opened: Opened, default: Comparison):
    page = opened()
    page.wait_for_timeout(500)
    page.locator("#plot").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert "26 July" not in page.locator("#spoken").inner_text()
    expect(page.locator("#spoken")).to_contain_text("26 July 2002")
    spoken = page.locator("#spoken").text_content()
    course = default.chapters[1].results[0].course
    at = int(np.searchsorted(course.dates, np.datetime64("2002-07-26")))
    share = percent(float(course.value[at] / course.contributed[at] - 1), 1)
    assert spoken
    assert spoken.startswith("26 July 2002, Diversified mix ")
    assert f", S&P 500 index fund {share}, " in spoken
    label = page.locator("#plot").get_attribute("aria-label")
    assert label
    assert "S&P 500 index fund: lowest \N{MINUS SIGN}34.6" in label
    assert "on 23 July 2002" in label


def span(page: Page) -> str:
    return page.locator("#span").inner_text()


def test_a_stroke_of_the_mouse_zooms_and_there_is_a_way_back(opened: Opened):
    page = opened()
    whole = span(page)
    assert whole == "1 March 2000 to 31 December 2007"

    def at(x: float, y: float) -> tuple[float, float]:
        box = page.locator("#plot").bounding_box()
        assert box
        return box["x"] + x, box["y"] + y

    def stroke() -> str:
        page.mouse.move(*at(250, 150))
        page.mouse.down()
        page.mouse.move(*at(450, 180), steps=4)
        assert page.locator("#plot .band").count() == 1
        page.mouse.up()
        assert page.locator("#plot .band").count() == 0
        return span(page)

    near = stroke()
    assert near != whole
    assert near.split()[2] in ("2001", "2002")
    page.locator("#plot").focus()
    page.keyboard.press("Escape")
    assert span(page) == whole
    assert not page.locator("#whole").is_visible()
    assert stroke() == near
    page.locator("#whole").click()
    assert span(page) == whole
    stroke()
    page.mouse.dblclick(*at(300, 150))
    assert span(page) == whole
    page.mouse.move(*at(300, 100))
    assert page.locator("#reading-place").inner_text() != "23 July 2002"


def test_keys_and_buttons_zoom_too(opened: Opened):
    page = opened()
    whole = span(page)
    page.locator("#plot").focus()
    for key, button in (("+", "closer"), ("-", "further")):
        page.keyboard.press(key)
        by_key = span(page)
        page.keyboard.press("-" if key == "+" else "+")
        page.locator(f"#{button}").click()
        assert span(page) == by_key
        page.locator("#plot").focus()
    page.keyboard.press("Escape")
    assert span(page) == whole


def test_every_control_answers_to_the_keyboard_alone(opened: Opened):
    page = opened()
    reached = []
    while "further" not in reached and len(reached) < 40:
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.name || document.activeElement.id"))
    assert [name for name in reached if name] == [
        "era", *["strategy"] * 4, "view", "ratio", "plot", "closer", "further"
    ]  # fmt: skip
    page.locator('input[name="era"]:checked').focus()
    page.keyboard.press("ArrowDown")
    assert page.locator("#shown h3").inner_text() == "AI run: since ChatGPT's release"
    page.locator('input[name="view"]:checked').focus()
    page.keyboard.press("ArrowDown")
    assert page.locator("#chart-title").inner_text() == "What the account was worth"
    page.locator('.savers:visible input[name="strategy"]').first.focus()
    page.keyboard.press("Space")
    assert len(rows(page)) == 3
    page.locator('input[name="ratio"]').focus()
    page.keyboard.press("Space")
    assert "Ratio scale" in page.locator("#chart-means").inner_text()


def test_no_line_chosen_is_said_and_undone(opened: Opened):
    page = opened()
    for box in page.locator('.savers:visible input[name="strategy"]').all():
        box.uncheck()
    assert page.locator("#no-line").is_visible()
    assert not page.locator("#reading").is_visible()
    assert page.locator("#plot svg").count() == 0
    page.locator("#all").click()
    assert not page.locator("#no-line").is_visible()
    assert len(rows(page)) == 4
    choose(page, "era", 0)
    assert page.locator('.savers:visible input[name="strategy"]:checked').count() == 4


def test_a_line_that_doubles_is_drawn_on_a_ratio_scale_and_says_so(opened: Opened):
    page = opened()
    assert "Ratio scale" not in page.locator("#chart-means").inner_text()
    choose(page, "era", 0)
    assert "Ratio scale" in page.locator("#chart-means").inner_text()
    assert {"own money", "double", "4 times"} <= set(texts(page.locator("#plot .axis")))
    page.locator('input[name="ratio"]').uncheck()
    assert "own money" not in texts(page.locator("#plot .axis"))
    choose(page, "view", 2)
    assert not page.locator("#ratio").is_visible()


def test_eras_are_laid_on_one_another_by_months(opened: Opened, default: Comparison):
    page = opened()
    choose(page, "era", "aligned")
    assert page.locator("#plot path.line").count() == 3
    assert page.locator("#reading-place").inner_text() == "Month 28"
    found = rows(page)
    assert found["S&P 500 index fund, 2000"] == ("\N{MINUS SIGN}34.6\N{NO-BREAK SPACE}%", "$18,977")
    then = default.chapters[0].results[0].course
    age = np.datetime64("2002-07-23") - default.chapters[1].results[0].course.dates[0]
    at = int(np.searchsorted(then.dates, then.dates[0] + age, "right")) - 1
    assert found["S&P 500 index fund, 1996"][1] == money(float(then.value[at]))
    choose(page, "era", 1)
    assert page.locator('.savers:visible input[name="strategy"]:checked').count() == 4


def test_one_finger_reads_and_two_zoom(opened: Opened):
    page = opened(PHONE, has_touch=True, is_mobile=True)
    hand = page.context.new_cdp_session(page)
    page.locator("#plot").scroll_into_view_if_needed()
    box = page.locator("#plot").bounding_box()
    assert box

    def touch(kind: str, *places: float) -> None:
        points = [{"x": box["x"] + x, "y": box["y"] + 120, "id": at} for at, x in enumerate(places)]
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 100)
    touch("touchMove", 220)
    touch("touchEnd")
    read = page.locator("#reading-place").inner_text()
    assert int(read.split()[2]) in (2004, 2005), read
    whole = span(page)
    touch("touchStart", 150, 200)
    touch("touchMove", 100, 250)
    touch("touchEnd")
    assert span(page) != whole
    page.locator("#whole").tap()
    assert span(page) == whole


def test_a_scenario_is_told_apart_from_history(
    opened: Opened, tmp_path_factory: pytest.TempPathFactory
):
    assumed = scenario(Plan(strategies=("index-fund",))).replayed
    file = tmp_path_factory.mktemp("scenario") / "report.html"
    file.write_text(render_html(assumed, draw(assumed), "1.2.3"), encoding="utf-8")
    page = opened(file=file)
    said = {"History", "Scenario: assumed, not a forecast"}
    assert said <= set(texts(page.locator("#plot .name")))
    dashed = page.locator("#plot path.assumed").evaluate("e => getComputedStyle(e).strokeDasharray")
    assert dashed != "none"
    assert page.locator("#plot path.line:not(.assumed)").count() == 1
    assert page.locator("#reading-place").inner_text().endswith("2029 (scenario)")
    page.locator("#plot").focus()
    page.keyboard.press("Home")
    assert page.locator("#reading-place").inner_text() == "1 November 2022"
    assert clear_of_the_plot(page)
    page = opened(PHONE, file=file)
    assert "Scenario: assumed" in texts(page.locator("#plot .name"))
    assert clear_of_the_plot(page)


def clear_of_the_plot(page: Page) -> bool:
    """Tell whether the words for history and scenario stand above all lines, below the date."""
    return page.evaluate("""() => {
        const box = (mark) => mark.getBoundingClientRect();
        const said = [...document.querySelectorAll("#plot .name.halo")].filter((mark) =>
            /^(History|Scenario)/.test(mark.textContent)).map(box);
        const date = [...document.querySelectorAll("#plot text")].filter((mark) =>
            /\\(scenario\\)$/.test(mark.textContent)).map(box);
        const top = box(document.querySelector('#plot rect[fill="url(#hatch)"]')).top;
        return said.length === 2 && said.every(({ bottom, top: high }) =>
            bottom <= top + 2 && date.every((day) => day.bottom <= high + 4));
    }""")


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of one short era: every part is there, and few enough cells to look at each."""
    era = {"short": OwnEra(start=date(2001, 1, 2), end=date(2002, 12, 31))}
    comparison = compare(Plan(eras=("short",), strategies=("index-fund",), era=era), TABLES)
    file = tmp_path_factory.mktemp("short") / "report.html"
    file.write_text(render_html(comparison, draw(comparison), "1.2.3"), encoding="utf-8")
    return file


def grave(page: Page) -> list[tuple[str, str, str]]:
    """List what axe finds serious or critical: rule, impact and the first place."""
    return [
        (each["id"], each["impact"], each["nodes"][0]["html"][:200])
        for each in Axe().run(page).response["violations"]
        if each["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_nothing_serious_stands_in_the_way_of_anyone_who_opens_all(
    opened: Opened, short: Path, size: tuple[int, int], scheme: str
):
    page = opened(size, scheme, short)
    page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    assert grave(page) == []


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "dark"), (PHONE, "light")])
def test_nothing_serious_stands_in_the_way_as_it_opens(
    opened: Opened, size: tuple[int, int], scheme: str
):
    assert grave(opened(size, scheme)) == []


def test_without_a_script_the_pictures_stand_and_no_control_does(opened: Opened):
    page = opened(java_script_enabled=False)
    assert page.locator("figure.static svg.wide").is_visible()
    assert not page.locator("#explorer").is_visible()
    assert page.locator("input:visible").count() == 0
    assert page.locator(".savers:visible").count() == 1


def test_on_paper_the_pictures_stand_on_few_pages(opened: Opened):
    page = opened(scheme="dark")
    page.emulate_media(media="print")
    assert page.locator("figure.static svg.wide").is_visible()
    assert not page.locator("#explorer").is_visible()
    assert page.locator("input:visible").count() == 0
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(254, 254, 254)"
    printed = page.pdf(format="A4")
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) <= 6


def test_a_link_opens_the_part_it_leads_to(opened: Opened):
    page = opened()
    page.evaluate("location.hash = '#words'")
    expect(page.locator("#words")).to_have_attribute("open", "")


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "dark")])
def test_the_first_screen_looks_as_it_did(opened: Opened, size: tuple[int, int], scheme: str):
    """Compare loosely, as fonts differ: record anew with DCA_RECORD_PICTURES=1."""
    page = opened(size, scheme)
    page.wait_for_timeout(100)
    seen = Image.open(BytesIO(page.screenshot())).convert("L")
    small = seen.resize((size[0] // 8, size[1] // 8), Image.Resampling.BOX)
    file = GOLDEN / f"page-{size[0]}-{scheme}.png"
    if os.environ.get("DCA_RECORD_PICTURES"):
        small.save(file, optimize=True)
    kept = np.asarray(Image.open(file), dtype=float)
    assert np.abs(np.asarray(small, dtype=float) - kept).mean() < 8


@pytest.fixture(scope="module")
def chinese(default: Comparison, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The default page, and a scenario's, for a Taiwanese reader."""
    found = {}
    assumed = scenario(Plan(strategies=("index-fund", "ai-picks"))).replayed
    with speaking("zh-Hant"):
        for name, comparison in (("compare", default), ("scenario", assumed)):
            found[name] = tmp_path_factory.mktemp(name) / "report.html"
            page = render_html(comparison, draw(comparison), "1.2.3")
            found[name].write_text(page, encoding="utf-8")
    return found


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (PHONE, "dark")])
@pytest.mark.parametrize("name", ["compare", "scenario"])
def test_the_chinese_page_is_chinese_throughout(
    opened: Opened, chinese: dict[str, Path], name: str, size: tuple[int, int], scheme: str
):
    page = opened(size, scheme, chinese[name])
    assert page.locator("html").get_attribute("lang") == "zh-Hant-TW"
    assert page.evaluate("document.documentElement.scrollWidth") == size[0]
    assert grave(page) == []
    page.wait_for_timeout(500)
    page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") == size[0]
    spoken = page.evaluate("""() => [...document.querySelectorAll("[aria-label], [title]")].map(
        (each) => `${each.getAttribute("aria-label")} | ${each.getAttribute("title")}`)""")
    pictures = texts(page.locator("svg text, svg title, svg desc"))
    read = "\n".join([page.title(), page.locator("body").inner_text(), *spoken, *pictures])
    assert english_left(read) == []
    assert not re.search(r"[\u3400-\u9fff][,;:?!]|(?<![A-Z])\$", read)


def test_the_chinese_chart_answers_in_chinese(opened: Opened, chinese: dict[str, Path]):
    page = opened(file=chinese["compare"])
    assert page.locator("#reading-place").inner_text() == "2002年7月23日"
    assert page.locator("#reading-put").inner_text() == "累計投入 US$29,000"
    assert rows(page)["標普 500 指數型基金"] == ("\N{MINUS SIGN}34.6%", "US$18,977")
    assert span(page) == "2000年3月1日至2007年12月31日"
    expect(page.locator("#spoken")).to_contain_text("2002年7月23日，分散配置 \N{MINUS SIGN}9.5%，")
    label = page.locator("#plot").get_attribute("aria-label")
    assert label
    assert "標普 500 指數型基金：2002年7月23日最低 \N{MINUS SIGN}34.6%；" in label
    page.locator("#plot").focus()
    for _ in range(6):
        page.keyboard.press("+")
    assert all(re.fullmatch(r"\d{4}|\d{4}-\d\d|\d+/\d+|.*%", t)
               for t in texts(page.locator("#plot .axis")))  # fmt: skip
    page.keyboard.press("Escape")
    choose(page, "view", 1)
    assert {"US$5萬", "US$10萬"} <= set(texts(page.locator("#plot .axis")))
    choose(page, "era", "aligned")
    choose(page, "view", 0)
    assert page.locator("#reading-place").inner_text() == "第 28 個月"
    assert "標普 500 指數型基金，2000年" in rows(page)
    assert page.locator("#chart-means").inner_text().endswith("橫軸為各時期開始後的月數。")
