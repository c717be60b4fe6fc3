"""A guide works as it stands: its files are saved, its commands and Python run, in their order."""

import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))
# A block, and the file that the words before it tell the reader to save it as.
BLOCK = re.compile(
    r"(?:save it as `([\w.]+)`:\n\n)?^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE
)
# Standard error is silent but for these.
USUAL = ("is now replaced", " s left")


@pytest.mark.parametrize("guide", GUIDES, ids=lambda page: page.stem)
def test_a_guide_works_as_it_stands(guide, dca, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ran = 0
    for file, language, text in BLOCK.findall(guide.read_text(encoding="utf-8")):
        if file:
            Path(file).write_text(text, encoding="utf-8")
        elif language == "python":
            exec(compile(text, guide.name, "exec"), {})  # noqa: S102 - our own document
            ran += 1
        else:
            assert language == "sh", text
            for line in text.splitlines():
                first, *words = shlex.split(line, comments=True)
                assert first == "dca"
                code, _, complaint = dca(*words)
                said = [x for x in complaint.splitlines() if not any(u in x for u in USUAL)]
                assert (code, said) == (int(words[0] == "diff"), []), line  # 1 as diff itself does
                ran += 1
    assert ran >= 4
