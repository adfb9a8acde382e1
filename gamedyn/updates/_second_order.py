"""What second-order rules share: the check of Jacobian products, and blocks of the Jacobian."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace, like
from gamedyn.games import Game
from gamedyn.updates._base import UpdateRule

__all__ = ["check_jvp", "off_diagonal", "probe_like", "split", "zero_sum_hessians"]


def check_jvp(rule: UpdateRule, game: Game, z: Array) -> None:
    """Refuse a game whose products J v fail, or are zero where its gradient changes.

    Parameters
    ----------
    rule : UpdateRule
        Named in the message.
    game : Game
        By default its `jvp` is a complex step, which functions that refuse or drop imaginary parts do not survive.
    z : array, shape (..., d)

    Raises
    ------
    TypeError
        Naming the rule, the game and the cure. One product, and four gradients where it is zero, are spent on it.
    """
    xp = array_namespace(z)
    v = probe_like(z)
    cure = "Override `jvp`, or give the losses to FunctionGame with differences."
    try:
        slope = game.jvp(z, v)
    except Exception as error:
        raise TypeError(
            f"`{type(rule).__name__}` needs the products J v of `game`, but `{type(game).__name__}.jvp` failed with "
            f"{type(error).__name__}: {error} {cure}"
        ) from error
    if bool(xp.any(slope != 0)):
        return
    roundoff = float(xp.finfo(z.dtype).eps)
    step = roundoff ** (1 / 3) * (1 + xp.max(xp.abs(z))) * v
    changes, sizes = [], []
    for part in (step, step / 2):
        ahead, behind = game.simultaneous_gradient(z + part), game.simultaneous_gradient(z - part)
        changes.append(xp.max(xp.abs(ahead - behind)))
        sizes.append(xp.max(xp.abs(ahead) + xp.abs(behind)))
    # Half the step, half the change: a slope. Where the Hessians vanish the change is of third order.
    if bool((changes[0] > 1e3 * roundoff * sizes[0]) & (changes[0] < 3 * changes[1])):
        raise TypeError(
            f"`{type(rule).__name__}` needs the products J v of `game`, but `{type(game).__name__}.jvp` gives 0 where "
            f"the gradient changes, as where imaginary parts are dropped. {cure}"
        )


def probe_like(z: Array) -> Array:
    """A fixed direction without symmetry, cos 1, cos 2, ..., cos d, of the shape of z (..., d)."""
    xp = array_namespace(z)
    return xp.zeros_like(z) + like(numpy.cos(numpy.arange(1.0, z.shape[-1] + 1)), z)


def off_diagonal(jacobian: Array, dims: tuple[int, ...]) -> Array:
    """H_o: the Jacobian (..., d, d) without the players' own blocks.

    Parameters
    ----------
    jacobian : array, shape (..., d, d)
    dims : tuple of int
    """
    xp = array_namespace(jacobian)
    owner = like(numpy.repeat(numpy.arange(float(len(dims))), dims), jacobian)
    return xp.where(owner[:, None] == owner, xp.zeros_like(jacobian), jacobian)


def zero_sum_hessians(rule: UpdateRule, jacobian: Array, dims: tuple[int, ...]) -> Array:
    """(..., 2, d, d): plus and minus the Hessian of f, where J is that of the losses f and -f.

    Parameters
    ----------
    rule : UpdateRule
        Named in the message.
    jacobian : array, shape (..., d, d)
    dims : tuple of int

    Raises
    ------
    ValueError
        If J is not that of a zero-sum game of two players: it does not tell the Hessians then.
    """
    xp = array_namespace(jacobian)
    cross = off_diagonal(jacobian, dims)
    scale = xp.max(xp.abs(jacobian))
    excess = xp.max(xp.abs(cross + xp.matrix_transpose(cross)))
    if len(dims) != 2 or not bool(excess <= 64 * xp.finfo(jacobian.dtype).eps * scale):
        raise ValueError(
            f"`loss_hessians` must be given to `{type(rule).__name__}` unless the game is zero-sum between two "
            f"players, got None and a Jacobian with sizes {tuple(dims)} that is not antisymmetric between them."
        )
    sign = like(numpy.repeat([1.0, -1.0], dims), jacobian)
    hessian = sign[:, None] * jacobian
    return xp.stack([hessian, -hessian], axis=-3)


def split(z: Array, dims: tuple[int, ...]) -> tuple[Any, Any]:
    """The two players' blocks of z (..., d).

    Parameters
    ----------
    z : array, shape (..., d)
    dims : tuple of int
    """
    return z[..., : dims[0]], z[..., dims[0] :]
