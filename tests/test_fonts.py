import importlib
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib.font_manager import fontManager
from matplotlib.text import Text
from PIL import Image

from backtests import satellite as shared
from backtests.comparison import Comparison
from backtests.plan import Plan
from backtests.report.charts import canvas, exposure, fan, fonts, satellite
from backtests.report.charts.axes import folded
from backtests.report.charts.draw import draw, draw_card
from backtests.report.charts.sheet import HALO, Layout, Sheet
from backtests.report.formats import FORMATS
from backtests.scenarios.play import play
from backtests.scenarios.sources import Scenario
from data.language import ENGLISH, speaking, spoken
from tests.helpers import TABLES, english_left
from tests.test_exposure import exposed

FAMILY = "Heiti TC"
HAN = re.compile("[\u3000-\u9fff\uff00-\uffef]")
Machine = Callable[[bool], None]


@pytest.fixture(scope="session")
def font(tmp_path_factory) -> Path:
    """A font of one weight in which every Chinese character is the same square."""
    pen = TTGlyphPen(None)
    for corner, step in zip([(50, 0), (50, 700), (750, 700), (750, 0)], "mlll", strict=True):
        (pen.moveTo if step == "m" else pen.lineTo)(corner)
    pen.closePath()
    letters = [*range(0x3000, 0x3030), *range(0x4E00, 0xA000), *range(0xFF00, 0xFF5F)]
    made, glyphs = FontBuilder(800, isTTF=True), [".notdef", "square"]
    made.setupGlyphOrder(glyphs)
    made.setupCharacterMap(dict.fromkeys(letters, "square"))
    made.setupGlyf(dict.fromkeys(glyphs, pen.glyph()))
    made.setupHorizontalMetrics(dict.fromkeys(glyphs, (800, 50)))
    made.setupHorizontalHeader(ascent=900, descent=-200)
    made.setupNameTable({"familyName": FAMILY, "styleName": "Regular"})
    made.setupOS2(sTypoAscender=900, sTypoDescender=-200)
    made.setupPost()
    file = tmp_path_factory.mktemp("fonts") / "STHeiti Light.ttf"
    made.save(file)
    return file


@pytest.fixture
def machine(font: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """Give the machine a Chinese font, or none."""
    monkeypatch.setattr(fontManager, "ttflist", [*fontManager.ttflist])

    def given(has: bool) -> None:
        monkeypatch.setattr(fonts, "findSystemFonts", lambda: [str(font)] * has)
        fonts.han.cache_clear()

    yield given
    fonts.han.cache_clear()


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Text]:
    """Every label whose letters are drawn."""
    found: list[Text] = []
    fit = fonts.fit

    def seen(labels: list[Text]) -> None:
        fit(labels)
        found.extend(text for text in labels if text.get_text())

    monkeypatch.setattr(fonts, "fit", seen)
    return found


def sketch() -> canvas.Sketch:
    han = spoken() != ENGLISH
    words = "累計投入與策略回撤" if han else "money put in"
    caption = "標題之下的說明，一句接著一句。" * 12 if han else "What is drawn."
    return canvas.Sketch("one", words, caption, words, lambda layout: painted(layout, words))


def painted(layout: Layout, words: str) -> Sheet:
    sheet = Sheet(layout, 2.0)
    sheet.title(0.1, 0.5, f"{words}, 2000", 0.9)
    for place, side in enumerate(("left", "center", "right")):
        sheet.text(2.0, 0.8 + place / 4, words, ha=side, bbox=HALO, va="center_baseline")
    return sheet


