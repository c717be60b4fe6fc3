"""Sayings about saving through a bubble, each held against the numbers."""
