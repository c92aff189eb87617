.PHONY: help setup fmt check test demo bench bench-smoke
help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'
setup: ## install everything, exactly as locked
	@./deploy/setup.sh
fmt: setup ## rewrite what a tool can rewrite
	@.venv/bin/ruff check --fix . ; .venv/bin/ruff format .
check: setup ## lint, types, arrows
	.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy && .venv/bin/lint-imports
test: setup ## the whole suite
	@./deploy/debian.sh
	.venv/bin/pytest
demo: setup ## a simulated Rentman, the whole stack and a website, on this machine
	@.venv/bin/python -m deploy.demo
bench: setup ## measure everything (an hour), judge it, render the report
	@./deploy/debian.sh
	.venv/bin/python -m bench run
bench-smoke: setup ## two minutes: does every bench work; judges no time
	.venv/bin/python -m bench smoke
