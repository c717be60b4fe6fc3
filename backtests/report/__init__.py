"""Show a comparison: figures, tables and one self-contained page."""
