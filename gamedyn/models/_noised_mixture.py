"""NoisedMixture: a Gaussian mixture or atoms, scaled by a and with Gaussian noise of variance v, in closed form."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn.backend import float_arrays, to_host
from gamedyn.distributions import (
    Distribution,
    Empirical,
    LowRankMultivariateNormal,
    Mixture,
    MultivariateNormal,
    Normal,
)

__all__ = ["NoisedMixture"]

# Numbers in the largest array at a time: 32 MB.
_BLOCK = 4_000_000


@dataclass(frozen=True, eq=False)
class NoisedMixture:
    """x_0 ~ sum_i w_i N(m_i, C_i), x = a x_0 + sqrt(v) eps: its marginal, and the law of x_0 given x.

    With C_i = V diag(l) V^T the covariance of x in component i is V diag(S) V^T, S = a^2 l + v. Of its points z =
    V^T (x - a m_i): the responsibilities r_i are a softmax of log w_i - sum(z^2 / S + log S) / 2, and E[x_0 | x, i] =
    m_i + V (a l / S) z. On the host in float64.

    Parameters
    ----------
    weights : array, shape (k,)
    means : array, shape (k, d)
    spreads : array, shape (k, d)
        Eigenvalues l of the covariances, >= 0: 0 for atoms.
    frames : array, shape (k, d, d), or None
        Eigenvectors V in columns; None where all covariances are diagonal.
    on_line : bool
        Whether points have shape (...) instead of (..., 1).
    """

    weights: numpy.ndarray
    means: numpy.ndarray
    spreads: numpy.ndarray
    frames: numpy.ndarray | None
    on_line: bool

    @classmethod
    def of(cls, law: Distribution) -> NoisedMixture:
        """The parts of a law: Normal, MultivariateNormal, a Mixture of them, or Empirical.

        Parameters
        ----------
        law : Distribution
            Without a batch.
        """
        if law.batch_shape != ():
            raise ValueError(f"`law` must be one law, without a batch, got batch shape {law.batch_shape}.")
        if isinstance(law, Empirical):
            samples, weights = (
                numpy.asarray(to_host(each), dtype=numpy.float64) for each in (law.samples, law.weights)
            )
            rows = samples.reshape(len(samples), -1)[weights > 0]
            weights = weights[weights > 0]
            return cls(weights / weights.sum(), rows, numpy.zeros_like(rows), None, law.event_shape == ())
        parts = law.components if isinstance(law, Mixture) else (law,)
        weights = (
            numpy.asarray(to_host(law.weights), dtype=numpy.float64) if isinstance(law, Mixture) else numpy.ones(1)
        )
        kept = [(w, part) for w, part in zip(weights, parts, strict=True) if w > 0]
        pieces = [_piece(part) for _, part in kept]
        means, spreads, frames = (numpy.stack(each) for each in zip(*pieces, strict=True))
        plain = numpy.array_equal(frames, numpy.broadcast_to(numpy.eye(means.shape[1]), frames.shape))
        weights = numpy.array([w for w, _ in kept])
        return cls(weights / weights.sum(), means, spreads, None if plain else frames, law.event_shape == ())

    @property
    def dimension(self) -> int:
        """The number d of coordinates."""
        return int(self.means.shape[1])

    @property
    def singular(self) -> bool:
        """Whether the law of x_0 has no density."""
        return bool(numpy.any(self.spreads == 0))

    @property
    def second_moment(self) -> float:
        """E|x_0|^2."""
        return float(self.weights @ ((self.means**2).sum(-1) + self.spreads.sum(-1)))

    def rows(self, x: Any) -> numpy.ndarray:
        """Points (..., d) in float64; on the line they come as (...)."""
        points = to_host(float_arrays(x, names=("x",))[1]).astype(numpy.float64)
        points = points[..., None] if self.on_line else points
        if points.ndim == 0 or points.shape[-1] != self.dimension:
            raise ValueError(f"`x` must have shape (..., {self.dimension}), got {points.shape}.")
        if not numpy.all(numpy.isfinite(points)):
            raise ValueError(f"`x` must be finite, got {points[~numpy.isfinite(points)][0]}.")
        return points

    def marginal(self, a: float, v: float) -> Distribution:
        """The law of x."""
        means, variances = a * self.means, a * a * self.spreads + v
        if self.on_line:
            parts: list[Distribution] = [
                Normal(m, math.sqrt(s)) for m, s in zip(means[:, 0], variances[:, 0], strict=True)
            ]
        elif self.frames is None:
            parts = [MultivariateNormal(m, numpy.diag(s)) for m, s in zip(means, variances, strict=True)]
        else:
            parts = []
            for m, s, frame in zip(means, variances, self.frames, strict=True):
                covariance = (frame * s) @ frame.T
                parts.append(MultivariateNormal(m, 0.5 * (covariance + covariance.T)))
        return parts[0] if len(parts) == 1 else Mixture(self.weights, parts)

    def log_density(self, x: numpy.ndarray, a: Any, v: Any) -> numpy.ndarray:
        """log q(x), shape (...)."""

        def log_density(x: Any, a: Any, v: Any) -> Any:
            logits = self._joint(x, a, v)[0] - 0.5 * self.dimension * math.log(2 * math.pi)
            top = logits.max(-1)
            return top + numpy.log(numpy.exp(logits - top[:, None]).sum(-1))

        return self._in_blocks(log_density, x, a, v, x.shape[:-1])

    def posterior_mean(self, x: numpy.ndarray, a: Any, v: Any) -> numpy.ndarray:
        """E[x_0 | x] for rows x (..., d) and a, v of shape (...)."""

        def mean(x: Any, a: Any, v: Any) -> Any:
            shares, z, total = self._posterior(x, a, v)
            return numpy.einsum("nk,nkd->nd", shares, self._conditional_means(z, total, a))

        return self._in_blocks(mean, x, a, v, x.shape)

    def posterior_variance(self, x: numpy.ndarray, a: Any, v: Any) -> numpy.ndarray:
        """tr Cov[x_0 | x], shape (...): within the components, and between their means."""

        def variance(x: Any, a: Any, v: Any) -> Any:
            shares, z, total = self._posterior(x, a, v)
            means = self._conditional_means(z, total, a)
            within = (self.spreads * (v[:, None, None] / total)).sum(-1)
            centre = numpy.einsum("nk,nkd->nd", shares, means)
            return (shares * (within + ((means - centre[:, None]) ** 2).sum(-1))).sum(-1)

        return self._in_blocks(variance, x, a, v, x.shape[:-1])

    def score(self, x: numpy.ndarray, a: Any, v: Any) -> numpy.ndarray:
        """The gradient of log q(x), shape (..., d)."""

        def gradient(x: Any, a: Any, v: Any) -> Any:
            shares, z, total = self._posterior(x, a, v)
            return numpy.einsum("nk,nkd->nd", shares, self._unturned(-z / total))

        return self._in_blocks(gradient, x, a, v, x.shape)

    def score_divergence(self, x: numpy.ndarray, a: Any, v: Any) -> numpy.ndarray:
        """The trace of the Hessian of log q(x), shape (...): within the components, and between their scores."""

        def divergence(x: Any, a: Any, v: Any) -> Any:
            shares, z, total = self._posterior(x, a, v)
            scores = self._unturned(-z / total)
            centre = numpy.einsum("nk,nkd->nd", shares, scores)
            return (shares * (((scores - centre[:, None]) ** 2).sum(-1) - (1 / total).sum(-1))).sum(-1)

        return self._in_blocks(divergence, x, a, v, x.shape[:-1])

    def draws(self, n: int, rng: numpy.random.Generator) -> tuple[numpy.ndarray, numpy.ndarray]:
        """n rows (n, d) of x_0, and n rows of eps."""
        label = rng.choice(len(self.weights), size=n, p=self.weights)
        z = numpy.sqrt(self.spreads[label]) * rng.standard_normal((n, self.dimension))
        if self.frames is not None:
            z = numpy.einsum("ne,nde->nd", z, self.frames[label])
        return self.means[label] + z, rng.standard_normal((n, self.dimension))

    def axis_variances(self) -> numpy.ndarray:
        """Variances of the components along the axes, (k, d)."""
        if self.frames is None:
            return self.spreads
        return numpy.einsum("kde,ke->kd", self.frames**2, self.spreads)  # type: ignore[no-any-return]

    def _posterior(self, x: Any, a: Any, v: Any) -> tuple[Any, Any, Any]:
        """(responsibilities (n, k), z (n, k, d), S (n, k, d))."""
        logits, z, total = self._joint(x, a, v)
        shares = numpy.exp(logits - logits.max(-1, keepdims=True))
        return shares / shares.sum(-1, keepdims=True), z, total

    def _joint(self, x: Any, a: Any, v: Any) -> tuple[Any, Any, Any]:
        """(log w_i N(x; i) less the constant, z, S)."""
        z = x[:, None, :] - a[:, None, None] * self.means
        if self.frames is not None:
            z = numpy.einsum("nkd,kde->nke", z, self.frames)
        total = (a * a)[:, None, None] * self.spreads + v[:, None, None]
        return numpy.log(self.weights) - 0.5 * (z * z / total + numpy.log(total)).sum(-1), z, total

    def _conditional_means(self, z: Any, total: Any, a: Any) -> Any:
        return self.means + self._unturned(a[:, None, None] * self.spreads / total * z)

    def _unturned(self, z: Any) -> Any:
        return z if self.frames is None else numpy.einsum("nke,kde->nkd", z, self.frames)

    def _in_blocks(
        self, f: Callable[[Any, Any, Any], Any], x: numpy.ndarray, a: Any, v: Any, shape: tuple[int, ...]
    ) -> numpy.ndarray:
        flat = x.reshape(-1, self.dimension)
        a, v = (numpy.broadcast_to(each, x.shape[:-1]).reshape(-1) for each in (a, v))
        rows = max(_BLOCK // self.means.size, 1)
        if len(flat) <= rows:
            return numpy.asarray(f(flat, a, v)).reshape(shape)
        pieces = [f(flat[i : i + rows], a[i : i + rows], v[i : i + rows]) for i in range(0, len(flat), rows)]
        return numpy.concatenate(pieces).reshape(shape)


def _piece(part: Distribution) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    """Mean (d,), eigenvalues (d,) and eigenvectors (d, d) of a Gaussian; eigenvectors I where it is diagonal."""
    if isinstance(part, Normal):
        mean = numpy.asarray(to_host(part.loc), dtype=numpy.float64).reshape(1)
        return mean, numpy.asarray(to_host(part.scale), dtype=numpy.float64).reshape(1) ** 2, numpy.eye(1)
    if not isinstance(part, (MultivariateNormal, LowRankMultivariateNormal)):
        raise TypeError(
            f"`law` must be Normal, MultivariateNormal, a Mixture of these, or Empirical, got {type(part).__name__}."
        )
    mean = numpy.asarray(to_host(part.loc), dtype=numpy.float64)
    covariance = numpy.asarray(to_host(part.covariance_matrix), dtype=numpy.float64)
    if numpy.array_equal(covariance, numpy.diag(numpy.diag(covariance))):
        return mean, numpy.diag(covariance).copy(), numpy.eye(len(mean))
    spreads, frame = numpy.linalg.eigh(covariance)
    return mean, numpy.maximum(spreads, 0.0), frame
