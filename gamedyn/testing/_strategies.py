"""Hypothesis strategies: points of the simplex, definite matrices, games with a given spectrum."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn._checks import check_integer, check_positive
from gamedyn.backend import Array, require
from gamedyn.games import Quadratic, random_quadratic_game

__all__ = ["definite_matrices", "games_with_spectrum", "simplex_points"]

# Where code breaks: zeros, subnormals whose logarithm is finite but whose reciprocal is not, ties, the largest ratio.
_EDGES = (0.0, 5e-324, 1e-310, 1e-200, 1e-16, 0.5, 1.0)


def simplex_points(min_size: int = 2, max_size: int = 8, *, positive: bool = False) -> Any:
    """Probability vectors, with exact zeros, ties, subnormal entries and vertices among them.

    Parameters
    ----------
    min_size, max_size : int
        Bounds on the number of outcomes; equal ones fix it.
    positive : bool
        Whether to leave out zeros and subnormals.

    Returns
    -------
    SearchStrategy
        Of float64 NumPy arrays (n,) whose sum is 1 to rounding.

    Examples
    --------
    >>> from hypothesis import find
    >>> [float(v) for v in find(simplex_points(2, 2), lambda p: p[0] == 0)]
    [0.0, 1.0]
    """
    st: Any = require("hypothesis.strategies")
    check_integer("min_size", min_size, minimum=1)
    check_integer("max_size", max_size, minimum=min_size)
    edges = [w for w in _EDGES if w >= 1e-200 or not positive]
    weight = st.one_of(st.sampled_from(edges), st.floats(1e-3, 1.0))
    weights = st.lists(weight, min_size=min_size, max_size=max_size)
    # One entry of weight 1, anywhere: the sum is then a normal number, and division keeps zeros and subnormals.
    return st.builds(_normalized, weights, st.integers(0, max_size - 1))


def _normalized(weights: list[float], heavy: int) -> Array:
    point = numpy.array(weights)
    point[heavy % len(weights)] = 1.0
    return point / point.sum()


def definite_matrices(size: int, *, smallest: float = 1e-3, largest: float = 1e3) -> Any:
    """Symmetric positive definite matrices with eigenvalues in [smallest, largest], to rounding of the largest.

    Parameters
    ----------
    size : int
    smallest, largest : float
        Positive bounds on the spectrum.

    Returns
    -------
    SearchStrategy
        Of exactly symmetric float64 NumPy arrays (size, size); repeated eigenvalues are common.
    """
    st: Any = require("hypothesis.strategies")
    check_integer("size", size, minimum=1)
    check_positive("smallest", smallest)
    if not smallest <= largest < numpy.inf:
        raise ValueError(f"`largest` must be at least `smallest`, got {largest} < {smallest}.")
    eigenvalue = st.one_of(st.sampled_from([smallest, largest]), st.floats(smallest, largest))
    eigenvalues = st.lists(eigenvalue, min_size=size, max_size=size)
    return st.builds(_rotated, eigenvalues, st.integers(0, 2**32 - 1))


def _rotated(eigenvalues: list[float], seed: int) -> Array:
    size = len(eigenvalues)
    basis, _ = numpy.linalg.qr(numpy.random.default_rng(seed).standard_normal((size, size)))
    matrix = (basis * numpy.array(eigenvalues)) @ basis.T
    return (matrix + matrix.T) / 2


def games_with_spectrum(spectrum: Any) -> Any:
    """Two-player zero-sum quadratic games with equilibrium 0 whose Jacobian has the eigenvalues a_k +- i b_k.

    Parameters
    ----------
    spectrum : array_like of complex, shape (m,)
        One of each conjugate pair; the players have m coordinates each.

    Returns
    -------
    SearchStrategy
        Of `gamedyn.games.Quadratic`.
    """
    st: Any = require("hypothesis.strategies")

    def build(seed: int) -> Quadratic:
        return random_quadratic_game(spectrum, rng=seed)

    return st.builds(build, st.integers(0, 2**32 - 1))
