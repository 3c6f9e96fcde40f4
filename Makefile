# Segue: `make run` serves the studio, `make test` checks everything. Both set up what they need by themselves.
.DEFAULT_GOAL := help
.PHONY: help run test lint types audit chaos soak bench screenshots icons setup setup-dev clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# One more than there are cores: a test that watches a browser, or a program, waits half of its time.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min(4, 1 + (os.cpu_count() or 1)))')

help: ## This list
	@echo "Segue: blend two prompts into a clip."
	@echo
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## (.*)/  make \1|\2/' | column -t -s '|'

run: setup ## Serve the studio at http://127.0.0.1:8000 (Ctrl-C stops it)
	@$(BIN)/python app.py

test: setup-dev lint types ## Check everything: lint, types and all tests, in a real browser too
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

lint: setup-dev ## Look for mistakes and untidiness in the code
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: setup-dev ## Check the types
	@$(BIN)/mypy

audit: $(VENV)/.audit ## Look for known weaknesses in what Segue is built on (asks pypi.org)
	@$(BIN)/python scripts/audit.py

chaos: setup-dev ## Half a thousand clips among unruly providers and killed workers (some minutes)
	@$(BIN)/python -m tests.chaos

soak: setup-dev ## Many boxes, killed and restarted under load for ten minutes
	@$(BIN)/python -m tests.soak

bench: setup-dev ## Measure speed and memory (a few minutes)
	@for each in benchmarks/[a-z]*.py; do echo "== $$each"; $(BIN)/python $$each || exit 1; done

screenshots: setup-dev ## Take the pictures in docs from the real studio and the real band
	@$(BIN)/python scripts/screenshots.py
	@$(BIN)/python scripts/contact_sheet.py

icons: setup ## Draw the studio's sign for tabs and home screens
	@$(BIN)/python scripts/icons.py

setup: $(VENV)/.studio ## Install what the studio needs into .venv

setup-dev: $(VENV)/.checks ## Install what the checks need: a browser, PostgreSQL and Redis included

clean: ## Remove .venv and caches; clips and settings stay
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Segue needs Python 3.11 or newer. Install it, or name it: make run PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "Python could not make .venv. On Debian and Ubuntu: apt install python3-venv" >&2; exit 2; }

$(VENV)/.studio: requirements.txt constraints.txt | $(BIN)/python
	@echo "Installing what Segue needs (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

# With what the studio needs beside it, so that nothing of that is changed.
$(VENV)/.audit: requirements.txt requirements-dev.txt constraints.txt | $(BIN)/python
	@echo "Installing what the audit needs (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt \
		"$$(grep -o '^pip-audit==[^ ]*' requirements-dev.txt)"
	@touch $@ $(VENV)/.studio

$(VENV)/.checks: requirements.txt requirements-dev.txt constraints.txt tests/browser/chromium.py tests/servers/packages.py | $(BIN)/python
	@echo "Installing what the checks need (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@$(BIN)/python -m tests.browser.chromium
	@$(BIN)/python -m tests.servers.packages
	@touch $@ $(VENV)/.studio
