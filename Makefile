# Every target sets up what it needs. Only make and Python 3.11 or newer have to be there.
PYTHON ?= python3
SIZE ?= 100k
VENV := .venv
BIN := $(VENV)/bin
# All that is needed is listed (a test says so): nothing to look for. Compiled afterwards, on every core.
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-compile
FETCH := $(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps
COMPILED := $(BIN)/python -m compileall -q -j 0 $(VENV)/lib >/dev/null || true
PYTEST := $(BIN)/python -m pytest -n 2 --dist worksteal
TEST_DATABASE ?= postgresql://postgres@127.0.0.1/postgres
COMPILE := $(VENV)/lock/bin/pip-compile --generate-hashes --no-emit-index-url --no-emit-trusted-host \
	--no-emit-find-links --strip-extras --allow-unsafe --no-header --quiet --annotation-style=line

MAKEFLAGS += --jobs=2

.PHONY: help run demo test test-postgresql test-browser torture bench lint lock vendor screenshots

help:  ## say what there is to make
	@sed -n 's/^\([a-z-]*\):.*## /  make \1 - /p' Makefile

run: $(VENV)/app.stamp  ## start the real thing; an empty database prints a set-up link
	@$(BIN)/python app.py

demo: $(VENV)/app.stamp  ## start a believable shop on a pretend Back Market
	@$(BIN)/flask demo

test: $(VENV)/test.stamp  ## the tests on SQLite
	@$(PYTEST) -m "not browser" $(ARGS)

test-postgresql: $(VENV)/test.stamp $(VENV)/postgresql.stamp  ## the same tests on the server in TEST_DATABASE
	@WHOLECELL_TEST_DATABASE_URL=$(TEST_DATABASE) $(PYTEST) -m "not browser" $(ARGS)

test-browser: $(VENV)/test.stamp  ## the tests that need Chromium
	@$(BIN)/python -m pytest -n 2 --dist load --maxschedchunk 1 -m browser tests/browser $(ARGS)

torture: $(VENV)/test.stamp $(VENV)/postgresql.stamp  ## 200 kills over 10,000 orders, and 16 pickers racing 100 times
	@WHOLECELL_TEST_DATABASE_URL=$(TEST_DATABASE) $(BIN)/python -m tests.torture $(ARGS)

bench: $(VENV)/test.stamp $(VENV)/postgresql.stamp  ## our speed beside raw SQL: SIZE=10k, 100k or 1m
	@$(BIN)/python -m tests.bench $(SIZE)

lint: $(VENV)/test.stamp  ## ruff and mypy
	@failed=0; $(BIN)/ruff check --quiet . || failed=1; $(BIN)/ruff format --quiet --check . || failed=1; \
	$(BIN)/mypy || failed=1; exit $$failed

lock: $(VENV)/lock/bin/pip-compile  ## write requirements*.txt again from requirements/*.in
	@$(COMPILE) requirements/app.in -o requirements.txt
	@$(COMPILE) requirements/windows.in -o $(VENV)/windows.txt
	@sed 's/^\([a-z]*==[^ ]*\)/\1 ; sys_platform == "win32"/' $(VENV)/windows.txt >> requirements.txt
	@$(COMPILE) requirements/postgresql.in -o requirements/postgresql.txt
	@$(COMPILE) requirements/test.in -o requirements/test.txt

vendor: $(VENV)/app.stamp  ## fetch the browser libraries again and check their hashes
	@$(BIN)/python static/vendor/fetch.py

screenshots: $(VENV)/test.stamp  ## take the README's pictures of the demo again
	@$(BIN)/python -m tests.screenshots

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here: install Python 3.11 or newer, or name it: make PYTHON=/path/to/python3." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit("WholeCell needs Python 3.11 or newer, and $(PYTHON) is %d.%d: name a newer one, such as make PYTHON=python3.12." % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments: install its venv module (Debian and Ubuntu: apt install python3-venv)." >&2; exit 1; }
	@echo "Setting up $(VENV), once; this takes a minute."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/app.stamp: requirements.txt | $(BIN)/python
	@$(PIP) -r requirements.txt
	@$(COMPILED)
	@touch $@

# Fetched while the app's own are installed: most of the time is spent on waiting for answers.
$(VENV)/wheels.stamp: requirements/test.txt | $(BIN)/python
	@$(FETCH) --dest $(VENV)/wheels -r requirements/test.txt
	@touch $@

$(VENV)/test.stamp: $(VENV)/app.stamp $(VENV)/wheels.stamp
	@$(PIP) --no-index --find-links $(VENV)/wheels -r requirements/test.txt
	@$(COMPILED)
	@touch $@

$(VENV)/postgresql.stamp: $(VENV)/app.stamp requirements/postgresql.txt
	@$(PIP) --compile -r requirements/postgresql.txt
	@touch $@

$(VENV)/lock/bin/pip-compile: $(VENV)/app.stamp
	@$(BIN)/python -m venv $(VENV)/lock
	@$(VENV)/lock/bin/python -m pip install --quiet --disable-pip-version-check pip-tools==7.6.2
