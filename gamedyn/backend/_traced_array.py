"""Arrays of scalars that remember how they were computed, with the operators of arrays."""

from __future__ import annotations

import functools
from typing import Any

import numpy

from gamedyn.backend._graph import Node, TracingError, apply, constant, variable

__all__ = ["DTYPES", "Traced", "as_traced", "each", "traced"]

DTYPES = {"f": numpy.dtype("float64"), "i": numpy.dtype("int64"), "b": numpy.dtype("bool")}


def as_traced(value: Any, dtype: Any = None) -> Traced:
    """Numbers, arrays of NumPy and single nodes as an array of nodes.

    Parameters
    ----------
    value : array_like, Node or Traced
    dtype : optional
        Of NumPy, for numbers.
    """
    if isinstance(value, Traced):
        return value
    if isinstance(value, Node):
        return Traced(value, value.kind)
    host = numpy.asarray(value, dtype=dtype)
    kind = {"f": "f", "i": "i", "u": "i", "b": "b"}.get(host.dtype.kind)
    if kind is None or (kind == "f" and host.dtype.itemsize != 8):
        raise TracingError(f"numbers of {host.dtype} are not traced.")
    return Traced(numpy.frompyfunc(constant, 1, 1)(host.astype(DTYPES[kind])), kind)


def each(operation: str, *arrays: Any) -> Traced:
    """The operation entry by entry, with broadcasting.

    Parameters
    ----------
    operation : str
        As for `apply`.
    *arrays : array_like or Traced
    """
    known = [as_traced(a) for a in arrays]
    function = numpy.frompyfunc(functools.partial(apply, operation), len(known), 1)
    nodes = numpy.asarray(function(*(a.nodes for a in known)), dtype=object)
    if nodes.size:
        return Traced(nodes, nodes.flat[0].kind)
    return Traced(nodes, apply(operation, *(constant(DTYPES[a.kind].type(1)) for a in known)).kind)


def traced(prefix: str, shape: tuple[int, ...], kind: str = "f", first: int = 0) -> Traced:
    """An array of variables, prefix + number in the order of its entries: what a computation is traced on.

    `array_namespace` recognises it. Functions of that namespace give arrays of formulas, `Node`s, in `.nodes`; what
    depends on a value raises `TracingError`.

    Parameters
    ----------
    prefix : str
    shape : tuple of int
    kind : str
        "f" for double precision, "i" for integers.
    first : int
        The number of the first entry.
    """
    nodes = numpy.empty(shape, dtype=object)
    for k, index in enumerate(numpy.ndindex(*shape)):
        nodes[index] = variable(f"{prefix}{first + k}", kind)
    return Traced(nodes, kind)


class Traced:
    """An array of nodes, of one kind.

    Parameters
    ----------
    nodes : Node, or NumPy array of them
    kind : str
        "f", "i" or "b", as for `Node`.
    """

    __slots__ = ("kind", "nodes")
    __array_ufunc__ = None
    __hash__ = None  # type: ignore[assignment]
    device = "cpu"

    def __init__(self, nodes: Any, kind: str) -> None:
        self.nodes, self.kind = numpy.asarray(nodes, dtype=object), kind

    @property
    def dtype(self) -> Any:
        """NumPy's dtype of that kind."""
        return DTYPES[self.kind]

    @property
    def shape(self) -> tuple[int, ...]:
        """As of any array."""
        return self.nodes.shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self.nodes.ndim

    @property
    def size(self) -> int:
        """Number of entries."""
        return self.nodes.size

    @property
    def T(self) -> Traced:
        """Transposed."""
        return Traced(self.nodes.T, self.kind)

    @property
    def mT(self) -> Traced:
        """Every matrix transposed."""
        return Traced(self.nodes.swapaxes(-1, -2), self.kind)

    def __getitem__(self, index: Any) -> Traced:
        return Traced(self.nodes[index], self.kind)

    def __bool__(self) -> bool:
        return bool(self.nodes.item())

    def __len__(self) -> int:
        return len(self.nodes)

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TracingError("a traced array has no values.")

    def __add__(self, other: Any) -> Traced:
        return each("add", self, other)

    def __radd__(self, other: Any) -> Traced:
        return each("add", other, self)

    def __sub__(self, other: Any) -> Traced:
        return each("sub", self, other)

    def __rsub__(self, other: Any) -> Traced:
        return each("sub", other, self)

    def __mul__(self, other: Any) -> Traced:
        return each("mul", self, other)

    def __rmul__(self, other: Any) -> Traced:
        return each("mul", other, self)

    def __truediv__(self, other: Any) -> Traced:
        return each("div", self, other)

    def __rtruediv__(self, other: Any) -> Traced:
        return each("div", other, self)

    def __mod__(self, other: Any) -> Traced:
        return each("mod", self, other)

    def __rmod__(self, other: Any) -> Traced:
        return each("mod", other, self)

    def __pow__(self, other: Any) -> Traced:
        return each("pow", self, other)

    def __rpow__(self, other: Any) -> Traced:
        return each("pow", other, self)

    def __and__(self, other: Any) -> Traced:
        return each("and", self, other)

    def __rand__(self, other: Any) -> Traced:
        return each("and", other, self)

    def __or__(self, other: Any) -> Traced:
        return each("or", self, other)

    def __ror__(self, other: Any) -> Traced:
        return each("or", other, self)

    def __lt__(self, other: Any) -> Traced:
        return each("lt", self, other)

    def __le__(self, other: Any) -> Traced:
        return each("le", self, other)

    def __gt__(self, other: Any) -> Traced:
        return each("lt", other, self)

    def __ge__(self, other: Any) -> Traced:
        return each("le", other, self)

    def __eq__(self, other: Any) -> Traced:  # type: ignore[override]
        return each("eq", self, other)

    def __ne__(self, other: Any) -> Traced:  # type: ignore[override]
        return each("ne", self, other)

    def __neg__(self) -> Traced:
        return each("neg", self)

    def __abs__(self) -> Traced:
        return each("abs", self)

    def __invert__(self) -> Traced:
        return each("not", self)

    def __matmul__(self, other: Any) -> Traced:
        return _product(self, as_traced(other))

    def __rmatmul__(self, other: Any) -> Traced:
        return _product(as_traced(other), self)


def _product(a: Traced, b: Traced) -> Traced:
    # NumPy multiplies matrices of objects by their own + and *.
    return Traced(numpy.matmul(a.nodes, b.nodes), "f" if "f" in (a.kind, b.kind) else "i")
