"""monotonicity_constants: strong monotonicity, Lipschitz and cocoercivity constants of a game."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_integer, check_positive
from gamedyn.backend import array_namespace, device_of, real_dtype, to_device, to_host
from gamedyn.equilibria._point import accuracy_of, as_game_and_points, norm_of
from gamedyn.equilibria._search_box import as_search_box
from gamedyn.games import Game, StochasticGame
from gamedyn.numerics import Verdict, is_positive_definite

__all__ = ["MonotonicityConstants", "monotonicity_constants"]

# Singular values below this share of the largest are 0.
_RANK = 1e-12


@dataclass(frozen=True, eq=False)
class MonotonicityConstants:
    """mu |v|^2 <= <xi(z + v) - xi(z), v>, |xi(z + v) - xi(z)| <= L |v|, and <...> >= beta |xi(z + v) - xi(z)|^2.

    Parameters
    ----------
    mu : float or array, shape (...)
        Of strong monotonicity: the smallest eigenvalue of S = (J + J^T) / 2.
    lipschitz : float or array, shape (...)
        L: the largest singular value of J.
    cocoercivity : float or array, shape (...)
        beta: the largest with S >= beta J^T J; -inf where there is none, inf where J = 0.
    strongly_monotone : Verdict
        Whether mu > 0 where the constants hold.
    guarantee : str
        "exact": everywhere, for an affine game, up to rounding; "at the points": of J there; "certified on the box": mu
        and cocoercivity are lower bounds, and lipschitz an upper bound, for all points of the box.
    mu_seen, lipschitz_seen : float or array
        With a box, the least mu and the largest L at points of it, which the true ones are not better than; else as
        above.
    complete : bool
        Whether both bounds of a box came within the relative gap of those before the budget was spent.
    """

    mu: Any
    lipschitz: Any
    cocoercivity: Any
    strongly_monotone: Verdict
    guarantee: str
    mu_seen: Any
    lipschitz_seen: Any
    complete: bool = True

    @property
    def largest_step(self) -> Any:
        """2 max(beta, mu / L^2, 0): z - h xi(z) never moves two points apart for steps h up to this, where all holds.

        |v - h w|^2 = |v|^2 - 2 h <w, v> + h^2 |w|^2 <= |v|^2 - h (2 beta - h) |w|^2 for w = xi(z + v) - xi(z), and
        beta >= mu / L^2 for mu >= 0. Where mu > 0, shorter steps than this contract.
        """
        beta = self.cocoercivity
        if isinstance(beta, float):
            return 2 * max(beta, 0.0)
        return 2 * array_namespace(beta).maximum(beta, 0 * self.mu)

    def __str__(self) -> str:
        """One sentence."""
        if not isinstance(self.mu, float):
            return f"constants at {math.prod(self.mu.shape)} points"
        return (
            f"mu = {self.mu:.8g}, L = {self.lipschitz:.8g}, cocoercivity {self.cocoercivity:.8g} ({self.guarantee}); "
            f"strongly monotone: {self.strongly_monotone.answer}"
        )


def monotonicity_constants(
    game: Game | StochasticGame, z: Any = None, *, box: Any = None, gap: float = 0.01, max_boxes: int = 20_000
) -> MonotonicityConstants:
    """The constants mu, L and beta of xi: global for affine games, else those of J at points, or proved on a box.

    Parameters
    ----------
    game : Game or StochasticGame
        A stochastic game is taken on `full()`.
    z : array_like, shape (..., d), optional
        Points, where the game is not affine.
    box : array_like, shape (d, 2), optional
        Rows (low, high). Needs a game that can be certified, and the `certify` extra.
    gap : float
        How near, relative to its value, a bound on a box must come to what is seen at a point of it.
    max_boxes : int
        Sub-boxes that may be looked at for each bound.

    Returns
    -------
    MonotonicityConstants
        Floats for an affine game or one point, arrays in the library of z for a batch.

    Raises
    ------
    TypeError
        If `game` is no game, or cannot be certified on a box.
    ValueError
        If points are needed and not given, or do not fit the game, or the box is empty or does not fit.

    Notes
    -----
    On a box beta is mu / L^2, which is a bound, though seldom the best, for mu >= 0; -inf for others.

    Host-only. With J = U diag(s) V^T of rank r and kernel N, S >= beta J^T J can hold only where J^T vanishes on N,
    too; then beta is the smallest eigenvalue of the symmetric part of the inverse of J on the complement of N, a space
    that J maps to itself. Singular values below 1e-12 of the largest are taken for 0. Along the segment from z to z + v
    the mean of |J v|^2 is at least |mean of J v|^2, so that a beta of all J is one of xi on a convex set.

    References
    ----------
    Facchinei and Pang (2003), Finite-dimensional variational inequalities and complementarity problems.

    Examples
    --------
    J = [[1, 2], [-2, 1]] is a rotation times sqrt(5): S = I and J^T J = 5 I.

    >>> from gamedyn.games import strongly_monotone_game
    >>> found = monotonicity_constants(strongly_monotone_game(1.0, 2.0))
    >>> round(found.mu, 12), round(found.lipschitz**2, 12), round(found.cocoercivity, 12)
    (1.0, 5.0, 0.2)
    >>> found.strongly_monotone.answer
    'yes'
    """
    if box is not None:
        return _on_box(game, z, box, gap, max_boxes)
    if z is None and isinstance(game, (Game, StochasticGame)):
        full, points = game.full(), numpy.zeros(sum(game.dims))
        if not full.is_affine:
            raise ValueError(f"`z` must hold points, where {full!r} is looked at: it is not affine. Or give a `box`.")
    else:
        full, points = as_game_and_points(game, z)
        if full.is_affine:
            points = points[(0,) * (points.ndim - 1)]
    d, batch = points.shape[-1], points.shape[:-1]
    jacobians = to_host(full.jacobian(points)).astype(float).reshape(-1, d, d)
    if not numpy.all(numpy.isfinite(jacobians)):
        raise ValueError("`game` must have a finite Jacobian at `z`, got infinite or NaN values.")
    found = numpy.asarray([_constants(j) for j in jacobians])
    accuracy = accuracy_of(full, points)
    verdict = _globally(jacobians[0]) if full.is_affine else _locally(jacobians, found[:, 0], accuracy)
    if batch:
        xp, kind, device = array_namespace(points), real_dtype(points), device_of(points)
        constants: list[Any] = [
            to_device(numpy.ascontiguousarray(column).reshape(batch), xp, dtype=kind, device=device)
            for column in found.T
        ]
    else:
        constants = [float(value) for value in found[0]]
    mu, lipschitz, beta = constants
    where = "exact" if full.is_affine else "at the points"
    return MonotonicityConstants(mu, lipschitz, beta, verdict, where, mu, lipschitz)


def _on_box(game: Any, z: Any, box: Any, gap: float, max_boxes: int) -> MonotonicityConstants:
    """What is proved for all points of the box."""
    # Intervals are an extra.
    from gamedyn.equilibria._certified_monotonicity import constants_on_box

    if z is not None:
        raise ValueError("`z` must not be given with a `box`, which holds all of its points.")
    check_positive("gap", gap)
    check_integer("max_boxes", max_boxes, minimum=1)
    if not isinstance(game, (Game, StochasticGame)):
        raise TypeError(f"`game` must be a Game or a StochasticGame, got {type(game).__name__}.")
    full = game.full()
    search = as_search_box(box, sum(full.dims))
    found = constants_on_box(full, search.low, search.high, gap, max_boxes)
    mu, lipschitz = found.mu, found.lipschitz
    if mu > 0:
        verdict = Verdict("yes", mu, "the symmetric part of J is proved positive definite on the box")
    # What was seen is a bound from below as well, by about 1e-12 of the largest entry.
    elif found.mu_seen < -1e-9 * found.lipschitz:
        verdict = Verdict(
            "no", found.mu_seen, "the symmetric part of J has a negative eigenvalue at a point of the box"
        )
    else:
        verdict = Verdict("undecided", mu, "the bound on the box is not positive, and no point shows that none is")
    beta = mu / lipschitz**2 if mu >= 0 and lipschitz > 0 else -math.inf
    return MonotonicityConstants(
        mu, lipschitz, beta, verdict, "certified on the box", found.mu_seen, found.lipschitz_seen, found.complete
    )


def _constants(jacobian: numpy.ndarray) -> tuple[float, float, float]:
    """(mu, L, beta) of one J."""
    mu = float(numpy.linalg.eigvalsh((jacobian + jacobian.T) / 2)[0])
    _u, sizes, v = numpy.linalg.svd(jacobian)
    largest = float(sizes[0])
    if largest == 0:
        return mu, 0.0, math.inf
    rank = int(numpy.sum(sizes > _RANK * largest))
    kept, kernel = v[:rank].T, v[rank:].T
    if kernel.size and float(numpy.linalg.norm(kernel.T @ jacobian, 2)) > 64 * _RANK * largest:
        return mu, largest, -math.inf
    inverse = numpy.linalg.inv(kept.T @ jacobian @ kept)
    return mu, largest, float(numpy.linalg.eigvalsh((inverse + inverse.T) / 2)[0])


def _globally(jacobian: numpy.ndarray) -> Verdict:
    symmetric = (jacobian + jacobian.T) / 2
    # One rounding to an entry.
    found = is_positive_definite(symmetric, error_bound=float(numpy.finfo(float).eps) * norm_of(jacobian))
    smallest = float(numpy.linalg.eigvalsh(symmetric)[0])
    words = {"yes": "is positive definite", "no": "is not positive definite", "undecided": "is nearly singular"}
    return Verdict(found.answer, smallest, f"the symmetric part of the constant J {words[found.answer]}")


def _locally(jacobians: numpy.ndarray, mu: numpy.ndarray, accuracy: float) -> Verdict:
    errors = numpy.asarray([accuracy * norm_of(j) for j in jacobians])
    worst, smallest = int(numpy.argmin(mu + errors)), float(numpy.min(mu))
    if mu[worst] + errors[worst] < 0:
        return Verdict("no", smallest, f"the symmetric part of J has a negative eigenvalue at point {worst}")
    return Verdict("undecided", smallest, "points alone prove nothing about those between them")
