"""The engine beside its peers: every engine in a process of its own."""
