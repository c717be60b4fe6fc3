"""What is refused in prices, and what is warned about."""
