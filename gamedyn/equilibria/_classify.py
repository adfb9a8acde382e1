"""classify and check_differential_nash: the second-order tests of a point of a game."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.backend import Array, like, to_host
from gamedyn.equilibria._classification import Classification
from gamedyn.equilibria._conditions import degenerate, differential_nash, local_minimax, stability, stationary
from gamedyn.equilibria._point import LocalGame, as_game_and_points, default_tolerance, roundoff_of, view_locally
from gamedyn.games import Game, StochasticGame, player_slices, replace_block
from gamedyn.numerics import Verdict

__all__ = ["check_differential_nash", "classify"]


def classify(game: Game | StochasticGame, z: Any, *, tolerance: float | None = None) -> Classification:
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
        Points of the interior of the domain.
    tolerance : float, optional
        Largest relative residual max_i |xi_i| / (|J_i| (1 + |z|)) that counts as stationary; default the square root
        of the roundoff of z's precision. How far J changes over a Newton step to the stationary point widens every
        margin of the other tests.

    Returns
    -------
    Classification
        Print it for a summary.

    Raises
    ------
    TypeError
        If `game` is no game.
    ValueError
        If z does not fit the game, or is not finite or not in its domain.

    Notes
    -----
    Host-only, O(d^3) for each point. Definiteness is proved by Rump's test with a bound on the error of J; signs of
    real parts by the theorems of Bauer and Fike and of Lyapunov. "yes" and "no" hold for every Jacobian within that
    bound; what is nearer to singular is undecided. At a point that is not stationary every
    verdict but `degenerate` is "no".

    References
    ----------
    Ratliff, Burden and Sastry (2016), On the characterization of local Nash equilibria in continuous games.
    Jin, Netrapalli and Jordan (2020), What is local optimality in nonconvex-nonconcave minimax optimization?
    Fiez, Chasnov and Ratliff (2020), Implicit learning dynamics in Stackelberg games.
    Mazumdar, Ratliff and Sastry (2020), On gradient-based learning in continuous games.

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
    tolerance = default_tolerance(points, tolerance)
    zero_sum = _is_zero_sum(full, points)
    rows = [_judge(local, tolerance, zero_sum) for local in view_locally(full, points)]
    batch = tuple(points.shape[:-1])
    verdicts = {
        name: None if rows[0][name] is None else _stack([row[name] for row in rows], batch)
        for name in rows[0]
        if name not in ("kind", "residual", "eigenvalues")
    }
    return Classification(
        kind=_shaped([row["kind"] for row in rows], batch, "<U13"),
        residual=_shaped([row["residual"] for row in rows], batch, float),
        eigenvalues=numpy.stack([row["eigenvalues"] for row in rows]).reshape((*batch, points.shape[-1])),
        **verdicts,  # type: ignore[arg-type]
    )


def check_differential_nash(game: Game | StochasticGame, z: Any, *, tolerance: float | None = None) -> Verdict:
    """Whether z is a differential Nash equilibrium: xi(z) = 0 and every own Hessian positive definite.

    Parameters
    ----------
    game, z, tolerance
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
    tolerance = default_tolerance(points, tolerance)
    verdicts = []
    for local in view_locally(full, points):
        rest = stationary(local, tolerance)
        verdicts.append(differential_nash(local) if rest.is_yes else _not_stationary(rest))
    return _stack(verdicts, tuple(points.shape[:-1]))


def _judge(local: LocalGame, tolerance: float, zero_sum: bool) -> dict[str, Any]:
    """The fields of a Classification at one point."""
    rest = stationary(local, tolerance)
    found = stability(local)
    if rest.is_yes:
        nash, attracting = differential_nash(local), found.attracting
        minimax = local_minimax(local, nash) if zero_sum else None
        saddle = _negate(attracting)
        trap = _attracting_not_nash(attracting, nash)
    else:
        nash = attracting = saddle = trap = _not_stationary(rest)
        minimax = nash if zero_sum else None
    return {
        "kind": _kind(rest, nash, minimax, attracting, found.repelling),
        "residual": local.residual,
        "stationary": rest,
        "differential_nash": nash,
        "local_minimax": minimax,
        "attracting": attracting,
        "strict_saddle": saddle,
        "attracting_not_nash": trap,
        "degenerate": degenerate(local),
        "eigenvalues": found.eigenvalues,
    }


