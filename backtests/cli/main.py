"""The `dca` command. Heavy modules load inside the commands, so that `--help` is immediate."""

import sys
from importlib import import_module
from pkgutil import iter_modules

import click

import backtests.cli as package
from data.errors import DcaError

STOPPED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="three-drawdowns", prog_name="dca")
def dca() -> None:
    """Replay monthly saving through the dot-com period and the AI run.

    Start with `dca compare`: what would a monthly saver have lived through?
    """


for _file in iter_modules(package.__path__):
    # A file of this folder that says COMMANDS adds them; this one and its start do not.
    if _file.name not in ("main", "__main__"):
        _found = import_module(f"{package.__name__}.{_file.name}")
        for _command in getattr(_found, "COMMANDS", ()):
            dca.add_command(_command)


def main() -> None:
    """Run the command; errors become one line on standard error and an exit code."""
    try:
        dca.main(standalone_mode=False)
    except DcaError as error:
        _leave(str(error), error.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        _leave(error.format_message(), error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        _leave("stopped; nothing was left half-written", STOPPED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


def _leave(text: str, code: int) -> None:
    click.echo(f"dca: {' '.join(text.split())}", err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
