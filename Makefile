# Targets for people and for CI. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := .venv/bin
DEVCLUSTER := $(BIN)/python -m devcluster
DEMO ?= demo

.PHONY: help install lock generate check format test unit integration faults e2e bench bench-operator demo demo-down cluster-up cluster-down images shell

help: ## Show this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  \033[1m%-14s\033[0m %s\n", $$1, $$2}'

install: $(BIN)/.installed ## Make .venv with everything that development needs

$(BIN)/.installed: requirements/dev.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "found Python %d.%d, expected 3.11 or newer; set PYTHON=" % sys.version_info[:2])'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

lock: install ## Lock requirements/*.txt anew from pyproject.toml
	PATH=$(CURDIR)/$(BIN):$$PATH requirements/lock.sh

generate: install ## Write the CRDs, the chart's copies, RBAC and the field reference
	$(BIN)/python -m trading_operator.generate

format: install ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

check: install ## Format, lint, types, import layers, generated files fresh
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m trading_operator.generate --check

test: install ## All tests: unit, integration on a real API server, end to end on real pods
	$(BIN)/pytest

unit: install ## Tests that need nothing but Python
	$(BIN)/pytest tests/unit

integration: install ## Tests on a real API server and a real Redis
	$(BIN)/pytest tests/integration

faults: install ## The operator killed at every write, and other faults, on a real API server
	$(BIN)/pytest tests/faults

e2e: install ## Tests on real pods
	$(BIN)/pytest tests/e2e

bench: install ## Benchmarks, as ratios within one run
	$(BIN)/python -m bench

bench-operator: install ## The operator against the floor and its peers, half an hour on two processors
	$(BIN)/python -m bench.operator

cluster-up: install ## Start the development cluster
	$(DEVCLUSTER) up --name $(DEMO) --size node

cluster-down: install ## Stop the development cluster and remove it
	$(DEVCLUSTER) down --name $(DEMO)

images: install ## Build the images of the operator, the workloads and Redis
	$(DEVCLUSTER) build-images

demo: install ## From a bare checkout to signals: cluster, images, chart, quickstart
	$(BIN)/python -m devcluster.demo up --name $(DEMO)

demo-down: install ## Remove all of the demo
	$(BIN)/python -m devcluster.demo down --name $(DEMO)

shell: install ## Open a shell with KUBECONFIG, kubectl and helm of the demo
	$(BIN)/python -m devcluster.demo shell --name $(DEMO)
