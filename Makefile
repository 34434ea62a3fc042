# What people type. `make` alone prints this list.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help install demo dev test check bench faults conformance foreign test-ui

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13) and "Python 3.10 to 3.13 is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

install: $(STAMP) ## environment in .venv, with everything that tests and sandbox need

demo: $(STAMP) ## the shipped recipes into an OpenMetadata API, all on this machine
	@$(BIN)/ingest-assets demo

dev: $(STAMP) ## Dagster's UI with the recipes of recipes/, variables from .env
	@mkdir -p .dagster_home && cp dagster.yaml .dagster_home/dagster.yaml
	@DAGSTER_HOME=$(CURDIR)/.dagster_home INGEST_ASSETS_STORE=$${INGEST_ASSETS_STORE:-$(CURDIR)/.ingest_assets} \
		DAGSTER_DISABLE_TELEMETRY=yes $(BIN)/dagster dev --workspace workspace.yaml $(ARGS)

test: $(STAMP) ## the tests
	@$(BIN)/pytest -n logical --maxprocesses 4 $(ARGS)

test-ui: $(STAMP) ## the demo clicked through in a browser (needs Chromium); pictures in .ui/
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[ui]'
	@rm -rf .ui
	@$(BIN)/pytest -m ui -rs ingest_assets_tests/ui $(ARGS)

check: $(STAMP) ## style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy ingest_assets ingest_assets_tests
	$(BIN)/lint-imports
	DAGSTER_DISABLE_TELEMETRY=yes $(BIN)/dg check defs

bench: $(STAMP) ## speed and memory: tables per second, calls, peak memory
	@$(BIN)/python -m ingest_assets_tests.bench

faults: $(STAMP) ## every remote call against every kind of fault: deletes nothing, loses nothing, reports all
	@$(BIN)/python -m ingest_assets_tests.faults $(ARGS)

foreign: ## the Kinesis connector against moto and kinesalite as well, in an environment of its own (needs npm)
	$(PYTHON) -m venv .venv-foreign
	.venv-foreign/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[test,foreign]'
	npm install --silent --no-save --prefix .venv-foreign kinesalite@3.3.3
	INGEST_ASSETS_NODE_MODULES=.venv-foreign/node_modules .venv-foreign/bin/python -m pytest -m foreign -rs ingest_assets_tests/foreign

# Of some versions only: VERSIONS="1.5 2.0". Of some tests only: TESTS=ingest_assets_tests/conformance. Of a run of the
# tests that was there already, with ARGS=--record-bodies=FOLDER: BODIES=FOLDER.
conformance: $(STAMP) ## what the tests send to each server version, against the classes that are published for it
	@$(BIN)/python -m ingest_assets_tests.conformance \
		$(if $(BODIES),--bodies $(BODIES)) $(if $(TESTS),--tests "$(TESTS)") $(VERSIONS)
