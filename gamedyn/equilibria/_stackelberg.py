"""check_differential_stackelberg: the second-order test of a leader who moves along the follower's reaction."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy

from gamedyn._checks import check_choice
from gamedyn.backend import Array, array_namespace, device_of, to_device, to_host
from gamedyn.equilibria._answers import Answers, all_of, answers_of, worded
from gamedyn.equilibria._faces import holds_constraints
from gamedyn.equilibria._point import (
    LocalGames,
    as_game_and_points,
    default_tolerance,
    exact_derivatives,
    norm_of,
    norms_of,
    roundoff_of,
    row_norms,
)
from gamedyn.equilibria._smoothness import find_kinks
from gamedyn.games import FunctionGame, Game, StochasticGame, player_slices
from gamedyn.numerics import Verdict, is_positive_definite

__all__ = ["check_differential_stackelberg"]


def check_differential_stackelberg(
    game: Game | StochasticGame, z: Any, *, leader: int = 0, tolerance: float | None = None
) -> Verdict:
    """Whether z is a differential Stackelberg equilibrium of a two-player game, zero-sum or not.

    The follower's own gradient vanishes and its own Hessian is positive definite, so that near z it has a reaction
    y = r(x) to the leader's x; and x -> L(x, r(x)), the leader's loss along it, has a vanishing derivative and a
    positive definite second one. In a zero-sum game the latter is a Schur complement; in others it takes the follower's
    third derivatives, since the reaction curves.

    Parameters
    ----------
    game : Game or StochasticGame
        Of two players; a stochastic game is judged on `full()`.
    z : array_like, shape (..., d)
        Points of the interior of the domain.
    leader : {0, 1}
        Who moves first.
    tolerance : float, optional
        Largest relative residual of both first derivatives that counts as 0; default the square root of the roundoff.

    Returns
    -------
    Verdict
        Over the batch. The margin is the smallest eigenvalue of the second derivative that decides, or tolerance minus
        residual where that does.

    Raises
    ------
    TypeError
        If `game` is no game.
    ValueError
        If it has not two players, or z does not fit it, is not finite or not in its domain.

    Notes
    -----
    Host-only. With W = [I; S], S = -H^-1 D_yx M the slope of the reaction, M the follower's loss and H = D_yy M: the
    second derivative is W^T (D^2 L - D^3 M [(0, p)]) W with H p = D_y L. The third derivative is a difference of
    Hessians along (0, p), and what a doubled step changes in it widens the margin, as does the change of the whole over
    a Newton step.

    References
    ----------
    Fiez, Chasnov and Ratliff (2020), Implicit learning dynamics in Stackelberg games.

    Examples
    --------
    The follower of L = x + y, M = (y + x - x^2)^2 / 2 reacts by y = x^2 - x, and then the leader pays x^2.

    >>> from gamedyn.games import FunctionGame
    >>> game = FunctionGame([lambda x, y: x + y, lambda x, y: (y + x - x**2) ** 2 / 2], dims=(1, 1))
    >>> check_differential_stackelberg(game, [0.0, 0.0]).answer
    'yes'
    """
    full, points = as_game_and_points(game, z)
    if len(full.dims) != 2:
        raise ValueError(f"`game` must have two players, a leader and a follower, got {len(full.dims)}.")
    check_choice("leader", leader, (0, 1))
    tolerance = default_tolerance(points, tolerance)
    flat = array_namespace(points).reshape(points, (-1, points.shape[-1]))
    held = holds_constraints(full.domain, flat)
    found = []
    for k in range(flat.shape[0]):
        if held[k]:
            found.append(answers_of("undecided", numpy.zeros(1), "constraints of the game's domain hold here"))
        else:
            found.append(_judge_point(full, flat[k, :], leader, tolerance))
    joined = Answers(*(numpy.concatenate(parts) for parts in zip(*found, strict=True)))
    return joined.verdict(tuple(points.shape[:-1]))


class _Curve(NamedTuple):
    """The leader's loss along the follower's reaction, to second order, at one point."""

    slope: numpy.ndarray
    """Its first derivative."""
    scales: tuple[float, float]
    """What the leader's and the follower's first derivatives are measured by, per unit of length."""
    follower: numpy.ndarray
    """H, and its error."""
    follower_error: float
    second: numpy.ndarray
    """The second derivative along the reaction, and its error."""
    second_error: float
    step: numpy.ndarray
    """(d,): to the equilibrium nearby, by Newton's method."""


