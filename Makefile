# The two commands a newcomer needs: make app, make test. Everything else is for contributors.
PYTHON ?= python3
VENV ?= .venv
PORT ?= 8501
ADDRESS ?= 127.0.0.1
# "default": PyTorch as your package index gives it. Else, on Linux without an NVIDIA card, the build
# for processors, if the PyTorch project's index answers.
TORCH ?=
BIN := $(VENV)/bin

.PHONY: app test lint format bench audit sample clean

app: $(VENV)/.app
	$(BIN)/python -m recsys_demo serve --address $(ADDRESS) --port $(PORT)

test: $(VENV)/.dev lint
	$(BIN)/python -m tests.making.chromium
	$(BIN)/python -m pytest -n 2 --dist loadscope

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks

# Asks a vulnerability service about every pinned package; fails where one cannot be audited.
audit: $(VENV)/.dev
	$(BIN)/python -m pip install --disable-pip-version-check --quiet pip-audit==2.10.1
	$(BIN)/python -m pip_audit --strict --no-deps --disable-pip -r requirements.txt -r requirements-dev.txt

sample: $(VENV)/.app
	$(BIN)/python -m recsys_demo sample --out sample_data

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "This lab needs Python 3.11 or newer; $(PYTHON) is `$(PYTHON) --version`. Try: make app PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.app: $(VENV)/.python requirements.txt
	TORCH=$(TORCH) $(BIN)/python install.py requirements.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.python requirements.txt requirements-dev.txt
	TORCH=$(TORCH) $(BIN)/python install.py requirements-dev.txt
	@touch $@ $(VENV)/.app

clean:
	rm -rf $(VENV) .lab .pytest_cache .mypy_cache .ruff_cache .hypothesis
