"""How money is put to work, as Backtrader strategies: one file each, found by file name."""
