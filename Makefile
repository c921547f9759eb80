# What one does with Lokon; `make` alone prints this list.
# Where data are kept, what address is listened on and the first owner's password come from the settings
# LOKON_DATA, LOKON_LISTEN and LOKON_OWNER_PASSWORD (docs/running.md).

.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
UV := $(PYTHON) -m uv --no-config pip compile --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --quiet

# `exec`: the program takes the place of the shell, so that make's signals reach it.

demo: environment javascript ## start everything with a demo chain, in one process, on 127.0.0.1:8080
	@exec $(PYTHON) -m deploy.embedded --with-parent --demo

run: environment javascript ## the same with empty data and an owner account
	@exec $(PYTHON) -m deploy.embedded --with-parent

cluster: environment javascript ## every service a process of its own, on RabbitMQ
	@exec $(PYTHON) -m deploy.cluster --with-parent

# Whatever the environment says: hundreds of processes are started, and each would compile Lokon for itself.
test: export PYTHONDONTWRITEBYTECODE :=
test: environment-dev javascript ## the whole test suite, real RabbitMQ and browser included
	@$(PYTHON) -m pytest -q -n auto --dist loadfile tests/unit tests/component
	@exec $(PYTHON) -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder --durations=12 tests/e2e tests/architecture tests/contract

check: environment-dev ## what needs nothing running: format, lint, types, architecture, contracts
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@$(PYTHON) -m pytest -q tests/architecture tests/contract

bench: environment-dev javascript ## measure, each figure beside its floor from the same run
	@exec $(PYTHON) -m bench

backup: environment ## write an encrypted backup: make backup TO=folder [OF=var/run]
	@exec $(PYTHON) -m deploy.backup write --to "$(TO)" $(if $(OF),--of "$(OF)")

restore: environment ## read a backup into an empty folder: make restore FROM=folder [INTO=var/run]
	@exec $(PYTHON) -m deploy.backup read --from "$(FROM)" $(if $(INTO),--into "$(INTO)")

lock: environment-dev ## lock the dependencies of pyproject.toml anew, with hashes
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check uv
	@$(UV) --universal --python-version 3.11 pyproject.toml -o requirements/base.txt
	@$(UV) --universal --python-version 3.11 --extra dev -c requirements/base.txt pyproject.toml -o requirements/dev.txt
	@cd gateway/web && npm install --package-lock-only --ignore-scripts

published: environment-dev ## write the OpenAPI and AsyncAPI documents of docs/ anew
	@$(PYTHON) -m deploy.published > /dev/null

messages: environment-dev ## bring the catalogues of the pages up to date with what the pages say
	@$(PYTHON) -m deploy.catalogues

clean: ## remove what was built; data (var/) stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache gateway/web/node_modules gateway/static/vendor

environment:
	@sh deploy/environment.sh base

environment-dev:
	@sh deploy/environment.sh dev

javascript: environment
	@$(PYTHON) -m deploy.javascript

help:
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

.PHONY: demo run cluster test check bench backup restore lock published messages clean environment environment-dev javascript help
