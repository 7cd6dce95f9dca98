# Two commands: `make run` and `make test`. Everything they need they set up themselves.
SHELL := /bin/sh
.DEFAULT_GOAL := help

# The first Python of 3.11 to 3.13 that really starts (a pyenv shim may exist and refuse).
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	>/dev/null 2>&1 && { echo $$p; break; }; done)

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet --use-pep517 --require-hashes

# As typed: a request may hold "$$100", and make must not expand it.
override ASK := $(value ASK)
override DATA := $(value DATA)
export ASK DATA

.PHONY: help run test test-all lint types imports check bench bench-repair docs lock clean

help:
	@echo 'make run              plan, build and run the default request (no key needed)'
	@echo 'make run ASK="..."    the same with your own words; DATA=candles.csv for your own data'
	@echo 'make test             the whole test suite'
	@echo 'make check            lint, format, types, import directions'
	@echo 'make bench            speed and memory, as ratios against a reference'
	@echo 'make docs             the drawing and the tables in docs/trading-stack.md'
	@echo 'make bench-repair     how many seeded defects Wick repairs, in docs/repair-benchmark.md'

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "ASZA needs Python 3.11, 3.12 or 3.13, and found none that starts." >&2; \
		echo "Install one, or name it: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; \
		exit 3; fi
	@echo "Creating .venv with $$($(PYTHON) --version) ..." >&2
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Python's venv module is incomplete; on Debian or Ubuntu: apt install python3-venv" >&2; \
		exit 3; }

$(VENV)/.run: requirements.txt | $(BIN)/python
	@echo "Installing the locked requirements (once, about a minute) ..." >&2
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt | $(BIN)/python
	@echo "Installing the locked requirements and the test tools (once) ..." >&2
	@$(PIP) -r requirements-dev.txt
	@touch $@ $(VENV)/.run

.env: | .env.example
	@cp .env.example .env
	@chmod 600 .env
	@echo "Created .env from .env.example: no key is needed to start." >&2

# ASK and DATA travel through the environment: no quoting can break them.
run: $(VENV)/.run .env
	@$(BIN)/python asza.py ask --act

test: $(VENV)/.dev .env
	@$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/.dev
	@$(BIN)/mypy

imports: $(VENV)/.dev
	@PYTHONPATH=. $(BIN)/lint-imports

check: lint types imports

bench: $(VENV)/.dev .env
	@$(BIN)/python -m bench

# Minutes, not seconds: the figures in the page are from this and nothing else.
bench-repair: $(VENV)/.dev .env
	@$(BIN)/python -m bench.repair --split all --jobs 2 --page docs/repair-benchmark.md
	@$(BIN)/python -m bench.repair.models --page docs/repair-benchmark.md

# What the pages say of the flagship stack, made from its specs; a test holds them to it.
docs: $(VENV)/.run .env
	@$(BIN)/python asza.py graph trading --svg docs/trading-stack.svg --page docs/trading-stack.md

# Needs the package index; everything else works from the lock files.
lock: $(VENV)/.dev
	@for f in requirements requirements-dev; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --no-annotate $$f.in -o $$f.txt; done

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
