# make run    the main job on a built-in sample        make test    every test but gates and benches
# make check  what CI checks beside the tests          make gates   published results, met exactly (slow)
# make bench  speed, as ratios and slopes (slow)       make docs    every command in the docs, run
# make fix    let ruff mend what it can               make test-slurm   a real Slurm, started and stopped (root, apt)
# make calibrate, make accuracy    fit the estimates to measured points anew; how far off they are (minutes)
BIN := .venv/bin
HEADRACE_REFERENCE_DATA ?= ../shared/data
# Tests wait for servers and processes more than they compute: two at a time on each core.
WORKERS ?= $(shell expr 2 \* $$(getconf _NPROCESSORS_ONLN))
# Modules are compiled once, not by each of the hundreds of processes that tests start.
export PYTHONDONTWRITEBYTECODE :=
# What is there before a real Slurm is started: compiled loops, unless they are being compiled beside it.
FIRST ?= .venv/warm
.PHONY: run test check gates bench docs fix test-slurm calibrate accuracy

run: .venv/warm
	$(BIN)/headrace study --out study

test: .venv/warm
	$(BIN)/pytest -q -n $(WORKERS) -m "not gate and not bench and not slurm"

check: .venv/ready
	$(BIN)/ruff check && $(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

gates: .venv/warm
	$(BIN)/pytest -q -m gate -s

bench: .venv/warm
	$(BIN)/pytest -q -m bench -s -rs

calibrate: .venv/warm
	$(BIN)/headrace calibrate $(HEADRACE_REFERENCE_DATA)/perf

accuracy: .venv/warm
	$(BIN)/headrace accuracy $(HEADRACE_REFERENCE_DATA)/perf/measured.csv.gz --held-out

docs: .venv/warm
	$(BIN)/pytest -q tests/docs

test-slurm: $(FIRST)
	.ci/packages slurm
	$(BIN)/pytest -q -m "slurm and not bench" tests/live

fix: .venv/ready
	$(BIN)/ruff check --fix && $(BIN)/ruff format

.venv/ready: pyproject.toml
	python3 -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[dev]"
	@touch $@

.venv/warm: .venv/ready
	$(BIN)/python -m headrace.cli.warm
	@touch $@
