"""Run strategies over eras, measure what the saver lived through, and show it."""
