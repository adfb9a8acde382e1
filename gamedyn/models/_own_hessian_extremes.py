"""The extreme eigenvalues of a player's own Hessian, from products alone."""

from __future__ import annotations

from typing import Any

from gamedyn._checks import check_choice
from gamedyn.backend import Array, array_namespace, device_of, float_arrays, host_normal
from gamedyn.games import Game, StochasticGame, player_slices, replace_block
from gamedyn.numerics import LanczosResult, lanczos_extremes

__all__ = ["own_hessian_extremes"]


def own_hessian_extremes(
    game: Game | StochasticGame, z: Array, player: int, *, steps: int = 50, rng: Any = None
) -> LanczosResult:
    """Smallest and largest eigenvalue of D_i^2 L_i at z by Lanczos, with residuals, never forming the Hessian.

    A negative `smallest` beyond rounding proves that z is no differential Nash equilibrium, since it is a Rayleigh
    quotient; a positive one proves nothing.

    Parameters
    ----------
    game : Game or StochasticGame
        A stochastic game is judged on `full()`.
    z : array, shape (d,)
    player : int
    steps : int
        Products with the Hessian at most.
    rng : None, int or numpy.random.Generator
        For the starting vector.

    Returns
    -------
    gamedyn.numerics.LanczosResult

    Raises
    ------
    ValueError
        If z is no single point of the game, or there is no such player.

    Notes
    -----
    Costs `steps` calls of `own_hvp`, or of what the game's `linearize` gives, where it has one, as networks do; dense
    eigenvalues cost d_i calls and d_i^3 operations.

    Examples
    --------
    The players of 3 x^2 / 2 + x y - y^2 pay 3 x^2 / 2 + ... and y^2 - ...: their own Hessians are 3 and 2.

    >>> from gamedyn.games import Quadratic
    >>> import numpy
    >>> game = Quadratic.from_jacobian(numpy.array([[3.0, 1.0], [-1.0, 2.0]]), (1, 1))
    >>> [own_hessian_extremes(game, numpy.zeros(2), player).smallest for player in (0, 1)]
    [3.0, 2.0]
    """
    full = game.full()
    xp, z = float_arrays(z, names=("z",))
    if tuple(z.shape) != (sum(full.dims),):
        raise ValueError(f"`z` must be one point of shape ({sum(full.dims)},), got {tuple(z.shape)}.")
    check_choice("player", player, range(len(full.dims)))
    block = player_slices(full.dims)[player]

    linearize = getattr(full, "linearize", None)
    linear = (lambda v: full.own_hvp(z, v)) if linearize is None else linearize(z)

    def product(v: Array) -> Array:
        # J has the own Hessians on its diagonal.
        return linear(replace_block(array_namespace(v).zeros_like(z), block, v))[block]

    start = host_normal(rng, (full.dims[player],), xp, dtype=z.dtype, device=device_of(z))
    return lanczos_extremes(product, full.dims[player], steps=steps, start=start)
