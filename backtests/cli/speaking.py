"""Let click speak the reader's language: its own words, our help, what goes wrong.

click asks the standard library's gettext for its words; while a command runs, that finds our
catalogue. What a command or an option says is kept in English and shown where help is written.
"""

import gettext
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from data.errors import printable
from data.language import DOMAIN, ENGLISH, LOCALE, locale, say, say_many, shown, spoken, tr

# What click says, as it says it, so that the catalogue has it.
WORDS = (
    say("Usage:"),
    say("Options"),
    say("Commands"),
    say("required"),
    say("Missing command."),
    say("Missing argument"),
    say("Missing option"),
    say("Choose from:\n\t{choices}"),
    say("No such option {name!r}."),
    say("No such command {name!r}."),
    say("Option {name!r} does not take a value."),
    say("Invalid value: {message}"),
    say("Invalid value for {param_hint}: {message}"),
    say_many(
        "Did you mean {possibility}?",
        "(Did you mean one of: {possibilities}?)",
        1, possibility="", possibilities="",
    ),
    say_many(
        "Got unexpected extra argument ({args})",
        "Got unexpected extra arguments ({args})",
        1, args="",
    ),
    say_many(
        "{value!r} is not {choice}.",
        "{value!r} is not one of {choices}.",
        1, value="", choice="", choices="",
    ),
    say_many(
        "Option {name!r} requires an argument.",
        "Option {name!r} requires {nargs} arguments.",
        1, name="", nargs="",
    ),
)  # fmt: skip
# What a usage line and the names of options have for what is to be typed.
METAVARS = (
    say("[OPTIONS]"),
    say("COMMAND [ARGS]..."),
    say("AMOUNT"),
    say("DAY"),
    say("DIR"),
    say("[DIR]"),
    say("ERA"),
    say("FILE"),
    say("[FILE]"),
    say("FOLDER"),
    say("MONTHS"),
    say("NAME"),
    say("SECONDS"),
    say("[SYMBOL]..."),
)
# Quotes of the language around what was typed, no space beside full-width marks.
_QUOTED = re.compile(r" ?'([^']*)'")
_CLOSED = re.compile(r"\u300d\. ?")
_LISTED = re.compile(r"\u300d, ?\u300c")
_AFTER = re.compile(r"(?<=[\u3002\uff1a\uff1b\uff1f])\s+")
_WORD = re.compile(r"[\x21-\x7e]+")


@contextmanager
def answered() -> Iterator[None]:
    """Have gettext, which click asks, answer from our catalogue, but for English."""
    if spoken() == ENGLISH:
        yield
        return
    before, asked = gettext.textdomain(), os.environ.get("LANGUAGE")
    gettext.bindtextdomain(DOMAIN, str(LOCALE))
    gettext.textdomain(DOMAIN)
    os.environ["LANGUAGE"] = locale()
    try:
        yield
    finally:
        gettext.textdomain(before)
        del os.environ["LANGUAGE"]
        os.environ |= {"LANGUAGE": asked} if asked is not None else {}


def complaint(error: click.ClickException) -> str:
    """Return what click found wrong, in one line."""
    text = " ".join(error.format_message().split())
    if spoken() == ENGLISH:
        return " ".join(printable(word, 80) for word in text.split(" "))
    text = _CLOSED.sub("\u300d\u3002", _QUOTED.sub("\u300c\\1\u300d", text))
    text = _LISTED.sub("\u300d\u3001\u300c", _AFTER.sub("", text))
    return printable(_WORD.sub(lambda found: printable(found[0], 80), text), 400)


class Context(click.Context):
    """Where help is laid out by what letters take."""

    def make_formatter(self) -> click.HelpFormatter:
        """Return click's own layout for English."""
        if spoken() == ENGLISH:
            return super().make_formatter()
        from backtests.cli.folded import FoldedHelp

        return FoldedHelp(width=self.terminal_width, max_width=self.max_content_width)


class Command(click.Command):
    """A command whose help is its docstring, shown in the reader's language."""

    context_class = Context

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return what stands behind the command's name."""
        return [tr(piece) for piece in super().collect_usage_pieces(ctx)]

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the command does."""
        if spoken() == ENGLISH:
            super().format_help_text(ctx, formatter)
            return
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text("\n\n".join(self._said()))

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return what the command does in a sentence, whole but in English."""
        if spoken() == ENGLISH:
            return super().get_short_help_str(limit)
        return self._said()[0].partition("\u3002")[0]

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return --help, which click keeps as it was first said."""
        found = super().get_help_option(ctx)
        if found:
            found.help = tr("Show this message and exit.")
        return found

    def _said(self) -> list[str]:
        """Return the paragraphs of the docstring, which the catalogue has one by one."""
        parts = (" ".join(part.split()) for part in (self.help or "").split("\n\n"))
        return [tr(part) for part in parts]


class Group(Command, click.Group):
    """A command of commands."""

    command_class = Command


class Option(click.Option):
    """An option whose sentence is shown in the reader's language."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        # click keeps a plain text.
        self.said: str = settings["help"]

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option's names and its sentence."""
        found = super().get_help_record(ctx)
        return found and (found[0], found[1].replace(self.help or "", shown(self.said)))

    def make_metavar(self, ctx: click.Context) -> str:
        """Return what is to be typed."""
        return tr(super().make_metavar(ctx))


class Argument(click.Argument):
    """An argument whose name is shown in the reader's language."""

    def make_metavar(self, ctx: click.Context) -> str:
        """Return what is to be typed."""
        return tr(super().make_metavar(ctx))
