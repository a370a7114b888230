# What a newcomer, a developer and CI call. Needs Python 3.11 or newer, pip and make.

PYTHON ?= python3
UV = .uv/bin/uv
BIN = .venv/bin
EXTRAS = $(if $(DATABASE_URL),postgres) $(if $(REDIS_URL),redis)
SYNC = $(UV) sync --frozen --quiet --no-python-downloads \
	--python "$$($(PYTHON) -c 'import sys; print(sys.executable)')"
RUN_READY = .venv/.ready-run$(subst $(eval ) ,,$(EXTRAS))
DEV_READY = .venv/.ready-dev

# Where the tests look for services; what is not there is skipped, and named at the end.
export TEST_POSTGRES_URL ?= postgres://postgres@127.0.0.1:5432/postgres
export TEST_REDIS_URL ?= redis://127.0.0.1:6379/9
PYTEST = $(BIN)/python -m pytest -q
DOCS = tests/acceptance/test_openapi.py tests/acceptance/test_api_docs.py
UNIT = $(PYTEST) -n 2 -m "not browser and not process"

.PHONY: run demo test check lint unit unit-postgres docs clients faults browser bench \
	screenshots messages clean

run: $(RUN_READY)
	@$(BIN)/python manage.py run

demo: $(RUN_READY)
	@RUNWAYML_API_SECRET= RUNWAY_API_KEY= $(BIN)/python manage.py run --demo

test: export SKIPPED_LIST = .venv/skipped.txt
test: $(DEV_READY)
	@rm -f $(SKIPPED_LIST)
	@$(MAKE) --no-print-directory unit unit-postgres docs clients faults browser
	@if [ -s $(SKIPPED_LIST) ]; then echo "Skipped here:"; sort -u $(SKIPPED_LIST); fi

check: lint test

lint: $(DEV_READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djade --target-version 5.2 $$(git ls-files 'templates/*.html')
	$(BIN)/djhtml --check --tabwidth 2 $$(git ls-files 'templates/*.html')
	$(BIN)/mypy
	$(BIN)/lint-imports
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python manage.py makemigrations --check --dry-run

unit: $(DEV_READY)
	$(UNIT)

unit-postgres: $(DEV_READY)
	DATABASE_URL=$(TEST_POSTGRES_URL) $(UNIT)

clients: $(DEV_READY)
	$(PYTEST) -n 2 --dist loadfile tests/acceptance \
		$(addprefix --ignore=,$(DOCS))

docs: $(DEV_READY)
	$(PYTEST) -n 2 --dist loadfile $(DOCS)

faults: $(DEV_READY)
	$(PYTEST) -n 2 --dist loadfile tests/faults tests/studio/test_run.py

browser: $(DEV_READY)
	$(PYTEST) -n 2 --dist loadfile tests/browser

bench: $(DEV_READY)
	$(BIN)/python -m bench.web
	$(BIN)/python -m bench.submit
	$(BIN)/python -m bench.page

screenshots: $(DEV_READY)
	$(BIN)/python -m bench.screenshots

# Needs gettext; translators copy locale/en to their language and fill in what is empty.
messages: $(DEV_READY)
	mkdir -p locale
	$(BIN)/python manage.py makemessages --locale en --add-location file \
		--ignore '.venv/*' --ignore '.uv/*' --ignore 'data/*' --ignore 'tests/*'

clean:
	rm -rf .venv .uv

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Rushes needs Python 3.11 or newer: PYTHON=python3.11 make run"; exit 1; }
	@$(PYTHON) -m pip --version >/dev/null 2>&1 \
		|| { echo "pip is missing. On Debian and Ubuntu: apt install python3-pip"; exit 1; }
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-warn-script-location \
		--root-user-action=ignore --target .uv uv

$(RUN_READY): uv.lock | $(UV)
	@$(SYNC) --no-dev --inexact $(addprefix --extra ,$(EXTRAS))
	@touch $@

$(DEV_READY): uv.lock | $(UV)
	@$(SYNC) --all-extras
	@touch $@
