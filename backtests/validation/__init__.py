"""Published figures, each held against a run of ours."""