@pytest.mark.parametrize("has", [True, False])
def test_no_letter_is_drawn_that_a_font_lacks(has, machine: Machine, drawn: list[Text], caplog):
    machine(has)
    # An old matplotlib's own style files make it complain when they are first read.
    importlib.import_module("matplotlib.style")
    caplog.clear()
    with speaking("zh-Hant"):
        canvas.render(lambda: [sketch()], FORMATS)
    said = [text.get_text() for text in drawn]
    assert any(HAN.search(text) for text in said) is has
    assert any(fonts.NO_FONT in text for text in said) is not has
    assert "?" not in "".join(said)
    families = {family for text in drawn for family in text.get_fontfamily()}
    assert families == ({fonts.LATIN, FAMILY} if has else {fonts.LATIN})
    assert not caplog.records, "nothing for matplotlib to complain of"


def test_a_page_and_an_svg_do_not_depend_on_the_fonts_of_the_machine(machine: Machine):
    made = []
    for has in (True, False):
        machine(has)
        with speaking("zh-Hant"):
            (picture,) = canvas.render(lambda: [sketch()], FORMATS)
        made.append(picture)
    with_font, without = made
    assert with_font.wide_svg == without.wide_svg
    assert with_font.narrow_svg == without.narrow_svg
    assert with_font.files["one.svg"] == without.files["one.svg"]
    assert with_font.files["one.png"] != without.files["one.png"]
    assert with_font.title == without.title == "累計投入與策略回撤"
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", with_font.wide_svg)
    assert texts.count("累計投入與策略回撤") == 3


