"""Formulas as lines of code: common subexpressions once, what no step changes before the loop."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from gamedyn.backend import Node, TracingError

__all__ = ["Lines", "Syntax", "in_c", "in_python"]

# Parsers have a limit on brackets within brackets.
_DEEPEST = 20

_INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/", "lt": "<", "le": "<=", "eq": "==", "ne": "!="}
_INFIX_PYTHON = {**_INFIX, "mod": "%", "and": "and", "or": "or"}
_INFIX_C = {**_INFIX, "and": "&&", "or": "||"}
# Their arguments stand in the text more than once.
_REPEATING = ("maximum", "minimum", "isfinite", "isnan", "mod")
_WORDS = {"maximum": ">=", "minimum": "<="}


class Syntax:
    """How a language writes operations.

    Parameters
    ----------
    inlines : bool
        Whether an expression that is used once stands within the one that uses it.
    """

    def __init__(self, name: str, inlines: bool) -> None:
        self.name, self.inlines = name, inlines

    def number(self, node: Node) -> str:
        """A constant."""
        value, python = node.value, self.name == "python"
        if node.kind == "b":
            return str(bool(value)) if python else str(int(value))
        if node.kind == "i":
            return f"({int(value)})" if python else f"({int(value)}LL)"
        value = float(value)
        if math.isfinite(value):
            return repr(value) if value >= 0 and math.copysign(1, value) > 0 else f"({value!r})"
        word = "nan" if math.isnan(value) else "inf"
        text = word if python else {"nan": "(0.0 / 0.0)", "inf": "(1.0 / 0.0)"}[word]
        return f"(-{text})" if value < 0 else text

    def declared(self, name: str, kind: str, text: str) -> str:
        """name = text."""
        if self.name == "python":
            return f"{name} = {text}"
        return f"const {'double' if kind == 'f' else 'long long'} {name} = {text};"

    def expression(self, node: Node, arguments: Sequence[str]) -> str:
        """An operation on texts of its arguments."""
        operation, python = node.operation, self.name == "python"
        infix = (_INFIX_PYTHON if python else _INFIX_C).get(operation)
        if infix is not None:
            return f"({arguments[0]} {infix} {arguments[1]})"
        if operation in _WORDS:
            a, b = arguments
            return self.choice(f"{a} {_WORDS[operation]} {b} {'or' if python else '||'} {a} != {a}", a, b)
        if operation == "select":
            return self.choice(*arguments)
        (a, *rest) = arguments
        if operation == "pow":
            if node.kind != "f":
                raise TracingError("powers of integers are not written as code.")
            return f"pow({a}, {rest[0]})"
        if operation == "mod":
            if node.kind != "i":
                raise TracingError("remainders of broken numbers are not written as code.")
            return f"(({a} % {rest[0]} + {rest[0]}) % {rest[0]})"
        simple = {
            "neg": f"(-{a})",
            "not": f"(not {a})" if python else f"(!{a})",
            "isfinite": f"({a} - {a} == 0.0)",
            "isnan": f"({a} != {a})",
            "float": f"as_float({a})" if python else f"((double){a})",
            "int": f"int({a})" if python else f"((long long){a})",
            "abs": f"abs({a})" if python else f"({a} < 0 ? -{a} : {a})" if node.kind == "i" else f"fabs({a})",
        }
        return simple.get(operation, f"{operation}({a})")

    def choice(self, condition: str, a: str, b: str) -> str:
        """a where the condition holds, else b."""
        return f"({a} if {condition} else {b})" if self.name == "python" else f"(({condition}) ? {a} : {b})"


in_python = Syntax("python", inlines=True)
in_c = Syntax("c", inlines=False)


class Lines:
    """The formulas as assignments.

    Parameters
    ----------
    formulas : sequence of Node
    syntax : Syntax
    prefix : str
        Of the names of intermediate results.

    Attributes
    ----------
    once : list of str
        What depends on no more than hyper-parameters, in assignments to `kept`.
    kept : list of (str, str)
        (name, kind) of what stays the same.
    each : list of str
        What a step computes.
    results : list of str
        The formulas' values, texts of names and numbers.
    """

    def __init__(self, formulas: Sequence[Node], syntax: Syntax, prefix: str = "") -> None:
        self.syntax, self.prefix = syntax, prefix
        self._numbers: dict[Any, int] = {}
        self._nodes: list[Node] = []
        self._arguments: list[tuple[int, ...]] = []
        self._seen: dict[int, int] = {}
        outputs = [self._number(formula) for formula in formulas]
        uses = [0] * len(self._nodes)
        for node, arguments in zip(self._nodes, self._arguments, strict=True):
            for k in arguments:
                uses[k] += 2 if node.operation in _REPEATING else 1
        for k in outputs:
            uses[k] += 2
        self.once: list[str] = []
        self.each: list[str] = []
        self.kept: list[tuple[str, str]] = []
        self._write(uses, set(outputs))
        self.results = [self._texts[k] for k in outputs]

    def _number(self, formula: Node) -> int:
        """The number of a formula, the same for equal ones; without recursion, which deep formulas would exhaust."""
        todo = [formula]
        while todo:
            node = todo[-1]
            if id(node) in self._seen:
                todo.pop()
                continue
            waiting = [a for a in node.arguments if id(a) not in self._seen]
            if waiting:
                todo.extend(waiting)
                continue
            arguments = tuple(self._seen[id(a)] for a in node.arguments)
            key = (node.operation, arguments, node.kind, repr(node.value))
            if key not in self._numbers:
                self._numbers[key] = len(self._nodes)
                self._nodes.append(node)
                self._arguments.append(arguments)
            self._seen[id(node)] = self._numbers[key]
            todo.pop()
        return self._seen[id(formula)]

    def _write(self, uses: list[int], outputs: set[int]) -> None:
        self._texts: list[str] = []
        fixed: list[bool] = []
        depths: list[int] = []
        for k, (node, arguments) in enumerate(zip(self._nodes, self._arguments, strict=True)):
            depth, still = 0, all(fixed[a] for a in arguments)
            if node.operation == "constant":
                text = self.syntax.number(node)
            elif node.operation == "variable":
                text, still = node.value, node.value.startswith("p")
            else:
                text = self.syntax.expression(node, [self._texts[a] for a in arguments])
                depth = 1 + max(depths[a] for a in arguments)
                # Whether a step begins here: the result is kept, though it is used once.
                inline = self.syntax.inlines and uses[k] == 1 and depth < _DEEPEST and not still
                if still or not inline:
                    name = f"{'h' if still else 't'}{self.prefix}{k}"
                    (self.once if still else self.each).append(self.syntax.declared(name, node.kind, text))
                    if still:
                        self.kept.append((name, node.kind))
                    text, depth = name, 0
            self._texts.append(text)
            fixed.append(still)
            depths.append(depth)
