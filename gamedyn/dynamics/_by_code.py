"""Runs by generated code: the step is traced once as a formula, and the loop over steps is code of its own."""

from __future__ import annotations

import ctypes
import dataclasses
import math
import weakref
from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace, cuda_kernel, library_of, like, takes_kernels
from gamedyn.dynamics._array_code import ArrayCode
from gamedyn.dynamics._c_code import c_source, cuda_source
from gamedyn.dynamics._compiler import compiled, compiler
from gamedyn.dynamics._program import Program, hyper_parameters, is_hyper_parameter, program_of
from gamedyn.dynamics._python_code import PythonCode
from gamedyn.dynamics._records import Records
from gamedyn.dynamics._request import Request, check_evaluations
from gamedyn.dynamics._run_arrays import RunArrays
from gamedyn.dynamics._state import leaves_of, with_leaves
from gamedyn.dynamics._trajectory import Status, Trajectory
from gamedyn.games import Game, SymbolicGame
from gamedyn.updates import UpdateRule

__all__ = ["play_by_arrays", "play_by_compiler", "play_by_scalars", "reason_against_code"]

# Numbers in one block of records: what stays in a core's cache.
_BLOCK = 65536
# Steps between reports, and between chances to interrupt.
_STEPS_AT_ONCE = 10_000_000
_MOST_PROGRAMS = 1000
# Formulas of symbolic games, which do not change: {game: {rule and kind of run: program}}.
_programs: weakref.WeakKeyDictionary[Game, dict[Any, Any]] = weakref.WeakKeyDictionary()


def reason_against_code(request: Request) -> str | None:
    """One sentence on why a run cannot be generated code, as far as that shows without tracing; None if nothing does.

    Parameters
    ----------
    request : Request
    """
    if not isinstance(request.game, Game):
        return "a stochastic game is drawn at every step"
    if request.callback is not None:
        return "a callback looks at every record"
    if not dataclasses.is_dataclass(request.rule):
        return f"{type(request.rule).__name__} is no dataclass, whose hyper-parameters would be known"
    runs = library_of(request.z) == "numpy" or takes_kernels(request.z)
    if not runs or request.z.dtype != array_namespace(request.z).float64:
        return "points must be of double precision, in NumPy or CuPy"
    return None


def play_by_scalars(request: Request) -> Trajectory | str:
    """The run as Python code, or why there is none.

    Parameters
    ----------
    request : Request
    """
    if library_of(request.z) != "numpy":
        return "scalars of Python are on the host, and the points are not"
    return _play(request, "python")


def play_by_arrays(request: Request) -> Trajectory | str:
    """The run as operations of NumPy on arrays that are kept, or why there is none.

    Parameters
    ----------
    request : Request
    """
    if library_of(request.z) != "numpy":
        return "points are not in NumPy"
    return _play(request, "arrays")


def play_by_compiler(request: Request) -> Trajectory | str:
    """The run as C, or as CUDA for arrays of CuPy, or why there is none.

    Parameters
    ----------
    request : Request
    """
    on_host = library_of(request.z) == "numpy"
    if on_host and compiler() is None:
        return "there is no C compiler of the name cc"
    return _play(request, "c" if on_host else "cuda")


def _play(request: Request, language: str) -> Trajectory | str:
    reason = reason_against_code(request)
    if reason is not None:
        return reason
    game, rule, z = request.game, request.rule, request.z
    with numpy.errstate(all="ignore"):
        check_evaluations(game, z)  # type: ignore[arg-type]
        state = rule.init(game, z) if request.state is None else request.state  # type: ignore[arg-type]
        batch = z.shape[:-1]
        if any(leaf.shape[: len(batch)] != batch for leaf in leaves_of(state)):
            return "a memory does not lead with the batch shape"
        wants_points = request.record_points or bool(request.observe)
        every = request.record_every if wants_points else max(1, request.steps)
        code = _code_of(request, state, language, every == 1)
        if isinstance(code, str):
            return code
        program, machine = code
        run = _arrays(request, state, program)
        _end_at_start(request, run)
        if language == "arrays" and z.ndim == 2:
            # Coordinate by coordinate, as its points are.
            z = numpy.asfortranarray(z)
        records = Records(
            game, z, request.steps, request.record_every, request.observe, request.record_points  # type: ignore[arg-type]
        )  # fmt: skip
        _run(request, run, machine, records, every if wants_points else None)
    return _finished(request, state, run, records)


