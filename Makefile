# The one door: people and CI call the same targets. `make help` lists them.
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
ARGS   ?=
PROTOS := protos/room/v1/room.proto protos/persona/v1/persona.proto

.PHONY: help setup run test check protos web clean
help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) ## the virtual environment with everything that run, test and check need
$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[embedded,test,check]"
	touch $@

run: setup web ## the platform at http://127.0.0.1:8080 (ARGS="--edges 2" hands flags on)
	@exec $(BIN)/lovelm up $(ARGS)

test: setup web ## every test: unit, property, contract, integration, browser
	PATH="$(CURDIR)/$(BIN):$$PATH" ./web/npm run --silent test --prefix web
	$(BIN)/python -m pytest $(ARGS)

check: setup web protos-drift ## format, lint, types, import rules, packs, drift of generated code
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/lovelm persona check
	./web/npm run --silent check --prefix web

protos: setup ## generate the code beside the .proto files
	$(BIN)/python -m grpc_tools.protoc -I. --python_out=. --pyi_out=. --grpc_python_out=. $(PROTOS)

.PHONY: protos-drift
protos-drift: setup
	@out=$$(mktemp -d) && $(BIN)/python -m grpc_tools.protoc -I. --python_out=$$out --pyi_out=$$out --grpc_python_out=$$out $(PROTOS) \
	  && for f in $$(cd $$out && find . -name '*.py*'); do cmp $$out/$$f $$f || { echo "generated code differs from its .proto: run 'make protos'"; exit 1; }; done; rm -rf $$out

web: setup web/dist/index.html ## build the web client when it is missing or older than its sources
web/dist/index.html: web/package-lock.json $(shell find web/src web/public web/index.html -type f 2>/dev/null)
	./web/npm ci --prefix web --no-audit --no-fund --silent
	./web/npm run --silent build --prefix web

clean: ## remove what was built or installed, and the platform's state
	rm -rf $(VENV) .lovelm build web/dist web/node_modules *.egg-info .mypy_cache .ruff_cache .pytest_cache
