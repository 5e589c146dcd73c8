# Sibiao. `make` or `make help` says what there is. Every target sets up what it needs.
.DEFAULT_GOAL := help
.PHONY: help demo test lab lint format bench fuzz soak image clean

PYTHON ?= python3
BIN := .venv/bin
# One more than there are cores: nodes that live in real time mostly wait.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')
READY := .venv/.ready

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

$(READY): pyproject.toml
	@echo "== Setting up .venv with pinned packages (about a minute, once)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed; $(PYTHON) is older. Try: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -m venv .venv || \
		{ echo "No venv: install your system's python3-venv package"; exit 1; }
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[dev]'
	@$(BIN)/sibiao micropython emulator || echo "The emulator stays as installed."
	@touch $@

demo: $(READY) ## one converter at work: pulses counted, a heat meter read, both collected
	@$(BIN)/sibiao demo $(ARGS)

test: $(READY) ## every test but the long campaigns, with a list of what was skipped
	@$(BIN)/sibiao micropython || echo "Tests that need what is missing are skipped and listed."
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not lab" $(ARGS)

lab: $(READY) ## the laboratory's quick test of a module, and what is long, on the emulated Pico
	@$(BIN)/sibiao micropython || echo "Tests that need what is missing are skipped and listed."
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m lab $(ARGS)

lint: $(READY) ## style, spelling of names, formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: $(READY) ## put the formatting right
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(READY) ## measure speed and memory on the emulated Pico; writes docs/measurements
	@$(BIN)/python -m tests.bench $(ARGS)

fuzz: $(READY) ## a million mutated frames a link; writes docs/measurements
	@$(BIN)/python -m tests.fuzz $(ARGS)

soak: $(READY) ## long runs: power cuts, ten thousand reads; writes docs/measurements
	@$(BIN)/python -m tests.soak $(ARGS)

image: $(READY) ## build the Pico's MicroPython image from source
	@$(BIN)/sibiao micropython image --build --install-tools

clean: ## remove what make made here (not the cache of MicroPython)
	rm -rf .venv build *.egg-info .pytest_cache .ruff_cache .hypothesis
