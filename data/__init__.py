"""Prices in one shape; knows nothing of strategies."""
