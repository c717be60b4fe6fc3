"""The `dca` command."""