def _code_of(request: Request, state: Any, language: str, each: bool) -> tuple[Program, Any] | str:
    """(the formula of a step, what plays it), made anew unless the game is symbolic and both are known."""
    bounded, tolerant = request.max_norm is not None, request.tolerance is not None
    rule, batch = request.rule, len(request.z.shape) - 1
    known: dict[Any, Any] = {}
    if type(request.game) is SymbolicGame:
        known = _programs.setdefault(request.game, {})
        if len(known) > _MOST_PROGRAMS:
            known.clear()
    shapes = tuple((str(leaf.dtype), tuple(leaf.shape[batch:])) for leaf in leaves_of(state))
    key: Any = (_key(rule, False), shapes, tolerant)
    program = known.get(key)
    if isinstance(program, Program) and program.is_of_numbers:
        key = (_key(rule, True), shapes, tolerant)
        program = known.get(key)
    if program is None:
        program = program_of(request.game, rule, state, batch, tolerant)  # type: ignore[arg-type]
        known[key] = program
        if isinstance(program, Program) and program.is_of_numbers:
            key = (_key(rule, True), shapes, tolerant)
            known[key] = program
    if isinstance(program, str):
        return program
    played_as = (*key, language, bounded, each and language == "python")
    if played_as not in known:
        try:
            known[played_as] = _machine_of(program, language, bounded, tolerant, each)
        except TypeError as error:
            known[played_as] = f"the formula cannot be written as code: {error}"
    machine = known[played_as]
    return machine if isinstance(machine, str) else (program, machine)


def _machine_of(program: Program, language: str, bounded: bool, tolerant: bool, each: bool) -> Any:
    if language == "python":
        return PythonCode(program, bounded, tolerant, each)
    if language == "arrays":
        return ArrayCode(program, tolerant)
    if language == "cuda":
        return _CudaCode(cuda_source(program, bounded, tolerant))
    library = compiled(c_source(program, bounded, tolerant))
    return "the C compiler fails" if library is None else _CCode(library)


def _key(rule: Any, with_numbers: bool) -> Any:
    """What decides the formula of a rule, its hyper-parameters or only where they stand."""
    parts: list[Any] = [type(rule)]
    for field in dataclasses.fields(rule):
        value = getattr(rule, field.name)
        if isinstance(value, UpdateRule):
            parts.append(_key(value, with_numbers))
        elif is_hyper_parameter(value):
            parts.append(_kind(value, with_numbers))
        elif field.name in rule.per_player and isinstance(value, (tuple, list)):
            parts.append(tuple(_kind(part, with_numbers) if is_hyper_parameter(part) else part for part in value))
        elif _is_plain(value):
            parts.append(repr(value))
        else:
            # Equal to itself alone.
            parts.append(object())
    return tuple(parts)


def _kind(value: Any, with_numbers: bool) -> Any:
    if not with_numbers:
        return "number"
    return "array" if getattr(value, "shape", ()) else float(value)


