"""Spectra at a point: of the game's Jacobian, and of one step of an update rule."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace, device_of, like, real_dtype, to_device, to_host
from gamedyn.equilibria._point import as_game_and_points, default_tolerance, relative_residual
from gamedyn.games import Game, StochasticGame, player_slices
from gamedyn.updates import LinearUpdateRule, UpdateRule

__all__ = ["game_spectrum", "iteration_matrix", "spectral_radius"]


def game_spectrum(game: Game | StochasticGame, z: Any) -> Array:
    """The eigenvalues of J = D xi at z, sorted by real part.

    Parameters
    ----------
    game : Game or StochasticGame
        A stochastic game is taken on `full()`.
    z : array_like, shape (..., d)
        Any points; they need not be stationary.

    Returns
    -------
    complex array, shape (..., d)
        In the library of z.

    Notes
    -----
    Host-only: dense eigenvalues of a nonsymmetric matrix, O(d^3).

    Examples
    --------
    min_x max_y x y has J = [[0, 1], [-1, 0]].

    >>> from gamedyn.games import Game
    >>> class Rotation(Game):
    ...     dims = (1, 1)
    ...
    ...     def losses(self, z):
    ...         f = z[..., 0] * z[..., 1]
    ...         return numpy.stack([f, -f], axis=-1)
    >>> game_spectrum(Rotation(), [0.0, 0.0]).imag.tolist()
    [-1.0, 1.0]
    """
    full, points = as_game_and_points(game, z)
    values = numpy.sort(numpy.linalg.eigvals(to_host(full.jacobian(points))).astype(numpy.complex128), axis=-1)
    xp = array_namespace(points)
    kind = xp.complex64 if real_dtype(points) == xp.float32 else xp.complex128
    return to_device(values, xp, dtype=kind, device=device_of(points))


def iteration_matrix(rule: UpdateRule, game: Game | StochasticGame, z: Any, *, tolerance: float | None = None) -> Array:
    """The matrix of one step of `rule` around a stationary point, on the extended state [z, memories].

    The matrix that a linear rule declares; for any other rule, central differences of its step.

    Parameters
    ----------
    rule : UpdateRule
    game : Game or StochasticGame
        A stochastic game is taken on `full()`.
    z : array_like, shape (..., d)
        Points where the rule rests.
    tolerance : float, optional
        Largest relative residual max_i |r_i| / (|J_i| (1 + |z|)), r the rule's stationary residual; default the square
        root of the roundoff.

    Returns
    -------
    array, shape (..., D, D)
        D is d times one plus the number of memories. Differences are good to about 1e-9 of the rule's own scale.

    Raises
    ------
    ValueError
        If a point is not stationary; the message names the residual.
    """
    if not isinstance(rule, UpdateRule):
        hint = " Call it with its step size to make one." if isinstance(rule, type) else ""
        raise TypeError(f"`rule` must be an UpdateRule, got {type(rule).__name__}.{hint}")
    full, points = as_game_and_points(game, z)
    jacobian = full.jacobian(points)
    _check_stationary(rule, full, points, jacobian, default_tolerance(points, tolerance))
    if isinstance(rule, LinearUpdateRule):
        hessians = full.loss_hessians(points) if rule.needs_loss_hessians else None
        return rule.iteration_matrix(jacobian, full.dims, hessians)
    return _differentiate_step(rule, full, points)


def spectral_radius(rule: UpdateRule, game: Game | StochasticGame, z: Any, *, tolerance: float | None = None) -> Array:
    """max |eigenvalue| of the iteration matrix: distances to z shrink by this factor per step, in the long run.

    Parameters
    ----------
    rule, game, z, tolerance
        As for `iteration_matrix`.

    Returns
    -------
    array, shape (...)
        In the library of z. Below 1 the rule converges from nearby.

    Raises
    ------
    ValueError
        If a point is not stationary; the message names the residual.

    Notes
    -----
    Host-only: dense eigenvalues of a nonsymmetric matrix. Where the largest ones nearly coincide (a double root at a
    best step size, for instance), half of their digits are lost.
    """
    matrix = iteration_matrix(rule, game, z, tolerance=tolerance)
    radius = numpy.max(numpy.abs(numpy.linalg.eigvals(to_host(matrix))), axis=-1)
    return to_device(radius, array_namespace(matrix), dtype=real_dtype(matrix), device=device_of(matrix))


def _check_stationary(rule: UpdateRule, game: Game, z: Array, jacobian: Array, tolerance: float) -> None:
    d, blocks = z.shape[-1], player_slices(game.dims)
    rows = zip(
        to_host(rule.stationary_residual(game, z)).reshape(-1, d),
        to_host(jacobian).reshape(-1, d, d),
        to_host(z).reshape(-1, d),
        strict=True,
    )
    worst = max(relative_residual(residual, j, point, blocks) for residual, j, point in rows)
    if not worst <= tolerance:
        raise ValueError(
            f"`z` must be a stationary point of `rule`, got a relative residual of {worst:.3g} (tolerance "
            f"{tolerance:.3g}). Find one first, for instance with `simulate(..., tolerance=...)`."
        )


def _differentiate_step(rule: UpdateRule, game: Game, z: Array) -> Array:
    """(..., D, D) by central differences over z and every memory of the rule's state."""
    xp = array_namespace(z)
    # The cube root of the roundoff balances the errors of truncation and of rounding.
    h = float(xp.finfo(z.dtype).eps) ** (1 / 3)
    state = rule.init(game, z)
    start = xp.concat([z, *_memories(state, z.shape)], axis=-1)
    size, d, batch = start.shape[-1], z.shape[-1], z.shape[:-1]
    columns = []
    for k in range(size):
        unit = like(numpy.eye(size)[k], z)
        ends = []
        for sign in (h, -h):
            moved = start + sign * unit
            new, new_state = rule.step(game, moved[..., :d], _replace_memories(state, moved[..., d:], z.shape))
            ends.append(xp.concat([new, *_memories(new_state, z.shape)], axis=-1))
        columns.append((ends[0] - ends[1]) / (2 * h))
    return xp.reshape(xp.stack(columns, axis=-1), (*batch, size, size))


def _is_memory(leaf: Array, shape: tuple[int, ...]) -> bool:
    return tuple(leaf.shape) == tuple(shape) and bool(array_namespace(leaf).isdtype(leaf.dtype, "real floating"))


def _memories(state: Any, shape: tuple[int, ...]) -> list[Array]:
    """The leaves that hold a point for each trajectory, in order; counters, residuals and None are left out."""
    if state is None:
        return []
    if isinstance(state, tuple):
        return [leaf for part in state for leaf in _memories(part, shape)]
    return [state] if _is_memory(state, shape) else []


def _replace_memories(state: Any, values: Array, shape: tuple[int, ...]) -> Any:
    """`state` with its memories replaced by consecutive pieces of `values`."""
    d, position = shape[-1], 0

    def replace(part: Any) -> Any:
        nonlocal position
        if part is None:
            return None
        if isinstance(part, tuple):
            parts = [replace(p) for p in part]
            return type(part)(*parts) if hasattr(part, "_fields") else tuple(parts)
        if not _is_memory(part, shape):
            return part
        position += d
        return values[..., position - d : position]

    return replace(state)
