# Everything a newcomer needs: `make demo`, `make test`. Both set up .venv from the lock files by themselves.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v $$p; break; }; done)
VENV := .venv
SEEDS ?= 200
FAST := $(addprefix tests/,rules blocks house scheduler services sandbox)
BIN := $(VENV)/bin
LOCK := uv pip compile --universal --generate-hashes --python-version 3.11 --no-header --no-emit-index-url --no-emit-find-links --no-annotate -q

# The tests write thousands of small databases: in memory where the machine lends 2 GB of it, else where it keeps such files.
SCRATCH := $(shell df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 && $$4 > 2000000 { print $$6 }')

.DEFAULT_GOAL := help
.PHONY: help setup demo run test fast soak check format pictures bench migration lock clean

help:  ## Show these targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 12

setup: $(VENV)/.ready  ## Make the environment and the `cadence` command in .venv

demo: $(VENV)/.ready  ## Sandbox, bot and an example engagement: opens a workspace on this machine
	@$(BIN)/cadence demo $(ARGS)

run: $(VENV)/.ready  ## Run the bot with the settings of .env
	@$(BIN)/cadence run

test fast soak: export TMPDIR := $(or $(SCRATCH),$(TMPDIR),/tmp)

test: check  ## Lint, types, import contracts and every test
	$(BIN)/python -m pytest -n auto --dist loadgroup -m "not soak" $(ARGS)

fast: $(VENV)/.ready-dev  ## The fast part of the tests: rules, what is said and shown, services, the sandbox
	$(BIN)/python -m pytest $(FAST) -n auto --dist loadgroup -m "not slow and not page and not kill and not soak" $(ARGS)

soak: $(VENV)/.ready-dev  ## Everything that takes long, and more simulated engagements: make soak SEEDS=200 ARGS="--from 1000"
	$(BIN)/python -m pytest -n auto --dist loadgroup -m soak
	$(BIN)/python -m tests.simulation --from 200 --seeds $(SEEDS) $(ARGS)

check: $(VENV)/.ready-dev  ## Lint, formatting, types, import contracts, unused code and dependencies
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/vulture

format: $(VENV)/.ready-dev  ## Format the code and mend what lint can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

pictures: $(VENV)/.ready-dev  ## Make the pictures of the documents anew (needs Chromium)
	$(BIN)/python -m tests.page.pictures

bench: $(VENV)/.ready-dev  ## Print the figures, each beside its bare baseline in the same run
	$(BIN)/python -m benchmarks $(ARGS)

migration: $(VENV)/.ready-dev  ## Write a migration from what changed in the tables: make migration ARGS="Add snooze"
	$(BIN)/python -m migrations $(ARGS)

lock:  ## Write the lock files anew (needs uv)
	$(LOCK) pyproject.toml --extra build -o requirements.lock
	$(LOCK) pyproject.toml --extra build --group dev -o requirements-dev.lock

clean:  ## Remove the environment and the demo's data
	rm -rf $(VENV) .demo

$(VENV)/.ready: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; none was found. Name one with: make PYTHON=/path/to/python3 ..."; exit 1; }
	@test -x $(BIN)/python || { echo "Making the environment in $(VENV) ..."; $(PYTHON) -m venv $(VENV); }
	@echo "Installing the locked dependencies (a minute the first time) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-warn-script-location --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-warn-script-location --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.ready-dev: requirements-dev.lock $(VENV)/.ready
	@echo "Installing the locked test dependencies ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-warn-script-location --require-hashes -r requirements-dev.lock
	@touch $@
