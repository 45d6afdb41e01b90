# What CI runs, fastest first: make check. Every step is a target of its own.
# The tools are those of $(PYTHON): of the active virtual environment, or PYTHON=path/to/python.

PYTHON ?= python3
BIN := $(shell $(PYTHON) -c 'import sysconfig; print(sysconfig.get_path("scripts"))')
EXECUTABLE := $(shell $(PYTHON) -c 'import sys; print(sys.executable)')
SOURCES := src tests benchmarks examples docs

.PHONY: help check format-check lint imports stale types types-mypy test-fast test fuzz bench format docs

help:
	@echo "make check       everything that CI runs: the steps below, fastest first"
	@echo "  format-check lint imports stale types-mypy types test-fast"
	@echo "make test        all tests, on two processes"
	@echo "make fuzz        10,000 mutations per reader"
	@echo "make bench       the benchmarks, beside their peers (pip install -e '.[bench]')"
	@echo "make format      format and sort imports"
	@echo "make docs        write docs/rules.md, docs/formats.md, the picture and the schema again"

check: format-check lint imports stale types-mypy types test-fast
	@echo "make check: all passed"

format-check:
	$(PYTHON) -m ruff format --check --output-format concise $(SOURCES)

lint:
	$(PYTHON) -m ruff check $(SOURCES)

imports:
	$(BIN)/lint-imports --no-cache --no-logo

stale:
	$(PYTHON) docs/make_docs.py --check

types-mypy:
	$(PYTHON) -m mypy

types:
	$(PYTHON) -m basedpyright --pythonpath $(EXECUTABLE)

test-fast:
	$(PYTHON) -m pytest -n 2 -m "not slow"

test:
	$(PYTHON) -m pytest -n 2

fuzz:
	$(PYTHON) -m tests.readers.fuzz_many 10000
	TRAINDX_FUZZ=500 $(PYTHON) -m pytest -n 2 tests/readers/test_fuzz.py

bench:
	set -e; for script in benchmarks/bench_*.py; do echo "== $$script"; $(PYTHON) $$script; done

format:
	$(PYTHON) -m ruff check --fix --select I $(SOURCES)
	$(PYTHON) -m ruff format $(SOURCES)

docs:
	$(PYTHON) docs/make_docs.py
