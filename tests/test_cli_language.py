"""Help, usage and complaints in the reader's language, click's own words among them."""

import gettext
import os
import re
import subprocess
import sys
from inspect import getsource
from pathlib import Path

import click
import pytest
from click import core, decorators, exceptions, formatting, parser, types
from rich.cells import cell_len

from backtests.cli.main import dca as whole
from backtests.cli.speaking import METAVARS, WORDS, answered
from data.language import LANGUAGES, Said, shown, speak, speaking
from tests.helpers import english_left

SAID = [text for word in WORDS for text in (word.message, word.many) if text]
LINE = re.compile(r"^ *[\uff0c\u3002\u3001\uff1b\uff1a\uff09\u300d%)\]]|[\uff08\u300c(\[]$", re.M)


@pytest.fixture(autouse=True)
def english_again():
    yield
    speak("en")


def commands(command: click.Command, path: tuple[str, ...] = ()):
    yield path
    for name, child in getattr(command, "commands", {}).items():
        yield from commands(child, (*path, name))


PATHS = list(commands(whole))


@pytest.mark.parametrize("text", SAID)
def test_click_still_says_what_we_translate(text: str):
    source = "".join(map(getsource, (core, decorators, exceptions, formatting, parser, types)))
    literal = text.replace("\n", "\\n").replace("\t", "\\t")
    assert f'"{literal}"' in source


@pytest.mark.parametrize("word", [*WORDS, *METAVARS], ids=str)
def test_every_word_of_click_has_a_translation(word: Said):
    with speaking("zh-Hant"):
        assert re.search(r"[\u3400-\u9fff]", shown(word))


@pytest.mark.parametrize("columns", ["60", "80", "120"])
@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_help_is_in_the_language_and_folded_by_what_letters_take(path, columns, dca, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    code, out, err = dca(*path, "--help", "--lang", "zh-Hant")
    assert (code, err) == (0, "")
    assert out.startswith(" ".join(["\u7528\u6cd5\uff1adca", *path]))
    assert english_left(re.sub(r"\b(dca|pip)(\s+[a-z]+)+", "", out)) == []
    assert not re.search("Options|Commands|default|required", out)
    assert max(map(cell_len, out.splitlines())) <= max(int(columns), 52)
    assert not LINE.search(re.sub(r"\[[a-z|-]+\]$", "", out, flags=re.M))


def test_what_options_do_begins_in_one_column(dca, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    _, out, _ = dca("compare", "--help", "--lang", "zh-Hant")
    begun = re.findall(r"^(  --[a-z-]+(?: \S+)? +)[\u3400-\u9fff]", out, re.M)
    assert len(begun) > 30
    assert {cell_len(head) for head in begun} == {34}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("compare --sttrategy x", "沒有選項「--sttrategy」。是不是「--strategy」？"),
        ("nonsense", "沒有指令「nonsense」。"),
        ("list", "缺少引數「{strategies|eras|symbols}」。可選：strategies, eras, symbols"),
        ("reproduce", "缺少引數「資料夾」。"),
        ("run", "缺少選項「--from」。"),
        ("compare --era", "選項「--era」缺少值（應有數量：1）。"),
        ("compare --real=3", "選項「--real」不接受值。"),
        ("compare x y", "多出無法處理的引數（x y）"),
        (
            "compare --fill soon",
            "「--fill」的值無效：「soon」不在可選的值之中；可選：「close」、「next」。",
        ),
        (
            "compare --monthly many",
            "「--monthly」的值無效：「many」不是數字；請寫成如 1000 或 0.5",
        ),
        (
            "run --from 2000-01-01 --weights SP500=half",
            "--weights 中的「SP500=half」無法判讀；請寫成「代號=比例」，例如 SP500=0.6,BOND=0.4",
        ),
        ("diff one", "請指定兩個以上的報告資料夾，例如 dca diff reports/a reports/b"),
    ],
)
def test_complaints_are_in_the_language(words: str, said: str, dca):
    assert dca(*words.split(), "--lang", "zh-Hant") == (2, "", f"dca: {said}\n")


def test_a_long_value_is_cut_in_every_language(dca):
    for language in LANGUAGES:
        _, _, err = dca("compare", f"--{'x' * 5_000}", "--lang", language)
        assert len(err) < 500


def test_gettext_is_left_as_it_was(monkeypatch):
    monkeypatch.setenv("LANGUAGE", "nl")
    with speaking("zh-Hant"), answered():
        assert gettext.gettext("Missing option") != "Missing option"
    assert gettext.gettext("Missing option") == "Missing option"
    assert os.environ["LANGUAGE"] == "nl"


def test_help_in_english_loads_nothing_for_other_languages():
    code = (
        "import sys; sys.argv = ['dca', '--help']\n"
        "from backtests.cli import main as cli\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        "sys.exit(' '.join({'babel', 'rich'} & set(sys.modules)) or 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.returncode == 0
