# Siwen: every target sets up what it needs. `make help` lists them.

PYTHON ?= $(or $(shell command -v python3.11),$(shell command -v python3))
BIN := .venv/bin
STAMP := .venv/.siwen-setup
LOCKS := requirements.lock deploy/requirements.lock deploy/build.lock
ROOMS := domain ledger activities workflows runtime workers words interfaces rehearsal verifier

.PHONY: help setup demo test up check docs lock bench soak histories golden catalogue clean

help:
	@echo "make demo    play the example programme on real servers"
	@echo "make test    run all tests"
	@echo "make up      start the stack to stay (Ctrl-C stops it)"
	@echo "make check   lint, types, import contracts, dependencies"
	@echo "make docs    write docs/rules.md and docs/glossary.md from the code"
	@echo "make bench   measure the speed of recorded steps and appends"
	@echo "python -m bench.recovery  a killed worker's workflows (minutes, not in make bench)"
	@echo "make soak    run the fault tests over and over (SOAK=10 rounds)"
	@echo "make histories  fetch anew the workflow histories that must replay"
	@echo "make golden  keep a sample of every event whose form is new (commit what it adds)"
	@echo "make catalogue  write ledger/schema/catalogue.txt anew after a migration was added"
	@echo "make lock    renew the locks (requirements.lock and two in deploy/)"
	@echo "make clean   remove .venv, caches and builds (never .siwen, which holds ledgers)"

setup: $(STAMP)

# pip brings uv (pinned, by hash), uv brings the rest. uv does not read pip's configuration:
# an index set there is handed on.
$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Siwen needs Python 3.11 or later: install it, or name it: make setup PYTHON=/path/to/python3.11" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@awk '/^[^ #]/ { take = /^uv==/ } take' requirements.lock > .venv/uv.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.lock
	@index="$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$($(BIN)/python -m pip config get global.index-url 2>/dev/null)}}"; \
	  if test -n "$$index"; then export UV_DEFAULT_INDEX="$$index"; fi; \
	  $(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements.lock && \
	  $(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

demo: setup
	$(BIN)/siwen rehearse examples/fuyang-2014

# Each process has servers of its own; what shares a fixture stays in one (tests/conftest.py).
test: setup
	$(BIN)/pytest --numprocesses=auto --maxprocesses=4 --dist=loadgroup --no-loadscope-reorder

up: setup
	$(BIN)/siwen up

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(wildcard $(ROOMS) tests bench)
	$(BIN)/lint-imports
	$(BIN)/deptry .

docs: setup
	$(BIN)/python docs/make_rules.py
	$(BIN)/python docs/make_glossary.py

bench: setup
	$(BIN)/python -m bench.steps
	$(BIN)/python -m bench.crowd
	$(BIN)/python -m bench.append
	$(BIN)/python -m bench.timeline
	$(BIN)/python -m bench.seal
	$(BIN)/python -m bench.views
	$(BIN)/python -m bench.verify
	$(BIN)/python -m bench.replay

SOAK ?= 10
soak: setup
	for round in $$(seq $(SOAK)); do $(BIN)/pytest -q -m fault tests/faults || exit 1; done

histories: setup
	$(BIN)/python -m tests.replay.fetch

golden: setup
	$(BIN)/python -m tests.golden.make

catalogue: setup
	$(BIN)/python -m tests.support.catalogue

# For every platform and Python from 3.11 on; hashes, but no index and no path of this machine.
UV_COMPILE = env -u UV_FIND_LINKS -u UV_INDEX -u UV_EXTRA_INDEX_URL $(BIN)/uv pip compile --quiet --no-config \
	--universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock"

lock: | .venv/bin/uv
	$(UV_COMPILE) --upgrade --group dev -o requirements.lock pyproject.toml
	$(UV_COMPILE) --upgrade --constraint requirements.lock -o deploy/requirements.lock pyproject.toml
	$(UV_COMPILE) --upgrade --constraint requirements.lock --group build -o deploy/build.lock
	@if grep -nE '://|^ *-(i|f|-index|-extra|-find)|file:|@ |(^|[ (])/' $(LOCKS); then \
	  echo "a lock names an index, a link or a path: not fit to commit" >&2; exit 1; fi

.venv/bin/uv:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

clean:
	rm -rf .venv dist build .hypothesis .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find $(ROOMS) tests bench -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
