"""A run as a list of NumPy operations into arrays that are kept: for many trajectories, without a compiler."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy

from gamedyn.backend import Node
from gamedyn.dynamics._program import Program
from gamedyn.dynamics._python_code import names_of
from gamedyn.dynamics._run_arrays import RunArrays
from gamedyn.dynamics._source import Lines, in_python
from gamedyn.dynamics._trajectory import Status

__all__ = ["ArrayCode"]

_KINDS = {"f": numpy.float64, "i": numpy.int64, "b": numpy.bool_}
_NAMES = {"sub": "subtract", "mul": "multiply", "div": "divide", "mod": "remainder", "pow": "power"}
_NAMES |= {"neg": "negative", "abs": "absolute", "lt": "less", "le": "less_equal", "eq": "equal", "ne": "not_equal"}
_NAMES |= {name: f"logical_{name}" for name in ("and", "or", "not")}
_NAMES |= {f"a{name}": f"arc{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")}
_STEPS_BETWEEN_READS = 64

_Operation = tuple[Callable[..., Any], tuple[Any, ...]]


class ArrayCode:
    """Plays a program on NumPy arrays, one step of all trajectories after the other.

    Parameters
    ----------
    program : Program
    tolerant : bool
        Whether residuals are compared with a tolerance.

    Notes
    -----
    Every coordinate is an array of its own, and every operation writes to an array that is there already: fresh arrays
    would cost as much as the arithmetic.
    """

    def __init__(self, program: Program, tolerant: bool) -> None:
        self._inputs = names_of(program)[:4]
        self._step = _Formulas([*program.point, *program.floats, *program.integers])
        self._square = _Formulas([program.square]) if tolerant and program.square is not None else None

    def play(self, run: RunArrays, first: int, last: int, every: int, points: Any) -> None:
        """Steps first + 1, ..., last of all that still move; `points` (records, B, d) takes every `every`-th, or None.

        Parameters
        ----------
        run : RunArrays
        first, last, every : int
        points : array or None
        """
        if run.plan is None:
            run.plan = _Plan(run, self._inputs, self._step, self._square)
        plan, record = run.plan, 0
        for k in range(first + 1, last + 1):
            plan.step(run, k)
            if points is not None and ((k - first) % every == 0 or k == last):
                points[record] = run.z.T
                record += 1
            if k % _STEPS_BETWEEN_READS == 0 and not plan.moving.any():
                break
        if points is not None:
            # What has ended stands still.
            points[record:] = run.z.T


class _Plan:
    """The operations of a step of one run, from one set of arrays to another and back."""

    def __init__(
        self, run: RunArrays, names: Sequence[Sequence[str]], step: _Formulas, square: _Formulas | None
    ) -> None:
        here = (run.z, run.floats, run.integers)
        self.sets = (here, tuple(numpy.empty_like(part) for part in here))
        self.moving = run.ended == Status.MAX_STEPS
        self.all_moving = bool(self.moving.all())
        # One number for all is faster than an array of it.
        numbers = [row[0] if row.size and (row == row[0]).all() else row for row in run.parameters]
        scratch = _Scratch(run.ended.size)
        self.r = numpy.empty(run.ended.size)
        self.steps, self.squares = [], []
        for source, target in (self.sets, self.sets[::-1]):
            known = dict(zip(names[3], numbers, strict=True))
            fixed = set(known)
            for part, part_names in zip(source, names[:3], strict=True):
                known |= dict(zip(part_names, part, strict=True))
            self.steps.append(step.operations(known, fixed, [row for part in target for row in part], scratch))
            if square is not None:
                self.squares.append(square.operations(known, fixed, [self.r], scratch))
        self.current = 0

    def step(self, run: RunArrays, k: int) -> None:
        """All that move, one step; `run` has the new arrays afterwards."""
        for function, operands in self.steps[self.current]:
            function(*operands)
        old, new = self.sets[self.current], self.sets[1 - self.current]
        flat = new[0].ravel()
        # Half of the bound leaves room for rounding; a sum that overflows decides nothing.
        square = float(numpy.dot(flat, flat))
        if not (self.all_moving and math.isfinite(square) and math.sqrt(square) <= run.bound / 2):
            good = numpy.isfinite(new[0]).all(axis=0)
            if run.bound < math.inf:
                good &= numpy.sqrt((new[0] * new[0]).sum(axis=0)) <= run.bound
            self._end(run, ~good, Status.DIVERGED, k)
            for before, after in zip(old, new, strict=True):
                numpy.copyto(after, before, where=~self.moving)
        self.current = 1 - self.current
        run.z, run.floats, run.integers = new
        if self.squares:
            for function, operands in self.squares[self.current]:
                function(*operands)
            near = numpy.sqrt(self.r, out=self.r) <= run.tolerance
            if near.any():
                self._end(run, near, Status.CONVERGED, k)

    def _end(self, run: RunArrays, which: numpy.ndarray, status: Status, k: int) -> None:
        which = which & self.moving
        run.ended[which], run.stop[which] = int(status), k
        self.moving &= ~which
        self.all_moving = bool(self.moving.all())


class _Scratch:
    """Arrays for intermediate results, used again as soon as they are free."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._free: dict[str, list[numpy.ndarray]] = {kind: [] for kind in _KINDS}
        self._mine: dict[int, numpy.ndarray] = {}

    def take(self, kind: str) -> numpy.ndarray:
        """An array that nobody uses."""
        if self._free[kind]:
            return self._free[kind].pop()
        made: numpy.ndarray = numpy.empty(self.count, dtype=_KINDS[kind])
        self._mine[id(made)] = made
        return made

    def give_back(self, values: Iterable[Any]) -> None:
        """Those of `values` that were taken are free."""
        for value in values:
            if id(value) in self._mine:
                self._free[value.dtype.kind].append(value)


