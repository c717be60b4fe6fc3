# Two commands do everything on a machine that has Python 3.11 or newer and make: compare and test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: compare test docs coverage check catalogue soak mutants lowest newest audit release bench validation pictures clean bin

compare: $(VENV)/main
	$(BIN)/dca compare

test: $(VENV)/tests
	$(BIN)/python -m pytest

docs: $(VENV)/docs
	$(BIN)/sphinx-build -W --keep-going --quiet docs build/docs

coverage: $(VENV)/tests
	$(BIN)/python -m pytest --cov

check: $(VENV)/tests node_modules/.package-lock.json
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	npm run --silent check

# SOAK="--minutes 5 --seed 7" takes another time, and the cases of that seed.
soak: $(VENV)/tests
	$(BIN)/python -m tests.soak $(SOAK)

# MUTANTS="30 --seed 2" draws fewer of them, others.
mutants: $(VENV)/tests
	$(INSTALL) --editable '.[mutants]'
	$(BIN)/python tests/tools/mutants.py $(MUTANTS)

# Messages of the code that the catalogues lack are added to them; those it has no more are taken out.
catalogue: $(VENV)/tests
	$(BIN)/python -m tests.tools.catalogue

lowest: $(VENV)/tests
	$(BIN)/nox --session lowest --no-error-on-missing-interpreters

newest: $(VENV)/tests
	$(BIN)/nox --session newest

audit: $(VENV)/tests
	$(BIN)/nox --session audit

release: $(VENV)/tests
	rm -rf dist
	$(BIN)/nox --session release installed --no-error-on-missing-interpreters

bench: $(VENV)/tests
	$(BIN)/python benchmarks/run.py

validation: $(VENV)/tests
	$(BIN)/dca verify --markdown > docs/validation.md

pictures: $(VENV)/tests
	$(BIN)/python -m tests.tools.pictures

bin:
	@echo $(BIN)

clean:
	rm -rf $(VENV) node_modules .bench .nox build dist *.egg-info

$(VENV)/created:
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/main: $(VENV)/created setup.cfg constraints.txt
	$(INSTALL) --editable .
	touch $@

$(VENV)/tests: $(VENV)/created setup.cfg constraints.txt
	$(INSTALL) --editable '.[check,test]'
	touch $@ $(VENV)/main

$(VENV)/docs: $(VENV)/created setup.cfg constraints.txt
	$(INSTALL) --editable '.[docs]'
	touch $@ $(VENV)/main

# What checks the page's script; running the program needs none of it.
node_modules/.package-lock.json: package.json package-lock.json
	npm ci --silent --no-audit --no-fund
	touch $@
