"""What the documents show is what the program does: every block of code is run."""

import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import backtrader as bt
import pandas as pd
import pytest

from data import snapshot

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "docs/commands.md", "docs/data.md", "docs/python.md")


def blocks(language: str) -> list[str]:
    """Return the blocks of all pages, in the order in which they are read."""
    text = "".join((ROOT / page).read_text(encoding="utf-8") for page in PAGES)
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def my_feed() -> bt.DataBase:
    """What a reader calls a feed of his own: Backtrader's, of closes in a frame."""
    table = snapshot.load("monthly")
    days = pd.DatetimeIndex(table.dates, name="date")
    frame = pd.DataFrame({"close": table.column("SP500")}, index=days).loc["2000":"2009"]
    absent = dict.fromkeys(("open", "high", "low", "volume", "openinterest"))
    return bt.feeds.PandasData(dataname=frame, **absent)


@pytest.mark.parametrize("block", blocks("python"))
def test_python_runs(block, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"my_feed": my_feed()}
    exec(compile(block, "a page", "exec"), names)  # noqa: S102 - our own document
    if "cerebro" in names:
        (played,) = names["cerebro"].run()
        assert played.trades


def test_every_command_runs_in_the_order_shown(fake, dca, tmp_path, monkeypatch):
    """Against the fake Yahoo, with an empty cache, in an empty folder; fewer paths."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "examples" / "plans", "examples/plans")
    (plan, *_) = blocks("toml")
    (tmp_path / "plan.toml").write_text(plan)
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    commands = [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("dca ")]
    assert len(commands) > 10
    for words in [*commands, ["compare", "--plan", "plan.toml"]]:
        code, _, complaint = dca(*("1000" if word == "100000" else word for word in words))
        # A busy machine takes long enough to fetch for a line on how far it is.
        usual = ("is now replaced", " s left")
        said = [line for line in complaint.splitlines() if not any(w in line for w in usual)]
        assert (code, said) == (int(words[0] == "diff"), []), words  # 1 as diff itself does
