"""One file a module or feature; shared things in conftest and helpers."""
