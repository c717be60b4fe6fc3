"""The pages beside the report: in Chinese throughout, with the same figures in their files."""

import re
from html import unescape
from pathlib import Path

import pytest

from data.language import speaking
from tests.helpers import english_left

_UNREAD = re.compile(r"<(style|script|svg|code|template)\b.*?</\1>|<[^>]*>", re.S)


def seen(page: Path) -> str:
    """Return what is read of a page, its lines joined."""
    return " ".join(unescape(_UNREAD.sub("\n", page.read_text("utf-8"))).split("\n"))


SWEEP = ("sweep", "--strategy", "index-fund", "--from", "1998-01", "--workers", "0")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("exposure",), "指數型基金有 34.3% 投資於 7 家公司；若其下跌 80%"),
        (("exposure", "--basket", "NVDA"), "指數型基金有 8.1% 投資於 NVDA；"),
        (("satellite",), "情境中，無論集中持股占多少，本金虧損最深都超過 10%：單是標普 500"),
        (("satellite", "--max-loss", "0.3"), "情境中，集中持股最多占 29%、其餘投入標普 500"),
        (
            ("satellite", "--max-loss", "0.9"),
            "情境中，無論集中持股占多少，本金虧損最深都不超過 90%",
        ),
        (
            ("satellite", "--in-era", "dotcom-peak", "--max-loss", "0.4"),
            "在「網路泡沫：自高點開始」期間，集中持股最多占 58%、其餘投入標普 500 指數型基金",
        ),
        (
            (*SWEEP, "--years", "10", "--years", "5"),
            "定期定額投入指數型基金 10 年，225 個起始月份中，半數期末至少高出累計投入 78%；最差",
        ),
        (
            (*SWEEP, "--years", "5", "--quit-at", "0.2", "--return-after", "12"),
            "下跌 20% 出場，12 個月後重新進場",
        ),
        (
            (*SWEEP, "--bootstrap", "200", "--years", "3", "--against", "cash", "--tax", "0.2"),
            "200 條模擬路徑中，半數期末至少高出累計投入",
        ),
    ],
)
def test_a_page_is_chinese_and_its_file_the_same(dca, tmp_path, words, said):
    files = []
    for language in ("zh-Hant", "en"):
        with speaking(language):
            code, _, _ = dca("--lang", language, *words, "--out", str(tmp_path / language))
        assert code == 0
        files.append(tmp_path / language)
    for name in (f"{words[0]}.json", "summary.json", "rows.csv"):
        assert (
            len({(folder / name).read_bytes() for folder in files if (folder / name).exists()}) < 2
        )
    text = seen(tmp_path / "zh-Hant" / f"{words[0]}.html")
    assert english_left(text) == []
    assert said.replace(" ", "") in re.sub(r"\s", "", text)
    assert not re.search(r"(?<!US)\$", text)
    assert english_left(seen(tmp_path / "en" / f"{words[0]}.html"))
