"""Traced arrays: the part of the array-API standard that update rules use, on scalars that remember their formula.

This module is the namespace of its arrays, as `array_namespace` returns it. Whatever it lacks, or whatever asks for the
value of an entry, ends a trace with an error.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy

from gamedyn.backend._graph import TracingError, apply, cast, constant
from gamedyn.backend._traced_array import DTYPES, Traced, as_traced, each

# fmt: off
__all__ = [
    "abs", "arange", "asarray", "astype", "bool", "broadcast_arrays", "broadcast_to", "concat", "conj", "eye", "full",
    "full_like", "isdtype", "matmul", "newaxis", "ones", "ones_like", "real", "sign", "square", "stack", "vecdot",
    "where", "zeros", "zeros_like",
]
# fmt: on

# bool, int64, ... and the names of functions are those of the standard.
bool = numpy.bool
int8, int64, float32, float64 = (numpy.dtype(name) for name in ("int8", "int64", "float32", "float64"))
complex64, complex128 = numpy.dtype("complex64"), numpy.dtype("complex128")
isdtype = numpy.isdtype
finfo, iinfo = numpy.finfo, numpy.iinfo
nan, inf, pi, e = math.nan, math.inf, math.pi, math.e
newaxis = None


def _of_one(operation: str) -> Any:
    return lambda x, /: each(operation, x)


def _of_two(operation: str, swapped: Any = False) -> Any:
    return lambda a, b, /: each(operation, *((b, a) if swapped else (a, b)))


exp, expm1, log, log1p, sqrt = (_of_one(name) for name in ("exp", "expm1", "log", "log1p", "sqrt"))
sin, cos, tan, sinh, cosh, tanh = (_of_one(name) for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh"))
asin, acos, atan, asinh, acosh, atanh = (_of_one(n) for n in ("asin", "acos", "atan", "asinh", "acosh", "atanh"))
isfinite, isnan, logical_not, negative = (_of_one(name) for name in ("isfinite", "isnan", "not", "neg"))
abs = _of_one("abs")
add, subtract, multiply, divide, pow = (_of_two(name) for name in ("add", "sub", "mul", "div", "pow"))
less, less_equal, greater, greater_equal = _of_two("lt"), _of_two("le"), _of_two("lt", True), _of_two("le", True)
equal, not_equal, logical_and, logical_or = (_of_two(name) for name in ("eq", "ne", "and", "or"))
maximum, minimum = _of_two("maximum"), _of_two("minimum")


def where(condition: Any, a: Any, b: Any, /) -> Traced:
    """a where the condition holds, else b; both are computed."""
    return each("select", condition, a, b)


def square(x: Any, /) -> Traced:
    """x x."""
    return each("mul", x, x)


def sign(x: Any, /) -> Traced:
    """1, -1, or x itself where it is 0 or no number."""
    return where(x > 0, 1.0, where(x < 0, -1.0, x))


def real(x: Any, /) -> Any:
    """x, which is real."""
    return x


conj = real


def asarray(value: Any, /, *, dtype: Any = None, device: Any = None, copy: Any = None) -> Traced:
    """Numbers as constants."""
    made = as_traced(value, None if isinstance(value, Traced) else dtype)
    return made if dtype is None else astype(made, dtype)


def astype(x: Traced, dtype: Any, /, *, copy: Any = True, device: Any = None) -> Traced:
    """x in another dtype."""
    kind = numpy.dtype(dtype).kind
    if numpy.dtype(dtype) != DTYPES.get(kind):
        raise TracingError(f"{dtype} is not traced.")
    if kind == x.kind:
        return x
    if kind == "b":
        return each("ne", x, 0)
    return Traced(numpy.frompyfunc(lambda node: cast(node, kind), 1, 1)(x.nodes), kind)


def full(shape: Any, value: Any, *, dtype: Any = None, device: Any = None) -> Traced:
    """One number everywhere."""
    return asarray(numpy.full(shape, value, dtype=dtype))


def zeros(shape: Any, *, dtype: Any = None, device: Any = None) -> Traced:
    """Zeros."""
    return full(shape, 0.0, dtype=dtype or float64)


def ones(shape: Any, *, dtype: Any = None, device: Any = None) -> Traced:
    """Ones."""
    return full(shape, 1.0, dtype=dtype or float64)


def eye(rows: int, columns: int | None = None, /, *, k: int = 0, dtype: Any = None, device: Any = None) -> Traced:
    """Ones on a diagonal."""
    return asarray(numpy.eye(rows, columns, k, dtype=dtype or float64))


def arange(*limits: Any, dtype: Any = None, device: Any = None) -> Traced:
    """Numbers in a row."""
    return asarray(numpy.arange(*limits, dtype=dtype))


def full_like(x: Traced, /, value: Any, *, dtype: Any = None, device: Any = None) -> Traced:
    """One number everywhere, in the shape of x."""
    return full(x.shape, value, dtype=dtype or x.dtype)


def zeros_like(x: Traced, /, *, dtype: Any = None, device: Any = None) -> Traced:
    """Zeros in the shape of x."""
    return full_like(x, 0, dtype=dtype)


def ones_like(x: Traced, /, *, dtype: Any = None, device: Any = None) -> Traced:
    """Ones in the shape of x."""
    return full_like(x, 1, dtype=dtype)


def _joined(join: Any, arrays: Any, axis: Any) -> Traced:
    known = [asarray(a) for a in arrays]
    kinds = {a.kind for a in known}
    if len(kinds) > 1:
        known = [astype(a, float64) for a in known]
    return Traced(join([a.nodes for a in known], axis=axis), known[0].kind)


def concat(arrays: Any, /, *, axis: int | None = 0) -> Traced:
    """Arrays one after the other."""
    return _joined(numpy.concatenate, arrays, axis)


def stack(arrays: Any, /, *, axis: int = 0) -> Traced:
    """Arrays side by side, along a new axis."""
    return _joined(numpy.stack, arrays, axis)


def _rearranged(function: Any) -> Any:
    return lambda x, /, *arguments, **options: Traced(function(x.nodes, *arguments, **options), x.kind)


reshape, moveaxis = _rearranged(numpy.reshape), _rearranged(numpy.moveaxis)
permute_dims, matrix_transpose = _rearranged(numpy.transpose), _rearranged(numpy.matrix_transpose)
expand_dims, squeeze = _rearranged(lambda x, /, *, axis=0: numpy.expand_dims(x, axis)), _rearranged(numpy.squeeze)


def broadcast_to(x: Traced, /, shape: Any) -> Traced:
    """x repeated to a shape."""
    return Traced(numpy.broadcast_to(x.nodes, shape), x.kind)


def broadcast_arrays(*arrays: Any) -> list[Traced]:
    """Arrays repeated to their common shape."""
    known = [asarray(a) for a in arrays]
    shape = numpy.broadcast_shapes(*(a.shape for a in known))
    return [broadcast_to(a, shape) for a in known]


def _reduced(operation: str, of_nothing: Any) -> Any:
    def function(x: Traced, /, *, axis: Any = None, keepdims: Any = False) -> Traced:
        axes = range(x.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
        nodes = x.nodes
        for k in sorted((k % x.ndim for k in axes), reverse=True):
            rows = list(numpy.moveaxis(nodes, k, 0))
            combine = numpy.frompyfunc(functools.partial(apply, operation), 2, 1)
            total = functools.reduce(combine, rows) if rows else numpy.full(nodes.shape[1:], constant(of_nothing))
            nodes = numpy.expand_dims(numpy.asarray(total, dtype=object), k) if keepdims else total
        kind = "i" if operation == "add" and x.kind == "b" else x.kind
        return Traced(nodes, kind)

    return function


sum, prod = _reduced("add", 0.0), _reduced("mul", 1.0)
max, min = _reduced("maximum", -inf), _reduced("minimum", inf)
all, any = _reduced("and", True), _reduced("or", False)


def matmul(a: Any, b: Any, /) -> Traced:
    """The product of matrices."""
    product: Traced = asarray(a) @ b
    return product


def vecdot(a: Any, b: Any, /, *, axis: int = -1) -> Traced:
    """The sum of products along an axis."""
    return sum(each("mul", a, b), axis=axis)  # type: ignore[no-any-return]
