"""The normal law in d dimensions whose covariance is diagonal but for a few factors."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy

from gamedyn._checks import check_positive
from gamedyn.backend import Array, array_namespace, device_of, float_arrays, host_normal
from gamedyn.distributions._base import Distribution
from gamedyn.distributions._parameters import check_finite, draw_shape, freeze, place_of

__all__ = ["LowRankMultivariateNormal"]


@dataclass(frozen=True, eq=False)
class LowRankMultivariateNormal(Distribution):
    """log p(x) = -(x - loc)^T S^-1 (x - loc) / 2 - log det(2 pi S) / 2, S = W W^T + diag(cov_diag), W the cov_factor.

    Parameters
    ----------
    loc : array_like, shape batch + (d,)
        Mean.
    cov_factor : array_like, shape batch + (d, k)
        W, in the unit of x.
    cov_diag : array_like, shape batch + (d,)
        Variances > 0 of what the factors leave.
    check : bool
        Validate the parameters; off inside jit.

    Raises
    ------
    ValueError
        If shapes do not fit, entries are not finite, or `cov_diag` is not positive.

    Notes
    -----
    No d x d matrix is formed, unless `covariance_matrix` is asked for. With U = diag(cov_diag)^(-1/2) W and y = x - loc
    in the same units, y^T S^-1 y is the least value of |y - U z|^2 + |z|^2 over z, a sum of squares; the minimum is
    found by the QR decomposition of [U; I], once, O(d k^2), each density then costing O(d k), and
    det S = prod(cov_diag) det(R)^2. This is the lemma of Woodbury without its difference of large terms.

    Examples
    --------
    >>> law = LowRankMultivariateNormal([0.0, 0.0], [[1.0], [1.0]], [1.0, 1.0])
    >>> round(float(law.log_prob([1.0, 1.0])), 12)  # S = [[2, 1], [1, 2]]: -1/3 - log(2 pi) - log(3) / 2
    -2.720516544077
    """

    loc: Array
    cov_factor: Array
    cov_diag: Array
    check: bool = field(default=True, kw_only=True, repr=False)
    _solver: Array = field(init=False, repr=False)
    _half_log_det: Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        names = ("loc", "cov_factor", "cov_diag")
        xp, loc, factor, diagonal = float_arrays(self.loc, self.cov_factor, self.cov_diag, names=names)
        d = loc.shape[-1] if loc.ndim else 0
        if d == 0 or factor.ndim < 2 or factor.shape[-2] != d or diagonal.ndim < 1 or diagonal.shape[-1] != d:
            raise ValueError(
                "`loc`, `cov_factor` and `cov_diag` must have shapes (..., d), (..., d, k) and (..., d), "
                f"got {tuple(loc.shape)}, {tuple(factor.shape)} and {tuple(diagonal.shape)}."
            )
        shapes = tuple(loc.shape[:-1]), tuple(factor.shape[:-2]), tuple(diagonal.shape[:-1])
        batch, k = numpy.broadcast_shapes(*shapes), factor.shape[-1]
        if self.check:
            check_finite("loc", loc)
            check_finite("cov_factor", factor)
            check_positive("cov_diag", diagonal)
        factor = xp.broadcast_to(factor, (*batch, d, k))
        diagonal = xp.broadcast_to(diagonal, (*batch, d))
        scaled = factor / xp.sqrt(diagonal)[..., None]
        identity = xp.broadcast_to(xp.eye(k, dtype=loc.dtype, device=device_of(loc)), (*batch, k, k))
        q, r = xp.linalg.qr(xp.concat([scaled, identity], axis=-2))
        log_sizes = xp.sum(xp.log(xp.abs(xp.linalg.diagonal(r))), axis=-1)
        freeze(
            self,
            loc=xp.broadcast_to(loc, (*batch, d)),
            cov_factor=factor,
            cov_diag=diagonal,
            _solver=xp.linalg.solve(r, xp.matrix_transpose(q[..., :d, :])),  # z = solver @ y, (k, d)
            _half_log_det=log_sizes + 0.5 * xp.sum(xp.log(diagonal), axis=-1),
        )

    @property
    def batch_shape(self) -> tuple[int, ...]:
        return tuple(self.loc.shape[:-1])

    @property
    def event_shape(self) -> tuple[int, ...]:
        return (int(self.loc.shape[-1]),)

    @property
    def covariance_matrix(self) -> Array:
        """W W^T + diag(cov_diag), shape batch + (d, d), formed when asked for."""
        xp, place = place_of(self.loc)
        identity = xp.eye(self.loc.shape[-1], **place)
        return self.cov_factor @ xp.matrix_transpose(self.cov_factor) + identity * self.cov_diag[..., None, :]

    def _split(self, x: Array) -> tuple[Any, Array, Array, Array]:
        """The namespace, y - U z, z, and the deviations by which y was scaled."""
        names = ("x", "loc", "cov_factor", "cov_diag", "cov_factor")
        xp, x, loc, factor, diagonal, solver = float_arrays(
            x, self.loc, self.cov_factor, self.cov_diag, self._solver, names=names
        )
        if x.ndim == 0 or x.shape[-1] != loc.shape[-1]:
            raise ValueError(f"`x` must have shape (..., {loc.shape[-1]}), got {tuple(x.shape)}.")
        deviations = xp.sqrt(diagonal)
        y = (x - loc) / deviations
        z = (solver @ y[..., None])[..., 0]
        return xp, y - (factor @ z[..., None])[..., 0] / deviations, z, deviations

    def log_prob(self, x: Array) -> Array:
        xp, rest, z, _ = self._split(x)
        _, z, half_log_det = float_arrays(z, self._half_log_det, names=("x", "cov_diag"))
        constant = half_log_det + 0.5 * self.loc.shape[-1] * math.log(2 * math.pi)
        with numpy.errstate(over="ignore"):
            return -0.5 * (xp.sum(rest * rest, axis=-1) + xp.sum(z * z, axis=-1)) - constant

    def score(self, x: Array) -> Array:
        _, rest, _, deviations = self._split(x)
        return -rest / deviations

    def sample(self, n: int, *, rng: Any = None) -> Array:
        xp, place = place_of(self.loc)
        d, k = self.cov_factor.shape[-2:]
        z = host_normal(rng, draw_shape(n, self.batch_shape, (d + k,)), xp, **place)
        return self.loc + xp.sqrt(self.cov_diag) * z[..., :d] + (self.cov_factor @ z[..., d:, None])[..., 0]

    @property
    def mean(self) -> Array:
        return self.loc

    @property
    def variance(self) -> Array:
        xp = array_namespace(self.loc)
        return self.cov_diag + xp.sum(self.cov_factor * self.cov_factor, axis=-1)

    @property
    def entropy(self) -> Array:
        return self._half_log_det + 0.5 * self.loc.shape[-1] * (1 + math.log(2 * math.pi))
