"""Payoff matrices as exact rationals and integers, and the linear systems of indifference over them."""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy

from gamedyn._checks import describe
from gamedyn.backend import to_host
from gamedyn.games import NormalFormGame

__all__ = ["Rational", "bimatrix", "expected", "positive_integers", "solve_ones", "transposed"]

Rational = list[list[Fraction]]


def bimatrix(a: Any, b: Any = None) -> tuple[Rational, Rational]:
    """The payoffs of both players, exactly: a float is the binary fraction that it stands for.

    Parameters
    ----------
    a : two-player NormalFormGame (a MatrixGame is one), or array_like of shape (m, k)
        A game, or the payoffs of the row player; integers and Fractions are kept.
    b : array_like of shape (m, k), optional
        The payoffs of the column player; -a by default.

    Raises
    ------
    TypeError, ValueError
        If an entry is no finite real number or shapes do not fit.
    """
    if isinstance(a, NormalFormGame):
        if b is not None:
            raise TypeError("`b` must be left out where `a` is a game, which holds both players' payoffs.")
        if len(a.dims) != 2:
            raise ValueError(f"`a` must be a game of two players, got {len(a.dims)}.")
        return _rational("a", a.payoffs[0, ...]), _rational("b", a.payoffs[1, ...])
    first = _rational("a", a)
    if b is None:
        return first, [[-value for value in row] for row in first]
    second = _rational("b", b)
    shapes = [(len(matrix), len(matrix[0])) for matrix in (first, second)]
    if shapes[0] != shapes[1]:
        raise ValueError(f"`b` must have the shape {shapes[0]} of `a`, got {shapes[1]}.")
    return first, second


def _rational(name: str, values: Any) -> Rational:
    rows = to_host(values).tolist() if hasattr(values, "dtype") else values
    if not isinstance(rows, Sequence) or not rows or not all(isinstance(row, Sequence) and len(row) for row in rows):
        raise ValueError(f"`{name}` must be a payoff matrix of shape (m, k) with m, k >= 1, got {describe(values)}.")
    if len({len(row) for row in rows}) != 1:
        raise ValueError(f"`{name}` must have rows of one length, got lengths {[len(row) for row in rows]}.")
    return [[_fraction(name, value) for value in row] for row in rows]


def _fraction(name: str, value: Any) -> Fraction:
    if hasattr(value, "dtype") and numpy.ndim(value) == 0:
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"`{name}` must hold real numbers, got {describe(value)} of type {type(value).__name__}.")
    if isinstance(value, numbers.Rational):
        return Fraction(value)
    if not math.isfinite(value):
        raise ValueError(f"`{name}` must be finite, got {value}.")
    return Fraction(float(value))


def transposed(matrix: list[list[Any]]) -> list[list[Any]]:
    """The matrix with rows and columns exchanged.

    Parameters
    ----------
    matrix : list of lists
    """
    return [list(column) for column in zip(*matrix, strict=True)]


def positive_integers(matrix: Rational) -> list[list[int]]:
    """The payoffs times a positive number plus a constant, as integers >= 1: the same best responses.

    Parameters
    ----------
    matrix : list of lists of Fraction
    """
    scale = math.lcm(*(value.denominator for row in matrix for value in row))
    integers = [[int(value * scale) for value in row] for row in matrix]
    lowest = min(min(row) for row in integers)
    return [[value - lowest + 1 for value in row] for row in integers]


def expected(x: Sequence[Fraction], matrix: Rational, y: Sequence[Fraction]) -> Fraction:
    """x^T M y.

    Parameters
    ----------
    x, y : sequences of Fraction
    matrix : list of lists of Fraction
    """
    products = (p * q * value for p, row in zip(x, matrix, strict=True) for q, value in zip(y, row, strict=True) if p)
    return sum(products, Fraction(0))


def solve_ones(matrix: list[list[int]]) -> tuple[list[int], int] | None:
    """(v, q) with M (v / q) = (1, ..., 1) and q > 0, or None for a singular M; without fractions.

    Parameters
    ----------
    matrix : list of lists of int, shape (k, k)

    References
    ----------
    Bareiss (1968), Sylvester's identity and multistep integer-preserving Gaussian elimination.
    """
    k = len(matrix)
    rows = [[*row, 1] for row in matrix]
    previous = 1
    for step in range(k):
        found = next((i for i in range(step, k) if rows[i][step]), None)
        if found is None:
            return None
        rows[step], rows[found] = rows[found], rows[step]
        pivot_row = rows[step]
        pivot = pivot_row[step]
        for i in range(k):
            if i != step:
                factor = rows[i][step]
                # Every entry is a minor of the matrix, so that the division leaves no remainder.
                rows[i] = [(pivot * a - factor * b) // previous for a, b in zip(rows[i], pivot_row, strict=True)]
        previous = pivot
    sign = 1 if previous > 0 else -1
    return [sign * row[k] for row in rows], sign * previous
