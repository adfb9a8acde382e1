"""check_rule: an update rule's declared matrix against its own steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy

from gamedyn._checks import check_positive
from gamedyn.backend import Array, as_generator
from gamedyn.games import Quadratic, player_slices
from gamedyn.testing._compare import compare
from gamedyn.updates import LinearUpdateRule, UpdateRule

__all__ = ["check_rule"]

# Basis vectors of this length also show the matrix of a rule that is linear only next to the point where it rests; a
# power of two costs no digit.
_TINY = 2.0**-300


def check_rule(rule: UpdateRule, dims: tuple[int, ...] = (1, 2), *, rng: Any = None, tolerance: float = 1e-11) -> None:
    """Check an update rule on a random linear game xi(z) = J z.

    1. The equilibrium z = 0 is declared stationary, and a step from it stays.
    2. A batch moves as its points do one by one.
    3. For a LinearUpdateRule, steps of basis vectors of [z, memories] give the columns of `iteration_matrix`.

    Parameters
    ----------
    rule : UpdateRule
        Yours or ours, with numbers as hyper-parameters.
    dims : tuple of int
        Sizes of the players of the game.
    rng : None, int or numpy.random.Generator
        For the game and the points.
    tolerance : float
        Relative to the largest entry of the array compared.

    Raises
    ------
    AssertionError
        Naming the property and its worst index, with both values.

    Notes
    -----
    Points are handed over read-only. Memories are the leaves of the state with shape (..., d), in their order.

    Examples
    --------
    >>> from gamedyn.updates import OptimisticGradient
    >>> check_rule(OptimisticGradient(0.1), rng=0)
    """
    check_positive("tolerance", tolerance)
    rng, d = as_generator(rng), sum(dims)
    jacobian = rng.standard_normal((d, d))
    for block in player_slices(dims):
        jacobian[block, block] += jacobian[block, block].T
    game = Quadratic.from_jacobian(jacobian, dims)
    origin = numpy.zeros(d)

    residual = rule.stationary_residual(game, origin)
    compare(f"`stationary_residual` of {rule!r} at rest", residual, origin, tolerance, "expected")
    rest, _ = rule.step(game, origin, rule.init(game, origin))
    compare(f"`step` of {rule!r} from rest", rest, origin, tolerance, "expected")

    # As many points as coordinates and one more: an axis that is mistaken for another shows.
    points = _read_only(rng.standard_normal((d + 1, d)))
    together, _ = rule.step(game, points, rule.init(game, points))
    alone = numpy.stack([rule.step(game, z, rule.init(game, z))[0] for z in points])
    compare(f"`step` of {rule!r} on a batch", together, alone, tolerance, "one by one")

    if isinstance(rule, LinearUpdateRule) and rule.is_linear:
        declared = rule.iteration_matrix(jacobian, dims, game.loss_hessians(origin))
        stepped = _stepped_matrix(rule, game, declared.shape[-1], d)
        compare(f"`iteration_matrix` of {rule!r}", declared, stepped, tolerance, "by stepping")


def _stepped_matrix(rule: LinearUpdateRule, game: Quadratic, size: int, d: int) -> Array:
    """What one step does to the basis vectors of [z, memories], as columns."""
    extended = _read_only(_TINY * numpy.eye(size))
    z = extended[:, :d]
    state = rule.init(game, z)
    memories = [leaf for leaf in _leaves(state) if numpy.shape(leaf) == z.shape]
    expected = d * (1 + len(memories))
    if size != expected:
        raise AssertionError(
            f"`iteration_matrix` of {rule!r} has size {size}, but z and {len(memories)} memories have {expected}."
        )
    values = iter(extended[:, k * d : (k + 1) * d] for k in range(1, len(memories) + 1))
    z, state = rule.step(game, z, _with_memories(state, values, z.shape))
    after = numpy.concatenate([z, *(leaf for leaf in _leaves(state) if numpy.shape(leaf) == z.shape)], axis=-1)
    return (after / _TINY).T


def _leaves(state: Any) -> list[Array]:
    """The arrays of a state, however nested, in order."""
    if state is None:
        return []
    return [leaf for part in state for leaf in _leaves(part)] if isinstance(state, tuple) else [state]


def _with_memories(state: Any, values: Iterator[Array], shape: tuple[int, ...]) -> Any:
    """The state with its memories replaced, in order, by `values`."""
    if state is None:
        return None
    if isinstance(state, tuple):
        parts = [_with_memories(part, values, shape) for part in state]
        return type(state)(*parts) if hasattr(state, "_fields") else tuple(parts)
    return next(values) if numpy.shape(state) == shape else state


def _read_only(array: Array) -> Array:
    array.flags.writeable = False
    return array
