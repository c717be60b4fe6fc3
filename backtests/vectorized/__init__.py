"""The same replay for many windows or paths at once, in numpy."""
