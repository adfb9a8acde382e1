"""check_game: the derivatives of a game against differences of its losses, and against each other."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn._checks import check_positive
from gamedyn.backend import as_generator
from gamedyn.games import Game, player_slices, replace_block
from gamedyn.numerics import difference_jacobian, difference_jvp
from gamedyn.testing._compare import compare

__all__ = ["check_game"]


def check_game(game: Game, z: Any, *, rng: Any = None, tolerance: float = 1e-6) -> None:
    """Check gradients and Jacobian products of a game at one point.

    1. loss_gradients equals central differences of losses; simultaneous_gradient and player_gradient are its blocks.
    2. jvp equals the central difference of xi, and jacobian times v the same.
    3. The adjoint identity <u, J v> = <J^T u, v>; own_hvp v is jvp of each player's block alone.

    Parameters
    ----------
    game : Game
        Yours or ours; a stochastic one as a draw, or `full()`.
    z : array_like, shape (d,)
        A point where the game is smooth. It is handed over read-only.
    rng : None, int or numpy.random.Generator
        For the directions u and v.
    tolerance : float
        Of differences, relative to the largest entry; what is exact must agree to a thousandth of it.

    Raises
    ------
    AssertionError
        Naming the method and its worst index, with both values.

    Notes
    -----
    Runs on NumPy, in float64, with 4 d + 2 evaluations.

    Examples
    --------
    >>> from gamedyn.games import DiracGAN
    >>> check_game(DiracGAN(), [0.5, -0.3], rng=0)
    """
    check_positive("tolerance", tolerance)
    rng, exact = as_generator(rng), tolerance / 1000
    z = numpy.array(z, dtype=float)
    z.flags.writeable = False
    u, v = rng.standard_normal((2, z.size))
    name = type(game).__name__

    gradients = game.loss_gradients(z)
    by_differences = difference_jacobian(game.losses, z)
    compare(f"`loss_gradients` of {name}", gradients, by_differences, tolerance, "by differences")
    xi = game.simultaneous_gradient(z)
    for i, block in enumerate(player_slices(game.dims)):
        own = gradients[i, block]
        compare(f"`simultaneous_gradient` of {name}, player {i},", xi[block], own, exact, "in `loss_gradients`")
        gradient = game.player_gradient(z, i)
        compare(f"`player_gradient` of {name}, player {i},", gradient, own, exact, "in `loss_gradients`")

    product = game.jvp(z, v)
    slope = difference_jvp(game.simultaneous_gradient, z, v)
    compare(f"`jvp` of {name}", product, slope, tolerance, "by differences")
    compare(f"`jacobian` of {name} times v", game.jacobian(z) @ v, product, exact, "by `jvp`")
    terms = u * product, v * game.vjp(z, u)
    if not abs(terms[0].sum() - terms[1].sum()) <= exact * sum(numpy.abs(t).sum() for t in terms):
        raise AssertionError(
            f"`vjp` of {name}: <J^T u, v> = {float(terms[1].sum())!r}, but <u, J v> = {float(terms[0].sum())!r}."
        )
    blocks = [game.jvp(z, replace_block(numpy.zeros_like(v), b, v[b]))[b] for b in player_slices(game.dims)]
    compare(f"`own_hvp` of {name}", game.own_hvp(z, v), numpy.concatenate(blocks), exact, "by `jvp`")
