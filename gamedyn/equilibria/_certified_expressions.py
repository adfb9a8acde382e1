"""SymPy expressions as flat programs in ball arithmetic, whose values enclose the expressions' ranges over boxes."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from gamedyn.backend import require

__all__ = ["LeavesDomain", "Program", "ball_of", "float_as_fraction", "fraction_of"]

_ENTIRE = ("sin", "cos", "cosh")
_INCREASING = ("exp", "sinh", "tanh", "atan", "asinh")
_UNIT = ("asin", "acos")
_LARGEST_ROOT = 64


class LeavesDomain(ArithmeticError):
    """An expression is not defined, or not bounded, everywhere in a box; the message says which part."""


def ball_of(value: Fraction) -> Any:
    """A ball around a rational, at the precision of work.

    Parameters
    ----------
    value : Fraction or int
    """
    flint = require("flint")
    return flint.arb(flint.fmpq(value.numerator, value.denominator))


def fraction_of(exact: Any) -> Fraction:
    """The rational that a ball of radius zero is.

    Parameters
    ----------
    exact : flint.arb
    """
    rational = exact.fmpq()
    return Fraction(int(rational.p), int(rational.q))


class Program:
    """The expressions' values over a box: program(balls) encloses each, or raises LeavesDomain.

    Common subexpressions are evaluated once. Rationals are exact, floats the binary rationals that they are, other
    constants enclosed at the precision of work; x^n goes by products, with squares at least 0. Every rounding is
    outward, and a node that is not known here is refused: nothing is approximated.

    Parameters
    ----------
    expressions : sequence of SymPy expressions
    symbols : sequence of SymPy symbols
        What the balls stand for, in order.

    Raises
    ------
    ValueError
        If an expression holds something else than the symbols, numbers, pi, E, sums, products, powers, exp, log, the
        trigonometric and hyperbolic functions and their inverses.
    """

    def __init__(self, expressions: Sequence[Any], symbols: Sequence[Any]) -> None:
        self._flint = require("flint")
        self._code: list[tuple[Callable[..., Any], int, int | None]] = []
        self._constants: list[Callable[[], Any]] = []
        self._places: dict[Any, int] = {}
        self._results: dict[tuple[Any, ...], int] = {}
        self._size = len(symbols)
        # Constants come first: registers below 0 are theirs until all are known.
        for k, symbol in enumerate(symbols):
            self._places[symbol] = k
        outputs = [self._place(expression) for expression in expressions]
        shift, total = len(symbols), len(self._constants)

        def settle(place: int) -> int:
            if place < 0:
                return shift - place - 1
            return place if place < shift else place + total

        self._program = [(f, settle(i), None if j is None else settle(j)) for f, i, j in self._code]
        self._outputs = [settle(place) for place in outputs]
        self._prepared: dict[int, list[Any]] = {}

    def __len__(self) -> int:
        """The number of operations."""
        return len(self._program)

    def __call__(self, balls: Sequence[Any]) -> list[Any]:
        """Enclosures of all expressions over the product of the balls.

        Raises
        ------
        LeavesDomain
            If one is not defined, or not bounded, somewhere in it.
        """
        precision = self._flint.ctx.prec
        if precision not in self._prepared:
            self._prepared[precision] = [make() for make in self._constants]
        r = [*balls, *self._prepared[precision]]
        push = r.append
        for function, i, j in self._program:
            push(function(r[i]) if j is None else function(r[i], r[j]))
        values = [r[place] for place in self._outputs]
        for value in values:
            if not value.is_finite():
                raise LeavesDomain("a value is not bounded there")
        return values

    def _place(self, node: Any) -> int:
        """The register that holds the node's value, after code for it where there is none yet."""
        if node not in self._places:
            self._places[node] = self._emit(node)
        return self._places[node]

    def _emit(self, node: Any) -> int:
        # An undefined function may bear any name, but belongs to no module.
        name = type(node).__name__ if str(type(node).__module__).startswith("sympy.") else "an undefined function"
        exact = _exact_number(node)
        if exact is not None:
            return self._constant(lambda: ball_of(exact))
        if name == "Pi":
            return self._constant(self._flint.arb.pi)
        if name == "Exp1":
            return self._constant(self._flint.arb.const_e)
        if name in ("Add", "Mul"):
            function = operator.add if name == "Add" else operator.mul
            places = [self._place(part) for part in node.args]
            total = places[0]
            for place in places[1:]:
                total = self._do(function, total, place)
            return total
        if name == "Pow":
            return self._power(*node.args)
        if name in _FUNCTIONS and len(node.args) == 1:
            return self._do(_FUNCTIONS[name], self._place(node.args[0]))
        raise ValueError(
            "`game` must be made of numbers, pi, E, its symbols, sums, products, powers, "
            f"{', '.join(_FUNCTIONS)} to be certified, got {name}: {str(node)[:60]}."
        )

    def _power(self, base: Any, exponent: Any) -> int:
        number = _exact_number(exponent)
        if type(base).__name__ == "Exp1":
            return self._do(_FUNCTIONS["exp"], self._place(exponent))
        place = self._place(base)
        if number is None or number.denominator > _LARGEST_ROOT:
            logarithm = self._do(_FUNCTIONS["log"], place)
            return self._do(_FUNCTIONS["exp"], self._do(operator.mul, logarithm, self._place(exponent)))
        count = abs(number.numerator)
        if number.denominator != 1:
            place = self._do(_rooter(number.denominator), place)
        if not count:
            return self._constant(lambda: ball_of(Fraction(1)))
        place = self._product(place, count)
        return self._do(_reciprocal, place) if number < 0 else place

    def _product(self, place: int, count: int) -> int:
        """x^count from squares and products, shared between powers."""
        if count == 1:
            return place
        if count % 2 == 0:
            return self._do(_square, self._product(place, count // 2))
        return self._do(operator.mul, place, self._product(place, count - 1))

    def _do(self, function: Callable[..., Any], i: int, j: int | None = None) -> int:
        key = (function, i, j)
        if key not in self._results:
            self._code.append((function, i, j))
            self._results[key] = self._size + len(self._code) - 1
        return self._results[key]

    def _constant(self, make: Callable[[], Any]) -> int:
        self._constants.append(make)
        return -len(self._constants)


def float_as_fraction(node: Any) -> Fraction:
    """The binary rational that a SymPy float is.

    Parameters
    ----------
    node : sympy.Float

    Raises
    ------
    ValueError
        If it is infinite or NaN.
    """
    sign, digits, exponent, _ = node._mpf_
    if not digits and exponent:
        raise ValueError(f"`game` must hold finite numbers to be certified, got {node}.")
    return Fraction(-int(digits) if sign else int(digits)) * Fraction(2) ** int(exponent)


def _exact_number(node: Any) -> Fraction | None:
    """The rational that a SymPy number is: a float is the binary rational with its digits."""
    name = type(node).__name__
    if name == "Float":
        return float_as_fraction(node)
    if name in ("Integer", "Rational", "Half", "Zero", "One", "NegativeOne"):
        return Fraction(int(node.p), int(node.q))
    return None


def _square(x: Any) -> Any:
    # As a product of two independent balls it could be negative.
    if not (x > 0 or x < 0):
        return (x * x).nonnegative_part()
    if x.rad() < 0.01:
        return x * x
    low, high = x.lower(), x.upper()
    return (low * low).union(high * high)


def _reciprocal(x: Any) -> Any:
    if not (x > 0 or x < 0):
        raise LeavesDomain("a divisor may be 0 there")
    return 1 / x


def _rooter(degree: int) -> Callable[[Any], Any]:
    """The root of that degree, of balls that are not negative."""
    if degree not in _ROOTS:

        def root(x: Any) -> Any:
            if not x >= 0:
                raise LeavesDomain("what stands under a root may be negative there")
            return _bounded("a root", x.sqrt() if degree == 2 else x.root(degree))

        _ROOTS[degree] = root
    return _ROOTS[degree]


def _bounded(name: str, value: Any) -> Any:
    if not value.is_finite():
        raise LeavesDomain(f"{name} may be unbounded there")
    return value


def _function(name: str) -> Callable[[Any], Any]:
    if name in _INCREASING:
        return lambda x: _bounded(name, _between_ends(x, operator.methodcaller(name)))

    def function(x: Any) -> Any:
        if name in ("log", "acosh") and not x > (0 if name == "log" else 1):
            raise LeavesDomain(f"what stands in {name} may leave its domain there")
        if name in (*_UNIT, "atanh") and not (x > -1 and x < 1):
            raise LeavesDomain(f"what stands in {name} may leave its domain there")
        return _bounded(name, getattr(x, name)())

    return function


def _between_ends(x: Any, function: Callable[[Any], Any]) -> Any:
    """An increasing function: over wide balls its values at the ends are nearer than a bound on its slope."""
    if x.rad() < 0.01:
        return function(x)
    return function(x.lower()).union(function(x.upper()))


_ROOTS: dict[int, Callable[[Any], Any]] = {}
_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    name: _function(name) for name in (*_INCREASING, *_ENTIRE, "log", "tan", *_UNIT, "acosh", "atanh")
}
