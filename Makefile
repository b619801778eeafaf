# Works with GNU make 3.81 (macOS) and later. The first verb makes .venv by itself.
#   make demo ARGS=--once           arguments for what the verb runs
#   make test PYTHON=python3.12     another Python for a new .venv

PYTHON ?=
ARGS ?=
BIN := .venv/bin

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo run test lint bench soak mutants clean

help:
	@echo 'make demo    the bot against a Discord and an arXiv on this machine; no account needed'
	@echo 'make test    the tests'
	@echo 'make lint    format, style, types and who may import whom'
	@echo 'make bench   how fast it is'
	@echo 'make soak    an hour and a half of bad days: strange inputs, deaths, simulated years'
	@echo 'make mutants what the tests do not notice'
	@echo 'make run     the bot itself, with config.json and DISCORD_TOKEN'
	@echo 'make clean   remove .venv and what tools leave behind'
	@echo 'Arguments go in ARGS: make demo ARGS=--once'

demo: .venv/.ready
	@$(BIN)/python -m sandbox.demo $(ARGS)

run: .venv/.ready
	@$(BIN)/python -m bot run $(ARGS)

test: .venv/.ready-dev
	@$(BIN)/python -m pytest $(ARGS)

lint: .venv/.ready-dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

bench: .venv/.ready-dev
	@$(BIN)/python -m benchmarks $(ARGS)

soak: .venv/.ready-dev
	@$(BIN)/python -m tests.fuzz --seconds 600
	@$(BIN)/python -m tests.crash
	@$(BIN)/python -m tests.swarm --years 500 --minutes 45

mutants: .venv/.ready-dev
	@$(BIN)/python -m scripts.mutants $(ARGS)

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage htmlcov .mutants.json
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.ready: requirements.txt
	@PYTHON='$(PYTHON)' scripts/venv.sh .venv requirements.txt $@

.venv/.ready-dev: .venv/.ready requirements-dev.txt
	@PYTHON='$(PYTHON)' scripts/venv.sh .venv requirements-dev.txt $@
