"""What every strategy shares: terms, trading, the one base, and how strategies are found."""