class _Formulas(Lines):
    """Formulas as operations on arrays, in the place of lines of text."""

    def __init__(self, formulas: Sequence[Node]) -> None:
        super().__init__(formulas, in_python)
        self._outputs = [self._number(formula) for formula in formulas]
        self._last_use = {k: at for at, arguments in enumerate(self._arguments) for k in arguments}

    def _write(self, uses: list[int], outputs: set[int]) -> None:
        self._texts = [""] * len(self._nodes)

    def operations(
        self, known: dict[str, Any], fixed: set[str], places: Sequence[numpy.ndarray], scratch: _Scratch
    ) -> list[_Operation]:
        """(function, arguments and place of the result), which in this order write the formulas to `places`.

        Parameters
        ----------
        known : dict
            Arrays and numbers of the variables.
        fixed : set of str
            Variables that stay: what depends on no others is computed at once.
        places : sequence of arrays
            None of them an array of a variable.
        scratch : _Scratch
        """
        destined = dict(zip(self._outputs, places, strict=True))
        found: list[_Operation] = []
        values: list[Any] = []
        still: list[bool] = []
        for at, (node, arguments) in enumerate(zip(self._nodes, self._arguments, strict=True)):
            if node.operation in ("constant", "variable"):
                values.append(node.value if node.operation == "constant" else known[node.value])
                still.append(node.operation == "constant" or node.value in fixed)
                continue
            function, operands = _function_of(node, [values[k] for k in arguments])
            still.append(all(still[k] for k in arguments))
            if still[-1]:
                shape = numpy.broadcast_shapes(*(numpy.shape(operand) for operand in operands))
                kept: numpy.ndarray = numpy.empty(shape, dtype=_KINDS[node.kind])
                function(*operands, kept)
                values.append(kept if shape else kept[()])
                continue
            dead = [values[k] for k in set(arguments) if self._last_use[k] == at]
            # Operations may write over their arguments, but for choices, which write twice.
            if node.operation != "select":
                scratch.give_back(dead)
            place = destined[at] if at in destined else scratch.take(node.kind)
            if node.operation == "select":
                scratch.give_back(dead)
            found.append((function, (*operands, place)))
            values.append(place)
        for k, place in zip(self._outputs, places, strict=True):
            # Constants, variables, and formulas that stand in several places.
            if values[k] is not place:
                found.append((_cast, (values[k], place)))
        return found


def _function_of(node: Node, operands: list[Any]) -> tuple[Callable[..., Any], list[Any]]:
    """The function (*operands, place) of a node."""
    operation = node.operation
    if operation == "select":
        return _select, operands
    if operation in ("float", "int"):
        return _cast, operands
    if operation in ("maximum", "minimum"):
        return functools.partial(_extreme, getattr(numpy, operation)), operands
    return getattr(numpy, _NAMES.get(operation, operation)), operands


def _select(condition: Any, a: Any, b: Any, place: numpy.ndarray) -> None:
    numpy.copyto(place, b)
    numpy.copyto(place, a, where=condition)


def _extreme(function: Callable[..., Any], a: Any, b: Any, place: numpy.ndarray) -> None:
    # These two take no place by position.
    function(a, b, out=place)


def _cast(a: Any, place: numpy.ndarray) -> None:
    numpy.copyto(place, a, casting="unsafe")
