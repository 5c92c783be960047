PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet
TEXTUAL := $(shell sed -n 's/^textual==//p' constraints.txt)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run demo pictures test test-pythons check format docs prove snapshots bench client clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | while IFS="	" read -r name text; do \
		printf 'make %-13s %s\n' "$$name" "$$text"; done

run: $(VENV)/.installed ## Start the dashboard on this machine's real state
	@$(BIN)/claude-auth-tui

demo: $(VENV)/.installed ## Start it on a pretend machine that is removed again; SCENE=NAME for one of its scenes
	@$(BIN)/claude-auth-tui --demo $(SCENE)

# Most tests wait, for screens, for processes, for servers; so the parts run side by side.
PARTS := screens keys terminals commands rules rest
app = $(patsubst %,tests/app/test_%.py,$(1))
# In one process without pictures; on real terminals; those with pictures are all the others.
keys := $(call app,actions activity cursor every_key filter_line haste keys preferences run_floods run_screen \
	screen_memory set_up_doing set_up_screen set_up_wrong_input tasks two_keys ways_out)
terminals := tests/store $(call app,first_frame hang_up hostile_repository idle pasting run_terminal \
	set_up_left_over_ssh set_up_over_ssh sign_in_terminal terminal watcher)
screens := tests/app $(patsubst %,--ignore=%,$(filter tests/app/%,$(keys) $(terminals)))
commands := tests/actions tests/cli
rules := tests/conformance tests/diagnose tests/present tests/resolve
rest := $(patsubst %,--ignore=%,tests/app tests/store $(commands) $(rules))

test: $(VENV)/.installed-dev ## Run all tests
	@status=0; \
	$(foreach part,$(PARTS),$(BIN)/python -m pytest $($(part)) >$(VENV)/tests-$(part).log 2>&1 & $(part)=$$!;) \
	$(foreach part,$(PARTS),wait $$$(part) || status=1; cat $(VENV)/tests-$(part).log;) \
	exit $$status

# What runs in half a minute and depends on the Python: parsing, rules, words and every import.
QUICK := tests/claude_code tests/conformance tests/diagnose tests/formats tests/network/test_settings.py \
	tests/oauth/test_messages.py tests/oauth/test_configuration.py tests/processes/test_environment.py \
	tests/resolve tests/security tests/test_import_hygiene.py tests/sources tests/test_versions.py \
	tests/test_wording.py --ignore=tests/diagnose/texts/test_linear.py \
	--ignore=tests/diagnose/texts/test_recognised.py --ignore=tests/diagnose/test_verdict.py

test-pythons: ## Run the quick tests on every other Python from 3.11 that this machine has
	@$(PYTHON) tests/pythons.py $(VENV) $(QUICK)

check: $(VENV)/.installed-dev ## Check format, lint, types and who imports what
	@$(BIN)/ruff format --quiet --check . || { echo "Not formatted: run 'make format'." >&2; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary tui tests bench tools
	@$(BIN)/lint-imports --no-logo >$(VENV)/lint-imports.log || { cat $(VENV)/lint-imports.log >&2; exit 1; }

format: $(VENV)/.installed-dev ## Format the code, and fix what lint can fix
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

docs: $(VENV)/.installed-dev ## Build the reference for programs into build/api
	@$(BIN)/python -m tools.reference

prove: $(VENV)/.installed-dev ## Run the long proofs: an hour on a busy machine
	@$(BIN)/python -m pytest -m "prove or examples"

snapshots: $(VENV)/.installed-dev ## Accept the pictures that the app paints now
	@$(BIN)/python -c 'import sys, textual; installed = textual.__version__; \
		sys.exit(installed != "$(TEXTUAL)" and "snapshots need Textual $(TEXTUAL), here is " + installed)'
	@$(BIN)/python -m pytest -m snapshot --snapshot-update

pictures: $(VENV)/.installed-dev ## Make the README's pictures anew
	@$(BIN)/python -m tests.docs.pictures

bench: $(VENV)/.installed-dev ## Measure start-up, diagnosis, classifying, the log, memory and imports against their bounds
	@$(BIN)/python -m bench
	@$(BIN)/python -m bench.neighbours
	@$(BIN)/python -m bench.change_bench
	@$(BIN)/python -m bench.diagnose_bench
	@$(BIN)/python -m bench.classify_bench
	@$(BIN)/python -m bench.log_bench
	@$(BIN)/python -m bench.cloud_memory
	@$(BIN)/python -m bench.library_bench

# As a file to read, for the tests of what it says; it is not run. The version is that of tools/client_messages.json.
client: ## Bring the Claude Code whose messages are known, from npm
	@npm install --silent --no-save --no-audit --no-fund --ignore-scripts --prefix .client \
		"@anthropic-ai/claude-code@$$(sed -n 's/^"client": "\(.*\)",$$/\1/p' tools/client_messages.json)"

clean: ## Remove everything that make made
	@rm -rf $(VENV) $(VENV)-3.* build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache snapshot_report.html
	@find tui tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "needs Python 3.11 or newer: make PYTHON=python3.11")'
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)

# The build backends come from constraints.txt too, hence no build isolation.
$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing into $(VENV); the first time takes a minute or two"
	@$(PIP) install -c constraints.txt hatchling editables
	@$(PIP) install -c constraints.txt --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo "Installing what developers need"
	@$(PIP) install -c constraints.txt setuptools
	@$(PIP) install -c constraints.txt --no-build-isolation -e '.[dev]'
	@touch $@
