# Two commands do everything: `make demo` and `make test`.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: demo test test-fast check lint types layers security format bench bench-restart bench-connections bench-fleet chaos fuzz soak screenshots lock packages plugins tensorflow gradient wheels clean help

help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(STAMP): requirements.lock pyproject.toml
	@tests/setup/venv.sh "$(PYTHON)" "$(VENV)"
	@touch $@

demo: $(STAMP) ## serve sample experiments; prints the URL and credentials
	$(BIN)/tbgateway demo $(DEMO)

packages: ## Debian packages the tests use (only when missing, and only when allowed)
	@tests/setup/packages.sh

plugins: $(STAMP) ## TensorBoard plugins the tests try, beside the virtual environment
	@tests/setup/plugins.sh "$(VENV)"

tensorflow: $(STAMP) ## TensorFlow in an environment of its own, for the tests that train with it
	@tests/setup/tensorflow.sh "$(VENV)"

gradient: $(STAMP) ## the client of Gradient in an environment of its own, for the test that tries it
	@tests/setup/gradient.sh "$(VENV)"

test: $(STAMP) packages plugins tensorflow gradient check ## every test
	$(BIN)/pytest $(PYTEST)

test-fast: $(STAMP) check ## the tests that start no TensorBoard, browser or proxy
	$(BIN)/pytest -m "not slow" $(PYTEST)

check: $(STAMP) lint types layers security ## linters, types, the layers and bandit

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

layers: $(STAMP)
	$(BIN)/lint-imports

security: $(STAMP)
	$(BIN)/bandit --quiet --recursive --severity-level medium tbgateway

format: $(STAMP) ## rewrite the sources in the house's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(STAMP) ## the benchmarks; each prints a ratio against a named reference
	$(BIN)/python tests/bench/bench_rescan.py
	$(BIN)/python tests/bench/bench_scalars.py
	$(BIN)/python tests/bench/bench_open.py
	$(BIN)/python tests/bench/bench_gateway.py
	$(BIN)/python tests/bench/bench_ui.py
	$(BIN)/python tests/bench/bench_training.py
	$(BIN)/python tests/bench/bench_large_file.py
	$(BIN)/python tests/bench/bench_containment.py
	$(BIN)/python tests/bench/bench_connections.py
	$(BIN)/python tests/bench/bench_fleet.py

bench-restart: $(STAMP) ## ten restarts and five kills of a gateway under load
	RESTARTS=10 KILLS=5 $(BIN)/pytest -q -s tests/e2e/test_restart.py -k "restarted or killed"

bench-connections: $(STAMP) ## what thousands of connections cost
	$(BIN)/python tests/bench/bench_connections.py

bench-fleet: $(STAMP) ## what hundreds of boards cost, and how soon they wake
	$(BIN)/python tests/bench/bench_fleet.py $(FLEET)

chaos: $(STAMP) ## a thousand kills of gateways, and more of boards: nothing may be lost
	$(BIN)/python tests/chaos/chaos.py $(CHAOS)

fuzz: $(STAMP) ## 20,000 mutated requests, which may neither break nor bloat the gateway
	FUZZ=$(or $(FUZZ),20000) $(BIN)/pytest -s --timeout=0 tests/edge/test_fuzz.py

soak: $(STAMP) ## half an hour of boards that come and go; SOAK=SECONDS takes another time
	SOAK=$(or $(SOAK),1800) $(BIN)/pytest -s --timeout=0 tests/soak

screenshots: $(STAMP) packages ## pictures of every page, in build/screenshots
	$(BIN)/python tests/screenshots/take_screenshots.py $(SCREENSHOTS)

wheels: $(STAMP) ## build the package, and the light one for training scripts, in dist/
	$(BIN)/python -m hatchling build -t wheel -d "$(CURDIR)/dist"
	cd packaging/client && "$(abspath $(BIN))/python" -m hatchling build -t wheel -d "$(CURDIR)/dist"

lock: $(STAMP) ## resolve pyproject.toml into requirements.lock
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-header --group dev pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-header --no-deps tests/setup/plugins.in -o tests/setup/plugins.lock
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-header tests/setup/tensorflow.in -o tests/setup/tensorflow.lock
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-header --override tests/setup/gradient.overrides \
	  tests/setup/gradient.in -o tests/setup/gradient.lock

clean: ## remove everything that was made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
