"""The normal law in d dimensions."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace, device_of, float_arrays, host_normal, to_host
from gamedyn.distributions._base import Distribution
from gamedyn.distributions._parameters import check_finite, draw_shape, freeze, place_of
from gamedyn.numerics import is_positive_definite

__all__ = ["MultivariateNormal"]


@dataclass(frozen=True, eq=False)
class MultivariateNormal(Distribution):
    """log p(x) = -(x - loc)^T S^-1 (x - loc) / 2 - log det(2 pi S) / 2, S the covariance matrix.

    Parameters
    ----------
    loc : array_like, shape batch + (d,)
        Mean.
    covariance_matrix : array_like, shape batch + (d, d)
        Symmetric, and positive definite beyond rounding (`is_positive_definite` must answer yes).
    check : bool
        Validate the parameters (on the host); off inside jit.

    Raises
    ------
    ValueError
        If shapes do not fit, entries are not finite, or the matrix is not symmetric positive definite.

    Notes
    -----
    With S = L L^T, L^-1 is computed once, O(d^3); each density then costs O(d^2). `variance` is the diagonal of S.

    Examples
    --------
    >>> law = MultivariateNormal([0.0, 0.0], [[1.0, 0.0], [0.0, 4.0]])
    >>> round(float(law.log_prob([0.0, 0.0])), 12)  # -log(2 pi) - log 2
    -2.531024246969
    """

    loc: Array
    covariance_matrix: Array
    check: bool = field(default=True, kw_only=True, repr=False)
    _cholesky: Array = field(init=False, repr=False)
    _whitening: Array = field(init=False, repr=False)
    _half_log_det: Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        xp, loc, covariance = float_arrays(
            self.loc,
            self.covariance_matrix,
            names=("loc", "covariance_matrix"),
        )
        d = loc.shape[-1] if loc.ndim else 0
        if loc.ndim < 1 or covariance.ndim < 2 or tuple(covariance.shape[-2:]) != (d, d) or d == 0:
            raise ValueError(
                "`loc` and `covariance_matrix` must have shapes (..., d) and (..., d, d), "
                f"got {tuple(loc.shape)} and {tuple(covariance.shape)}."
            )
        batch = numpy.broadcast_shapes(tuple(loc.shape[:-1]), tuple(covariance.shape[:-2]))
        if self.check:
            check_finite("loc", loc)
            check_finite("covariance_matrix", covariance)
            _check_covariance(covariance)
        # Made at once, not when first used: what is first used inside jit would hold traced values for ever.
        cholesky = xp.linalg.cholesky(covariance)
        identity = xp.eye(d, dtype=loc.dtype, device=device_of(loc))
        half_log_det = xp.sum(xp.log(xp.linalg.diagonal(cholesky)), axis=-1)
        freeze(
            self,
            loc=xp.broadcast_to(loc, (*batch, d)),
            covariance_matrix=xp.broadcast_to(covariance, (*batch, d, d)),
            _cholesky=cholesky,
            _whitening=xp.linalg.solve(cholesky, xp.broadcast_to(identity, cholesky.shape)),  # L^-1
            _half_log_det=xp.broadcast_to(half_log_det, batch),  # log det(S) / 2
        )

    @property
    def batch_shape(self) -> tuple[int, ...]:
        return tuple(self.loc.shape[:-1])

    @property
    def event_shape(self) -> tuple[int, ...]:
        return (int(self.loc.shape[-1]),)

    def _whitened(self, x: Array) -> tuple[Any, Array, Array]:
        xp, x, loc, whitening = float_arrays(x, self.loc, self._whitening, names=("x", "loc", "covariance_matrix"))
        if x.ndim == 0 or x.shape[-1] != loc.shape[-1]:
            raise ValueError(f"`x` must have shape (..., {loc.shape[-1]}), got {tuple(x.shape)}.")
        return xp, (whitening @ (x - loc)[..., None])[..., 0], whitening

    def log_prob(self, x: Array) -> Array:
        xp, z, _ = self._whitened(x)
        _, z, half_log_det = float_arrays(z, self._half_log_det, names=("x", "covariance_matrix"))
        constant = half_log_det + 0.5 * z.shape[-1] * math.log(2 * math.pi)
        with numpy.errstate(over="ignore"):
            return -0.5 * xp.sum(z * z, axis=-1) - constant

    def score(self, x: Array) -> Array:
        xp, z, whitening = self._whitened(x)
        return -(xp.matrix_transpose(whitening) @ z[..., None])[..., 0]

    def sample(self, n: int, *, rng: Any = None) -> Array:
        xp, place = place_of(self.loc)
        z = host_normal(rng, draw_shape(n, self.batch_shape, self.event_shape), xp, **place)
        return self.loc + (self._cholesky @ z[..., None])[..., 0]

    @property
    def mean(self) -> Array:
        return self.loc

    @property
    def variance(self) -> Array:
        return array_namespace(self.loc).linalg.diagonal(self.covariance_matrix)

    @property
    def entropy(self) -> Array:
        return self._half_log_det + 0.5 * self.loc.shape[-1] * (1 + math.log(2 * math.pi))


def _check_covariance(covariance: Array) -> None:
    host = to_host(covariance)
    if not numpy.array_equal(host, numpy.swapaxes(host, -1, -2)):
        gap = float(numpy.max(numpy.abs(host - numpy.swapaxes(host, -1, -2))))
        raise ValueError(
            f"`covariance_matrix` must be symmetric, got entries that differ from their mirror by up to {gap:g}. "
            "Pass the mean of the matrix and its transpose."
        )
    verdict = is_positive_definite(host)
    if not numpy.all(verdict.is_yes):
        raise ValueError(
            "`covariance_matrix` must be positive definite beyond rounding, "
            f"got a matrix whose scaled smallest eigenvalue is about {float(numpy.min(verdict.margin)):g}."
        )
