# make run    set everything up and run the main job; ARGS="--p 0.2 --lam 0.7" passes arguments on
# make test   set everything up, check the style and pass the tests
# make explore   build results/explore.html, the page of the shipped studies
# make docs   build the site, every warning an error
# make test-slow, make test-brian2    the full-size checks; Brian2's own tests on the dense device
PYTHON ?= python3
CXX ?= g++
ARGS ?= --p 0.1 --lam 0.8
STUDIES := $(addprefix results/, paper budget tied driven ensemble closed closed/in_use)
PY := .venv/bin/python

.PHONY: run explore test docs test-slow test-brian2 clean

run: .venv/installed-run
	@$(PY) -m study.run $(ARGS)

explore: .venv/installed-run
	@$(PY) -m study.explore $(STUDIES) --out results/explore.html

test: .venv/installed-test
	@$(PY) -m ruff check .
	@$(PY) -m pytest -q -n auto --maxprocesses 4 --dist loadfile

docs: .venv/installed-test
	@$(PY) -m sphinx -W --keep-going -q -b html docs docs/_build/html
	@echo "$(CURDIR)/docs/_build/html/index.html"

test-slow: .venv/installed-test
	@$(PY) -m pytest -q -m slow

test-brian2: .venv/installed-test
	@$(PY) tests/brian2_suite

.venv/installed-run: setup.cfg setup.py pyproject.toml
	@$(call need_python)
	@$(call need_compiler)
	@test -x $(PY) || $(PYTHON) -m venv .venv
	@echo "Installing the packages into .venv (about two minutes the first time)"
	@$(PY) -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

.venv/installed-test: .venv/installed-run
	@$(PY) -m pip install --quiet --disable-pip-version-check -e '.[test]'
	@touch $@

clean:
	rm -rf .venv build docs/_build docs/_generated *.egg-info .pytest_cache .ruff_cache

define need_python
command -v $(PYTHON) >/dev/null || { echo "Python is missing: install python3 (Debian: apt install python3 python3-venv)" >&2; exit 1; }; \
$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { echo "Python 3.11, 3.12 or 3.13 is needed, $$($(PYTHON) --version) found: name another with make PYTHON=python3.12" >&2; exit 1; }; \
$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "The Python module venv is missing (Debian: apt install python3-venv)" >&2; exit 1; }
endef

define need_compiler
command -v $(CXX) >/dev/null || { echo "A C++ compiler is missing (Debian: apt install g++)" >&2; exit 1; }
endef
