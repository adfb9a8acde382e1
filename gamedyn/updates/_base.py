"""The UpdateRule protocol: pure steps with an explicit state, and linear rules that declare their matrix."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gamedyn.backend import Array, array_namespace, device_of, like
from gamedyn.games import Game

__all__ = [
    "Cost",
    "LinearUpdateRule",
    "UpdateRule",
    "as_eigenvalue",
    "as_linear",
    "check_linearizable",
    "check_players",
    "identity_like",
    "map_hyper_parameters",
    "natural_residual",
    "no_steps",
    "per_matrix",
    "per_point",
]


@dataclass(frozen=True)
class Cost:
    """Work of one step: evaluations of xi (one player's own gradient is 1/n), Jacobian products and solves.

    A dense solve takes one Jacobian, which is not counted again. `at_least` says that the work depends on the data, so
    that the numbers are lower bounds; `games.Counted` measures it.
    """

    gradients: float = 0
    jvps: float = 0
    vjps: float = 0
    solves: float = 0
    at_least: bool = False


def per_point(hyper_parameter: Any, z: Array) -> Array:
    """A hyper-parameter, scalar or of the batch shape z.shape[:-1], ready to multiply points z (..., d).

    Parameters
    ----------
    hyper_parameter : float or array, shape z.shape[:-1]
        One value for all trajectories, or one for each.
    z : array, shape (..., d)
        The points.

    Returns
    -------
    float or array, shape (..., 1)
    """
    if isinstance(hyper_parameter, (int, float)):
        return hyper_parameter
    return like(hyper_parameter, z)[..., None]


def per_matrix(hyper_parameter: Any, matrix: Array) -> Array:
    """A hyper-parameter, scalar or of the batch shape, ready to multiply matrices (..., d, d).

    Parameters
    ----------
    hyper_parameter : float or array, shape matrix.shape[:-2]
        One value for all trajectories, or one for each.
    matrix : array, shape (..., d, d)
        The matrices.

    Returns
    -------
    float or array, shape (..., 1, 1)
    """
    if isinstance(hyper_parameter, (int, float)):
        return hyper_parameter
    return like(hyper_parameter, matrix)[..., None, None]


def identity_like(matrix: Array) -> Array:
    """The identity of the size, dtype and device of `matrix` (..., d, d)."""
    xp = array_namespace(matrix)
    return xp.eye(matrix.shape[-1], dtype=matrix.dtype, device=device_of(matrix))


def as_eigenvalue(eigenvalue: Any) -> Array:
    """An eigenvalue of J, number or array of any library, as a complex array."""
    xp = array_namespace(eigenvalue)
    if not hasattr(eigenvalue, "dtype"):
        return xp.asarray(eigenvalue, dtype=xp.complex128)
    single = eigenvalue.dtype in (xp.float32, xp.complex64)
    return xp.astype(eigenvalue, xp.complex64 if single else xp.complex128)


def map_hyper_parameters(rule: UpdateRule, function: Callable[[str, Any], Any]) -> UpdateRule:
    """The rule with function(name, value) in the place of every float or array among its fields.

    Fields of a wrapped rule are reached, too, and the entries of those that `per_player` names. Integers, flags, words
    and other tuples describe the rule and are left alone; so is a rule that is no dataclass.

    Parameters
    ----------
    rule : UpdateRule
    function : callable
        function(name, value) -> value.

    Returns
    -------
    UpdateRule
    """
    changed: dict[str, Any] = {}
    if not dataclasses.is_dataclass(rule):
        return rule
    for field in dataclasses.fields(rule):
        value = getattr(rule, field.name)
        if isinstance(value, UpdateRule):
            changed[field.name] = map_hyper_parameters(value, function)
        elif _is_number(value):
            changed[field.name] = function(field.name, value)
        elif field.name in rule.per_player and isinstance(value, (tuple, list)):
            parts = [function(field.name, part) if _is_number(part) else part for part in value]
            changed[field.name] = type(value)(parts)
    return dataclasses.replace(rule, **changed)


def _is_number(value: Any) -> bool:
    """Whether a field holds a hyper-parameter: a float, or an array with one for each trajectory."""
    return isinstance(value, float) or hasattr(value, "dtype")


def no_steps(z: Array) -> Array:
    """A counter at zero for every trajectory of z (..., d): integers of the batch shape."""
    xp = array_namespace(z)
    return xp.zeros(z.shape[:-1], dtype=xp.int64, device=device_of(z))


def natural_residual(game: Game, z: Array) -> Array:
    """z - P(z - xi(z)), P the projection onto the game's domain; xi where the domain is all of R^d.

    Parameters
    ----------
    game : Game
    z : array, shape (..., d)

    Returns
    -------
    array, shape (..., d)
        Zero exactly where no player gains, to first order, by a move within the domain.
    """
    return z - game.domain.project(z - game.simultaneous_gradient(z))


def check_players(rule: UpdateRule, game: Game) -> None:
    """Refuse a game that has not the number of players that the rule needs.

    Parameters
    ----------
    rule : UpdateRule
    game : Game

    Raises
    ------
    ValueError
        Naming both numbers.
    """
    if rule.players is not None and len(game.dims) != rule.players:
        raise ValueError(
            f"`{type(rule).__name__}` needs a game of {rule.players} players, got one of {len(game.dims)} with sizes "
            f"{tuple(game.dims)}."
        )


class UpdateRule(ABC):
    """How players move: a frozen dataclass (eq=False) of hyper-parameters.

    A hyper-parameter is a scalar, or an array of the batch shape z.shape[:-1] with one value per trajectory.

    Attributes
    ----------
    cost : Cost
        Of one step.
    players : int or None
        The number of players that the rule needs; None for any.
    needs_loss_hessians : bool
        Whether `iteration_matrix` of a linear rule needs the Hessians of the losses beside J.
    has_flow : bool
        Whether steps follow a flow as they vanish.
    is_linear : bool
        Whether the rule is linear on linear games and the same at every step, so that it has an `iteration_matrix`. A
        wrapper is a `LinearUpdateRule`, and linear where the rule inside is.
    is_linear_everywhere : bool
        Whether that holds far from rest, too: not where a sign or a clipped number depends on the point.
    is_time_invariant : bool
        Whether every step is the same map of [z, memories]: not where its lengths or weights follow a counter.
    is_smooth_at_rest : bool
        Whether that map has a derivative around points of rest that holds at more than a negligible distance: not where
        a gradient is divided by its own size, nor where regrets of either sign are kept.
    heeds_domain : bool
        Whether steps are made for the game's domain: they project on it, or move in its dual coordinates. Other rules
        step as on R^d, and leave it.
    is_linear_inside : bool
        Whether a linear rule that heeds the domain has its matrix at all points inside; not in dual coordinates.
    per_player : tuple of str
        The fields that may be a sequence with a hyper-parameter for each player.
    """

    cost: Cost
    players: int | None = None
    needs_loss_hessians: bool = False
    has_flow: bool = True
    is_linear: bool = False
    is_linear_everywhere: bool = True
    is_time_invariant: bool = True
    is_smooth_at_rest: bool = True
    heeds_domain: bool = False
    is_linear_inside: bool = True
    per_player: tuple[str, ...] = ()

    def init(self, game: Game, z: Array) -> Any:
        """The state before the first step at z: None, or a NamedTuple of arrays that lead with the batch shape."""
        return None

    @abstractmethod
    def step(self, game: Game, z: Array, state: Any) -> tuple[Array, Any]:
        """(z, state) after one step from z (..., d)."""

    def with_step_size(self, step_size: Any) -> UpdateRule:
        """The same rule with another step size; whatever else is set stays. A wrapper hands it on to its rule."""
        return dataclasses.replace(self, step_size=step_size)  # type: ignore[type-var]

    def flow(self, game: Game, z: Array) -> Array:
        """The velocity of the limit of vanishing steps, (..., d): z(step) = z + h flow(z) + O(h^2).

        Raises
        ------
        NotImplementedError
            Where the rule has no such limit (heavy-ball momentum held fixed, for instance).
        """
        if not self.has_flow:
            raise NotImplementedError(f"{type(self).__name__} has no flow: its steps have no limit as they vanish.")
        return -game.simultaneous_gradient(z)

    def stationary_residual(self, game: Game, z: Array) -> Array:
        """(..., d): zero exactly where the rule rests."""
        return game.simultaneous_gradient(z)


class LinearUpdateRule(UpdateRule):
    """A rule that is linear on linear games, with its matrix on the extended state [z, linear memories]."""

    is_linear: bool = True

    @abstractmethod
    def iteration_matrix(self, jacobian: Array, dims: tuple[int, ...], loss_hessians: Array | None = None) -> Array:
        """The matrix of one step around a stationary point.

        Parameters
        ----------
        jacobian : array, shape (..., d, d)
            J = D xi there.
        dims : tuple of int
            The players' sizes.
        loss_hessians : array, shape (..., n, d, d), optional
            Hessians of every loss, for rules that need more than J.

        Returns
        -------
        array, shape (..., D, D)
            D = d (1 + number of linear memories).
        """

    def symbol(self, eigenvalue: Any) -> Any:
        """The multipliers r of an eigen-direction of J with this eigenvalue, shape eigenvalue.shape + (count,).

        Raises
        ------
        NotImplementedError
            Where the matrix is not a function of J alone (alternating steps, for instance).
        """
        name = type(self).__name__
        raise NotImplementedError(
            f"{name} has no symbol: its matrix is no function of J alone, or one without closed roots."
        )


def as_linear(rule: UpdateRule) -> LinearUpdateRule:
    """The rule, if it has an iteration matrix.

    Parameters
    ----------
    rule : UpdateRule

    Raises
    ------
    NotImplementedError
        Naming the rule.
    """
    if not (isinstance(rule, LinearUpdateRule) and rule.is_linear):
        raise NotImplementedError(
            f"{type(rule).__name__} has no matrix: it is not linear, or not the same at every step."
        )
    return rule


_REASONS = {
    "is_time_invariant": "its step changes with time",
    "is_smooth_at_rest": "its step is not smooth there",
}


def check_linearizable(rule: UpdateRule) -> None:
    """Refuse a rule whose steps around a point of rest are not described by one matrix.

    Parameters
    ----------
    rule : UpdateRule

    Raises
    ------
    NotImplementedError
        Naming the rule, within those that wrap it, and the reason.
    """
    for flag, reason in _REASONS.items():
        if not getattr(rule, flag):
            raise NotImplementedError(f"`rule` {_bearer(rule, flag)} has no matrix around a point of rest: {reason}.")


def _bearer(rule: UpdateRule, flag: str) -> str:
    """The name of the innermost rule that lacks the flag, within those that lack it because of it."""
    inner = getattr(rule, "rule", None)
    if isinstance(inner, UpdateRule) and not getattr(inner, flag):
        return f"{_bearer(inner, flag)} in {type(rule).__name__}"
    return type(rule).__name__
