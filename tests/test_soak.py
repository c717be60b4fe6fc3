"""Some seconds of the soak, with other inputs each time; `make soak` takes longer."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_hostile_inputs_never_end_in_a_traceback_a_hang_or_a_flood():
    """The last line has the seed; python -m tests.soak.harness 400 --seed SEED tries the same."""
    words = [sys.executable, "-m", "tests.soak.harness", "400", "--seconds", "6"]
    # Before whatever an installed package may call tests.
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
