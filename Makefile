# The two commands of a newcomer are `make demo` and `make test`.
# Everything that they need is put in place by scripts/bootstrap, the first time only.

.PHONY: help demo test faults lint web screenshots bench clean

BIN := .venv/bin

help:
	@echo "make demo    start Caesura with a practice carrier and a campaign that calls it"
	@echo "make test    lint, types, import contracts, and the tests"
	@echo "make lint    the first three of these"
	@echo "make faults  real processes under real faults: MINUTES=60 SEED=1 (needs root)"
	@echo "make web     build the dashboard into the package, if it changed (demo and test do, too)"
	@echo "make screenshots   pictures of every page of the dashboard, into docs/screenshots/"
	@echo "make bench   the benchmarks of docs/benchmarks.md"
	@echo "make clean   remove what was built or installed here (not your data)"

# ARGS passes options on: make demo ARGS="--http 127.0.0.1:9090"
# WORKERS is how many tests run side by side: make test WORKERS=1
WORKERS := 2

demo:
	@scripts/bootstrap demo
	@scripts/web build
	@exec $(BIN)/caesura demo $(ARGS)

test: lint
	@scripts/web test
	@exec $(BIN)/pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder $(ARGS)

# SEED picks which faults come in which order; without it, chance does, and the run prints it.
MINUTES ?= 5
faults:
	@scripts/bootstrap test
	@exec $(BIN)/python -m tests.faults --minutes $(MINUTES) $(if $(SEED),--seed $(SEED)) $(ARGS)

lint:
	@scripts/bootstrap test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

web:
	@scripts/bootstrap demo
	@scripts/web build

screenshots:
	@scripts/bootstrap test
	@scripts/web build
	@exec $(BIN)/python scripts/screenshots.py $(ARGS)

bench:
	@scripts/bootstrap test
	@exec $(BIN)/python -m benchmarks $(ARGS)

clean:
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
	rm -rf web/node_modules src/caesura/web/static
	find src tests benchmarks -type d -name __pycache__ -prune -exec rm -rf {} +
