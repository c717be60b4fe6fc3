"""Run the command as `python -m backtests.cli`."""

from backtests.cli.start import main

if __name__ == "__main__":
    main()
