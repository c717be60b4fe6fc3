"""Show a comparison: pictures, tables and one self-contained page."""
