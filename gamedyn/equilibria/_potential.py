"""check_potential and check_hamiltonian: whether J is symmetric, or antisymmetric, at all points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy

from gamedyn._checks import check_positive
from gamedyn.backend import to_host
from gamedyn.equilibria._point import accuracy_of, as_game_and_points, norm_of
from gamedyn.games import Game, StochasticGame, SymbolicGame
from gamedyn.numerics import Verdict

__all__ = ["check_hamiltonian", "check_potential"]


def check_potential(game: Game | StochasticGame, z: Any = None, *, weights: Sequence[float] | None = None) -> Verdict:
    """Whether xi is the gradient of one function: J(z) = J(z)^T everywhere (an exact potential game).

    Then all players descend one potential phi, up to terms that only the others move: xi_i = grad_i phi. With `weights`
    w, whether w_i xi_i = grad_i phi, a weighted potential game: the rows of J of player i count w_i times.

    Parameters
    ----------
    game : Game or StochasticGame
        A stochastic game is taken on `full()`.
    z : array_like, shape (..., d), optional
        Points to look at, where the game is neither affine nor symbolic; more of them make a "no" likelier.
    weights : sequence of float, optional
        One w_i > 0 per player; all 1 by default.

    Returns
    -------
    Verdict
        Exact for affine games, whose numbers are taken as they are, and for symbolic ones. Elsewhere "no" is proved by
        a point whose violation exceeds its error, and nothing proves "yes". The margin is minus the largest violation
        |J - J^T| / 2 that was seen, in the Frobenius norm.

    Raises
    ------
    TypeError
        If `game` is no game.
    ValueError
        If points are needed and not given, do not fit the game, or weights do not fit its players.

    Notes
    -----
    On a domain with holes a symmetric J makes a potential only locally; Box, Simplex and Reals have none. Host-only.

    References
    ----------
    Monderer and Shapley (1996), Potential games.
    Balduzzi et al. (2018), The mechanics of n-player differentiable games.

    Examples
    --------
    >>> from gamedyn.games import hamiltonian_game, potential_saddle
    >>> check_potential(potential_saddle()).answer, check_potential(hamiltonian_game()).answer
    ('yes', 'no')
    """
    return _check(game, z, weights, -1.0, "antisymmetric")


def check_hamiltonian(game: Game | StochasticGame, z: Any = None) -> Verdict:
    """Whether J(z) = -J(z)^T everywhere: |xi|^2 / 2 is conserved by the flow z' = -xi(z), since d/dt = -xi^T J xi = 0.

    Parameters
    ----------
    game, z
        As for `check_potential`.

    Returns
    -------
    Verdict
        As for `check_potential`, with the violation |J + J^T| / 2.

    Raises
    ------
    TypeError, ValueError
        As for `check_potential`.

    References
    ----------
    Balduzzi et al. (2018), The mechanics of n-player differentiable games.

    Examples
    --------
    >>> from gamedyn.games import Bilinear, strongly_monotone_game
    >>> check_hamiltonian(Bilinear([[2.0]])).answer
    'yes'
    >>> check_hamiltonian(strongly_monotone_game(1.0, 1.0)).answer
    'no'
    """
    return _check(game, z, None, 1.0, "symmetric")


def _check(game: Any, z: Any, weights: Any, sign: float, part: str) -> Verdict:
    """Whether the part (J + sign J^T) / 2 is zero identically."""
    if z is None and isinstance(game, (Game, StochasticGame)):
        full, points = game.full(), numpy.zeros(sum(game.dims))
    else:
        full, points = as_game_and_points(game, z)
    scale = _row_weights(full, weights)
    if full.is_affine:
        return _at_points(full, points, scale, sign, part)
    if isinstance(full, SymbolicGame):
        return _symbolically(full, points, scale, weights, sign, part)
    if z is None:
        raise ValueError(f"`z` must hold points where {full!r} is looked at: it is neither affine nor symbolic.")
    return _at_points(full, points, scale, sign, part)


def _row_weights(game: Game, weights: Any) -> numpy.ndarray:
    """(d, 1): every row of J multiplied by its player's weight."""
    if weights is None:
        return numpy.ones((sum(game.dims), 1))
    given = [float(weight) for weight in weights]
    if len(given) != len(game.dims):
        raise ValueError(f"`weights` must have one number for each of the {len(game.dims)} players, got {len(given)}.")
    for weight in given:
        check_positive("weights", weight)
    return numpy.repeat(given, game.dims)[:, None]


def _at_points(game: Game, z: Any, scale: numpy.ndarray, sign: float, part: str) -> Verdict:
    d = z.shape[-1]
    jacobians = scale * to_host(game.jacobian(z)).astype(float).reshape(-1, d, d)
    if not numpy.all(numpy.isfinite(jacobians)):
        raise ValueError("`game` must have a finite Jacobian at `z`, got infinite or NaN values.")
    violations = numpy.asarray([norm_of(j + sign * j.T) / 2 for j in jacobians])
    if game.is_affine and not numpy.any(violations):
        return Verdict("yes", 0.0, f"the {part} part of the constant J is exactly 0")
    accuracy = accuracy_of(game, z)
    errors = numpy.asarray([accuracy * norm_of(jacobian) for jacobian in jacobians])
    worst = int(numpy.argmax(violations - errors))
    largest = float(numpy.max(violations))
    if violations[worst] > errors[worst]:
        where = "of the constant J" if game.is_affine else f"of J at point {worst}"
        found = float(violations[worst])
        return Verdict("no", -found, f"the {part} part {where} has norm {found:.4g}, its error is {errors[worst]:.2g}")
    if game.is_affine:
        return Verdict("undecided", -largest, f"the {part} part of the constant J is 0 within rounding: {largest:.2g}")
    return Verdict(
        "undecided", -largest, f"the {part} part is 0 within its error at the points given, which prove no identity"
    )


def _symbolically(game: SymbolicGame, z: Any, scale: numpy.ndarray, weights: Any, sign: float, part: str) -> Verdict:
    """By the entries of J as expressions: SymPy proves an identity, or evaluates to digits that refute it."""
    d, jacobian = sum(game.dims), game.jacobian_expressions
    owners = [i for i, size in enumerate(game.dims) for _ in range(size)]
    factor = [1 if weights is None else weights[owner] for owner in owners]
    open_entries = []
    for k in range(d):
        for m in range(k + 1 if sign > 0 else k):
            entry = (factor[k] * jacobian[k, m] + int(sign) * factor[m] * jacobian[m, k]).expand()
            equal = True if entry == 0 else entry.equals(0)
            if equal is False:
                return Verdict(
                    "no", -_seen(game, z, scale, sign), f"the {part} part of J has the entry ({entry})/2 at ({k}, {m})"
                )
            if equal is None:
                open_entries.append((k, m))
    if open_entries:
        return Verdict("undecided", 0.0, f"SymPy does not know whether the {part} part of J is 0 at {open_entries}")
    return Verdict("yes", 0.0, f"the {part} part of J is 0 identically")


def _seen(game: Game, z: Any, scale: numpy.ndarray, sign: float) -> float:
    """The largest violation at the points, as far as J is finite there; 0 where it is nowhere."""
    d = z.shape[-1]
    with numpy.errstate(all="ignore"):
        jacobians = scale * to_host(game.jacobian(z)).astype(float).reshape(-1, d, d)
    return max((norm_of(j + sign * j.T) / 2 for j in jacobians if numpy.all(numpy.isfinite(j))), default=0.0)
