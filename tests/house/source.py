"""The library's source as text and syntax trees, by module name: house rules are functions of it."""

import ast
import functools
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


@functools.cache
def library():
    """{module name: source} of every file of the package."""
    modules = {}
    for path in sorted((ROOT / "gamedyn").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        modules[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path.read_text(encoding="utf-8")
    return modules


@functools.cache
def parse(text):
    return ast.parse(text)


@functools.cache
def tracked():
    """Paths of the files that belong to the project, relative to its root."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        # A copy without its history, such as an unpacked sdist.
        listing = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if ".venv" not in str(path)]
    return [Path(name) for name in listing if (ROOT / name).is_file()]


def part_of(module):
    """The part of the house that a module belongs to: "games" for gamedyn.games._base."""
    return module.split(".")[1] if "." in module else "gamedyn"


def walk_outside_functions(tree):
    """The nodes that run when the module is imported."""
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                stack.extend([*getattr(child, "decorator_list", []), *child.args.defaults])
            elif not is_type_checking(child):
                stack.append(child)


def is_type_checking(node):
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def docstrings(tree):
    """The constants that are docstrings, so that rules about code leave prose alone."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                yield first.value
