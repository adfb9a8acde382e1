"""The max-sliced Wasserstein distance: the largest distance of projections onto a line, by ascent over directions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_in_interval, check_integer
from gamedyn.backend import Array, as_generator, device_of, to_device, to_host
from gamedyn.transport._on_line import wasserstein_on_line
from gamedyn.transport._on_line_numpy import UNIT, integer_shares
from gamedyn.transport._sliced import read_clouds

__all__ = ["MaxSliced", "max_sliced_wasserstein"]

_SCREENED = 10  # random directions looked at for each one that an ascent starts from
_TOLERANCE = 1e-9  # of the slope along the sphere, relative to the distance
_SUFFICIENT = 1e-4  # the share of the slope that a step must gain
_SHORTEST = 1e-12
_RADII = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6)  # of the neighbourhoods in which slopes are sampled


@dataclass(frozen=True)
class MaxSliced:
    """The largest distance found over directions, and where.

    Parameters
    ----------
    value : array of shape ()
        W_p on the line along `direction`: a lower bound of the maximum, and of W_p itself.
    direction : array, shape (d,)
        Of length 1.
    iterations : int
        Ascent steps, of all starts together.
    converged : bool
        Whether the ascent came to an end: a local maximum, up to an angle of about 1e-6.
    definition : str
        What `value` is.
    """

    value: Array
    direction: Array
    iterations: int
    converged: bool
    definition: str

    def __float__(self) -> float:
        """The value alone."""
        return float(self.value)


def max_sliced_wasserstein(
    x: Array,
    y: Array,
    order: float = 2,
    x_weights: Array | None = None,
    y_weights: Array | None = None,
    *,
    starts: int = 10,
    max_iterations: int = 500,
    rng: Any = None,
) -> MaxSliced:
    """max over unit vectors u of W_p(<u, x>, <u, y>), by gradient ascent from several starts.

    Parameters
    ----------
    x, y : array_like, shapes (n, d) and (m, d)
        The two samples; each column in one unit, since directions mix them.
    order : float
        p >= 1, finite.
    x_weights, y_weights : array_like, optional, shapes (n,) and (m,)
        As in `wasserstein_on_line`.
    starts : int
        Number of random starts, the best of ten times as many random directions; the difference of the means and the
        two directions in which second moments differ most are tried beside them.
    max_iterations : int
        Bound of the steps from each start.
    rng : None, int or numpy.random.Generator
        Source of the random directions.

    Returns
    -------
    MaxSliced
        `value` and `direction`. The maximum is not concave: the value is a local maximum, and a lower bound of the
        global one.

    Raises
    ------
    ValueError
        For samples of different dimensions, non-finite values, or invalid weights.

    Notes
    -----
    W is homogeneous in u, of slope sum mass (|delta| / W)^(p - 1) sign(delta) (x_i - y_j) over the monotone coupling,
    delta = <u, x_i - y_j>. A step goes to the normalised slope where that gains enough (for point masses the maximum
    at once), else along the great circle, halved until it does. W is the least of many smooth functions, so that most
    maxima lie on ridges; from the best end of all starts the ascent goes on along the shortest convex combination of
    slopes sampled around, in neighbourhoods that shrink to 1e-6. The ascent is done on the host; `value` is then W_p
    along the direction found, through which gradients flow to the samples with PyTorch and JAX.

    References
    ----------
    Burke, Lewis and Overton (2005), A robust gradient sampling algorithm for nonsmooth, nonconvex optimization.
    Deshpande, Hu, Sun, Pyrros, Siddiqui, Koyejo, Zhao, Forsyth and Schwing (2019), Max-sliced Wasserstein distance and
    its use for GANs.

    Examples
    --------
    >>> found = max_sliced_wasserstein([[0.0, 0.0]], [[3.0, 4.0]])
    >>> round(float(found), 12), found.direction.round(12).tolist()  # |x - y|, in its direction
    (5.0, [0.6, 0.8])
    """
    check_in_interval("order", order, 1, math.inf, closed="left")
    check_integer("starts", starts, minimum=1)
    check_integer("max_iterations", max_iterations, minimum=1)
    xp, x, y, weights = read_clouds(x, y, x_weights, y_weights)
    problem = _Problem.of(to_host(x), to_host(y), float(order), {name: to_host(w) for name, w in weights.items()})
    best, steps, rng = None, 0, as_generator(rng)
    for u in _starts(problem, starts, rng):
        found = _ascend(problem, u, max_iterations)
        steps += found[3]
        if best is None or found[0] > best[0]:
            best = found
    value, u, converged, _ = best  # type: ignore[misc]  # there is a start
    if converged and len(u) > 1 and value > 0:
        u, converged, more = _climb_ridge(problem, u, max_iterations, rng)
        steps += more
    # Of u and -u, the one along which the largest component is positive.
    u = u if u[numpy.argmax(numpy.abs(u))] >= 0 else -u
    direction = to_device(u, xp, dtype=x.dtype, device=device_of(x))
    return MaxSliced(
        value=wasserstein_on_line(x @ direction, y @ direction, order, **weights, check=False),
        direction=direction,
        iterations=steps,
        converged=converged,
        definition=f"W_{order:g}(<u, x>, <u, y>) at a local maximum over unit vectors u, a lower bound of the largest",
    )


@dataclass(frozen=True)
class _Problem:
    """Two samples of radius about 1, and their masses as integers (None: equal sizes, equal masses)."""

    x: numpy.ndarray
    y: numpy.ndarray
    order: float
    shares: tuple[numpy.ndarray, numpy.ndarray] | None

    @classmethod
    def of(cls, x: numpy.ndarray, y: numpy.ndarray, order: float, weights: dict[str, numpy.ndarray]) -> _Problem:
        # A common origin and unit change no direction; products neither cancel nor overflow.
        x, y = x.astype(float), y.astype(float)
        centre = x.mean(axis=0) / 2 + y.mean(axis=0) / 2
        x, y = x - centre, y - centre
        unit = max(float(numpy.abs(x).max()), float(numpy.abs(y).max())) or 1.0
        shares = None
        if weights or len(x) != len(y):
            v, w = weights.get("x_weights"), weights.get("y_weights")
            shares = integer_shares(v, len(x), UNIT), integer_shares(w, len(y), UNIT)
        return cls(x / unit, y / unit, order, shares)

    def __call__(self, u: numpy.ndarray) -> tuple[float, numpy.ndarray]:
        """W_p along u, and its slope in u."""
        left, right = self.x @ u, self.y @ u
        i, j, mass = self._coupling(left, right)
        delta = left[i] - right[j]
        size = numpy.abs(delta)
        largest = float(size.max())
        if largest == 0:
            return 0.0, numpy.zeros_like(u)
        value = largest * float(numpy.sum(mass * (size / largest) ** self.order)) ** (1 / self.order)
        pull = mass * numpy.sign(delta) * (size / value) ** (self.order - 1)
        on_x = numpy.bincount(i, weights=pull, minlength=len(left))
        on_y = numpy.bincount(j, weights=pull, minlength=len(right))
        return value, on_x @ self.x - on_y @ self.y

    def _coupling(self, left: numpy.ndarray, right: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray, Any]:
        i, j = numpy.argsort(left, kind="stable"), numpy.argsort(right, kind="stable")
        if self.shares is None:
            return i, j, 1 / len(left)
        ends = numpy.cumsum(self.shares[0][i]), numpy.cumsum(self.shares[1][j])
        levels = numpy.union1d(*ends)
        mass = numpy.diff(levels, prepend=0)
        levels, mass = levels[mass > 0], mass[mass > 0]
        pieces = (order[numpy.searchsorted(end, levels)] for order, end in zip((i, j), ends, strict=True))
        return (*pieces, mass / UNIT)  # type: ignore[return-value]  # two arrays of indices


def _starts(problem: _Problem, count: int, rng: numpy.random.Generator) -> list[numpy.ndarray]:
    x, y = problem.x, problem.y
    d = x.shape[1]
    if d == 1:
        return [numpy.ones(1)]
    random = rng.standard_normal((count * _SCREENED, d))
    random /= numpy.linalg.norm(random, axis=1, keepdims=True)
    values = numpy.array([problem(u)[0] for u in random])
    found = list(random[numpy.argsort(-values, kind="stable")[:count]])
    v, w = (None, None) if problem.shares is None else (s / UNIT for s in problem.shares)
    means = [numpy.average(z, axis=0, weights=s) for z, s in ((x, v), (y, w))]
    shift = means[0] - means[1]
    length = float(numpy.linalg.norm(shift))
    if length > 0:
        found.append(shift / length)
    moments = [(z.T / len(z) if s is None else z.T * s) @ z for z, s in ((x, v), (y, w))]
    vectors = numpy.linalg.eigh(moments[0] - moments[1])[1]
    return [*found, vectors[:, 0], vectors[:, -1]]


def _ascend(problem: _Problem, u: numpy.ndarray, limit: int) -> tuple[float, numpy.ndarray, bool, int]:
    """(value, direction, whether at a maximum, steps)."""
    value, slope = problem(u)
    angle = 0.5
    for step in range(limit):
        along = slope - (slope @ u) * u
        rise = float(numpy.linalg.norm(along))
        if rise <= _TOLERANCE * value:
            return value, u, True, step
        jump = slope / numpy.linalg.norm(slope)
        turned = problem(jump)
        # The angle between u and the normalised slope.
        reach = math.atan2(rise, float(slope @ u))
        if turned[0] >= value + _SUFFICIENT * reach * rise:
            u, (value, slope) = jump, turned
            continue
        while True:
            tried = math.cos(angle) * u + math.sin(angle) / rise * along
            tried /= numpy.linalg.norm(tried)
            turned = problem(tried)
            if turned[0] >= value + _SUFFICIENT * angle * rise and turned[0] > value:
                u, (value, slope) = tried, turned
                angle = min(2 * angle, 1.0)
                break
            angle /= 2
            if angle < _SHORTEST:
                # A ridge, where the order of the projections changes: no step along the slope gains.
                return value, u, True, step
    return value, u, False, limit


def _climb_ridge(
    problem: _Problem, u: numpy.ndarray, limit: int, rng: numpy.random.Generator
) -> tuple[numpy.ndarray, bool, int]:
    """(direction, whether at a maximum, steps): ascent by slopes sampled on all sides of a ridge.

    The shortest convex combination of the slopes around a point leads up along the ridge; where it is next to nothing,
    the point is a maximum within the radius of the sample, which then shrinks.
    """
    value, slope = problem(u)
    radius, steps = _RADII[0], 0
    for radius in _RADII:
        while True:
            if steps >= limit:
                return u, False, steps
            steps += 1
            slopes = [slope - (slope @ u) * u]
            for offset in rng.standard_normal((2 * len(u), len(u))):
                near = u + radius * (offset / numpy.linalg.norm(offset))
                near /= numpy.linalg.norm(near)
                beside = problem(near)[1]
                slopes.append(beside - (beside @ u) * u)
            uphill = _shortest(numpy.array(slopes))
            rise = float(numpy.linalg.norm(uphill))
            if rise <= radius * value:
                break
            angle = 1.0
            while angle > radius / 16:
                tried = u + angle / rise * uphill
                tried /= numpy.linalg.norm(tried)
                found = problem(tried)
                if found[0] > value + _SUFFICIENT * angle * rise:
                    break
                angle /= 2
            else:
                break
            u, (value, slope) = tried, found
    return u, True, steps


def _shortest(vectors: numpy.ndarray) -> numpy.ndarray:
    """The shortest convex combination of the rows."""
    from scipy.optimize import nnls

    scale = float(numpy.max(numpy.linalg.norm(vectors, axis=1))) or 1.0
    # Least squares of [V^T; 1^T] w = [0; 1] over w >= 0 is at the shortest combination, but for its length.
    system = numpy.concatenate([vectors.T / scale, numpy.ones((1, len(vectors)))])
    weights, _ = nnls(system, numpy.append(numpy.zeros(vectors.shape[1]), 1.0))
    return numpy.asarray(weights @ vectors / weights.sum())
