"""A run as generated Python code on scalars: for one trajectory, some thirty times as fast as steps of arrays."""

from __future__ import annotations

import math
from typing import Any

import numpy

from gamedyn.dynamics._program import Program
from gamedyn.dynamics._run_arrays import RunArrays
from gamedyn.dynamics._source import Lines, in_python
from gamedyn.dynamics._trajectory import Status

__all__ = ["PythonCode", "names_of", "python_source"]

_NAMES = ("exp", "expm1", "sin", "cos", "tan", "sinh", "cosh", "tanh", "log", "log1p", "sqrt", "pow")
_INVERSE_NAMES = {"asin": "arcsin", "acos": "arccos", "atan": "arctan"}
_INVERSE_NAMES |= {"asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh"}
# Python's numbers are fast and raise where arrays give inf or nan: there, the same lines run on NumPy's scalars.
_FAST = {name: getattr(math, name) for name in (*_NAMES, *_INVERSE_NAMES)}
_CAREFUL = {name: getattr(numpy, {"pow": "power", **_INVERSE_NAMES}.get(name, name)) for name in _FAST}
_SHARED = {"inf": math.inf, "nan": math.nan, "sqrt_of": math.sqrt, "RAISED": (ArithmeticError, ValueError)}


class PythonCode:
    """Plays a program on NumPy arrays, one trajectory after the other.

    Parameters
    ----------
    program : Program
    bounded, tolerant : bool
        Whether norms are compared with a bound, and residuals with a tolerance.
    each : bool
        Whether every step is a record.
    """

    def __init__(self, program: Program, bounded: bool, tolerant: bool, each: bool) -> None:
        source, self.formulas = python_source(program, bounded, tolerant, each)
        careful: dict[str, Any] = {**_SHARED, **_CAREFUL, "as_float": numpy.float64}
        exec(compile(source, "<generated>", "exec"), careful)
        self._careful = {name: _on_scalars(careful[name]) for name in ("prepare", "step", "square")}
        fast: dict[str, Any] = {**_SHARED, **_FAST, "as_float": float}
        exec(compile(source, "<generated>", "exec"), fast)
        fast |= {f"careful_{name}": function for name, function in self._careful.items()}
        self._fast = fast

    def play(self, run: RunArrays, first: int, last: int, every: int, points: Any) -> None:
        """Steps first + 1, ..., last of all that still move; `points` (records, B, d) takes every `every`-th, or None.

        Parameters
        ----------
        run : RunArrays
        first, last, every : int
        points : array or None
        """
        d, floats = len(run.z), len(run.floats)
        for b in range(len(run.ended)):
            values = [part[:, b].tolist() for part in (run.z, run.floats, run.integers)]
            if points is not None:
                points[:, b, :] = values[0]
            if run.ended[b] != Status.MAX_STEPS:
                continue
            parameters = run.parameters[:, b].tolist()
            try:
                kept = self._fast["prepare"](*parameters)
            except (ArithmeticError, ValueError):
                kept = self._careful["prepare"](*parameters)
            record: list[float] = []
            k, ended, found = self._fast["play"](
                *values[0], *values[1], *values[2], *parameters, *kept, first, last, every, run.bound, run.tolerance,
                record.extend,
            )  # fmt: skip
            run.z[:, b], run.floats[:, b] = found[:d], found[d : d + floats]
            run.integers[:, b] = found[d + floats :]
            if ended != Status.MAX_STEPS:
                run.ended[b], run.stop[b] = ended, k
            if points is not None:
                done = len(record) // d
                points[:done, b, :] = numpy.reshape(record, (done, d))
                points[done:, b, :] = found[:d]


def _on_scalars(function: Any) -> Any:
    """The function on NumPy's scalars, whose overflow is inf and raises nothing; Python's numbers come back."""

    def careful(*values: Any) -> Any:
        scalars = [numpy.float64(v) if isinstance(v, float) else numpy.int64(v) for v in values]
        with numpy.errstate(all="ignore"):
            found = function(*scalars)
        return [v.item() if isinstance(v, numpy.generic) else v for v in found]

    return careful


