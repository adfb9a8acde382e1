"""`__all__` is exactly what a file defines, a package hands on what it lists, and every public thing is explained."""

import ast
import importlib
import inspect
import types

import pytest

from tests.house.source import library, parse

PACKAGES = sorted(module for module in library() if module.count(".") == 1 and "._" not in module)


def defined(tree):
    """Names without an underscore that a file itself defines at its top."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (target.id for target in targets if isinstance(target, ast.Name))


def listed(tree):
    """The literal `__all__`, or None."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return [element.value for element in node.value.elts if isinstance(element, ast.Constant)]
    return None


def inconsistent(modules):
    """Leaf files whose `__all__` is not their public names, or is missing, or repeats itself."""
    for module, text in modules.items():
        if "._" not in module or module == "gamedyn.__main__":
            continue
        tree = parse(text)
        names = listed(tree)
        if names is None:
            yield f"{module}: has no __all__"
            continue
        public = {name for name in defined(tree) if not name.startswith("_")}
        for name in sorted(public - set(names)):
            yield f"{module}: {name} is public by its name but not in __all__; add it, or an underscore"
        for name in sorted(set(names) - public):
            yield f"{module}: __all__ lists {name}, which the file does not define"
        if len(names) != len(set(names)):
            yield f"{module}: __all__ lists a name twice"


def busy_packages(modules):
    """Package files that do more than hand names on."""
    for module, text in modules.items():
        if module.count(".") != 1 or "._" in module:
            continue
        for node in parse(text).body:
            simple = isinstance(node, (ast.ImportFrom, ast.Import)) or (
                isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            )
            if not simple and not (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"):
                yield f"{module}:{node.lineno}: a package's file only hands names on"


def unlisted(package):
    """Public attributes of a package that `__all__` does not list."""
    for name, value in vars(package).items():
        if not name.startswith("_") and name not in package.__all__ and not isinstance(value, types.ModuleType):
            yield f"{package.__name__}: {name} is importable but not in __all__"


def test_leaf_files_list_their_public_names():
    assert list(inconsistent(library())) == []


def test_package_files_only_hand_names_on():
    assert list(busy_packages(library())) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_list_what_they_hand_on(package):
    module = importlib.import_module(package)
    assert list(unlisted(module)) == []
    assert [name for name in module.__all__ if not hasattr(module, name)] == []


def test_top_level_names_exist_and_are_the_parts_own():
    import gamedyn

    for name in gamedyn.__all__:
        assert getattr(gamedyn, name) is not None, name
        assert name in dir(gamedyn)
    with pytest.raises(AttributeError, match="no attribute 'nash'"):
        _ = gamedyn.nash


@pytest.mark.parametrize(
    "text",
    [
        "__all__ = []\ndef f(): pass",
        "__all__ = ['f']",
        "def _f(): pass",
        "__all__ = ['f', 'f']\ndef f(): pass",
        "__all__ = []\nLIMIT = 3",
    ],
)
def test_inconsistent_lists_are_seen(text):
    assert len(list(inconsistent({"gamedyn.games._new": text}))) == 1


def test_busy_packages_and_unlisted_names_are_seen():
    assert len(list(busy_packages({"gamedyn.games": "def f(): pass"}))) == 1
    package = types.ModuleType("gamedyn.new")
    package.__all__ = ["f"]
    package.f = package.g = inspect
    assert not list(unlisted(package))
    package.g = len
    assert len(list(unlisted(package))) == 1
