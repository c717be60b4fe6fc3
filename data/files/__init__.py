"""Prices from a person's own files, and frozen tables."""
