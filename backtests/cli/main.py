"""The `dca` command. Heavy modules load inside the commands, so that `--help` is immediate."""

import os
import sys
import tempfile
import traceback
from importlib import import_module
from pkgutil import iter_modules

import click

import backtests.cli as package
from backtests.cli.speaking import Group, Option, answered, complaint
from backtests.cli.start import PIPE_CLOSED, interrupted, stopped, told
from data.errors import DcaError, UnknownName, one_line, why
from data.language import ENGLISH, LANGUAGES, meant, say, speak


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(
    package_name="three-drawdowns",
    prog_name="dca",
    cls=Option,
    help=say("Show the version and exit."),
)
@click.option(
    "--lang",
    cls=Option,
    metavar="|".join(LANGUAGES),
    expose_value=False,
    help=say(
        "Show everything in this language; it may stand anywhere.  [default: DCA_LANG, else en]"
    ),
)
def dca() -> None:
    """Replay monthly saving through the dot-com period and the AI run.

    Start with `dca compare`: what would a monthly saver have lived through?
    """


for _file in iter_modules(package.__path__):
    # A file of this folder that says COMMANDS adds them; these do not.
    if _file.name not in ("main", "__main__", "folded"):
        _found = import_module(f"{package.__name__}.{_file.name}")
        for _command in getattr(_found, "COMMANDS", ()):
            dca.add_command(_command)


def main() -> None:
    """Run the command and exit with its code."""
    sys.exit(run())


def run() -> int:
    """Run the command; what goes wrong becomes one line on standard error and an exit code."""
    try:
        words = _spoken_to(sys.argv[1:])
    except DcaError as error:
        return told(str(error), error.exit_code)
    with answered():
        return _run(words)


def _run(words: list[str]) -> int:
    try:
        with dca.make_context("dca", words) as context:
            dca.invoke(context)
            _say_what_fonts_lack()
    except click.exceptions.Exit as left:
        return left.exit_code
    except DcaError as error:
        return told(str(error), error.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        return told(complaint(error), error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        return stopped()
    except BrokenPipeError:
        return PIPE_CLOSED
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the last net: nobody sees a traceback
        return stopped() if interrupted() else _unforeseen(error)
    return 0


def _say_what_fonts_lack() -> None:
    """Say once that pictures which were drawn have English words for want of a font."""
    fonts = sys.modules.get("backtests.report.charts.fonts")
    if fonts and (advice := fonts.advice()):
        told(advice, 0)


def _spoken_to(words: list[str]) -> list[str]:
    """Speak the language that is asked for, wherever that stands; return the other words."""
    asked, rest = os.environ.get("DCA_LANG", ""), list(words)
    for at in range(len(words) - 1, -1, -1):
        name, equals, value = words[at].partition("=")
        if name == "--lang" and (equals or at + 1 < len(rest)):
            asked = value if equals else rest[at + 1]
            del rest[at : at + (1 if equals else 2)]
    if asked and not meant(asked):
        raise UnknownName(say("language"), asked, LANGUAGES)
    speak(meant(asked) or ENGLISH)
    return rest


def _unforeseen(error: BaseException) -> int:
    # Rich leaves with SystemExit where its reader has gone away.
    if isinstance(error.__context__, BrokenPipeError):
        return PIPE_CLOSED
    return told(_crash(error), 1)


def _crash(error: BaseException) -> str:
    """Keep the whole trace of an error that nobody foresaw; return one line about it."""
    cause = one_line(error)
    trace = f"dca {' '.join(sys.argv[1:])}\n{''.join(traceback.format_exception(error))}"
    try:
        file = _keep(trace.encode(errors="backslashreplace"))
    except OSError as full:
        return say(
            "{cause}; this was not foreseen, and its trace cannot be kept: {reason}",
            cause=cause, reason=why(full),
        )  # fmt: skip
    return say(
        "{cause}; this was not foreseen, please report it with the trace in {file}",
        cause=cause, file=file,
    )  # fmt: skip


def _keep(trace: bytes) -> str:
    """Write a new file into the platform's folder for logs, else into that for temporary files."""
    from platformdirs import user_log_path

    try:
        folder = user_log_path("three-drawdowns", ensure_exists=True)
        handle, name = tempfile.mkstemp(".txt", "trace-", folder)
    except OSError:
        handle, name = tempfile.mkstemp(".txt", "dca-trace-")
    with os.fdopen(handle, "wb") as file:
        file.write(trace)
    return name


if __name__ == "__main__":
    main()
