"""Options: each said once in a whole sentence, each default the one that holds."""

import re
from datetime import date

import click
import pytest

from backtests.cli.main import dca
from backtests.cli.options import SOURCE, TERMS
from backtests.plan import Plan
from backtests.sweeps.request import Request
from data import sources
from data.errors import BadInput
from data.options import Options


def commands(command: click.Command, path: str = "dca"):
    yield path, command
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            yield from commands(child, f"{path} {name}")


ALL = dict(commands(dca))


def options_of(path: str) -> dict[str, click.Option]:
    return {p.opts[-1]: p for p in ALL[path].params if isinstance(p, click.Option)}


@pytest.mark.parametrize("path", ALL)
def test_every_help_text_is_whole_sentences(path):
    texts = [ALL[path].help, *(option.help for option in options_of(path).values())]
    for text in texts:
        said = " ".join(re.sub(r"\[default: .*\]$", "", text or "").split())
        assert re.fullmatch(r"[A-Z].{10,}[.?]", said), f"{path}: {text!r}"
        assert len(said.split()) >= 3, f"{path}: {text!r}"


@pytest.mark.parametrize("path", ["dca compare", "dca run", "dca sweep"])
def test_compare_run_and_sweep_take_the_same_terms_and_sources(path):
    assert {*TERMS, *SOURCE} <= options_of(path).keys()


def test_an_option_means_the_same_wherever_it_stands():
    said: dict[str, set[str]] = {}
    for path in ALL:
        for name, option in options_of(path).items():
            if not (name in ("--from", "--to") and path == "dca sweep"):
                first = (option.help or "").split(" It may")[0].split("  [")[0]
                said.setdefault(name, set()).add(first)
    assert {name: texts for name, texts in said.items() if len(texts) > 1} == {}


def test_the_defaults_shown_are_those_of_the_plan_and_of_the_request():
    for path, model in (("dca compare", Plan()), ("dca sweep", Request())):
        for option in options_of(path).values():
            shown = re.search(r"\[default: (.*)\]$", option.help or "")
            value = getattr(model, option.name or "", None)
            if shown and value not in (None, ()):
                one = value[0] if isinstance(value, tuple) else value
                assert shown[1] == (f"{one:g}" if isinstance(one, float) else str(one)), option


@pytest.mark.parametrize("command", ["compare", "sweep", "freeze"])
def test_accepted_jumps_reach_the_source_from_the_plan_and_the_command(
    command, dca, monkeypatch, tmp_path
):
    heard: list[Options] = []

    def spied(_: str, options: Options) -> None:
        heard.append(options)
        raise BadInput("enough")

    monkeypatch.setattr(sources, "tables", spied)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.toml").write_text("accept_jumps = [2001-01-02]\n")
    words = {"freeze": ["data", "freeze", "ice"]}.get(command, [command])
    dca(*words, "--plan", "p.toml")
    dca(*words, "--plan", "p.toml", "--accept-jumps", "2002-02-03", "--accept-jumps", "2003-03-04")
    days = [(date(2001, 1, 2),), (date(2002, 2, 3), date(2003, 3, 4))]
    assert [options.accept_jumps for options in heard] == days
