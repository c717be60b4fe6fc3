"""Run the command as `python -m backtests.cli`."""

from backtests.cli.main import main

if __name__ == "__main__":
    main()
