# The commands for people who work on shipwatch. `make` alone lists them.
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# The newest Python of 3.11 or later that is here; `make PYTHON=/path/to/python3.12 ...` names another.
PYTHON ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3; do \
  "$$p" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)

# The worlds of `make bench-events`: any numbers will do.
SEEDS ?= 1 2 3

.PHONY: help setup demo test test-long check lint wheel-test bench bench-tables bench-decode bench-engine fuzz bench-events bench-screening bench-rescreen golden docs clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml
	@test -n "$(PYTHON)" || { echo "shipwatch needs Python 3.11 or later with venv (Debian: apt install python3-venv)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	$(BIN)/python -m decoders.kernel_cache
	$(BIN)/python -m decoders.kernel_cache $(addprefix shipwatch.engine.,time_order track_walk contact_search contact_walk)
	@touch $@

setup: $(STAMP) ## make .venv with everything that use and development need

demo: $(STAMP) ## replay the simulated scenario and print its alerts (files in ./demo)
	$(BIN)/shipwatch demo --out demo

test: $(STAMP) ## every test but the longest, the slow ones too
	$(BIN)/python -m pytest -n auto --dist loadfile -m 'not long' --ignore tests/browser
	$(BIN)/python -m pytest tests/browser

test-long: $(STAMP) ## the longest tests: a thousand worlds against the oracle, and more
	$(BIN)/python -m pytest -n auto -m long --ignore tests/browser

check: $(STAMP) lint ## lint, types, floors and the fast tests: offline, some minutes
	$(BIN)/python -m pytest -q -n auto -m 'not slow and not real_data'

lint: $(STAMP) ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

wheel-test: $(STAMP) ## build the wheel, install it in a fresh environment, run it there
	$(BIN)/python -m pytest tests/wheel

bench: bench-decode bench-engine ## measure decoder and engine beside their peers

bench-rescreen: $(STAMP) ## a million invented incidents held against a list with 150 new entries
	$(BIN)/python benchmarks/rescreen.py

bench-decode: $(STAMP) ## NMEA to columns, beside pyais, libais, aiscat and gpsdecode; memory at 1 M and 10 M lines
	-$(BIN)/python -m pip install --quiet --disable-pip-version-check libais aiscat
	$(BIN)/python benchmarks/decode.py
	$(BIN)/python benchmarks/decode_memory.py

bench-tables: $(STAMP) ## tables to sorted columns, beside polars, duckdb, pyarrow and pandas (TABLE_ROWS=50000: seconds)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check polars duckdb pandas || true
	$(BIN)/python benchmarks/tables.py --rows $(or $(TABLE_ROWS),5000000)

bench-engine: $(STAMP) ## positions a second through the engine, beside DuckDB, BallTree and MovingPandas
	-$(BIN)/python -m pip install --quiet --disable-pip-version-check duckdb scikit-learn movingpandas
	$(BIN)/python -W ignore -m benchmarks.engine --scaling
	$(BIN)/python -m benchmarks.live_step

fuzz: $(STAMP) ## a million mutated lines and ten thousand mutated files through the decode path (FUZZ="--seed 7 ...")
	$(BIN)/python tests/decoding/fuzz_decode.py $(FUZZ)

bench-events: $(STAMP) ## precision and recall on seeded hard worlds, others' rules beside (SEEDS="101 102 103")
	$(BIN)/python -m benchmarks.events --seeds $(SEEDS)

bench-screening: $(STAMP) ## namesakes, renamed hulls, innocents, spellings, time; others' matchers beside (SCREENING="--invented")
	$(BIN)/python -m benchmarks.screening $(SCREENING)

golden: $(STAMP) ## replay the golden scenarios against what they expect
	$(BIN)/python -m pytest -q tests/scenarios/test_golden_scenarios.py tests/scenarios/test_demo_found.py

docs: $(STAMP) ## the API reference as HTML in build/docs
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[docs]'
	$(BIN)/pdoc --output-directory build/docs shipwatch decoders geofences alerts

clean: ## remove what the commands above made
	rm -rf $(VENV) build dist demo out .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
