"""timescale_threshold: how much faster one player must move for a stationary point to attract."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy

from gamedyn._checks import check_integer
from gamedyn.backend import to_host
from gamedyn.equilibria._point import as_game_and_points, default_tolerance, norm_of, relative_residual
from gamedyn.games import Game, StochasticGame, player_slices

__all__ = ["TimescaleCrossing", "TimescaleThreshold", "timescale_threshold"]

_LARGEST = 40
# Ratios looked at, in units of |leaders' rows| / |follower's rows|.
_RANGE = 1e8
# Candidates may have half of their digits, where roots of the guard map nearly coincide.
_REAL = 1e-3
# Of a real part, beside the largest modulus: nearer to 0 its sign is not told.
_ROUNDING = 1e-12


class TimescaleCrossing(NamedTuple):
    """Eigenvalues of J_tau that cross the imaginary axis."""

    tau: float
    kind: str
    """"hopf" for a pair, "fold" for one through 0, which needs a singular J."""
    frequency: float
    """|Im| of the eigenvalues that cross."""
    unstable_below: int
    """Eigenvalues with a negative real part just below tau."""
    unstable_above: int


@dataclass(frozen=True)
class TimescaleThreshold:
    """For which tau a stationary point attracts z' = -T xi(z), T = diag(I, tau I, I) with tau at the follower.

    Parameters
    ----------
    threshold : float
        tau*: the point attracts for all tau > tau*, and not for all tau > anything less. 0.0 where it attracts for
        all tau > 0, inf where it does not attract for large tau.
    crossings : tuple of TimescaleCrossing
        All of them, sorted.
    stable_intervals : tuple of (float, float)
        The open intervals of tau in which the point attracts.
    reason : str
        One sentence.
    """

    threshold: float
    crossings: tuple[TimescaleCrossing, ...]
    stable_intervals: tuple[tuple[float, float], ...]
    reason: str

    def __str__(self) -> str:
        """The sentence."""
        return self.reason


def timescale_threshold(
    game: Game | StochasticGame, z: Any, *, follower: int = 1, tolerance: float | None = None
) -> TimescaleThreshold:
    """tau* such that `TimescaleSeparation` with tau > tau* makes z attract the flow, and every tau where that changes.

    J_tau, J with the follower's rows multiplied by tau, has eigenvalues l_i + l_j = 0 where the bialternate sum of
    J_tau with itself is singular: a generalised eigenproblem K_0 + tau K_1, of size d (d - 1) / 2. Every real root is
    verified by the spectra of J_tau below and above it; roots at which no real part changes its sign, such as l and -l
    both real, are dropped. A strict local minimax point with the maximizer as its follower attracts for all large tau.

    Parameters
    ----------
    game : Game or StochasticGame
        Of two players or more. A stochastic game is taken on `full()`.
    z : array_like, shape (d,)
        One stationary point.
    follower : int
        The player whose steps count tau times.
    tolerance : float, optional
        Largest relative residual at z; default the square root of the roundoff.

    Returns
    -------
    TimescaleThreshold

    Raises
    ------
    ValueError
        If z is not one stationary point, the follower is no player, or the game has more than 40 coordinates.

    Notes
    -----
    Since det J_tau = tau^m det J with m the follower's size, no eigenvalue passes through 0 at a positive tau unless J
    is singular, and then one is 0 for all tau: every crossing is a pair. tau is searched from 1e-8 to 1e8 in units of
    |leaders' rows of J| / |follower's rows|. A pair that touches the axis and turns back is no crossing. Crossings are
    bisected to the last digit, so that they are as good as the eigenvalues. Host-only, O(d^6).

    References
    ----------
    Fiez and Ratliff (2021), Local convergence analysis of gradient descent ascent with finite timescale separation.
    Guckenheimer, Myers and Sturmfels (1997), Computing Hopf bifurcations I.

    Examples
    --------
    min_x max_y -3 x^2 + 4 x y - y^2 has J_tau = [[-6, 4], [-4 tau, 2 tau]], with trace 2 tau - 6 and determinant 4 tau.

    >>> from gamedyn.games import wang_local_minimax
    >>> found = timescale_threshold(wang_local_minimax(), [0.0, 0.0])
    >>> round(found.threshold, 12), found.crossings[0].kind
    (3.0, 'hopf')
    """
    full, points = as_game_and_points(game, z)
    if points.ndim != 1:
        raise ValueError(f"`z` must be one point of shape ({points.shape[-1]},), got shape {tuple(points.shape)}.")
    blocks = player_slices(full.dims)
    check_integer("follower", follower, minimum=0)
    if len(blocks) < 2 or follower >= len(blocks):
        raise ValueError(f"`follower` must be one of at least 2 players, got {follower} of {len(blocks)}.")
    d = points.shape[-1]
    if d > _LARGEST:
        raise ValueError(
            f"`game` must have at most {_LARGEST} coordinates, got {d}: pairs of eigenvalues are compared."
        )
    jacobian = to_host(full.jacobian(points)).astype(float)
    residual = relative_residual(to_host(full.simultaneous_gradient(points)), jacobian, to_host(points), blocks)
    allowed = default_tolerance(points, tolerance)
    if not residual <= allowed:
        raise ValueError(
            f"`z` must be a stationary point, got a relative residual of {residual:.3g} (tolerance {allowed:.3g})."
        )
    follows = numpy.zeros(d, dtype=bool)
    follows[blocks[follower]] = True
    fast, slow = jacobian * follows[:, None], jacobian * ~follows[:, None]
    unit = norm_of(slow) / norm_of(fast) if norm_of(fast) > 0 and norm_of(slow) > 0 else 1.0
    # In that unit both blocks of rows are alike in size.
    return _describe(*_follow(slow, unit * fast), unit)


def _follow(slow: numpy.ndarray, fast: numpy.ndarray) -> tuple[list[TimescaleCrossing], list[Any]]:
    """Crossings, and [(lower, upper, stable, marginal)] of the ranges between them, for J = slow + tau fast."""
    found = _candidates(slow, fast)
    # A probe in every gap: in the middle on a logarithmic scale, a factor 2 beyond the outermost candidates.
    inner = [math.sqrt(a * b) for a, b in itertools.pairwise(found)]
    probes = [found[0] / 2, *inner, 2 * found[-1]] if found else [1.0]
    counts = [_signs(slow + tau * fast) for tau in probes]
    crossings: list[TimescaleCrossing] = []
    ranges: list[Any] = [[0.0, math.inf, counts[0]]]
    for k in range(len(probes) - 1):
        before, after = counts[k], counts[k + 1]
        if before[0] == after[0]:
            # Real parts that are 0 all along, whose rounding reaches beyond the edge at some probes.
            ranges[-1][2] = max(ranges[-1][2], after)
            continue
        tau, frequency = _bisect(slow, fast, probes[k], probes[k + 1], (before, after), found[k])
        kind = "hopf" if frequency > 0 else "fold"
        crossings.append(TimescaleCrossing(tau, kind, frequency, before[0], after[0]))
        ranges[-1][1] = tau
        ranges.append([tau, math.inf, after])
    return crossings, ranges


def _candidates(slow: numpy.ndarray, fast: numpy.ndarray) -> list[float]:
    """Positive tau at which two eigenvalues of slow + tau fast add up to about 0, sorted."""
    from scipy.linalg import eig

    still, moving = _bialternate(slow), _bialternate(fast)
    if not len(still):
        return []
    with numpy.errstate(all="ignore"):
        alpha, beta = eig(still, -moving, right=False, homogeneous_eigvals=True)
        roots = alpha / beta
    roots = roots[numpy.isfinite(roots)]
    real = (numpy.abs(roots.imag) <= _REAL * numpy.abs(roots)) & (roots.real > 0)
    found = numpy.sort(roots.real[real])
    found = found[(found > 1 / _RANGE) & (found < _RANGE)]
    # Copies of one root are one candidate: no probe fits between them.
    kept: list[float] = []
    for tau in found:
        if not kept or tau > kept[-1] * (1 + 1e-12):
            kept.append(float(tau))
    return kept


def _bialternate(a: numpy.ndarray) -> Any:
    """x ^ y -> A x ^ y + x ^ A y on the plane of pairs, whose eigenvalues are l_i + l_j, i < j."""
    p, q = numpy.triu_indices(len(a), 1)
    row, column = (p[:, None], q[:, None]), (p[None, :], q[None, :])
    (r, s), (u, v) = row, column
    return a[r, u] * (s == v) - a[s, u] * (r == v) + a[s, v] * (r == u) - a[r, v] * (s == u)


def _signs(matrix: numpy.ndarray, rounding: float = _ROUNDING) -> tuple[int, int]:
    """How many eigenvalues have a negative real part, and how many one whose sign is not told from 0."""
    values = numpy.linalg.eigvals(matrix)
    edge = rounding * float(numpy.max(numpy.abs(matrix)))
    return int(numpy.sum(values.real < -edge)), int(numpy.sum(numpy.abs(values.real) <= edge))


def _bisect(
    slow: numpy.ndarray, fast: numpy.ndarray, lower: float, upper: float, counts: Any, guess: float
) -> tuple[float, float]:
    """(tau, frequency) where the first of two counts, at the probes, gives way to the second."""
    before, after = counts
    # Where some real parts are 0 all along, their rounding must not count.
    edge = _ROUNDING if before[1] or after[1] else 0.0

    def is_before(tau: float) -> bool:
        negative, _ = _signs(slow + tau * fast, edge)
        return bool(abs(negative - before[0]) < abs(negative - after[0]))

    for share in (1e-6, 1e-9, 1e-12):
        near, far = guess * (1 - share), guess * (1 + share)
        if lower < near < upper and is_before(near):
            lower = near
        if lower < far < upper and not is_before(far):
            upper = far
    while True:
        middle = math.sqrt(lower) * math.sqrt(upper)
        if not lower < middle < upper:
            break
        if is_before(middle):
            lower = middle
        else:
            upper = middle
    values = numpy.linalg.eigvals(slow + upper * fast)
    crossing = values[numpy.argmin(numpy.abs(values.real))]
    return upper, float(abs(crossing.imag))


def _describe(crossings: list[TimescaleCrossing], ranges: list[Any], unit: float) -> TimescaleThreshold:
    """In the units of the game, and in words."""
    crossings = [crossing._replace(tau=crossing.tau * unit) for crossing in crossings]
    stable = [(lower * unit, upper * unit) for lower, upper, counts in ranges if counts == (0, 0)]
    merged: list[tuple[float, float]] = []
    for lower, upper in stable:
        if merged and merged[-1][1] == lower:
            merged[-1] = (merged[-1][0], upper)
        else:
            merged.append((lower, upper))
    last = ranges[-1][2]
    if not merged or merged[-1][1] < math.inf:
        threshold = math.inf
        reason = f"{last[0]} eigenvalues of J_tau have a negative real part for all large tau"
        if not last[0]:
            reason = f"{last[1]} eigenvalues of J_tau have the real part 0 for all large tau"
        if not merged:
            reason = f"z attracts for no tau: {reason}"
        else:
            reason = f"z does not attract for large tau, but in {_intervals(merged)}: {reason}"
    else:
        threshold = merged[-1][0]
        reason = "z attracts for all tau > 0" if threshold == 0 else f"z attracts for tau in {_intervals(merged)}"
    return TimescaleThreshold(threshold, tuple(crossings), tuple(merged), reason)


def _intervals(intervals: list[tuple[float, float]]) -> str:
    return " and ".join(f"({lower:.8g}, {upper:.8g})" for lower, upper in intervals)
