# Every recipe calls a module; `make help` lists the targets. Only python3 (3.11 or newer) and make
# are needed: `install` makes .venv from the lock once, and does nothing while it is current.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
RUN := $(BIN)/python
TOOLS := tools/node_modules

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
export PYTHONPATH := $(CURDIR)/generated

$(READY): requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed, this is " + sys.version.split()[0] + "; name another with: make PYTHON=python3.12")'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	touch $@

$(TOOLS): tools/package-lock.json
	npm ci --prefix tools --no-audit --no-fund --loglevel=error
	touch $@

.PHONY: help install drift test generate check-generated contract mutants compare mock lint lint-contract types bench docs dist lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(READY) ## the virtual environment, from the lock

drift: $(READY) ## judge a server by the contract (BASE_URL=… JOB_IDS=a,b; else the mock server)
	$(RUN) -m scripts.drift $(if $(BASE_URL),--base-url "$(BASE_URL)") $(if $(JOB_IDS),--job-id "$(JOB_IDS)")

test: $(READY) ## every test
	$(RUN) -m pytest -n auto

generate: $(READY) ## write the client: openapi/ → generated/
	$(RUN) -m scripts.generate

check-generated: $(READY) ## fail when generated/ is stale
	$(RUN) -m scripts.generate --check

contract: $(READY) ## the contract tests alone, with pytest's own output
	$(RUN) -m pytest contract_tests

mutants: $(READY) ## every mutant, killed or survived, as a matrix
	$(RUN) -m scripts.mutants

compare: $(READY) ## the contract against the vendor's document (VENDOR=path-or-url)
	$(RUN) -m scripts.compare "$(or $(VENDOR),$(error name the document: make compare VENDOR=path-or-url))"

mock: $(READY) ## serve the mock server (PORT=4010 SEED=0)
	$(RUN) -m contract_tests.mock_server --port $(or $(PORT),4010) --seed $(or $(SEED),0)

lint: $(READY) ## ruff over our own code, and its formatting
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check

lint-contract: $(TOOLS) ## a linter of the field over the contract (needs node)
	REDOCLY_SUPPRESS_UPDATE_NOTICE=true $(TOOLS)/.bin/redocly lint --config openapi/redocly.yaml openapi/job.yaml

types: $(READY) ## mypy --strict over everything
	$(RUN) -m mypy

bench: $(READY) ## figures beside named peers (QUICK=1 installs nothing, UPDATE_DOCS=1 updates the docs)
	$(RUN) -m benchmarks $(if $(QUICK),--quick) $(if $(UPDATE_DOCS),--update-docs)

docs: $(READY) ## the documentation site, into site/
	NO_MKDOCS_2_WARNING=1 $(RUN) -m mkdocs build --strict

dist: $(READY) ## the wheels and the sdist, the same bytes each time
	$(RUN) -m scripts.release.dist

lock: $(READY) ## refresh requirements.lock from pyproject.toml
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --group dev --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --output-file requirements.lock

clean: ## remove what the other targets made
	rm -rf $(VENV) .bench reports dist site tools/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis
