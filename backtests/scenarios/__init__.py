"""Let history end like an earlier bust: the path, the replay over it, how much to hold."""
