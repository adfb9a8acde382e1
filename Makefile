# Each target makes the environment it needs. `make verify` and `make test` are all that a user has to know;
# CONTRIBUTING.md tells about the rest.
PYTHON = python3
VENV = .venv
PEERS = .venv-peers
# Further arguments of the program that a target runs: make verify ARGS="-k gan", make test ARGS="tests/games -q".
ARGS =

.PHONY: help verify test test-full test-peers lint docs dist bench bench-peers gpu clean

help:
	@echo "make verify      install, then check theory numerically: the main job"
	@echo "make test        install, then run the tests"
	@echo "make test-full   the tests, the long ones too"
	@echo "make test-peers  array-library and gradient laws on PyTorch and JAX, in an environment of their own"
	@echo "make lint        ruff and mypy --strict"
	@echo "make docs        the site, in docs/_build/html"
	@echo "make dist        wheel and sdist in dist/, and a trial installation of the wheel"
	@echo "make bench       start-up times, written to benchmarks/results/"
	@echo "make bench-peers  divergences, transport and games against other libraries, written to benchmarks/results/"
	@echo "make gpu         the tests that need a CUDA device, then its benchmark, with PYTHON's own CuPy and PyTorch"
	@echo "make clean       remove what the others made, environments included"
	@echo "PYTHON=python3.12 chooses the interpreter; ARGS=... is passed on."

verify: $(VENV)/.installed
	$(VENV)/bin/gamedyn verify $(ARGS)

test: $(VENV)/.installed
	$(VENV)/bin/python -m pytest $(ARGS)

test-full: $(VENV)/.installed
	$(VENV)/bin/python -m pytest -m "not peers and not gpu and not dist" $(ARGS)

test-peers: $(PEERS)/.installed
	GAMEDYN_TEST_PEERS=1 JAX_ENABLE_X64=1 $(PEERS)/bin/python -m pytest -m peers $(ARGS)

lint: $(VENV)/.installed
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

docs: $(VENV)/.docs
	$(VENV)/bin/python -m sphinx -E -W --keep-going -b html docs docs/_build/html $(ARGS)

dist: $(VENV)/.installed
	rm -rf dist
	$(VENV)/bin/python -m build --outdir dist .
	$(VENV)/bin/python -m pytest -m dist $(ARGS)

bench: $(VENV)/.installed
	$(VENV)/bin/python benchmarks/startup.py $(ARGS)

# On one core and one thread; candidates that are not installed are left out.
bench-peers: $(PEERS)/.installed
	for task in divergences estimators games samples gaussian_sliced transport sinkhorn; do \
		OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 JAX_ENABLE_X64=1 $(PEERS)/bin/python benchmarks/bench_$$task.py \
			--out benchmarks/results/$$task.json $(ARGS) || exit 1; \
	done

# No environment is made: which CuPy and PyTorch fit is for the driver to say. Without a device it stops with error 4.
gpu:
	PYTHONPATH=. $(PYTHON) -c "import sys; from gamedyn.backend import cupy_status as s; sys.exit(s() and (print(s()) or 4))"
	PYTHONPATH=. $(PYTHON) -m pytest -q -m "not peers and not full and not dist" -k "gpu or cupy" $(ARGS)
	PYTHONPATH=. OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(PYTHON) benchmarks/bench_device.py --out benchmarks/results/device.json

clean:
	rm -rf $(VENV) $(PEERS) dist docs/_build docs/reference/generated docs/tutorials/pictures .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.installed: pyproject.toml scripts/environment.sh Makefile
	@sh scripts/environment.sh "$(PYTHON)" "$(VENV)" all,test

$(PEERS)/.installed: pyproject.toml scripts/environment.sh Makefile
	@sh scripts/environment.sh "$(PYTHON)" "$(PEERS)" all,test,peers

$(VENV)/.docs: $(VENV)/.installed
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[docs]"
	@touch $(VENV)/.docs
