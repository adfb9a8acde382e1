"""What a fresh interpreter has loaded after the help, after `import gamedyn`, and after each package is touched."""

import json
import subprocess
import sys

import pytest

from tests.house.source import ROOT, library

PACKAGES = sorted({module.split(".")[1] for module in library() if module.count(".") >= 1})
# Hypothesis strategies are the content of `testing`.
PACKAGES = [package for package in PACKAGES if not package.startswith("_") and package != "testing"]
# Heavy, and needed by some functions only.
LATE = ("sympy", "matplotlib", "cupy", "array_api_compat.numpy", "numpy.random", "numpy.testing", "scipy.")


def loaded(program, *arguments):
    """The modules that a fresh interpreter has after `program`."""
    code = f"{program}\nimport sys, json; print('\\n' + json.dumps(sorted(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    return set(json.loads(result.stdout.splitlines()[-1]))


def third_party(modules):
    """The roots of the modules that are neither Python's own nor gamedyn's."""
    # What site and the interpreter's .pth files load in every process is not our doing.
    already = {name.partition(".")[0] for name in loaded("")}
    roots = {name.partition(".")[0] for name in modules} - already - set(sys.stdlib_module_names)
    return roots - {"gamedyn", "__mp_main__"}


def too_early(modules, allowed):
    return sorted(
        name for name in modules - allowed if any(f"{name}.".startswith(late.rstrip(".") + ".") for late in LATE)
    )


@pytest.fixture(scope="module")
def numpy_alone():
    return loaded("import numpy")


def test_importing_the_library_loads_no_third_party_module():
    assert third_party(loaded("import gamedyn; dir(gamedyn)")) == set()


def test_help_loads_no_third_party_module():
    program = """
from gamedyn.cli import main
try:
    main(["--help"])
except SystemExit:
    pass
"""
    modules = loaded(program)
    assert third_party(modules) == set()
    assert "argparse" in modules


@pytest.mark.parametrize("package", PACKAGES)
def test_touching_a_package_loads_only_what_all_of_it_needs(package, numpy_alone):
    program = f"from gamedyn import {package}\n[getattr({package}, name) for name in getattr({package}, '__all__', [])]"
    modules = loaded(program)
    assert too_early(modules, numpy_alone) == []


def test_the_top_level_names_load_only_what_all_of_them_need(numpy_alone):
    modules = loaded("import gamedyn\n[getattr(gamedyn, n, None) for n in gamedyn.__all__ if n != 'testing']")
    assert too_early(modules, numpy_alone) == []


def test_divergences_of_pmfs_do_without_the_distributions():
    modules = loaded("import gamedyn\ngamedyn.kl_divergence([0.5, 0.5], [0.25, 0.75])")
    assert "gamedyn.divergences" in modules
    assert "gamedyn.distributions" not in modules


def test_early_modules_are_seen(numpy_alone):
    assert third_party(loaded("import numpy")) == {"numpy"}
    assert "scipy.linalg" in too_early(loaded("import scipy.linalg"), numpy_alone)
    assert too_early(loaded("import numpy.testing"), numpy_alone)
    assert too_early(loaded("import array_api_compat.numpy"), numpy_alone)
