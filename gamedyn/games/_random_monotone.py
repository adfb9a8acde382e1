"""Random general-sum quadratic games with given constants of monotonicity and smoothness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy

from gamedyn._checks import check_integer, check_positive
from gamedyn.backend import as_generator, default_namespace, to_device
from gamedyn.games._base import player_slices
from gamedyn.games._quadratic import Quadratic

__all__ = ["random_monotone_game"]


def random_monotone_game(dims: Sequence[int], *, mu: float = 0.1, L: float = 1.0, rng: Any = None) -> Quadratic:
    """A general-sum game of n players with the equilibrium 0: xi = J z is mu-strongly monotone, |J| = L, J not normal.

    J = S + t A: S = Q diag(lambda) Q^T, Q orthogonal and mu = lambda_1 <= lambda_k <= L; A antisymmetric, Gaussian
    outside of the players' own blocks; t >= 0 such that the norm of J is L.

    Parameters
    ----------
    dims : tuple of int
        Sizes (d_1, ..., d_n) of at least two players.
    mu, L : float
        0 < mu <= L; both constants are attained.
    rng : None, int or Generator
        Drawn on the host.

    Raises
    ------
    ValueError
        If there are fewer than two players, or the constants are out of order.

    Examples
    --------
    >>> import numpy
    >>> game = random_monotone_game((2, 1, 1), mu=0.5, L=2.0, rng=0)
    >>> float(numpy.linalg.norm(game.jacobian(numpy.zeros(4)), 2).round(12))
    2.0
    """
    dims = tuple(dims)
    for size in dims:
        check_integer("dims", size, minimum=1)
    if len(dims) < 2:
        raise ValueError(f"`dims` must hold the sizes of at least two players, got {dims}.")
    check_positive("mu", mu)
    if not mu <= L < numpy.inf:
        raise ValueError(f"`L` must be finite and at least `mu`, got L = {L} and mu = {mu}.")
    rng, d = as_generator(rng), sum(dims)
    basis = numpy.linalg.qr(rng.standard_normal((d, d)))[0]
    eigenvalues = rng.uniform(mu, L, d)
    eigenvalues[0] = mu
    symmetric = (basis * eigenvalues) @ basis.T
    symmetric = (symmetric + symmetric.T) / 2
    rotation = rng.standard_normal((d, d))
    rotation = rotation - rotation.T
    for block in player_slices(dims):
        rotation[block, block] = 0.0
    jacobian = symmetric + _largest_multiple(symmetric, rotation, L) * rotation
    return Quadratic.from_jacobian(to_device(jacobian, default_namespace()), dims)


def _largest_multiple(symmetric: Any, rotation: Any, bound: float) -> float:
    """t >= 0 with |S + t A| = bound, by bisection: the norm is even and convex in t, so it grows with t >= 0."""
    low, high = 0.0, 2 * bound / float(numpy.linalg.norm(rotation, 2))
    while high - low > 4 * numpy.finfo(float).eps * high:
        middle = (low + high) / 2
        if numpy.linalg.norm(symmetric + middle * rotation, 2) <= bound:
            low = middle
        else:
            high = middle
    return low
