# Two commands matter: `make serve` and `make test`. See README.md.

PYTHON ?= python3
PORT ?= 6543
DATA ?= var
export PORT
export DATA
# Servers and workers of tests that start would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: serve test test-quick test-faults bench lint lock wheels clean

serve: $(VENV)/.serve
	@$(BIN)/pyregistry --config development.ini setup --demo
	@exec $(BIN)/pserve development.ini

test: $(VENV)/.test lint
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not faults"

# Processes and servers that are killed under load: one test after the other, about five minutes.
test-faults: $(VENV)/.test
	$(BIN)/python -m pytest -s -m faults tests/faults

test-quick: $(VENV)/.test
	CASES=few $(BIN)/python -m pytest -n 2 --dist worksteal -m "not postgresql and not thorough and not clients" \
	    tests/unit tests/functional tests/contract tests/policy

# This registry beside others, in one run; `make bench BENCH=--quick` tries it. docs/benchmarks.md
bench: $(VENV)/.test
	$(BIN)/python -m benchmarks $(BENCH)

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The lock files hold exact versions and digests, and no index address:
# whichever index pip is configured for serves the same bytes or is refused.
lock: $(VENV)/.test
	$(BIN)/uv pip compile pyproject.toml --group build --universal --python-version 3.11 \
	    --generate-hashes --no-header --quiet -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group test --universal --python-version 3.11 \
	    --generate-hashes --no-header --quiet -c requirements.lock -o requirements-test.lock
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 \
	    --generate-hashes --no-header --quiet -c requirements.lock -c requirements-test.lock \
	    -o requirements-production.lock

# The registry and everything that it needs, for hosts without a clone and without an index.
wheels: $(VENV)/.serve
	rm -rf dist/wheels
	$(PIP) wheel --require-hashes -r requirements-production.lock -w dist/wheels
	$(PIP) wheel --no-deps --no-build-isolation -w dist/wheels .

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.serve: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing the dependencies into $(VENV) …"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: requirements-test.lock $(VENV)/.serve
	@$(PIP) install --require-hashes -r requirements-test.lock
	@touch $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