def _judge_point(game: Game, z: Array, leader: int, tolerance: float) -> Answers:
    gradients, hessians = _derivatives(game, z)
    if not (numpy.all(numpy.isfinite(gradients)) and numpy.all(numpy.isfinite(hessians))):
        raise ValueError("`game` must have finite first and second derivatives at `z`, got infinite or NaN values.")
    y = player_slices(game.dims)[1 - leader]
    bent = _kink(game, z, gradients, hessians)
    if bent is not None:
        return bent
    follower = hessians[1 - leader][y, y]
    accuracy = _accuracy(game, z)
    error = accuracy * norm_of(hessians[1 - leader][y])
    verdict = is_positive_definite(_symmetric(follower), error_bound=error)
    smallest = numpy.linalg.eigvalsh(_symmetric(follower))[:1]
    reacts = worded(numpy.array([verdict.answer]), smallest, _words("the follower's own Hessian"))
    if not verdict.is_yes:
        return reacts
    here = _curve(game, z, leader, gradients, hessians)
    host = to_host(z).astype(float)
    sizes = (norm_of(here.slope), norm_of(gradients[1 - leader][y]))
    residual = max(_quotient(s, scale) for s, scale in zip(sizes, here.scales, strict=True)) / (1 + norm_of(host))
    margin = numpy.array([tolerance - residual])
    if not residual <= tolerance:
        reason = f"not stationary along the follower's reaction: the relative residual {residual:.2g} is above the "
        return answers_of("no", margin, f"{reason}tolerance {tolerance:.2g}")
    nearby = to_device(host + here.step, array_namespace(z), dtype=z.dtype, device=device_of(z))
    with numpy.errstate(all="ignore"):
        moved = _derivatives(game, nearby)
        known = all(bool(numpy.all(numpy.isfinite(each))) for each in moved)
        known = known and numpy.linalg.matrix_rank(moved[1][1 - leader][y, y]) == len(follower)
        there = _curve(game, nearby, leader, *moved) if known else None
    if there is None:
        return answers_of("undecided", numpy.zeros(1), "second derivatives are not finite a Newton step away")
    shift = 4 * norm_of(there.follower - here.follower)
    verdict = is_positive_definite(_symmetric(follower), error_bound=error + shift)
    reacts = worded(numpy.array([verdict.answer]), smallest, _words("the follower's own Hessian"))
    bound = here.second_error + 4 * norm_of(there.second - here.second)
    second = _symmetric(here.second)
    if not numpy.isfinite(bound):
        return answers_of("undecided", numpy.zeros(1), "the error of the second derivative has no bound")
    verdict = is_positive_definite(second, error_bound=bound)
    lowest = numpy.linalg.eigvalsh(second)[:1]
    leads = worded(numpy.array([verdict.answer]), lowest, _words("the leader's second derivative along the reaction"))
    return all_of([reacts, leads], "both second derivatives are positive definite")


def _curve(game: Game, z: Array, leader: int, gradients: numpy.ndarray, hessians: numpy.ndarray) -> _Curve:
    x, y = (player_slices(game.dims)[i] for i in (leader, 1 - leader))
    lead, follow = hessians[leader], hessians[1 - leader]
    inverse = numpy.linalg.inv(follow[y, y])
    slope_of_reaction = -inverse @ follow[y, x]
    pull = inverse @ gradients[leader][y]
    along = numpy.zeros((len(lead), x.stop - x.start))
    along[x], along[y] = numpy.eye(x.stop - x.start), slope_of_reaction
    third, third_error = _third(game, z, leader, y, pull)
    second = along.T @ (lead - third) @ along
    slope = along.T @ gradients[leader]
    # First order in the errors of the Hessians, which move S and p.
    accuracy, roundoff = _accuracy(game, z), roundoff_of(z)
    errors = (accuracy * norm_of(lead), accuracy * norm_of(follow[y]))
    stretch, size = float(numpy.linalg.norm(along, 2)), float(numpy.linalg.norm(inverse, 2))
    turn = size * errors[1] * stretch
    bend = size * (errors[1] * norm_of(pull) + 64 * roundoff * norm_of(gradients[leader]))
    per_pull = norm_of(third) / norm_of(pull) if norm_of(pull) > 0 else 0.0
    total = stretch**2 * (errors[0] + third_error + bend * per_pull) + 2 * stretch * turn * norm_of(lead - third)
    # How fast the first derivatives change says what is small.
    scales = (stretch * norm_of((lead - third) @ along), norm_of(follow[y]))
    dx = -numpy.linalg.lstsq(second, slope, rcond=None)[0]
    step = along @ dx
    step[y] -= inverse @ gradients[1 - leader][y]
    return _Curve(slope, scales, follow[y, y], errors[1], second, 2 * total, step)


