"""Some seconds of the soak, with other inputs each time; `make soak` takes longer."""

import time

from tests.soak.harness import MOST_BYTES, soak


def test_hostile_inputs_never_end_in_a_traceback_a_hang_or_a_flood():
    """The seed is in the message; python -m tests.soak.harness N --seed SEED tries the same."""
    seed = time.time_ns() % 1_000_000
    tally = soak(400, seed, seconds=6)
    said = "\n".join([f"seed {seed}: {tally}", *tally.kept[:10]])
    assert tally.inputs, said
    assert not tally.faults, said
    assert tally.peak_bytes < 2 * MOST_BYTES, said
