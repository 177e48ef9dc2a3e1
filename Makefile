# Every recipe calls a module; `make help` lists the targets. Only python3 (3.11 or newer) and make
# are needed. `install` creates .venv from the lock and does nothing while it is current.
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
	@$(PYTHON) scripts/install.py

$(TOOLS): tools/package-lock.json
	npm ci --prefix tools --no-audit --no-fund --loglevel=error
	touch $@

.PHONY: help install drift test fuzz test-evolution generate check-generated contract mutants peers compare upgrade check backtest mock lint lint-contract types bench interop docs dist lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-17s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(READY) ## create .venv from the lock, if it is missing or outdated

drift: $(READY) ## check a server against the contract (BASE_URL=… JOB_IDS=a,b; default: the mock server)
	$(RUN) -m scripts.drift $(if $(BASE_URL),--base-url "$(BASE_URL)") $(if $(JOB_IDS),--job-id "$(JOB_IDS)")

test: $(READY) ## run every test
	$(RUN) -m pytest -n auto --dist loadgroup

fuzz: $(READY) ## run the tests with mutated bodies and documents, ten times as many (minutes)
	$(RUN) -m pytest -n auto -m fuzz tests/attacks

test-evolution: $(READY) ## run the tests on copies with changed contracts (minutes)
	EVOLUTION=all $(RUN) -m pytest tests/accept/test_evolution.py tests/accept/test_interruptions.py tests/compare/test_refusals.py

generate: $(READY) ## generate the client, openapi/ → generated/
	$(RUN) -m scripts.generate

check-generated: $(READY) ## fail if generated/ is stale
	$(RUN) -m scripts.generate --check

contract: $(READY) ## run the contract tests alone, with pytest's output
	$(RUN) -m pytest contract_tests

mutants: $(READY) ## list every mutant as killed or survived
	$(RUN) -m scripts.mutants

peers: $(READY) ## check other servers of the contract and compare the verdicts (skips those not installed)
	$(RUN) -m scripts.peers

compare: $(READY) ## compare the contract with the vendor's document (VENDOR=path-or-url)
	$(RUN) -m scripts.compare "$(or $(VENDOR),$(error name the document: make compare VENDOR=path-or-url))"

upgrade: $(READY) ## follow the vendor's document: compare, propose, apply (VENDOR=path-or-url DRAFT=1)
	$(RUN) -m scripts.accept.upgrade $(if $(DRAFT),--draft) "$(or $(VENDOR),$(error name the document: make upgrade VENDOR=path-or-url))"

check: $(READY) ## check version, changelog, descriptions and client after a change of the contract
	$(RUN) -m scripts.accept.check

backtest: $(READY) ## replay the vendor's history (HISTORY=directory UPDATE_DOCS=1)
	$(RUN) -m scripts.backtest $(if $(UPDATE_DOCS),--page docs/backtest.md --picture docs/backtest.svg) "$(or $(HISTORY),$(error name the directory: make backtest HISTORY=directory))"

mock: $(READY) ## serve the mock server (PORT=4010 SEED=0)
	$(RUN) -m contract_tests.mock_server --port $(or $(PORT),4010) --seed $(or $(SEED),0)

lint: $(READY) ## check code and formatting with ruff
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check

lint-contract: $(TOOLS) ## check the contract with Redocly (needs node)
	REDOCLY_SUPPRESS_UPDATE_NOTICE=true $(TOOLS)/.bin/redocly lint --config openapi/redocly.yaml openapi/job.yaml

types: $(READY) ## check types with mypy --strict
	$(RUN) -m mypy

bench: $(READY) ## measure this project and its peers (QUICK=1 installs nothing, UPDATE_DOCS=1 updates the docs)
	$(RUN) -m benchmarks $(if $(QUICK),--quick) $(if $(UPDATE_DOCS),--update-docs)

interop: $(READY) $(if $(shell command -v npm),$(TOOLS)) ## try other generators on the contract (UPDATE_DOCS=1 updates the docs)
	$(RUN) -m scripts.interop $(if $(UPDATE_DOCS),--write)

docs: $(READY) ## build the documentation into site/
	NO_MKDOCS_2_WARNING=1 $(RUN) -m mkdocs build --strict

dist: $(READY) ## build the wheels and the sdist reproducibly
	$(RUN) -m scripts.release.dist

lock: $(READY) ## update requirements.lock from pyproject.toml
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --group dev --generate-hashes --no-emit-index-url --custom-compile-command "make lock" --output-file requirements.lock pyproject.toml

clean: ## remove what the other targets created
	rm -rf $(VENV) .bench reports dist site tools/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis
