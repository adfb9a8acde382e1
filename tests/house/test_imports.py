"""Imports point down: the map of the house, who alone may import an optional library, and what waits for its use."""

import ast
import fnmatch
import graphlib
import sys

import pytest

from tests.house.source import library, parse, part_of, walk_outside_functions

# Each part imports from the parts on its line, and from all that those import.
MAP = {
    "cli": {"reports", "experiments"},
    "reports": {"plotting", "experiments", "claims"},
    "plotting": {"experiments", "claims", "models", "dynamics", "equilibria", "data"},
    "experiments": {"claims", "models", "dynamics", "equilibria"},
    "testing": {"models", "claims"},
    "claims": {"models", "dynamics", "equilibria"},
    "models": {"dynamics", "objectives", "nn", "data"},
    "dynamics": {"equilibria", "_archive", "_progress"},
    "equilibria": {"updates"},
    "updates": {"games"},
    "games": {"objectives"},
    "objectives": {"divergences", "transport"},
    "compat": {"divergences", "transport"},
    "divergences": {"distributions"},
    "transport": {"distributions"},
    "data": {"distributions"},
    "distributions": {"numerics"},
    "nn": {"numerics"},
    "numerics": {"backend"},
    "_archive": {"backend"},
    "_progress": {"backend"},
    "backend": {"_checks", "_files"},
    "_checks": set(),
    "_files": set(),
    # The front door and `python -m gamedyn` stand outside: nothing imports them, and they import by name when asked.
    "gamedyn": set(),
    "__main__": {"cli"},
}

# An optional or special library, and the only modules that may name it in an import.
ONLY = {
    "cupy": ["gamedyn.backend.*"],
    "cupyx": ["gamedyn.backend.*"],
    "array_api_compat": ["gamedyn.backend.*"],
    "torch": [],
    "jax": [],
    "matplotlib": ["gamedyn.plotting.*"],
    "hypothesis": ["gamedyn.testing.*"],
    "sympy": ["gamedyn.games._symbolic*", "gamedyn.claims.*"],
    "flint": ["gamedyn.equilibria._certi*", "gamedyn.numerics._certi*"],
    "html": ["gamedyn.reports.*"],
    "ot": ["gamedyn.transport._network_simplex"],
    "pickle": [],
}

# Not loaded when a module is imported, only when a function needs it.
LATE = ["scipy", "sympy", "matplotlib", "cupy", "array_api_compat", "numpy.random", "numpy.testing", "pandas"]
LATE += ["sklearn", "dask", "distributed", "flint", "tqdm", "ot"]


def reachable(part, graph):
    below = set()
    todo = [part]
    while todo:
        for lower in graph.get(todo.pop(), ()):
            if lower not in below:
                below.add(lower)
                todo.append(lower)
    return below


def imported(tree):
    """(line, dotted name, name taken from it or None) of every import, also of those by name at run time."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, "." * node.level + (node.module or ""), alias.name) for alias in node.names)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("import_module", "require", "__import__") and isinstance(node.args[0].value, str):
                yield node.lineno, node.args[0].value, None


def upward(modules, graph=MAP):
    """Imports of gamedyn's own parts that the map does not allow."""
    for module, text in modules.items():
        own = part_of(module)
        if own not in graph:
            yield f"{module}: the part {own!r} is not in the map of tests/house/test_imports.py"
            continue
        for line, name, taken in imported(parse(text)):
            where = f"{module}:{line}"
            if name == "gamedyn" and taken in graph:
                name, taken = f"gamedyn.{taken}", None
            if name.startswith("."):
                yield f"{where}: write the whole name instead of a relative import"
            elif name == "gamedyn" and taken != "__version__":
                yield f"{where}: `import gamedyn` points up; import from the part that has the name"
            elif name.startswith("gamedyn."):
                part, _, leaf = name.removeprefix("gamedyn.").partition(".")
                if part != own and part not in reachable(own, graph):
                    yield f"{where}: {own} may not import {part}"
                elif part != own and (leaf or (taken or "").startswith("_")):
                    yield f"{where}: {name} is {part}'s private file; import from gamedyn.{part}"


def trespassing(modules, only=ONLY):
    """Imports of a library outside the files that alone may know it."""
    for module, text in modules.items():
        for line, name, _ in imported(parse(text)):
            root = name.partition(".")[0]
            if root in only and not any(
                fnmatch.fnmatch(module, pattern) or module == pattern.removesuffix(".*") for pattern in only[root]
            ):
                yield f"{module}:{line}: {root} may be imported only by {', '.join(only[root]) or 'nobody'}"


def early(modules):
    """Libraries that importing a module would load, though only some of its functions need them."""
    for module, text in modules.items():
        for node in walk_outside_functions(parse(text)):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "numpy":
                names = [f"numpy.{node.attr}"]
            for name in names:
                if any(f"{name}.".startswith(f"{late}.") for late in LATE):
                    yield f"{module}:{node.lineno}: import {name} inside the function that needs it"
                    break
                if part_of(module) == "cli" and not may_precede_help(name):
                    yield f"{module}:{node.lineno}: a command's file imports {name} only inside `run`"
                    break


def may_precede_help(name):
    """Whether a file of the command line may import `name` at its top: `--help` answers without numpy."""
    return name.partition(".")[0] in sys.stdlib_module_names or f"{name}.".startswith(
        ("gamedyn.cli.", "gamedyn._checks.", "gamedyn.__version__.")
    )


def test_the_map_has_no_circle():
    tuple(graphlib.TopologicalSorter(MAP).static_order())


def test_every_part_of_the_house_is_on_the_map():
    parts = {part_of(module) for module in library()}
    assert parts <= set(MAP)
    assert {"games", "updates", "cli"} <= parts


def test_imports_point_down():
    assert list(upward(library())) == []


def test_special_libraries_are_imported_only_where_they_belong():
    assert list(trespassing(library())) == []


def test_heavy_libraries_are_imported_where_they_are_needed():
    assert list(early(library())) == []


@pytest.mark.parametrize(
    ("module", "text", "message"),
    [
        ("gamedyn.games._new", "import gamedyn", "points up"),
        ("gamedyn.games._new", "from gamedyn import simulate", "points up"),
        ("gamedyn.games._new", "from gamedyn import updates", "games may not import updates"),
        ("gamedyn.games._new", "from gamedyn.updates import Extragradient", "games may not import updates"),
        ("gamedyn.games._new", "def f():\n    from gamedyn.models import NeuralGAN", "games may not import models"),
        ("gamedyn.cli._new", "importlib.import_module('gamedyn.testing')", "cli may not import testing"),
        ("gamedyn.transport._new", "import gamedyn.divergences", "transport may not import divergences"),
        ("gamedyn.updates._new", "from gamedyn.games._base import Game", "private file"),
        ("gamedyn.updates._new", "from gamedyn.games import _base", "private file"),
        ("gamedyn.updates._new", "from ._base import UpdateRule", "relative"),
        ("gamedyn.attic._new", "", "not in the map"),
    ],
)
def test_upward_imports_are_seen(module, text, message):
    (found,) = upward({module: text})
    assert message in found


def test_downward_imports_are_allowed():
    text = (
        "from gamedyn.games import Game\nfrom gamedyn.updates._base import UpdateRule\nfrom gamedyn import __version__"
    )
    assert not list(upward({"gamedyn.updates._new": text}))


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("gamedyn.games._bilinear", "import sympy"),
        ("gamedyn.games._bilinear", "def f():\n    require('sympy')"),
        ("gamedyn.nn._dense", "def f():\n    from cupy import asarray"),
        ("gamedyn.reports._page", "from matplotlib import pyplot"),
        ("gamedyn.cli._verify", "import html"),
        ("gamedyn.dynamics._trajectory", "import pickle"),
        ("gamedyn.backend._namespace", "import torch"),
    ],
)
def test_trespassers_are_seen(module, text):
    assert len(list(trespassing({module: text}))) == 1


def test_owners_of_special_libraries_are_allowed():
    assert not list(trespassing({"gamedyn.backend": "import cupy", "gamedyn.games._symbolic": "import sympy"}))


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("gamedyn.games._new", "from scipy import linalg"),
        ("gamedyn.games._new", "import numpy\nGENERATOR = numpy.random.default_rng(0)"),
        ("gamedyn.games._new", "from numpy import random"),
        ("gamedyn.games._new", "def f(x=numpy.random.default_rng(0)):\n    pass"),
        ("gamedyn.games._new", "class A:\n    import array_api_compat.numpy"),
        ("gamedyn.cli._new", "import numpy"),
        ("gamedyn.cli._new", "from gamedyn.claims import verify"),
    ],
)
def test_early_imports_are_seen(module, text):
    assert len(list(early({module: text}))) == 1


def test_late_imports_are_allowed():
    text = """
import argparse
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from numpy.random import Generator
from gamedyn.cli._exit import OK
def run(arguments: Generator):
    import scipy.linalg
"""
    assert not list(early({"gamedyn.cli._new": text}))
