"""The project's own promises: names, documents, packaging."""

import configparser
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import backtests
from backtests.cli import main as cli
from backtests.eras import ERAS
from backtests.measures.catalogue import CATALOGUE
from backtests.report.summary import verdict
from strategies.dca import discovery

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS, DATA, PYTHON = (
    (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    for page in ("commands", "data", "python")
)


def setup() -> configparser.ConfigParser:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    return config


@pytest.mark.parametrize("name", ["data", "strategies", "backtests"])
def test_the_flat_names_resolve_inside_this_checkout(name):
    module = importlib.import_module(f"{name}")
    assert Path(str(module.__file__)).parent == ROOT / name
    assert (ROOT / name / "py.typed").exists()


def options(command, path=()):
    import click

    yield " ".join(path), [o for p in command.params for o in p.opts if o.startswith("--")]
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from options(command.get_command(context, name), (*path, name))


def test_every_command_and_option_is_in_the_reference():
    reference = COMMANDS + DATA + PYTHON
    for path, names in options(cli.dca):
        assert f"dca {path}".strip() in reference, path
        missing = [name for name in names if name not in reference]
        assert not missing, f"dca {path}: {missing}"


def test_every_strategy_and_era_is_in_the_reference():
    for name in [*discovery.names(), *ERAS]:
        assert f"`{name}`" in COMMANDS, name


def test_the_readme_opens_with_the_verdict_and_its_figures(default):
    told = verdict(default).sentence.replace("\N{NO-BREAK SPACE}", " ")
    assert README.splitlines()[2] == f"> **{told}**"
    (saver,) = [
        r for r in default.results if (r.strategy, r.era.name) == ("index-fund", "dotcom")
    ]  # fmt: skip
    for key in ("max_drawdown", "account_max_drawdown", "worst_shortfall"):
        assert f"- **{-100 * saver.measures.number(key):.1f} %**" in README, key


def test_the_readme_is_read_in_three_minutes_and_its_pictures_are_small():
    assert len(README.splitlines()) <= 150
    # 238 words a minute (Brysbaert 2019), code and tables as if they were prose.
    assert len(README.split()) <= 3 * 238 + 150
    for light in ("light", "dark"):
        assert f"docs/page-{light}.png" in README
        assert (ROOT / "docs" / f"page-{light}.png").stat().st_size < 150_000


def test_the_references_table_is_what_compare_prints(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "backtests.cli", "compare"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    printed = [line.rstrip() for line in done.stdout.splitlines()]
    block = re.search(r"```text\n(Started.*?)```", COMMANDS, re.DOTALL)
    assert block
    shown = [line.rstrip() for line in block.group(1).splitlines()]
    assert shown == printed[: len(shown)]


@pytest.mark.parametrize(
    "page", [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")], ids=lambda p: p.name
)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\((?!http|#)([^)]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_every_measure_is_in_the_contract():
    page = (ROOT / "docs" / "contract.md").read_text(encoding="utf-8")
    for measure in CATALOGUE:
        assert f"`{measure.part_of or measure.key}`" in page, measure.key


def test_every_public_name_is_on_the_page_of_the_api():
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    for name in backtests.__all__:
        assert f":: backtests.{name}\n" in page, name


def test_every_target_named_is_in_the_makefile():
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / ".ci" / "run"):
        named = set(
            re.findall(r"(?:^|`)make (?:--silent )?([a-z]+)", page.read_text(), re.MULTILINE)
        )
        assert named <= targets, page.name


def test_every_room_is_on_the_page_of_the_architecture():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for room in setup()["options"]["packages"].split():
        assert f"{room.rpartition('.')[2]}/ " in page, room


def test_the_constraints_pin_every_dependency():
    config = setup()
    lists = [config["options"]["install_requires"], *config["options.extras_require"].values()]
    wanted = {re.split(r"[ ><=\[]", line.strip())[0] for text in lists for line in text.split("\n")}
    pins = (ROOT / "constraints.txt").read_text().lower()
    missing = [
        name
        for name in wanted - {""}
        if f"{name.lower()}==" not in pins.replace("_", "-") and f"{name.lower()}==" not in pins
    ]
    assert not missing
