"""What a saver lived through, in numbers: pure functions of arrays."""
