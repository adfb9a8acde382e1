"""Every file says in its first line what it is; every public thing is explained, its arguments too."""

import ast
import importlib
import inspect

from tests.house.source import library, parse
from tests.house.test_public_names import PACKAGES


def first_lines(modules):
    """Files whose first line is not one sentence."""
    for module, text in modules.items():
        doc = ast.get_docstring(parse(text)) or ""
        line = doc.splitlines()[0].strip() if doc else ""
        if len(line) < 12 or line[-1] not in ".?:" or len(line) > 120:
            yield f"{module}: the first line must be one sentence that says what the file is, got {line!r}"


def unexplained(modules):
    """Public definitions without a docstring; a method that overrides one need not repeat it."""
    for module, text in modules.items():
        for node in parse(text).body:
            definition = isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_")
            if definition and ast.get_docstring(node) is None:
                yield f"{module}:{node.lineno}: {node.name} has no docstring"


def public():
    """{qualified name: object} of all names that the packages list."""
    found = {}
    for package in PACKAGES:
        module = importlib.import_module(package)
        found.update({f"{package}.{name}": getattr(module, name) for name in module.__all__})
    return found


def without_parameters(objects):
    """Public functions of more than one argument whose docstring does not describe them."""
    for name, value in objects.items():
        if inspect.isfunction(value):
            doc = inspect.getdoc(value) or ""
            arguments = [a for a in inspect.signature(value).parameters if not a.startswith("_")]
            if len(arguments) > 1 and "Parameters\n-----" not in doc:
                yield f"{name}: its {len(arguments)} arguments are not described under Parameters"
            elif "Parameters\n-----" in doc:
                for argument in arguments:
                    if not names_argument(doc, argument):
                        yield f"{name}: Parameters does not name {argument}"


def names_argument(doc, argument):
    """Whether the Parameters section has an entry, perhaps shared by several names, for `argument`."""
    section = doc.split("Parameters\n", 1)[1]
    for following in ("\nReturns\n", "\nRaises\n", "\nYields\n", "\nNotes\n", "\nReferences\n", "\nExamples\n"):
        section = section.split(following, 1)[0]
    heads = [line.split(" : ")[0] for line in section.splitlines() if line and not line.startswith(" ")]
    return any(argument in [part.strip(" *`") for part in head.split(",")] for head in heads)


def undocumented_methods(objects):
    """Public methods of public classes that have no docstring, not even an inherited one."""
    for name, value in objects.items():
        if inspect.isclass(value) and value.__module__.startswith("gamedyn"):
            for attribute, member in vars(value).items():
                function = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
                public_method = inspect.isfunction(function) and not attribute.startswith("_")
                if public_method and not inspect.getdoc(getattr(value, attribute)):
                    yield f"{name}.{attribute} has no docstring and inherits none"


def test_first_lines_say_what_a_file_is():
    assert list(first_lines(library())) == []


def test_public_definitions_are_explained():
    assert list(unexplained(library())) == []
    assert list(undocumented_methods(public())) == []


def test_arguments_of_public_functions_are_described():
    assert list(without_parameters(public())) == []


def test_missing_explanations_are_seen():
    def described(p, q, *, base=None):
        """Sum.

        Parameters
        ----------
        p, q : array
            Laws.
        base : float, optional
            Of the logarithm.
        """

    def forgotten(p, q, *, base=None):
        """Sum.

        Parameters
        ----------
        p, q : array
            Laws, in base : that.
        """

    def bare(p, q):
        """Sum."""

    class Thing:
        def method(self):
            pass

    Thing.__module__ = "gamedyn.games._thing"
    assert not list(without_parameters({"f": described}))
    assert "does not name base" in next(without_parameters({"f": forgotten}))
    assert "its 2 arguments" in next(without_parameters({"f": bare}))
    assert len(list(undocumented_methods({"Thing": Thing}))) == 1
    assert len(list(unexplained({"a": "def f(): pass\nclass _A: pass"}))) == 1
    assert len(list(first_lines({"a": "'games.'", "b": "'One sentence that says it.'"}))) == 1
