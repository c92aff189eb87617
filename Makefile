.PHONY: help setup fmt check test test-faults demo bench bench-smoke
help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'
setup: ## install everything, exactly as locked
	@./deploy/setup.sh
fmt: setup ## rewrite what a tool can rewrite
	@.venv/bin/ruff check --fix . ; .venv/bin/ruff format .
check: setup ## lint, types, arrows
	.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy && .venv/bin/lint-imports
test: setup ## the whole suite, with the quick part of the faults
	@./deploy/debian.sh
	.venv/bin/pytest
test-faults: setup ## every fault under load, against the whole stack; KEEP=1 publishes the figures
	@./deploy/debian.sh
	.venv/bin/pytest -m "" tests/faults
	@[ -z "$(KEEP)" ] || .venv/bin/python -m bench.reliability keep
demo: setup ## a simulated Rentman, the whole stack and a website, on this machine
	@.venv/bin/python -m deploy.demo
bench: setup ## measure everything (an hour), judge it, render the report
	@./deploy/debian.sh
	.venv/bin/python -m bench run
bench-smoke: setup ## two minutes: does every bench work; judges no time
	.venv/bin/python -m bench smoke
