"""The likelihood of data on a grid under a logistic law of whole cells."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

from gamedyn._checks import check_integer
from gamedyn.backend import Array, float_arrays
from gamedyn.nn._bernoulli_kl import sigmoid_difference
from gamedyn.nn._loss import Loss, halves, loss_arrays
from gamedyn.numerics import expm1_gap, real_part, sigmoid, softplus

__all__ = ["DiscretizedLogistic"]

# Below it, four terms of the series are exact, and e^-delta - 1 may have underflowed to 0.
_NEAR = 1e-3


@dataclass(frozen=True)
class DiscretizedLogistic(Loss):
    """-log P(x), P(x) = sigmoid(u) - sigmoid(v) the mass of the cell of x under a logistic law of mean m, scale e^s.

    u, v = (x - m +- w / 2) e^-s, w the distance of grid points. The first cell goes down to -inf, the last one up to
    inf. a = (m, s) (..., 2 n): means, then log-scales; x (..., n) on the grid.

    Parameters
    ----------
    levels : int
        Number of grid points, two at least.
    low, high : float
        The first and the last.

    Notes
    -----
    Inside, -log P = softplus(-u) + softplus(v) - log(1 - e^-delta), delta = w e^-s = u - v: no difference of nearly
    equal numbers, and log delta itself in the last term where delta underflows. inf where the loss is beyond the range
    of its dtype; e^-s must not overflow.

    References
    ----------
    Salimans, Karpathy, Chen and Kingma (2017), PixelCNN++: discretized logistic mixture likelihood.

    Examples
    --------
    >>> loss = DiscretizedLogistic(levels=3, low=-1.0, high=1.0)  # cells end at -1/2 and 1/2
    >>> masses = [math.exp(-float(loss.value([0.2, -1.0], [x]))) for x in (-1.0, 0.0, 1.0)]
    >>> round(sum(masses), 12)
    1.0
    """

    levels: int = 256
    low: float = -1.0
    high: float = 1.0

    def __post_init__(self) -> None:
        check_integer("levels", self.levels, minimum=2)
        if not -math.inf < self.low < self.high < math.inf:
            raise ValueError(f"`low` must be less than `high`, both finite, got low={self.low} and high={self.high}.")

    def value(self, a: Array, target: Array) -> Array:
        """Of each sample, summed over the last axis."""
        xp, cell = self._cell(a, target)
        inner = xp.where(cell.inside, _log_mass(xp, cell.delta, cell.log_delta), xp.zeros_like(cell.delta))
        return xp.sum(cell.upper * softplus(-cell.u) + cell.lower * softplus(cell.v) - inner, axis=-1)

    def derivative(self, a: Array, target: Array) -> Array:
        """In m, (A sigmoid(-u) - B sigmoid(v)) e^-s; in s, A u sigmoid(-u) - B v sigmoid(v) + A B g.

        g = delta / (e^delta - 1). A is 1 where the cell has an upper end and 0 where not, B the same for the lower end.
        """
        xp, cell = self._cell(a, target)
        ends = cell.upper * cell.u * sigmoid(-cell.u) - cell.lower * cell.v * sigmoid(cell.v)
        inner = xp.where(cell.inside, _decay(xp, cell.delta), xp.zeros_like(cell.delta))
        return xp.concat([cell.pull * cell.inverse, ends + inner], axis=-1)

    def derivative_jvp(self, a: Array, target: Array, a_dot: Array) -> Array:
        """The tangent of `derivative`, with u_dot = -(e^-s m_dot + u s_dot) and delta_dot = -delta s_dot."""
        xp, cell = self._cell(a, target)
        m_dot, s_dot = halves(float_arrays(a_dot, names=("a_dot",), allow_complex=True)[1], "means and log-scales")
        u_dot, v_dot = (-(cell.inverse * m_dot + end * s_dot) for end in (cell.u, cell.v))
        bend_u = cell.upper * sigmoid(cell.u) * sigmoid(-cell.u) * u_dot
        bend_v = cell.lower * sigmoid(cell.v) * sigmoid(-cell.v) * v_dot
        in_mean = -(bend_u + bend_v + cell.pull * s_dot) * cell.inverse
        in_scale = -cell.inverse * cell.pull * m_dot - cell.u * bend_u - cell.v * bend_v
        return xp.concat([in_mean, in_scale - self._ends_and_inner(xp, cell) * s_dot], axis=-1)

    @staticmethod
    def _ends_and_inner(xp: Any, cell: _Cell) -> Array:
        """A u sigmoid(-u) - B v sigmoid(v) + A B delta g'(delta)."""
        ends = cell.upper * cell.u * sigmoid(-cell.u) - cell.lower * cell.v * sigmoid(cell.v)
        whole = xp.where(cell.inside, cell.delta * (_slope_and_half(xp, cell.delta) - 0.5), xp.zeros_like(cell.delta))
        # In a narrow cell, u sigmoid(-u) - v sigmoid(v) begins with delta / 2, and the rest with -delta / 2.
        tanhs = cell.u * xp.tanh(cell.u / 2) + cell.v * xp.tanh(cell.v / 2)
        narrow = cell.delta * _slope_and_half(xp, cell.delta) - tanhs / 2
        return xp.where(cell.inside & (real_part(cell.delta) < 1), narrow, ends + whole)

    def _cell(self, a: Array, target: Array) -> tuple[Any, _Cell]:
        xp, a, x = loss_arrays(a, target, parts=2)
        m, s = halves(a, "means and log-scales")
        width = (self.high - self.low) / (self.levels - 1)
        inverse = xp.exp(-s)
        u, v = (x - m + width / 2) * inverse, (x - m - width / 2) * inverse
        place = real_part(x)
        upper, lower = place < self.high - width / 2, place > self.low + width / 2
        zero = xp.zeros_like(u)
        tail = xp.where(upper, sigmoid(-u), zero) - xp.where(lower, sigmoid(v), zero)
        return xp, _Cell(
            u=u,
            v=v,
            inverse=inverse,
            delta=width * inverse,
            log_delta=math.log(width) - s,
            upper=xp.astype(upper, place.dtype),
            lower=xp.astype(lower, place.dtype),
            inside=upper & lower,
            pull=xp.where(upper & lower, sigmoid_difference(-u, v), tail),
        )


