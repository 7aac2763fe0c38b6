# Anfu. `make help` lists the targets.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
# Where it is set, every process that a test starts compiles all sources anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

# The stamp is newer than the pinned requirements when everything is installed.
.venv/installed: requirements/base.txt requirements/lab.txt requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes \
	  -r requirements/base.txt -r requirements/lab.txt -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	$(BIN)/python -c "from anfu.risk.catalogue import CATALOGUE; from anfu.risk.profiles import Profiles; Profiles(CATALOGUE)"
	@touch $@

# Node 20 of the machine, or else the one of a wheel.
WEB := $(shell find web -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -name openapi.json -not -name schema.d.ts)

.venv/web: .venv/installed $(WEB) $(wildcard src/anfu/entrypoints/api/*.py docs/*.md docs/*/*.md docs/site/* docs/*.py docs/contents.toml)
	node -e 'process.exit(process.versions.node.split(".")[0] < 20)' 2>/dev/null || \
	  $(BIN)/python -m pip install --quiet --require-hashes -r requirements/web.txt
	$(BIN)/anfu openapi --trial > web/api/openapi.json
	cd web && PATH="$(CURDIR)/$(BIN):$$PATH" && npm ci --silent --no-audit --no-fund && \
	  npm run --silent types && npm run --silent build
	$(BIN)/python docs/build_site.py
	@touch $@

.PHONY: web
web: .venv/web ## build console, checkout (web/) and documentation (docs/) into the package

.PHONY: install
install: .venv/installed .venv/web ## create .venv with the pinned requirements, and build the pages

.PHONY: test
test: install ## every test, on an embedded PostgreSQL
	$(BIN)/pytest -n 2

.PHONY: check
check: install ## style, types, import contracts
	$(BIN)/ruff check src tests docs
	$(BIN)/ruff format --check src tests docs
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

.PHONY: demo
demo: install ## a simulated economy through the whole system, with a summary at the end
	$(BIN)/anfu demo

.PHONY: bench
bench: install ## payments per second, beside pgbench on the same server
	$(BIN)/anfu bench payments --seconds 20

.PHONY: openapi
openapi: install ## every operation with every value its schema names: is the OpenAPI document true?
	OPENAPI=whole $(BIN)/pytest -n 2 tests/journey/test_openapi.py

.PHONY: chaos
chaos: install ## kill -9 of every process under load, then look whether anything was lost
	$(BIN)/python -m tests.chaos.run

.PHONY: volume
volume: install ## each query of the console at 5 million payments, a table of query, rows and time
	$(BIN)/python -m tests.volume.run

.PHONY: attack
attack: install ## the API attacked in every way we know, a table of attempts and passes (0)
	$(BIN)/python -m tests.attack.run $(ATTACKS)

.PHONY: simulate
simulate: install ## whole lives of payments from seeds, every invariant after every tick (SEEDS, FROM)
	$(BIN)/python -m tests.simulation.run --seeds $(or $(SEEDS),500) --from $(or $(FROM),0)

.PHONY: models
models: install ## models trained in simulated economies: one's whole life, and one tried on strangers
	$(BIN)/pytest -n 2 -m slow tests/journey/test_model_life.py tests/integration/simulation

.PHONY: spark
spark: install ## offline work on Apache Spark, a master and two workers, compared with DuckDB (Java 17)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/spark.txt
	$(BIN)/pytest -m slow tests/slow/test_spark.py

.PHONY: logs
logs: install ## every process at debug level over real sockets, its logs searched for what is secret
	$(BIN)/pytest -m slow tests/slow/test_secrets_in_process_logs.py

.PHONY: cluster
cluster: install ## profiles on a Valkey cluster of three nodes, one of them killed
	$(BIN)/pytest -m slow tests/slow/test_valkey_cluster.py

.PHONY: browser
browser: install ## the pages and the device SDK in a real Chromium
	cd web && PATH="$(CURDIR)/$(BIN):$$PATH" npm run --silent check
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/browser.txt
	$(BIN)/pytest -n 2 -m slow tests/browser $(BROWSER)

.PHONY: docs
docs: install ## write docs/reference anew from the code
	$(BIN)/python docs/build_reference.py

.PHONY: requirements
requirements: ## compile the pinned requirements anew (needs uv)
	cd requirements && for f in base lab dev spark browser web; do \
	  uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-header $$f.in -o $$f.txt; done