def test_a_caption_stays_on_the_paper(machine: Machine):
    machine(True)
    long = replace(sketch(), caption="第3057個月為2468元，" * 50)
    (png,) = canvas.files(lambda: long).values()
    pixels = np.asarray(Image.open(BytesIO(png)).convert("L"))
    assert pixels[:, -6:].min() > 200
    # Its lines are filled to within a tenth of the paper's width, whichever matplotlib measures.
    assert pixels[:, -pixels.shape[1] // 10 :].min() < 200


def test_words_have_cleared_ground_as_wide_as_they_are():
    with speaking("zh-Hant"):
        (picture,) = canvas.render(lambda: [sketch()])
    wanted = 9 * 9.0
    for path in re.findall(r'<path d="M ([^"]*)"[^>]*opacity="0.8"', picture.wide_svg):
        across = [float(x) for x in re.findall(r"([\d.]+) [\d.]+", path)]
        assert max(across) - min(across) == pytest.approx(wanted, abs=0.3)


@pytest.mark.parametrize("has", [True, False])
def test_a_card_says_why_its_words_are_english(has, machine: Machine, drawn: list[Text]):
    machine(has)

    def paint(said: str) -> Sheet:
        sheet = painted(Layout("card", 4.0, 9.0, stacked=False), sketch().title)
        sheet.text(0.1, 1.7, said)
        return sheet

    with speaking("zh-Hant"):
        picture = canvas.png(paint)
    assert np.asarray(Image.open(BytesIO(picture)).convert("L")).min() < 100
    assert (fonts.NO_FONT in [text.get_text() for text in drawn]) is not has


def test_a_card_breaks_its_title_at_a_comma(machine: Machine, drawn: list[Text], default):
    machine(True)
    with speaking("zh-Hant"):
        draw_card(default, lambda: "")
    (title,) = [text.get_text() for text in drawn if "\n" in text.get_text()]
    assert title.startswith("自2000年3月的高點起")
    assert title.split("\n")[0].endswith("，")


def test_a_name_that_no_font_can_write_is_question_marks(machine: Machine, drawn: list[Text]):
    machine(False)
    canvas.png(lambda said: painted(Layout("card", 4.0, 9.0, stacked=False), "é日本 5 %"))
    assert "é?? 5 %" in [text.get_text() for text in drawn]
    assert fonts.NO_FONT not in [text.get_text() for text in drawn]


def test_a_name_in_chinese_is_drawn_in_an_english_picture(machine: Machine, drawn: list[Text]):
    machine(True)
    canvas.png(lambda said: painted(Layout("card", 4.0, 9.0, stacked=False), "é日本 5 %"))
    assert "é日本 5 %" in [text.get_text() for text in drawn]


def test_advice_is_given_only_where_a_font_is_wanting(machine: Machine):
    machine(False)
    with speaking("zh-Hant"):
        assert not fonts.advice(), "nothing is drawn yet"
        canvas.files(sketch)
        assert fonts.advice() == (
            "找不到中文字型，圖中文字改用英文；請安裝 Noto Sans CJK TC 後重新產生報告。"
        )
    assert not fonts.advice()
    machine(True)
    with speaking("zh-Hant"):
        canvas.files(sketch)
        assert not fonts.advice()


def test_the_command_says_it_once(machine: Machine, dca, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    asked = ("compare", "--era", "ai-run", "--strategy", "index-fund")
    machine(False)
    code, _, complained = dca("--lang", "zh-Hant", *asked)
    assert (code, complained.count("Noto Sans CJK TC")) == (0, 1)
    machine(True)
    assert "Noto" not in "".join(dca("--lang", "zh-Hant", *asked)[1:])
    machine(False)
    assert "Noto" not in "".join(dca(*asked)[1:])


def test_every_picture_is_in_chinese_whatever_the_fonts(machine: Machine, default: Comparison):
    assumed = play(Plan(strategies=("index-fund", "ai-picks")), Scenario(), TABLES)
    fans = [fan.Fan("標普", 5, 9, "#0063d6", np.ones((5, 60)))]
    found = []
    for has in (True, False):
        machine(has)
        with speaking("zh-Hant"):
            drawn = [*draw(default), *draw(assumed), *exposure.draw(exposed())]
            drawn += [
                *satellite.draw(shared("index-fund")),
                *canvas.render(lambda: [fan.sketch(fans, "")]),
            ]
        found.append([(p.title, p.caption, p.alt, p.wide_svg, p.narrow_svg) for p in drawn])
    assert found[0] == found[1]
    for title, caption, alt, *svgs in found[0]:
        labels = [text for svg in svgs for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]
        for text in (title, caption, alt, *labels):
            assert not english_left(text), text
            assert " %" not in text
        assert HAN.search(title)
        assert HAN.search(alt)


@pytest.mark.parametrize(
    ("file", "likely"),
    [
        ("NotoSansCJK-Regular.ttc", True),
        ("NotoSansCJKtc-Bold.otf", True),
        ("msjhbd.ttc", True),
        ("msjhl.ttc", False),
        ("PingFang.ttc", True),
        ("STHeiti Medium.ttc", True),
        ("Arial Unicode.ttf", True),
        ("NotoSansTC-VF.ttf", False),
        ("NotoSansTC[wght].ttf", False),
        ("NotoSansCJK-DemiLight.ttc", False),
        ("NotoSansMonoCJKtc-Regular.otf", False),
        ("DejaVuSans.ttf", False),
    ],
)
def test_files_are_looked_through_by_their_names(file, likely, monkeypatch):
    monkeypatch.setattr(fonts, "findSystemFonts", lambda: [file])
    assert fonts.system() == [Path(file)] * likely


def test_a_file_that_is_no_font_is_passed_over(machine: Machine, tmp_path, monkeypatch):
    machine(False)
    file = tmp_path / "PingFang.ttc"
    file.write_bytes(b"no font")
    monkeypatch.setattr(fonts, "findSystemFonts", lambda: [str(file)])
    assert fonts.han() == ""


def test_lines_break_between_characters_and_none_begins_with_a_mark_that_closes():
    text = (
        "每種回撤的最大值（以策略回撤為準）：自2000年3月10日的高點下跌 22.8%，「標普 500」指數、"
        "那斯達克。"
    )
    for width in np.arange(1.2, 4.0, 0.1):
        lines = folded(text, float(width), 9.0, lines=99).split("\n")
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert not [line for line in lines if line[0] in "，。、；：）」% " or line[-1] in "（「 "]
        assert any("2000年3月10日" in line for line in lines)
