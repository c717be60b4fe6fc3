"""Start `dca`: streams, signals and the folder it stands in, before anything else is imported."""

import atexit
import os
import signal
import sys
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path

STOPPED = 130
PIPE_CLOSED = 141


def main() -> None:
    """Run the command and leave the process with its exit code."""
    ended: list[int] = []
    atexit.register(_end, ended)
    try:
        _listen()
        _open_streams()
        _forget_folder()
        code: int = import_module("backtests.cli.main").run()
    except KeyboardInterrupt:
        code = stopped()
    _deaf()
    ended.append(_flushed(code))
    sys.exit(ended[0])


def _end(ended: list[int]) -> None:
    """Leave with the code of a stopped command, after all else is tidied up.

    Python would kill itself instead where the interrupt once passed through an `exec`.
    """
    if STOPPED in ended:
        os._exit(STOPPED)


_heard: list[int] = []


def _stop(number: int, _: object) -> None:
    _heard.append(number)
    raise KeyboardInterrupt


def _listen() -> None:
    """Stop at Ctrl-C, unless whoever started us says otherwise, and at a request to end."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)


def _deaf() -> None:
    """Let nothing interrupt the last words."""
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is _stop:
            signal.signal(number, signal.SIG_IGN)


def interrupted() -> bool:
    """Tell whether a request to stop was heard, though something may have swallowed it."""
    return bool(_heard)


def stopped() -> int:
    """Say in a line that a command was stopped; return the exit code."""
    _deaf()
    from data.language import say

    return told(say("stopped; nothing was left half-written"), STOPPED)


def told(text: str, code: int) -> int:
    """Write a line to standard error, if it takes one; return the exit code."""
    from data.language import shown as in_words

    line = " ".join(in_words(text).split())
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)
    try:
        sys.stderr.write(f"dca: {shown}\n")
        sys.stderr.flush()
    except OSError:
        _silence(sys.stderr.fileno())
    return code


def _flushed(code: int) -> int:
    """Bring out what was printed; a reader that has gone away is no error of ours."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _silence(sys.stdout.fileno())
        return code or PIPE_CLOSED
    except OSError as error:
        _silence(sys.stdout.fileno())
        from data.errors import why
        from data.language import say

        text = say("cannot write to standard output: {reason}", reason=why(error))
        return code or told(text, 1)
    return code


def _silence(stream: int) -> None:
    """Let a stream that takes nothing any more go nowhere, so that Python can leave in peace."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream)


def _open_streams() -> None:
    """Give a closed stream the null device, and write what a terminal cannot show as escapes."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            # The lowest number that is free, which is the one that was closed.
            handle = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(handle, "r" if name == "stdin" else "w"))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _forget_folder() -> None:
    """Import nothing from the folder we were started in, here and in processes of ours.

    A `random.py` that lies there is not Python's. Only our own checkout may be that folder.
    """
    os.environ["PYTHONSAFEPATH"] = "1"
    ours, here = Path(__file__).parents[2], Path.cwd()
    if here != ours:
        sys.path[:] = [path for path in sys.path if path and Path(path) != here]
