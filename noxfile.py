"""Run the tests on every Python and on the oldest and newest libraries: `nox --list`."""

import configparser
import re
from pathlib import Path

import nox

ROOT = Path(__file__).parent
nox.options.sessions = ["tests"]
nox.options.default_venv_backend = "venv"


@nox.session(python=["3.11", "3.12", "3.13"])
def tests(session: nox.Session) -> None:
    """Test with the pinned versions."""
    session.install("--constraint", "constraints.txt", ".[test]")
    session.run("pytest", *session.posargs)


@nox.session(python="3.11")
def lowest(session: nox.Session) -> None:
    """Test with the lowest versions that setup.cfg allows its users."""
    pins = Path(session.create_tmp()) / "lowest.txt"
    pins.write_text("\n".join(lowest_pins()), encoding="utf-8")
    session.install("--constraint", str(pins), ".[test]")
    # Old libraries warn of what newer ones changed; which is not ours to fix.
    session.run("pytest", "-W", "default", *session.posargs)


@nox.session(python="3.13")
def newest(session: nox.Session) -> None:
    """Test with the newest versions there are, whatever is pinned."""
    session.install("--upgrade", ".[test]")
    session.run("pytest", "-W", "default", *session.posargs)


def lowest_pins() -> list[str]:
    """Turn each `name >= version` that a user installs into `name == version`."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    extras = config["options.extras_require"]
    texts = (config["options"]["install_requires"], extras["cluster"], extras["parquet"])
    return re.sub(">=", "==", "".join(texts)).split("\n")
