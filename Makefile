# Everything runs in the project's own virtual environment, .venv.

# The first of these that is a supported version; another one can be named by make PYTHON=...
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHONS := python3.13 python3.12 python3.11 python3
PYTHON ?= $(shell for name in $(PYTHONS); do \
	if $$name -c '$(SUPPORTED)' 2> /dev/null; then echo $$name; break; fi; done)
BIN := .venv/bin
READY := .venv/ready
BENCH := benchmarks/.venv
TASKS ?= 67 10000 100000 1000000

.DEFAULT_GOAL := help
.PHONY: help setup migrate fleet fleet-stop test test-all test-versions ui stop lint bench bench-guard bench-fleet docs lock

help: ## List all targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Create .venv with pinned versions (the other targets do this too)

PIP_INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check

# pip shows nothing of its longest part, so a terminal counts the seconds and what is installed.
define COUNTING
if [ -t 2 ]; then \
	(seconds=0; while kill -0 $$$$ 2> /dev/null; do \
		packages=$$(ls -d .venv/lib/*/site-packages/*.dist-info 2> /dev/null | wc -l); \
		printf '\r%d s, packages installed: %d ' $$seconds $$packages >&2; \
		sleep 1; seconds=$$((seconds + 1)); done) & \
	counting=$$!; trap 'kill $$counting; printf "\r\033[K" >&2' EXIT; trap 'exit 130' INT TERM; \
fi
endef

$(READY): pyproject.toml constraints.txt
	@$(or $(PYTHON),false) -c '$(SUPPORTED)' 2> /dev/null || \
		{ echo "Python 3.11 to 3.13 is needed, but $(if $(PYTHON),$(PYTHON) is not such a version,none was found as $(PYTHONS)); install one, or name it: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	@echo "Installing bizy-assets and what it needs into .venv, once; this takes a minute or two ..." >&2
	@# The project on its own, because it has no file whose hash pip could verify.
	@$(COUNTING); $(PYTHON) -m venv .venv && \
		$(PIP_INSTALL) --require-hashes --requirement constraints.txt && \
		$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $(READY)

migrate: $(READY) ## Migrate Bizy's database, or a sample if there is none
	@$(BIN)/bizy-assets migrate

ui: $(READY) ## Open the Dagster UI (http://127.0.0.1:3000)
	@$(BIN)/bizy-assets ui

stop: $(READY) ## Stop the UI and the embedded PostgreSQL server
	@$(BIN)/bizy-assets stop

FLEET_SAMPLE := .bizy/fleet-sample
PORT ?= 3000

fleet: $(READY) ## Start broker, workers, daemon and UI of a fleet (20 generated files, or BIZY_FLEET)
	@test -e $(FLEET_SAMPLE)/fleet.toml || $(BIN)/python -m tools.fleet_files --files 20 --folder $(FLEET_SAMPLE) > /dev/null
	@$(BIN)/python -m bizy_assets.fleet start --port $(PORT) --sample $(FLEET_SAMPLE)/fleet.toml

fleet-stop: $(READY) ## Stop all services of the fleet
	@$(BIN)/python -m bizy_assets.fleet stop

# A program that cannot be installed fails continuous integration; elsewhere its tests are skipped.
UNLESS_CI := [ "$$CI" != true ]
PARALLEL := --numprocesses auto --dist worksteal

test: $(READY) ## Run the tests
	@$(BIN)/python -m tools.programs browser || $(UNLESS_CI)
	@$(BIN)/python -m tools.programs pgbouncer || $(UNLESS_CI)
	$(BIN)/pytest $(PARALLEL) -m 'not exhaustive'

test-all: $(READY) ## Run the exhaustive tests too
	@$(BIN)/python -m tools.programs browser || $(UNLESS_CI)
	@$(BIN)/python -m tools.programs pgbouncer || $(UNLESS_CI)
	$(BIN)/pytest $(PARALLEL)

test-versions: $(READY) ## Run the core tests on PostgreSQL 16 and on Debian's 15
	$(BIN)/pytest $(PARALLEL) -m core --postgres=16 bizy_assets_tests
	@if $(BIN)/python -m tools.programs postgresql 15; then set -x; \
		$(BIN)/pytest $(PARALLEL) -m core --postgres=15 bizy_assets_tests; \
	else $(UNLESS_CI); fi

lint: $(READY) ## Check style, types and imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy

bench: $(READY) $(BENCH)/ready ## Compare with PostgreSQL's own COPY and with other tools (TASKS="10000 10000000")
	$(BIN)/python benchmarks/bench.py --tasks $(TASKS) --results bench.json \
		--duckdb-python $(BENCH)/bin/python
	$(BENCH)/bin/python benchmarks/plot.py bench.json bench.svg

$(BENCH)/ready: benchmarks/requirements.txt
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

bench-guard: $(READY) ## Fail if a load has become slow compared with PostgreSQL's own COPY, or beside others' rows
	$(BIN)/python benchmarks/load_ratio.py --tasks 100000 --rounds 3 --bound 3
	$(BIN)/python benchmarks/beside.py --others 1000000 --rounds 5 --bound 2

FILES ?= 1000
OTHERS ?= 1000000

bench-fleet: $(READY) ## Migrate a generated fleet with two workers and print what it took (FILES=100 OTHERS=0)
	$(BIN)/python benchmarks/fleet.py --files $(FILES) --others $(OTHERS)

docs: $(READY) ## Regenerate docs/ASSETS.md and docs/architecture.svg from the code
	$(BIN)/python -m tools.assets_page
	$(BIN)/python -m tools.architecture_picture

# Without --no-strip-extras, pip finds no hash for a dependency such as gql[requests].
COMPILE := uv pip compile --quiet --universal --no-header --no-annotate \
	--no-strip-extras --generate-hashes --extra build

lock: $(READY) ## Pin the newest versions allowed by pyproject.toml, with hashes
	$(PIP_INSTALL) uv==0.13.9
	$(BIN)/$(COMPILE) --upgrade --extra fleet --extra dev --output-file constraints.txt pyproject.toml
	$(BIN)/$(COMPILE) --constraint constraints.txt --output-file deploy/requirements.txt pyproject.toml
	$(BIN)/$(COMPILE) --constraint constraints.txt --extra fleet --output-file deploy/fleet-requirements.txt pyproject.toml