def _kind(rest: Verdict, nash: Verdict, minimax: Verdict | None, attracting: Verdict, repelling: bool) -> str:
    if rest.is_no:
        return "nonstationary"
    if nash.is_yes:
        return "nash"
    if minimax is not None and minimax.is_yes:
        return "minimax"
    if nash.is_undecided:
        return "undecided"
    if attracting.is_undecided:
        return "marginal"
    if attracting.is_yes:
        return "attractor"
    return "repeller" if repelling else "saddle"


def _not_stationary(rest: Verdict) -> Verdict:
    return Verdict("no", rest.margin, f"not stationary: {rest.reason}")


def _negate(verdict: Verdict) -> Verdict:
    flipped = {"yes": "no", "no": "yes", "undecided": "undecided"}
    return Verdict(flipped[verdict.answer], -verdict.margin, verdict.reason)


def _attracting_not_nash(attracting: Verdict, nash: Verdict) -> Verdict:
    margin = min(attracting.margin, -nash.margin)
    if attracting.is_no or nash.is_yes:
        return Verdict("no", margin, attracting.reason if attracting.is_no else nash.reason)
    if attracting.is_yes and nash.is_no:
        return Verdict("yes", margin, nash.reason)
    return Verdict("undecided", margin, attracting.reason if attracting.is_undecided else nash.reason)


def _is_zero_sum(game: Game, z: Array) -> bool:
    """Whether there are two players and L_0 + L_1 does not depend on player 1's block, at points around all of z.

    A term that only the leader moves (a GAN's loss on real data belongs to the discriminator alone, and the other way
    round) changes nothing in the conditions.
    """
    if len(game.dims) != 2:
        return False
    d, follower = z.shape[-1], player_slices(game.dims)[1]
    totals, sizes = [], []
    # Fixed irrational directions: equal sums at such points by accident have no room.
    for shift in (1.0, 2.0, 3.0):
        direction = like(numpy.sin(numpy.arange(1, d + 1) * 2**0.5 + shift), z)
        base = z + 0.5 * (shift - 2) * direction
        moved = replace_block(base, follower, (base + direction)[..., follower])
        for point in (base, moved):
            with numpy.errstate(over="ignore", invalid="ignore"):
                losses = numpy.asarray(to_host(game.losses(point)), dtype=float)
                totals.append(numpy.sum(losses, axis=-1))
            sizes.append(numpy.max(numpy.abs(losses), axis=-1))
    # NaN, from a probe where losses overflow or are not defined, is not within.
    with numpy.errstate(invalid="ignore"):
        gaps = numpy.abs(numpy.stack(totals[1::2]) - numpy.stack(totals[::2]))
    size = numpy.max(numpy.stack(sizes), axis=0)
    return bool(numpy.all((gaps <= roundoff_of(z) ** 0.5 * size) & numpy.isfinite(size)))


def _stack(verdicts: list[Verdict], batch: tuple[int, ...]) -> Verdict:
    if not batch:
        return verdicts[0]
    reasons = sorted({verdict.reason for verdict in verdicts})
    reason = reasons[0] if len(reasons) == 1 else "see each point alone"
    answers = numpy.asarray([verdict.answer for verdict in verdicts], dtype="<U9").reshape(batch)
    return Verdict(answers, numpy.asarray([v.margin for v in verdicts], dtype=float).reshape(batch), reason)


def _shaped(values: list[Any], batch: tuple[int, ...], dtype: Any) -> Any:
    return numpy.asarray(values, dtype=dtype).reshape(batch) if batch else values[0]
