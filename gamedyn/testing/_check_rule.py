"""check_rule: an update rule's declared matrix against its own steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy

from gamedyn._checks import check_positive
from gamedyn.backend import Array, as_generator
from gamedyn.games import Game, NormalFormGame, Quadratic, player_slices
from gamedyn.testing._compare import compare
from gamedyn.updates import LinearUpdateRule, UpdateRule

__all__ = ["check_rule"]

# Basis vectors of this length also show the matrix of a rule that is linear only next to the point where it rests; a
# power of two costs no digit.
_TINY = 2.0**-300
# Rules with memories show what they are at their second and third steps.
_STEPS = 3


def check_rule(
    rule: UpdateRule,
    dims: tuple[int, ...] | None = None,
    *,
    simplices: bool = False,
    rng: Any = None,
    tolerance: float = 1e-11,
) -> None:
    """Check an update rule on a random linear game xi(z) = J z, or on random finite games.

    1. The equilibrium z = 0 is declared stationary, and a step from it stays.
    2. A batch moves as its points do one by one.
    3. For a LinearUpdateRule, steps of basis vectors of [z, memories] give the columns of `iteration_matrix`.

    With `simplices`, on mixed strategies of a random finite game:

    1. The rule stays exactly where `stationary_residual` vanishes: tried at an equilibrium of dominant actions, where
       nothing depends on anyone, and at random strategies.
    2. A batch moves as its points do one by one.
    3. Strategies stay on the simplices, from their faces, too.

    Parameters
    ----------
    rule : UpdateRule
        Yours or ours, with numbers as hyper-parameters.
    dims : tuple of int, optional
        Sizes of the players of the game: (1, 2), or 2 and 3 actions on simplices, by default.
    simplices : bool
        Whether the game is a finite one: for rules that refuse games on R^d, and for others that heed the domain.
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
    >>> from gamedyn.updates import MultiplicativeWeights, OptimisticGradient
    >>> check_rule(OptimisticGradient(0.1), rng=0)
    >>> check_rule(MultiplicativeWeights(0.1), simplices=True, rng=0)
    """
    check_positive("tolerance", tolerance)
    rng = as_generator(rng)
    if simplices:
        _check_on_simplices(rule, (2, 3) if dims is None else dims, rng, tolerance)
    else:
        _check_on_space(rule, (1, 2) if dims is None else dims, rng, tolerance)


def _check_on_space(rule: UpdateRule, dims: tuple[int, ...], rng: numpy.random.Generator, tolerance: float) -> None:
    d = sum(dims)
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


def _check_on_simplices(rule: UpdateRule, dims: tuple[int, ...], rng: numpy.random.Generator, tolerance: float) -> None:
    d, n, blocks = sum(dims), len(dims), player_slices(dims)
    payoffs = rng.standard_normal((n, *dims))
    dominant = payoffs.copy()
    for i in range(n):
        # What everyone's first action adds for himself is more than all else together.
        numpy.moveaxis(dominant[i], i, 0)[0] += 1 + 2 * abs(payoffs).max()
    first, even = numpy.zeros(d), numpy.zeros(d)
    for block in blocks:
        first[block.start] = 1.0
        even[block] = 1 / (block.stop - block.start)

    # As many points as coordinates and one more: an axis that is mistaken for another shows.
    points = rng.exponential(size=(2 * (d + 1), d))
    points[d + 1 :] *= rng.integers(0, 2, (d + 1, d)) | (first == 1)
    for block in blocks:
        points[:, block] /= points[:, block].sum(-1, keepdims=True)

    for z, values in ((first, dominant), (even, numpy.zeros_like(payoffs)), (points[0].copy(), payoffs)):
        game = NormalFormGame(values)
        residual = numpy.max(abs(rule.stationary_residual(game, _read_only(z))))
        moved = max(numpy.max(abs(after - z)) for after in _path(rule, game, z))
        if (residual <= tolerance) != (moved <= tolerance):
            raise AssertionError(
                f"`stationary_residual` of {rule!r} is {residual:.3g} at z = {z.tolist()}, but its steps from there "
                f"move by {moved:.3g}."
            )

    game = NormalFormGame(payoffs)
    together = _path(rule, game, _read_only(points))
    alone = numpy.stack([_path(rule, game, z) for z in points], axis=1)
    compare(f"`step` of {rule!r} on a batch", together, alone, tolerance, "one by one")
    compare(f"`step` of {rule!r} on simplices", together, numpy.maximum(together, 0), tolerance, "expected at least")
    sums = numpy.stack([together[..., block].sum(-1) for block in blocks], axis=-1)
    compare(f"the sums of `step` of {rule!r} on simplices", sums, numpy.ones_like(sums), tolerance, "expected")


def _path(rule: UpdateRule, game: Game, z: Array) -> Array:
    """The points after each of the first few steps, steps first."""
    state, path = rule.init(game, z), []
    for _ in range(_STEPS):
        z, state = rule.step(game, z, state)
        path.append(z)
    return numpy.stack(path)


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
