# Two commands do everything on a machine that has Python 3.11 or newer and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: compare test check bench clean

compare: $(VENV)/main
	$(BIN)/dca compare

test: $(VENV)/tests
	$(BIN)/python -m pytest

check: $(VENV)/tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/tests
	$(BIN)/python benchmarks/run.py

clean:
	rm -rf $(VENV) .bench build dist *.egg-info

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/main: $(VENV)/bin/python setup.cfg constraints.txt
	$(INSTALL) --editable .
	touch $@

$(VENV)/tests: $(VENV)/bin/python setup.cfg constraints.txt
	$(INSTALL) --editable '.[test]'
	touch $@ $(VENV)/main
