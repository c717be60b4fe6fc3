"""Prices from Yahoo Finance, through yfinance."""
