"""A file is one idea and a function fits on a screen."""

import ast

from tests.house.source import ROOT, docstrings, library, parse, tracked

FILE_LINES = 350
# Without signature and docstring: what must be in sight at once is what is done.
FUNCTION_LINES = 60


def long_files(files):
    for name, text in files.items():
        lines = text.count("\n")
        if lines > FILE_LINES:
            yield f"{name}: {lines} lines hold more than one idea; the limit is {FILE_LINES}"


def long_functions(files):
    for name, text in files.items():
        tree = parse(text)
        prose = set(docstrings(tree))
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                first = node.body[0]
                start = first.end_lineno if isinstance(first, ast.Expr) and first.value in prose else first.lineno - 1
                lines = node.end_lineno - start
                if lines > FUNCTION_LINES:
                    yield f"{name}:{node.lineno}: {node.name} has {lines} lines; the limit is {FUNCTION_LINES}"


def everything():
    names = [path for path in tracked() if path.suffix == ".py"]
    return {str(path): (ROOT / path).read_text(encoding="utf-8") for path in names}


def test_files_are_short():
    assert list(long_files(everything())) == []


def test_functions_are_short():
    assert list(long_functions(library())) == []


def test_long_files_and_functions_are_seen():
    body = "    x = 1\n" * 60
    assert not list(long_files({"a": "\n" * 350}))
    assert len(list(long_files({"a": "\n" * 351}))) == 1
    assert not list(long_functions({"a": f"def f():\n    '''{'words' * 9}\n\n\n    '''\n{body}"}))
    assert len(list(long_functions({"a": f"class A:\n  def f():\n{body}    y = 2\n"}))) == 1
