"""Velocity fields for `flow`: gradient, timescale, consensus and Hamiltonian flows, replicator and best responses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gamedyn._checks import check_nonnegative, check_positive
from gamedyn.backend import Array, array_namespace
from gamedyn.games import Game, TimescaleSeparated, on_simplices, player_slices
from gamedyn.updates import per_point

__all__ = [
    "best_response_field",
    "consensus_field",
    "gradient_field",
    "hamiltonian_field",
    "replicator_field",
    "timescale_field",
]

_Field = Callable[[Game, Array], Array]


def gradient_field(game: Game, z: Array) -> Array:
    """-xi(z): every player descends its own loss; what `flow` follows where no field is given.

    Parameters
    ----------
    game : Game
    z : array, shape (..., d)

    Returns
    -------
    array, shape (..., d)
    """
    return -game.simultaneous_gradient(z)


def timescale_field(tau: Any) -> _Field:
    """The field -tau_i xi_i(z): player i descends tau_i times as fast.

    Parameters
    ----------
    tau : float, array, or sequence of n of either
        Positive, as in `TimescaleSeparated`: one number, or an array of the batch shape, is the factor of player 1 in a
        game of two; a sequence has one factor per player.

    Returns
    -------
    callable
        field(game, z) -> velocity, for `flow`.

    Raises
    ------
    ValueError
        If a factor is not positive; the field itself if factors and players differ in number.

    References
    ----------
    Fiez, Ratliff (2021), Local convergence analysis of gradient descent ascent with finite timescale separation.

    Examples
    --------
    >>> import numpy
    >>> from gamedyn.games import Bilinear
    >>> timescale_field(3.0)(Bilinear([[1.0]]), numpy.array([1.0, 2.0])).tolist()
    [-2.0, 3.0]
    """
    for factor in tau if isinstance(tau, Sequence) else (tau,):
        check_positive("tau", factor)
    return lambda game, z: -TimescaleSeparated(game, tau, check=False).simultaneous_gradient(z)


def consensus_field(gamma: Any) -> _Field:
    """The field -(xi + gamma J^T xi): own losses and, together, gamma |xi|^2 / 2.

    Parameters
    ----------
    gamma : float or array
        >= 0, of the batch shape where it is an array.

    Returns
    -------
    callable
        field(game, z) -> velocity, for `flow`.

    Raises
    ------
    ValueError
        If gamma is negative.

    References
    ----------
    Mescheder, Nowozin, Geiger (2017), The numerics of GANs.

    Examples
    --------
    On x y, where J^T xi = z, the rotation becomes a spiral inwards.

    >>> import numpy
    >>> from gamedyn.games import Bilinear
    >>> consensus_field(0.5)(Bilinear([[1.0]]), numpy.array([1.0, 3.0])).tolist()
    [-3.5, -0.5]
    """
    check_nonnegative("gamma", gamma)

    def field(game: Game, z: Array) -> Array:
        xi = game.simultaneous_gradient(z)
        return -(xi + per_point(gamma, z) * game.vjp(z, xi))

    return field


def hamiltonian_field(game: Game, z: Array) -> Array:
    """-J^T xi: all players together descend |xi|^2 / 2, towards stationary points of whatever kind.

    Parameters
    ----------
    game : Game
    z : array, shape (..., d)

    Returns
    -------
    array, shape (..., d)

    References
    ----------
    Abernethy, Lai, Wibisono (2019), Last-iterate convergence rates for min-max optimization.
    """
    return -game.vjp(z, game.simultaneous_gradient(z))


def replicator_field(game: Game, z: Array) -> Array:
    """x_a' = x_a (sum_b x_b xi_b - xi_a), player by player: mass grows by how much less than average an action costs.

    The limit of multiplicative weights for vanishing steps. In finite games it keeps volume in the coordinates
    log(x_a / x_b); in zero-sum games with an interior equilibrium p it keeps the sum of KL(p_i | x_i).

    Parameters
    ----------
    game : Game
        With one simplex per player as its domain.
    z : array, shape (..., d)
        Mixed strategies.

    Returns
    -------
    array, shape (..., d)

    Raises
    ------
    ValueError
        If the game has another domain.

    References
    ----------
    Sato, Akiyama, Farmer (2002), Chaos in learning a simple two-person game. Hofbauer, Sigmund (1998), Evolutionary
    games and population dynamics.

    Examples
    --------
    >>> import numpy
    >>> from gamedyn.games import MatrixGame
    >>> replicator_field(MatrixGame([[2.0], [0.0]]), numpy.array([0.5, 0.5, 1.0])).tolist()
    [0.5, -0.5, 0.0]
    """
    _check_domain(game, "the replicator")
    xp = array_namespace(z)
    xi = game.simultaneous_gradient(z)
    parts = []
    for block in player_slices(game.dims):
        x, costs = z[..., block], xi[..., block]
        # Times the mass, which is 1: so it is kept beside the simplex, too, where rounding would grow otherwise.
        mass = xp.sum(x, axis=-1, keepdims=True)
        parts.append(x * (xp.sum(x * costs, axis=-1, keepdims=True) - mass * costs))
    return xp.concat(parts, axis=-1)


def best_response_field(temperature: float) -> _Field:
    """The field x_i' = softmax(-xi_i(z) / T) - x_i: everyone moves towards a logit reply to the others.

    Best replies jump where actions tie, and no flow passes such points in one way only; logit replies of a temperature
    T > 0 are smooth, and tend to best replies as T vanishes. The flow rests at logit equilibria. In zero-sum games the
    gap of the strategies falls like exp(-t), up to terms of the order of T.

    Parameters
    ----------
    temperature : float
        T > 0, in units of payoff.

    Returns
    -------
    callable
        field(game, z) -> velocity, for `flow`.

    Raises
    ------
    ValueError
        If T is not positive; the field itself if a game's domain is not one simplex per player.

    References
    ----------
    Hofbauer, Sandholm (2002), On the global convergence of stochastic fictitious play.
    """
    check_positive("temperature", temperature)

    def field(game: Game, z: Array) -> Array:
        _check_domain(game, "the best-response field")
        return game.domain.mirror_inverse(-game.simultaneous_gradient(z) / temperature) - z

    return field


def _check_domain(game: Game, what: str) -> None:
    if not on_simplices(game):
        raise ValueError(
            f"`game` must have one simplex per player as its domain for {what}, got {game.domain!r} for players of "
            f"sizes {tuple(game.dims)}."
        )
