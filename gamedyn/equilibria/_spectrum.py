"""Spectra at a point: of the game's Jacobian, and of one step of an update rule."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace, device_of, like, real_dtype, to_device, to_host
from gamedyn.equilibria._differences import differentiate_step
from gamedyn.equilibria._matrix_free import large_radius, probed_residual
from gamedyn.equilibria._point import as_game_and_points, default_tolerance, relative_residual
from gamedyn.equilibria._two_by_two import eigenvalues
from gamedyn.games import Game, Reals, StochasticGame, player_slices
from gamedyn.updates import UpdateRule, as_linear, check_hyper_parameters, check_linearizable, check_players

__all__ = [
    "DENSE_LIMIT",
    "check_rule_at",
    "game_spectrum",
    "has_declared_matrix",
    "iteration_matrix",
    "matrix_at",
    "no_finite_matrix",
    "spectral_radius",
]

DENSE_LIMIT = 1000
"""Coordinates up to which `spectral_radius` forms the matrix."""


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
    Host-only: dense eigenvalues of a nonsymmetric matrix, O(d^3); in closed form for batches with d = 2.

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
    values = eigenvalues(to_host(full.jacobian(points)))
    xp = array_namespace(points)
    kind = xp.complex64 if real_dtype(points) == xp.float32 else xp.complex128
    return to_device(values, xp, dtype=kind, device=device_of(points))


def iteration_matrix(rule: UpdateRule, game: Game | StochasticGame, z: Any, *, tolerance: float | None = None) -> Array:
    """The matrix of one step of `rule` around a stationary point, on the extended state [z, memories].

    The matrix that a linear rule declares. For any other rule, for one that heeds the game's domain where constraints
    change its step, and for one that needs the Hessians of the losses where third derivatives may enter (games that are
    not affine), central differences of the step, one-sided where it is not defined on the other side.

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
    NotImplementedError
        If the rule's step changes with time (anchored, decreasing or bias-corrected steps, uniform averages), or has no
        derivative where the rule rests (steps divided by the size of the gradient, regrets).
    ValueError
        If a point is not stationary, the message names the residual; if a constraint is about to hold there, so that
        the step has a kink; if the rule divides by something that is singular there; or if the rule needs another
        number of players, or hyper-parameters do not broadcast to the batch.

    Notes
    -----
    At a constrained point the matrix tells how the rule moves within the constraints that hold: coordinates that it
    returns to their bounds have the multiplier 0.
    """
    full, points = as_game_and_points(game, z)
    check_rule_at(rule, full, points)
    matrix = matrix_at(rule, full, points, default_tolerance(points, tolerance))
    if not bool(array_namespace(matrix).all(array_namespace(matrix).isfinite(matrix))):
        raise no_finite_matrix(rule)
    return matrix


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
    NotImplementedError, ValueError
        As for `iteration_matrix`.

    Notes
    -----
    Host-only: dense eigenvalues of a nonsymmetric matrix. Where the largest ones nearly coincide (a double root at a
    best step size, for instance), half of their digits are lost. In games of more than 1000 coordinates no matrix is
    formed: Arnoldi's method on differences of steps, good to about 1e-8 and checked by its residual, which a
    RuntimeError ends where it has not converged: the largest moduli are too close to each other.
    """
    full, points = as_game_and_points(game, z)
    if points.shape[-1] > DENSE_LIMIT:
        check_rule_at(rule, full, points)
        return _large_radii(rule, full, points, default_tolerance(points, tolerance))
    matrix = iteration_matrix(rule, game, z, tolerance=tolerance)
    radius = numpy.max(numpy.abs(eigenvalues(to_host(matrix))), axis=-1)
    return to_device(radius, array_namespace(matrix), dtype=real_dtype(matrix), device=device_of(matrix))


def matrix_at(rule: UpdateRule, game: Game, z: Array, tolerance: float, *, strict: bool = True) -> Array:
    """The matrix at points z (..., d) where the rule is found to rest; what is not defined is not finite.

    Parameters
    ----------
    rule : UpdateRule
    game : Game
    z : array, shape (..., d)
    tolerance : float
    strict : bool
        Whether a kink of a step is an error; else it is one of the things that are not defined.
    """
    jacobian = game.jacobian(z)
    _check_stationary(rule, game, z, jacobian, tolerance)
    if not has_declared_matrix(rule, game, z):
        return differentiate_step(rule, game, z, strict=strict)
    hessians = game.loss_hessians(z) if rule.needs_loss_hessians else None
    return as_linear(rule).iteration_matrix(jacobian, game.dims, hessians)


def has_declared_matrix(rule: UpdateRule, game: Game, z: Array) -> bool:
    """Whether the matrix that the rule declares is that of its step at z (..., d).

    Constraints are no part of it, nor are third derivatives of the losses, which enter where a rule differentiates what
    others do to a loss.
    """
    if not rule.is_linear or (rule.needs_loss_hessians and not game.is_affine):
        return False
    if not rule.heeds_domain or isinstance(game.domain, Reals):
        return True
    if not rule.is_linear_inside:
        return False
    xp = array_namespace(z)
    # Inside, no direction is barred, neither way.
    moves = [sign * like(row, z) + xp.zeros_like(z) for row in numpy.eye(z.shape[-1]) for sign in (1.0, -1.0)]
    return all(bool(xp.all(game.domain.tangent_projection(z, move) == move)) for move in moves)


def check_rule_at(rule: Any, game: Game, z: Array) -> None:
    """Refuse a rule that no one matrix describes around a point of rest, or that does not fit the game or the points.

    Parameters
    ----------
    rule : UpdateRule
    game : Game
    z : array, shape (..., d)
    """
    if not isinstance(rule, UpdateRule):
        is_class = isinstance(rule, type)
        given = f"the class {rule.__name__}" if is_class else type(rule).__name__
        hint = " Call it with its step size to make one." if is_class else ""
        raise TypeError(f"`rule` must be an UpdateRule, got {given}.{hint}")
    check_linearizable(rule)
    check_players(rule, game)
    check_hyper_parameters(rule, z, "z")


def no_finite_matrix(rule: UpdateRule) -> ValueError:
    """The error where a rule divides by zero at the point that was asked for."""
    return ValueError(
        f"`rule` {type(rule).__name__} has no finite matrix at `z`: something that it divides by is singular there."
    )


def _large_radii(rule: UpdateRule, game: Game, z: Array, tolerance: float) -> Array:
    xp = array_namespace(z)
    if z.ndim > 1:
        raise ValueError(f"`z` must be one point where d > {DENSE_LIMIT}, got shape {tuple(z.shape)}.")
    _check_residual(probed_residual(rule, game, z), tolerance)
    return xp.asarray(large_radius(rule, game, z), dtype=real_dtype(z), device=device_of(z))


def _check_stationary(rule: UpdateRule, game: Game, z: Array, jacobian: Array, tolerance: float) -> None:
    d, blocks = z.shape[-1], player_slices(game.dims)
    rows = zip(
        to_host(rule.stationary_residual(game, z)).reshape(-1, d),
        to_host(jacobian).reshape(-1, d, d),
        to_host(z).reshape(-1, d),
        strict=True,
    )
    _check_residual(max(relative_residual(residual, j, point, blocks) for residual, j, point in rows), tolerance)


def _check_residual(worst: float, tolerance: float) -> None:
    if not worst <= tolerance:
        raise ValueError(
            f"`z` must be a stationary point of `rule`, got a relative residual of {worst:.3g} (tolerance "
            f"{tolerance:.3g}). Find one first, for instance with `simulate(..., tolerance=...)`."
        )