class _Cell(NamedTuple):
    """The standardised cell of each entry."""

    u: Array
    v: Array
    inverse: Array  # e^-s
    delta: Array
    log_delta: Array
    upper: Array  # A
    lower: Array  # B
    inside: Array
    pull: Array  # A sigmoid(-u) - B sigmoid(v)


def _parted(xp: Any, delta: Array) -> tuple[Array, Array, Array]:
    """(whether the series serves, its argument, the argument of the closed form)."""
    near = real_part(delta) < _NEAR
    return near, xp.where(near, delta, xp.zeros_like(delta)), xp.where(near, xp.ones_like(delta), delta)


def _log_mass(xp: Any, delta: Array, log_delta: Array) -> Array:
    """log(1 - e^-delta) = -softplus(-log(e^delta - 1)), from log delta near 0."""
    near, d, far = _parted(xp, delta)
    series = log_delta - d / 2 + d * d / 24 - d**4 / 2880
    return xp.where(near, series, -softplus(-(far + xp.log(-xp.expm1(-far)))))


def _decay(xp: Any, delta: Array) -> Array:
    """g = delta / (e^delta - 1)."""
    near, d, far = _parted(xp, delta)
    return xp.where(near, 1 - d / 2 + d * d / 12 - d**4 / 720, -far * xp.exp(-far) / xp.expm1(-far))


def _slope_and_half(xp: Any, delta: Array) -> Array:
    """g' + 1/2, g' = -(e^-delta - 1 + delta) e^-delta / (1 - e^-delta)^2."""
    near, d, far = _parted(xp, delta)
    closed = 0.5 - expm1_gap(-far) * xp.exp(-far) / xp.expm1(-far) ** 2
    return xp.where(near, d / 6 - d**3 / 180, closed)
