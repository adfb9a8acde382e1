"""The wheel of `make dist` holds the library and nothing else, installs into an empty environment, and works there."""

import subprocess
import sys
import tarfile
import zipfile

import pytest

from tests.house.source import ROOT, library

DIST = ROOT / "dist"


def misplaced(names):
    """Members of a wheel that do not belong there, and what it lacks."""
    for name in names:
        if not name.startswith("gamedyn/") and ".dist-info/" not in name:
            yield f"{name} is outside the package"
        elif "test_" in name.rpartition("/")[2] or "/tests/" in name:
            yield f"{name} is a test"
        elif name.startswith("gamedyn/") and not name.endswith((".py", "/py.typed", "/")):
            yield f"{name} is no source file"
    for needed in ("gamedyn/py.typed", "gamedyn/__init__.py"):
        if needed not in names:
            yield f"{needed} is missing"
    if not any(name.endswith("licenses/LICENSE") for name in names):
        yield "the license is missing"


def only(pattern):
    (found,) = DIST.glob(pattern)
    return found


@pytest.mark.dist
def test_the_wheel_holds_the_library_and_nothing_else():
    with zipfile.ZipFile(only("*.whl")) as wheel:
        names = wheel.namelist()
    assert list(misplaced(names)) == []
    sources = {module.replace(".", "/") for module in library()}
    packed = {name.removesuffix(".py").removesuffix("/__init__") for name in names if name.endswith(".py")}
    assert packed == sources


@pytest.mark.dist
def test_the_sdist_can_be_tested_and_documented():
    with tarfile.open(only("*.tar.gz")) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "Makefile", "scripts/environment.sh"} <= names
    assert {"tests/conftest.py", "docs/conf.py", "benchmarks/startup.py", "CONTRIBUTING.md"} <= names
    assert not any(".venv" in name or "__pycache__" in name or "_build" in name for name in names)


PROGRAM = """
import pathlib, sys, importlib.metadata
import gamedyn
assert pathlib.Path(gamedyn.__file__).is_relative_to(sys.prefix), gamedyn.__file__
assert importlib.metadata.version("gamedyn") == gamedyn.__version__
for name in gamedyn.__all__:
    if name != "testing":
        getattr(gamedyn, name)
assert abs(gamedyn.kl_divergence([0.5, 0.5], [0.25, 0.75]) - 0.14384103622589045) < 1e-15
"""


@pytest.mark.dist
def test_the_wheel_installs_and_works_outside_the_tree(tmp_path):
    environment = tmp_path / "env"
    run = {"cwd": tmp_path, "check": True, "timeout": 600, "text": True}
    subprocess.run([sys.executable, "-m", "venv", str(environment)], **run)
    python = environment / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", str(only("*.whl"))], **run)
    subprocess.run([python, "-W", "error", "-c", PROGRAM], **run)
    version = subprocess.run([environment / "bin" / "gamedyn", "--version"], capture_output=True, **run).stdout
    assert version.startswith("gamedyn ")
    # Claims need SymPy, an extra: without it there is a sentence and no traceback, and the others are still there.
    listed = subprocess.run([environment / "bin" / "gamedyn", "verify", "--list"], capture_output=True, **run).stdout
    assert "gan.value-identity" in listed


def test_misplaced_files_are_seen():
    good = ["gamedyn/__init__.py", "gamedyn/py.typed", "gamedyn-1.dist-info/licenses/LICENSE"]
    assert list(misplaced(good)) == []
    assert len(list(misplaced(good[:1]))) == 2
    for extra in ("tests/conftest.py", "gamedyn/games/test_bilinear.py", "gamedyn/games/notes.txt"):
        assert len(list(misplaced([*good, extra]))) == 1
