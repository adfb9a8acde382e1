"""Marks that must not be in the project: of a machine, of unfinished work, of unsafe or noisy code."""

import ast
import re

import pytest

from tests.house.source import ROOT, docstrings, library, parse, tracked

# Written in pieces so that this file does not contain what it forbids.
PLACES = [rf"/{word}/" for word in ("work", "opt", "root", "home", "tmp", "mnt", "Users", "srv")]
# A path of a page or of an archive is not a path of a machine.
MACHINE = re.compile(r"(?<![\w./:~*-])(?:" + "|".join(PLACES) + r")")
HOSTS = re.compile("|".join(["index" + "-url", "find" + "-links", "files." + "pythonhosted", "pypi" + r"\.org/simple"]))
UNFINISHED = re.compile(r"\b(?:" + "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"]) + r")\b")
FORBIDDEN = {"a machine's path": MACHINE, "a registry's host": HOSTS, "unfinished work": UNFINISHED}
LOCKS = ("poetry.lock", "uv.lock", "Pipfile.lock", "pdm.lock", "pixi.lock", "requirements.txt")
BINARY = {".png", ".jpg", ".npy", ".npz", ".gz", ".ico", ".pdf"}


def bad_words(files):
    for name, text in files.items():
        for number, line in enumerate(text.splitlines(), 1):
            for pattern, what in (
                (MACHINE, "a machine's path"),
                (HOSTS, "a registry's host"),
                (UNFINISHED, "unfinished"),
            ):
                if pattern.search(line):
                    yield f"{name}:{number}: {what}: {line.strip()[:80]}"


def text_files():
    names = [path for path in tracked() if path.suffix not in BINARY]
    return {str(path): (ROOT / path).read_text(encoding="utf-8") for path in names}


# Writes the code that it runs from formulas: its own names and numbers, and no text of anybody else's.
GENERATES_CODE = "gamedyn.dynamics._python_code"


def unsafe(modules):
    """Statements that the library never makes: asserts for users, prints outside commands, evaluation of text."""
    for module, text in modules.items():
        tree = parse(text)
        for node in ast.walk(tree):
            where = f"{module}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Assert):
                yield f"{where}: assert is for tests; raise an error that says what to change"
            elif isinstance(node, ast.ExceptHandler) and node.type is None:
                yield f"{where}: a bare except hides interrupts"
            elif isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if called == "print" and not module.startswith("gamedyn.cli"):
                    yield f"{where}: only commands print"
                if (called, module) == ("exec", GENERATES_CODE):
                    continue
                if called in ("eval", "exec", "sympify", "sympy.sympify", "parse_expr", "sympy.parse_expr"):
                    yield f"{where}: {called} runs text as code"
                if called in ("pickle.load", "pickle.loads", "joblib.load", "os.system"):
                    yield f"{where}: {called} is unsafe on a user's files"
                if called.startswith(("numpy.random.seed", "random.seed", "numpy.random.set_state")):
                    yield f"{where}: {called} changes global state; take rng="
                for keyword in node.keywords:
                    constant = getattr(keyword.value, "value", None)
                    if (keyword.arg, constant) in (("allow_pickle", True), ("shell", True)):
                        yield f"{where}: {keyword.arg}=True is unsafe on a user's files"


def not_implemented(modules):
    """NotImplementedError other than a protocol's word on what some of its members lack."""
    for module, text in modules.items():
        tree = parse(text)
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef):
                continue
            for node in ast.walk(function):
                if isinstance(node, ast.Raise) and node.exc and "NotImplemented" in ast.unparse(node.exc):
                    said = isinstance(node.exc, ast.Call) and node.exc.args
                    abstract = any("abstractmethod" in ast.unparse(d) for d in function.decorator_list)
                    if not (abstract or (said and module.endswith("._base"))):
                        yield f"{module}:{node.lineno}: {function.name} is not finished"


def library_names(modules):
    """Array libraries named in code outside of backend: the maths must not branch on them."""
    for module, text in modules.items():
        if module.startswith(("gamedyn.backend", "gamedyn.cli", "gamedyn.plotting")):
            continue
        tree = parse(text)
        prose = set(docstrings(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and node not in prose and node.value in ("torch", "jax", "cupy"):
                yield f"{module}:{node.lineno}: only backend knows the name {node.value!r}"


def test_no_machine_paths_hosts_or_unfinished_marks():
    assert list(bad_words(text_files())) == []


def test_no_lock_files():
    assert [str(path) for path in tracked() if path.name in LOCKS] == []


def test_no_unsafe_statements():
    assert list(unsafe(library())) == []


def test_nothing_is_left_unimplemented():
    assert list(not_implemented(library())) == []


def test_the_maths_does_not_name_array_libraries():
    assert list(library_names(library())) == []


@pytest.mark.parametrize(
    "line",
    [
        "see /" + "tmp/out.txt",
        '"/' + 'home/me/x"',
        "--extra-index" + "-url",
        "# TO" + "DO: later",
        "x = 1  # FIX" + "ME",
    ],
)
def test_bad_words_are_seen(line):
    assert len(list(bad_words({"a": f"fine\n{line}\n"}))) == 1


@pytest.mark.parametrize("line", ["https://example.org/home/page", "docs/work/x", "a/opt/b", "w / root / 2", "hacked"])
def test_harmless_words_pass(line):
    assert not list(bad_words({"a": line}))


@pytest.mark.parametrize(
    "line",
    [
        "assert x",
        "print(x)",
        "eval(text)",
        "numpy.load(path, allow_pickle=True)",
        "subprocess.run(x, shell=True)",
        "numpy.random.seed(0)",
        "try:\n    x\nexcept:\n    pass",
    ],
)
def test_unsafe_statements_are_seen(line):
    assert len(list(unsafe({"gamedyn.games._new": line}))) == 1
    assert not list(unsafe({"gamedyn.cli._new": "print(1)"}))


def test_unfinished_methods_are_seen():
    method = "def f(self):\n    raise NotImplementedError('the Cauchy law has no mean')"
    assert not list(not_implemented({"gamedyn.games._base": method}))
    assert len(list(not_implemented({"gamedyn.games._bilinear": method}))) == 1
    assert len(list(not_implemented({"gamedyn.games._base": "def f(self):\n    raise NotImplementedError"}))) == 1


def test_names_of_array_libraries_are_seen():
    assert len(list(library_names({"gamedyn.nn._dense": "if library_of(x) == 'torch':\n    pass"}))) == 1
    assert not list(library_names({"gamedyn.nn._dense": '"""torch"""', "gamedyn.backend._a": "x = 'torch'"}))
