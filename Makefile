.PHONY: help setup fmt check test test-faults drill demo bench bench-smoke caddy-cache sbom audit
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
	@./deploy/caddy/build.sh >/dev/null
	.venv/bin/pytest
test-faults: setup ## every fault under load, against the whole stack; KEEP=1 publishes the figures
	@./deploy/debian.sh
	.venv/bin/pytest -m "" tests/faults
	@[ -z "$(KEEP)" ] || .venv/bin/python -m bench.reliability keep
drill: setup ## install, upgrade, back up, break and mend a server that boots inside this machine; as root
	@./deploy/debian.sh drill
	.venv/bin/pytest -m machine tests/deploy
demo: setup ## a simulated Rentman, the whole stack and a website, on this machine
	@.venv/bin/python -m deploy.demo
bench: setup ## measure speed (an hour and a half), judge it, render the report
	@./deploy/caddy/build.sh >/dev/null
	@./deploy/debian.sh
	.venv/bin/python -m bench run
bench-smoke: setup ## two minutes: do the benches work with all their peers; judges no speed
	.venv/bin/python -m bench smoke
caddy-cache: setup ## build Caddy with the cache of query answers, into .tools
	@./deploy/caddy/build.sh
sbom: setup ## what a release contains, as CycloneDX, in build/sbom.json
	@./deploy/sbom.sh
audit: sbom ## what is known against any of it; asks a service on the network
	@./deploy/audit.sh
