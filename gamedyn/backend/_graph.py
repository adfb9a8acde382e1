"""Scalars that remember how they were computed: the nodes of which traced arrays and generated code are made."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy

__all__ = ["Node", "TracingError", "apply", "cast", "constant", "variable"]


class TracingError(TypeError):
    """A computation whose course depends on values, or on an operation that is not known by its formula."""


# What an operation does to numbers: NumPy's own functions, so that constants are folded as arrays would be.
_FOLD: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "div": operator.truediv,
    "mod": operator.mod,
    "pow": operator.pow,
    "neg": operator.neg,
    "abs": operator.abs,
    "lt": operator.lt,
    "le": operator.le,
    "eq": operator.eq,
    "ne": operator.ne,
    "and": operator.and_,
    "or": operator.or_,
    "not": numpy.logical_not,
    "select": lambda condition, a, b: a if condition else b,
    "isfinite": numpy.isfinite,
    "isnan": numpy.isnan,
    "maximum": numpy.maximum,
    "minimum": numpy.minimum,
    "float": numpy.float64,
    "int": numpy.int64,
}
_FUNCTIONS = ("sqrt", "exp", "expm1", "log", "log1p", "sin", "cos", "tan", "sinh", "cosh", "tanh")
_INVERSES = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh"}
_FOLD |= {name: getattr(numpy, name) for name in _FUNCTIONS}
_FOLD |= {name: getattr(numpy, known) for name, known in {**_INVERSES, "atanh": "arctanh"}.items()}

_TO_BOOL = {"lt", "le", "eq", "ne", "and", "or", "not", "isfinite", "isnan"}
_OF_FLOATS = {"div", *_FUNCTIONS, *_INVERSES, "atanh"}
_KEEPS_KIND = {"add", "sub", "mul", "mod", "neg", "abs", "maximum", "minimum", "pow"}
_NUMBERS = {"f": numpy.float64, "i": numpy.int64, "b": numpy.bool_}


class Node:
    """One scalar: a constant, a variable, or an operation on other nodes.

    Attributes
    ----------
    operation : str
        "constant", "variable", or the name of what is done to `arguments`.
    arguments : tuple of Node
    kind : str
        "f" for double precision, "i" for an integer, "b" for true or false.
    value : number or str
        Of a constant; the name of a variable.
    """

    __slots__ = ("arguments", "kind", "operation", "value")

    def __init__(self, operation: str, arguments: tuple[Node, ...], kind: str, value: Any = None) -> None:
        self.operation, self.arguments, self.kind, self.value = operation, arguments, kind, value

    def __bool__(self) -> bool:
        if self.operation != "constant":
            raise TracingError("the course of the computation depends on a value.")
        return bool(self.value)

    def __add__(self, other: Any) -> Node:
        return apply("add", self, other)

    def __mul__(self, other: Any) -> Node:
        return apply("mul", self, other)


def constant(value: Any) -> Node:
    """A number, true or false.

    Parameters
    ----------
    value : bool, int or float
    """
    kind = "b" if isinstance(value, (bool, numpy.bool_)) else "i" if isinstance(value, (int, numpy.integer)) else "f"
    if not isinstance(value, (bool, int, float, numpy.bool_, numpy.integer, numpy.floating)):
        raise TracingError(f"{type(value).__name__} is no real number.")
    return Node("constant", (), kind, _NUMBERS[kind](value))


def variable(name: str, kind: str) -> Node:
    """A scalar that is known by name alone.

    Parameters
    ----------
    name, kind : str
    """
    return Node("variable", (), kind, name)


def cast(node: Node, kind: str) -> Node:
    """The same number in another kind.

    Parameters
    ----------
    node : Node
    kind : str
        "f" or "i".
    """
    return node if node.kind == kind else apply("float" if kind == "f" else "int", node)


def apply(operation: str, *arguments: Any) -> Node:
    """The operation on nodes and numbers, which is done at once where all are constant.

    What is left out changes no value: sums with 0, products with 1, signs of signs. Products with 0 stay, because 0
    times infinity is no 0.

    Parameters
    ----------
    operation : str
    *arguments : Node or number
    """
    nodes = [a if isinstance(a, Node) else constant(a) for a in arguments]
    if operation in _OF_FLOATS or (operation in _KEEPS_KIND and any(n.kind == "f" for n in nodes)):
        nodes = [cast(n, "f") for n in nodes]
    elif operation in _KEEPS_KIND:
        nodes = [cast(n, "i") for n in nodes]
    elif operation in ("lt", "le", "eq", "ne", "select") and len({n.kind for n in nodes[-2:]}) > 1:
        nodes[-2:] = [cast(n, "f") for n in nodes[-2:]]
    if all(n.operation == "constant" for n in nodes):
        with numpy.errstate(all="ignore"):
            return constant(_FOLD[operation](*(n.value for n in nodes)))
    simpler = _simpler(operation, nodes)
    if simpler is not None:
        return simpler
    kind = "b" if operation in _TO_BOOL else {"float": "f", "int": "i"}.get(operation, nodes[-1].kind)
    return Node(operation, tuple(nodes), kind)


def _is(node: Node, value: float) -> bool:
    return node.operation == "constant" and bool(node.value == value)


def _simpler(operation: str, nodes: list[Node]) -> Node | None:
    """What the operation comes to without being done, if that is so."""
    first, last = nodes[0], nodes[-1]
    if operation == "add" and (_is(first, 0) or _is(last, 0)):
        return last if _is(first, 0) else first
    if operation == "mul" and (_is(first, 1) or _is(last, 1)):
        return last if _is(first, 1) else first
    if operation == "mul" and (_is(first, -1) or _is(last, -1)):
        return apply("neg", last if _is(first, -1) else first)
    if (operation == "sub" and _is(last, 0)) or (operation == "div" and _is(last, 1)):
        return first
    if operation == "sub" and _is(first, 0):
        return apply("neg", last)
    if operation == "neg" and first.operation == "neg":
        return first.arguments[0]
    if operation == "pow" and last.operation == "constant":
        return _power(first, float(last.value))
    if operation == "select" and first.operation == "constant":
        return nodes[1] if first.value else last
    return None


def _power(base: Node, exponent: float) -> Node | None:
    """Small powers as products, which no rounding but that of an association tells from the power."""
    if exponent == 0:
        return constant(1.0) if base.kind == "f" else constant(1)
    if exponent == 0.5:
        return apply("sqrt", base)
    if not exponent.is_integer() or abs(exponent) > 16 or (exponent < 0 and base.kind == "i"):
        return None
    result, square, left = None, base, int(abs(exponent))
    while left:
        if left & 1:
            result = square if result is None else apply("mul", result, square)
        left >>= 1
        if left:
            square = apply("mul", square, square)
    return apply("div", 1.0, result) if exponent < 0 else result
