"""split_jacobian: the symmetric and the antisymmetric part of a game's Jacobian."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy

from gamedyn.backend import Array, array_namespace, to_host
from gamedyn.equilibria._point import as_game_and_points
from gamedyn.games import Game, StochasticGame

__all__ = ["JacobianSplit", "split_jacobian"]


class JacobianSplit(NamedTuple):
    """J = S + A."""

    symmetric: Array
    """S = (J + J^T) / 2, (..., d, d): the Jacobian of a potential game."""
    antisymmetric: Array
    """A = (J - J^T) / 2, (..., d, d): that of a Hamiltonian game."""
    potential_share: Array
    """|S|^2 / |J|^2, (...), Frobenius norms: 1 for a potential, 0 for a Hamiltonian game; nan where J = 0."""

    def __str__(self) -> str:
        """What rotates and what does not, in one line."""
        if len(self.potential_share.shape):
            return f"Jacobians at {math.prod(self.potential_share.shape)} points, split"
        share = float(self.potential_share)
        s, a = (float(numpy.linalg.norm(to_host(part))) for part in (self.symmetric, self.antisymmetric))
        return f"J = S + A with |S| = {s:.6g} and |A| = {a:.6g}: a share {share:.4g} of |J|^2 is potential"


def split_jacobian(game: Game | StochasticGame, z: Any) -> JacobianSplit:
    """J = S + A with S symmetric and A antisymmetric, and how much of |J|^2 = |S|^2 + |A|^2 is S.

    Parameters
    ----------
    game : Game or StochasticGame
        A stochastic game is taken on `full()`.
    z : array_like, shape (..., d)
        Any points.

    Returns
    -------
    JacobianSplit
        In the library of z.

    Raises
    ------
    TypeError
        If `game` is no game.
    ValueError
        If z does not fit the game, or is not finite or not in its domain.

    References
    ----------
    Balduzzi, Racaniere, Martens, Foerster, Tuyls and Graepel (2018), The mechanics of n-player differentiable games.
    Letcher, Balduzzi, Racaniere, Martens, Foerster, Tuyls and Graepel (2019), Differentiable game mechanics.

    Examples
    --------
    min_x max_y x^2 / 2 + x y - y^2 / 2 has J = [[1, 1], [-1, 1]], half of it rotation.

    >>> from gamedyn.games import strongly_monotone_game
    >>> found = split_jacobian(strongly_monotone_game(1.0, 1.0), [0.0, 0.0])
    >>> found.symmetric.tolist(), found.antisymmetric.tolist(), float(found.potential_share)
    ([[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [-1.0, 0.0]], 0.5)
    """
    full, points = as_game_and_points(game, z)
    xp = array_namespace(points)
    jacobian = full.jacobian(points)
    transposed = xp.matrix_transpose(jacobian)
    symmetric, antisymmetric = (jacobian + transposed) / 2, (jacobian - transposed) / 2
    # Both are divided by the largest entry: squares neither overflow nor vanish.
    size = xp.max(xp.abs(jacobian), axis=(-2, -1))
    scale = xp.where(size > 0, size, xp.ones_like(size))[..., None, None]
    own, turned = (xp.sum((part / scale) ** 2, axis=(-2, -1)) for part in (symmetric, antisymmetric))
    total = own + turned
    share = xp.where(total > 0, own / xp.where(total > 0, total, xp.ones_like(total)), xp.nan)
    return JacobianSplit(symmetric, antisymmetric, share)
