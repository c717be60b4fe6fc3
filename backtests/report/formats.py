"""The formats that a picture may be written in."""

FORMATS = ("png", "svg", "pdf")
PLAIN = FORMATS[:1]