def python_source(program: Program, bounded: bool, tolerant: bool, each: bool) -> tuple[str, str]:
    """The module's text, and the formulas of a step in it.

    Parameters
    ----------
    program : Program
    bounded, tolerant, each : bool
        As for `PythonCode`.
    """
    z, s, n, p, outputs = names_of(program)
    lines = Lines([*program.point, *program.floats, *program.integers], in_python)
    square = Lines([program.square], in_python, "r") if tolerant and program.square is not None else None
    kept = [name for name, _ in lines.kept + (square.kept if square else [])]
    once = lines.once + (square.once if square else [])
    given = ", ".join([*z, *s, *n, *p, *kept])
    new = outputs[: len(z)]
    finite = " + ".join(f"({y} - {y})" for y in new)
    text = [f"def prepare({', '.join(p)}):", *_indented(once, 1), f"    return [{', '.join(kept)}]"]
    text += [f"def step({given}):", *_indented(lines.each, 1), f"    return [{', '.join(lines.results)}]"]
    text += [f"def square({given}):"]
    text += [*_indented(square.each, 1), f"    return [{square.results[0]}]"] if square else ["    return [0.0]"]
    text += [f"def play({given}, first, last, every, bound, tolerance, record):", "    k = first"]
    text += [] if each else ["    while k < last:"]
    deep = 1 if each else 2
    loop = "for k in range(first + 1, last + 1):" if each else "for k in range(k + 1, min(k + every, last) + 1):"
    body = ["try:", *_indented([*lines.each, *_assigned(outputs, lines.results)], 1)]
    body += ["except RAISED:", f"    {', '.join(outputs)}, = careful_step({given})"]
    state = f"[{', '.join([*z, *s, *n])}]"
    body += [f"if {finite} != 0.0:", f"    return k, {int(Status.DIVERGED)}, {state}"]
    if bounded:
        norm = f"sqrt_of({' + '.join(f'{y} * {y}' for y in new)})"
        body += [f"if {norm} > bound:", f"    return k, {int(Status.DIVERGED)}, {state}"]
    body += _assigned([*z, *s, *n], outputs)
    if square:
        body += ["try:", *_indented([*square.each, f"r = {square.results[0]}"], 1)]
        body += ["except RAISED:", f"    r, = careful_square({given})"]
        body += ["if r == r and sqrt_of(r) <= tolerance:", f"    return k, {int(Status.CONVERGED)}, {state}"]
    record = f"record(({', '.join(z)},))"
    text += _indented([loop, *_indented([*body, record] if each else body, 1)], deep)
    text += [] if each else [f"        {record}"]
    text += [f"    return last, {int(Status.MAX_STEPS)}, {state}", ""]
    return "\n".join(text), "\n".join(lines.each)


def names_of(program: Program) -> tuple[list[str], list[str], list[str], list[str], list[str]]:
    """Names of points, memories, counters, hyper-parameters and of what a step makes of the first three.

    Parameters
    ----------
    program : Program
    """
    sizes = len(program.point), len(program.floats), len(program.integers), program.parameters
    z, s, n, p = ([f"{letter}{k}" for k in range(size)] for letter, size in zip("zsnp", sizes, strict=True))
    outputs = [f"y{k}" for k in range(len(z))] + [f"w{k}" for k in range(len(s))] + [f"v{k}" for k in range(len(n))]
    return z, s, n, p, outputs


def _assigned(names: list[str], texts: list[str]) -> list[str]:
    return [f"{name} = {text}" for name, text in zip(names, texts, strict=True) if name != text]


def _indented(lines: list[str], depth: int) -> list[str]:
    return [f"{'    ' * depth}{line}" for line in lines]