def _third(game: Game, z: Array, leader: int, y: slice, pull: numpy.ndarray) -> tuple[numpy.ndarray, float]:
    """D^3 M [(0, p)], a (d, d) matrix, and a bound on its error in Frobenius norm."""
    d, size = z.shape[-1], norm_of(pull)
    if size == 0:
        return numpy.zeros((d, d)), 0.0
    direction = numpy.zeros(d)
    direction[y] = pull / size
    host, scale, roundoff = to_host(z).astype(float), 1 + norm_of(to_host(z)), _accuracy(game, z)
    # The cube root of the errors of the Hessians balances them against truncation.
    h = max(roundoff, roundoff_of(z)) ** (1 / 3) * scale
    slopes, largest = [], 0.0
    for width in (h, 2 * h):
        ends = []
        for sign in (1, -1):
            place = to_device(host + sign * width * direction, array_namespace(z), dtype=z.dtype, device=device_of(z))
            ends.append(_derivatives(game, place)[1][1 - leader])
        slopes.append((ends[0] - ends[1]) / (2 * width))
        largest = max(largest, norm_of(ends[0]), norm_of(ends[1]))
    # A doubled step has four times the error of truncation.
    error = norm_of(slopes[1] - slopes[0]) + roundoff * largest / h
    return size * slopes[0], size * error


def _derivatives(game: Game, z: Array) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Gradients (2, d) and Hessians (2, d, d) of the losses at one point (d,)."""
    return to_host(game.loss_gradients(z)).astype(float), to_host(game.loss_hessians(z)).astype(float)


def _accuracy(game: Game, z: Array) -> float:
    """The relative accuracy of Hessians, the differences of gradients that they are by default included."""
    plain = type(game).loss_hessians is Game.loss_hessians or isinstance(game, FunctionGame)
    exact = not plain and exact_derivatives(game) == 2
    return 64 * roundoff_of(z) if exact else roundoff_of(z) ** 0.5


def _kink(game: Game, z: Array, gradients: numpy.ndarray, hessians: numpy.ndarray) -> Answers | None:
    blocks = player_slices(game.dims)
    j = numpy.concatenate([hessians[i][block] for i, block in enumerate(blocks)])[None]
    xi = numpy.concatenate([gradients[i][block] for i, block in enumerate(blocks)])[None]
    nothing = numpy.zeros((1, 2))
    local = LocalGames(to_host(z)[None], xi, j, blocks, norms_of(xi), nothing + row_norms(j, blocks))
    kinks = find_kinks(game, z, local, numpy.eye(z.shape[-1]))
    if not kinks.bent[0]:
        return None
    where = f"along direction {kinks.coordinate[0]}"
    reason = f"not twice differentiable here: slopes of xi differ on both sides {where}"
    return answers_of("undecided", numpy.zeros(1), reason)


def _symmetric(matrix: numpy.ndarray) -> numpy.ndarray:
    return (matrix + matrix.T) / 2  # type: ignore[no-any-return]


def _quotient(size: float, scale: float) -> float:
    return 0.0 if size == 0 else (size / scale if scale > 0 else numpy.inf)


def _words(what: str) -> dict[str, str]:
    return {
        "yes": f"{what} is positive definite",
        "no": f"{what} is not positive definite",
        "undecided": f"{what} is nearly singular",
    }
