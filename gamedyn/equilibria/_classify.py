"""classify and check_differential_nash: the second-order tests of a point of a game."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.backend import Array, as_generator, like, to_host
from gamedyn.equilibria._classification import Classification
from gamedyn.equilibria._judge import Judgement, judge
from gamedyn.equilibria._judge_large import judge_large
from gamedyn.equilibria._point import as_game_and_points, default_tolerance, roundoff_of
from gamedyn.equilibria._spectrum import DENSE_LIMIT
from gamedyn.games import Game, StochasticGame, player_slices, replace_block
from gamedyn.numerics import Verdict

__all__ = ["check_differential_nash", "classify"]


def classify(game: Game | StochasticGame, z: Any, *, tolerance: float | None = None, rng: Any = 0) -> Classification:
    """What kind of point z is: Nash, minimax, attracting, saddle, ..., each with a three-valued Verdict.

    With xi the simultaneous gradient and J its Jacobian: a differential Nash equilibrium has xi = 0 and every own
    Hessian positive definite; a strict local minimax point (differential Stackelberg equilibrium) of min_x max_y f has
    xi = 0, f_yy < 0 and f_xx - f_xy f_yy^-1 f_yx > 0; the flow z' = -xi(z) is attracted where every eigenvalue of J
    has a positive real part.

    Parameters
    ----------
    game : Game or StochasticGame
        A stochastic game is judged on `full()`.
    z : array_like, shape (..., d)
        Points of the domain; one point where d > 1000.
    tolerance : float, optional
        Largest relative residual max_i |xi_i| / (|J_i| (1 + |z|)) that counts as stationary; default the square root
        of the roundoff of z's precision. How far J changes over a Newton step to the stationary point widens every
        margin of the other tests.
    rng : None, int or numpy.random.Generator
        For the random vectors of games of more than 1000 coordinates; by default always the same ones.

    Returns
    -------
    Classification
        Print it for a summary.

    Raises
    ------
    TypeError
        If `game` is no game.
    ValueError
        If z does not fit the game, is not finite or not in its domain, or is a batch of large games.

    Notes
    -----
    Host-only, O(d^3) for each point. Definiteness is proved by Rump's test with a bound on the error of J; signs of
    real parts by the theorems of Bauer and Fike and of Lyapunov. "yes" and "no" hold for every Jacobian within that
    bound; what is nearer to singular is undecided. At a point that is not stationary every
    verdict but `degenerate` is "no".

    Where slopes of xi differ on the two sides of a point, all is undecided but that it is not stationary. Where
    constraints of a box or of a simplex hold, a point rests if the gradient vanishes along its face and multipliers
    have the right sign; second derivatives are judged within the face, and `attracting` of the projected flow, provided
    that no multiplier is 0 within the tolerance.

    In games of more than 1000 coordinates no matrix is formed. "no" is proved by a vector; "yes" means that Lanczos'
    method found no smaller eigenvalue, and its reason states the probability, over the random start, that one exists
    (Kuczynski and Wozniakowski 1992). There only the extreme `eigenvalues` are listed, with their residuals.

    References
    ----------
    Ratliff, Burden and Sastry (2016), On the characterization of local Nash equilibria in continuous games.
    Jin, Netrapalli and Jordan (2020), What is local optimality in nonconvex-nonconcave minimax optimization?
    Fiez, Chasnov and Ratliff (2020), Implicit learning dynamics in Stackelberg games.
    Mazumdar, Ratliff and Sastry (2020), On gradient-based learning in continuous games.
    Kuczynski and Wozniakowski (1992), Estimating the largest eigenvalue by the power and Lanczos algorithms with a
    random start.

    Examples
    --------
    min_x max_y x^2 - y^2 has its Nash equilibrium at the origin.

    >>> from gamedyn.games import Game
    >>> import numpy
    >>> class Saddle(Game):
    ...     dims = (1, 1)
    ...
    ...     def losses(self, z):
    ...         f = z[..., 0] ** 2 - z[..., 1] ** 2
    ...         return numpy.stack([f, -f], axis=-1)
    >>> found = classify(Saddle(), [0.0, 0.0])
    >>> found.kind
    'nash'
    >>> [float(v.real) for v in found.eigenvalues]
    [2.0, 2.0]
    """
    full, points = as_game_and_points(game, z)
    found = _judged(full, points, default_tolerance(points, tolerance), rng)
    batch = tuple(points.shape[:-1])
    names = ("stationary", "differential_nash", "attracting", "strict_saddle", "attracting_not_nash", "degenerate")
    verdicts = {name: getattr(found, name).verdict(batch) for name in names}
    minimax = None if found.local_minimax is None else found.local_minimax.verdict(batch)
    other = None if found.other_minimax is None else found.other_minimax.verdict(batch)
    residuals = found.eigenvalue_residuals
    return Classification(
        kind=found.kind.reshape(batch) if batch else str(found.kind[0]),
        residual=found.residual.astype(float).reshape(batch) if batch else float(found.residual[0]),
        eigenvalues=found.eigenvalues.reshape((*batch, found.eigenvalues.shape[-1])),
        eigenvalue_residuals=None if residuals is None else residuals.reshape((*batch, residuals.shape[-1])),
        local_minimax=minimax,
        stackelberg=None if minimax is None or other is None else (minimax, other),
        **verdicts,
    )


def check_differential_nash(
    game: Game | StochasticGame, z: Any, *, tolerance: float | None = None, rng: Any = 0
) -> Verdict:
    """Whether z is a differential Nash equilibrium: xi(z) = 0 and every own Hessian positive definite.

    Parameters
    ----------
    game, z, tolerance, rng
        As for `classify`.

    Returns
    -------
    Verdict
        Over the batch. "undecided" where an own Hessian is singular within its error; "no" at a point that is not
        stationary, with the residual named. The margin is the smallest eigenvalue of the own Hessians, or tolerance
        minus residual where that decided.

    Examples
    --------
    In min_x max_y x y no player has curvature of its own.

    >>> from gamedyn.games import Game
    >>> import numpy
    >>> class Rotation(Game):
    ...     dims = (1, 1)
    ...
    ...     def losses(self, z):
    ...         f = z[..., 0] * z[..., 1]
    ...         return numpy.stack([f, -f], axis=-1)
    >>> print(check_differential_nash(Rotation(), [0.0, 0.0]).answer)
    no
    """
    full, points = as_game_and_points(game, z)
    found = _judged(full, points, default_tolerance(points, tolerance), rng, nash_only=True)
    return found.differential_nash.verdict(tuple(points.shape[:-1]))


def _judged(game: Game, z: Array, tolerance: float, rng: Any, *, nash_only: bool = False) -> Judgement:
    count = len(game.dims)
    # Which of two players may lead: the one of whose loss the other's is the opposite, as far as the other can tell.
    zero_sum = (False, False) if nash_only or count != 2 else _is_zero_sum(game, z)
    if z.shape[-1] <= DENSE_LIMIT:
        return judge(game, z, tolerance, zero_sum)
    if z.ndim > 1:
        raise ValueError(f"`z` must be one point where d > {DENSE_LIMIT}, got shape {tuple(z.shape)}.")
    return judge_large(game, z, tolerance, zero_sum, as_generator(rng), nash_only=nash_only)


def _is_zero_sum(game: Game, z: Array) -> tuple[bool, bool]:
    """Whether L_0 + L_1 does not depend on player 1's block, and on player 0's, at points around all of z.

    A term that only the leader moves (a GAN's loss on real data belongs to the discriminator alone, and the other way
    round) changes nothing in the conditions.
    """
    d = z.shape[-1]
    gaps: list[list[numpy.ndarray]] = [[], []]
    largest = numpy.zeros(())
    # Fixed irrational directions: equal sums at such points by accident have no room.
    for shift in (1.0, 2.0, 3.0):
        direction = like(numpy.sin(numpy.arange(1, d + 1) * 2**0.5 + shift), z)
        base = z + 0.5 * (shift - 2) * direction
        moved = [replace_block(base, block, (base + direction)[..., block]) for block in player_slices(game.dims)]
        # NaN, from a probe where losses overflow or are not defined, is not within.
        with numpy.errstate(over="ignore", invalid="ignore"):
            losses = [numpy.asarray(to_host(game.losses(point)), dtype=float) for point in (base, *moved)]
            totals = [numpy.sum(each, axis=-1) for each in losses]
            for player in (0, 1):
                gaps[player].append(numpy.abs(totals[1 + player] - totals[0]))
            largest = numpy.maximum(largest, numpy.max(numpy.abs(losses), axis=(0, -1)))
    bound = roundoff_of(z) ** 0.5 * largest
    by_first, by_second = (bool(numpy.all((numpy.max(each, axis=0) <= bound) & numpy.isfinite(bound))) for each in gaps)
    return by_second, by_first