def _is_plain(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(map(_is_plain, value))
    return value is None or type(value) in (bool, int, float, str)


class _CCode:
    """A compiled library."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self.function = library.play
        self.function.restype = None
        pointer = ctypes.c_void_p
        self.function.argtypes = [ctypes.c_longlong] * 4 + [ctypes.c_double] * 2 + [pointer] * 7

    def play(self, run: RunArrays, first: int, last: int, every: int, points: Any) -> None:
        arrays = (run.z, run.floats, run.integers, run.parameters, run.ended, run.stop)
        # Several times as fast as `array.ctypes`.
        pointers = [None if a is None else a.__array_interface__["data"][0] for a in (*arrays, points)]
        self.function(run.ended.size, first, last, every, run.bound, run.tolerance, *pointers)


class _CudaCode:
    """A kernel of one thread per trajectory."""

    def __init__(self, source: str) -> None:
        self.function = cuda_kernel(source, "play")

    def play(self, run: RunArrays, first: int, last: int, every: int, points: Any) -> None:
        int64, float64 = numpy.int64, numpy.float64
        numbers = [int64(run.ended.size), int64(first), int64(last), int64(every)]
        arrays = [run.z, run.floats, run.integers, run.parameters, run.ended, run.stop]
        # A null pointer, where no points are wanted.
        arrays.append(numpy.uint64(0) if points is None else points)
        self.function(run.ended.size, *numbers, float64(run.bound), float64(run.tolerance), *arrays)


def _arrays(request: Request, state: Any, program: Program) -> RunArrays:
    z, xp = request.z, array_namespace(request.z)
    batch, count = z.shape[:-1], math.prod(z.shape[:-1])

    def rows(leaves: list[Array], dtype: Any) -> Array:
        parts = [xp.reshape(leaf, (count, math.prod(leaf.shape[len(batch) :]))).T for leaf in leaves]
        if not parts:
            return xp.empty((0, count), dtype=dtype)
        # Contiguous, and no memory of anybody else's.
        return (parts[0] if len(parts) == 1 else xp.concat(parts, axis=0)).copy(order="C")

    kinds: dict[bool, list[Array]] = {True: [], False: []}
    for leaf in leaves_of(state):
        kinds[leaf.dtype == xp.float64].append(leaf)
    parameters = xp.empty((program.parameters, count), dtype=xp.float64)
    for k, value in enumerate(hyper_parameters(request.rule) if program.parameters else ()):
        spread = getattr(value, "shape", ())
        parameters[k, :] = xp.reshape(xp.broadcast_to(like(value, z), batch), (-1,)) if spread else float(value)
    return RunArrays(
        z=rows([z], xp.float64),
        floats=rows(kinds[True], xp.float64),
        integers=rows(kinds[False], xp.int64),
        parameters=parameters,
        ended=xp.full(count, int(Status.MAX_STEPS), dtype=xp.int64),
        stop=xp.full(count, request.steps, dtype=xp.int64),
        bound=math.inf if request.max_norm is None else float(request.max_norm),
        tolerance=-1.0 if request.tolerance is None else float(request.tolerance),
    )


def _end_at_start(request: Request, run: RunArrays) -> None:
    """What has ended before the first step, as in the loop over steps."""
    z, xp = request.z, array_namespace(request.z)
    if request.max_norm is not None:
        outside = xp.reshape(xp.sqrt(xp.sum(z * z, axis=-1)) > request.max_norm, (-1,))
        run.ended[outside], run.stop[outside] = int(Status.DIVERGED), 0
    if request.tolerance is not None:
        residual = request.rule.stationary_residual(request.game, z)  # type: ignore[arg-type]
        size = xp.reshape(xp.sqrt(xp.sum(residual * residual, axis=-1)), (-1,))
        small = (size <= request.tolerance) & (run.ended == int(Status.MAX_STEPS))
        run.ended[small], run.stop[small] = int(Status.CONVERGED), 0


def _run(request: Request, run: RunArrays, machine: Any, records: Records, every: int | None) -> None:
    """All steps, in blocks of records that fill a cache, or without records."""
    xp, steps, step, seen = array_namespace(run.z), request.steps, 0, None
    d, count = run.z.shape
    at_once = _STEPS_AT_ONCE if every is None else max(1, min(_BLOCK // max(1, d * count), _STEPS_AT_ONCE)) * every
    if request.progress is not None:
        at_once = min(at_once, max(1, steps // 100 // (every or 1)) * (every or 1))
    while step < steps:
        last = min(step + at_once, steps)
        if every is None:
            machine.play(run, step, last, at_once, None)
        else:
            number = -(-last // every) - step // every
            room = records.room(number)
            if room is not None:
                machine.play(run, step, last, every, numpy.reshape(room, (number, count, d)))
                records.add_room(room)
            else:
                if seen is None:
                    seen = _seen_by_observables(machine, xp, number, d, count)
                machine.play(run, step, last, every, seen[:number, ...])
                records.add_many(xp.reshape(seen[:number, ...], (number, *request.z.shape)))
        step = last
        if request.progress is not None:
            request.progress(step, steps)
        if not bool(xp.any(run.ended == int(Status.MAX_STEPS))):
            break


def _seen_by_observables(machine: Any, xp: Any, number: int, d: int, count: int) -> Array:
    """Points (number, count, d) of one block, which are not kept."""
    if isinstance(machine, ArrayCode):
        # Coordinate by coordinate, as its points are.
        return numpy.moveaxis(numpy.empty((number, d, count)), 1, 2)
    return xp.empty((number, count, d), dtype=xp.float64)


def _finished(request: Request, state: Any, run: RunArrays, records: Records) -> Trajectory:
    z, xp = request.z, array_namespace(request.z)
    batch = z.shape[:-1]
    place = {True: 0, False: 0}
    leaves = []
    for leaf in leaves_of(state):
        kind = bool(leaf.dtype == xp.float64)
        rows, size = (run.floats if kind else run.integers), math.prod(leaf.shape[len(batch) :])
        part = rows[place[kind] : place[kind] + size]
        place[kind] += size
        leaves.append(xp.reshape(part.T, leaf.shape))
    final = xp.reshape(run.z.T, z.shape)
    ended, stop = xp.reshape(run.ended, batch), xp.reshape(run.stop, batch)
    return records.finish(final, with_leaves(state, iter(leaves)), ended, stop, request.rule.cost.gradients)
