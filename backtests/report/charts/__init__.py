"""The report's pictures; matplotlib is used here alone."""
