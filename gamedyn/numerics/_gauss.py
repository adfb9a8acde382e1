"""Gauss rules: nodes and weights on an interval and under the normal law."""

from __future__ import annotations

import functools

import numpy

from gamedyn._checks import check_integer

__all__ = ["gauss_hermite", "gauss_legendre"]


@functools.lru_cache(maxsize=64)
def _legendre(n: int) -> tuple[numpy.ndarray, numpy.ndarray]:
    from scipy.special import roots_legendre

    return _read_only(*roots_legendre(n))


@functools.lru_cache(maxsize=64)
def _hermite(n: int) -> tuple[numpy.ndarray, numpy.ndarray]:
    from scipy.special import roots_hermitenorm

    nodes, weights = roots_hermitenorm(n)
    return _read_only(nodes, weights / weights.sum())


def _read_only(nodes: numpy.ndarray, weights: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    nodes.flags.writeable = weights.flags.writeable = False
    return nodes, weights


def gauss_legendre(n: int, lower: float = -1.0, upper: float = 1.0) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Nodes x and weights w with integral_lower^upper f = sum w f(x), exact up to degree 2 n - 1.

    Parameters
    ----------
    n : int
        Number of nodes.
    lower, upper : float
        Finite ends.

    Returns
    -------
    tuple of arrays, shape (n,)
        (nodes, weights), ascending, on the host in float64.

    Examples
    --------
    >>> nodes, weights = gauss_legendre(2, 0.0, 1.0)
    >>> round(float(weights @ nodes**3), 12)  # 1/4
    0.25
    """
    check_integer("n", n, 1)
    nodes, weights = _legendre(int(n))
    half = 0.5 * (upper - lower)
    return lower + half * (nodes + 1), half * weights


def gauss_hermite(n: int) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Nodes x and weights w with E f(Z) = sum w f(x), Z ~ N(0, 1), exact up to degree 2 n - 1.

    Parameters
    ----------
    n : int
        Number of nodes.

    Returns
    -------
    tuple of arrays, shape (n,)
        (nodes, weights), ascending, read-only, on the host in float64; the weights sum to 1.

    Examples
    --------
    >>> nodes, weights = gauss_hermite(2)
    >>> round(float(weights @ nodes**2), 12)  # E Z^2
    1.0
    """
    check_integer("n", n, 1)
    return _hermite(int(n))
