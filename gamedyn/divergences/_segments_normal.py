"""Segments between normal laws, on the line and in d dimensions, in coordinates in which the second is standard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gamedyn.backend import Array, device_of, float_arrays
from gamedyn.distributions import LowRankMultivariateNormal
from gamedyn.divergences._excess import excess
from gamedyn.divergences._segment import Segment

__all__ = ["MultivariateNormalSegment", "NormalSegment", "between_multivariate_normals", "between_normals"]


@dataclass(frozen=True, eq=False)
class NormalSegment(Segment):
    """From N(shift, variance) to N(0, 1).

    With d = variance - 1 the law at s has variance (1 + d) / (1 + s d), and mean (1 - s) shift / (1 + s d). KL from s
    to s + t is half of r - 1 - log r, r - 1 = t d / (1 + s d), and of the squared step between the means in units of
    the second's deviation, t^2 shift^2 (1 + d) / ((1 + s d)^2 (1 + (s + t) d)).
    """

    xp: Any
    variance: Array
    deviation: Array
    shift: Array

    def _inverse(self, s: Any) -> Array:
        """1 + s d, for 0 <= s <= 1 as a sum of positive terms."""
        return (1 - s) + s * self.variance

    def kl(self, s: Any, e: Any, t: Any) -> Array:
        here, there = self._inverse(s), self._inverse(e)
        step = t * self.shift / here
        return (excess(self.xp, there / here, t * self.deviation / here) + step * step * (self.variance / there)) / 2

    def inside(self, s: Any) -> Array:
        return self._inverse(s) > 0


def between_normals(p: Any, q: Any) -> NormalSegment:
    """Of two laws with `loc` and `scale`, normal themselves or in their logarithm."""
    xp, m1, s1, m2, s2 = float_arrays(p.loc, p.scale, q.loc, q.scale, names=("p.loc", "p.scale", "q.loc", "q.scale"))
    ratio = s1 / s2
    # r^2 - 1 from s1 - s2, which is exact next to s1 = s2.
    return NormalSegment(xp, ratio * ratio, (s1 - s2) / s2 * (ratio + 1), (m1 - m2) / s2)


@dataclass(frozen=True, eq=False)
class MultivariateNormalSegment(Segment):
    """From N(shift, I + D) to N(0, I): as on the line, with the matrix D and its eigenvalues for d.

    Eigenvalues alone, without eigenvectors, whose derivatives do not exist where two of the former agree.
    """

    xp: Any
    matrix: Array
    deviation: Array
    shift: Array

    def _plus_identity(self, s: Any) -> Array:
        xp, d = self.xp, self.matrix.shape[-1]
        identity = xp.eye(d, dtype=self.matrix.dtype, device=device_of(self.matrix))
        return identity + (s[..., None, None] if hasattr(s, "shape") else s) * self.matrix

    def kl(self, s: Any, e: Any, t: Any) -> Array:
        xp, eigenvalues = self.xp, self.deviation
        deep_s, deep_e, deep_t = (x[..., None] if hasattr(x, "shape") else x for x in (s, e, t))
        here = 1 + deep_s * eigenvalues
        step = deep_t * eigenvalues / here
        spread = xp.sum(excess(xp, (1 + deep_e * eigenvalues) / here, step), axis=-1)
        column = deep_t * self.shift
        first = _solve(xp, self._plus_identity(s), column)
        # Towards q, as in KL(p, q), the last two factors cancel.
        if isinstance(e, float) and e == 1:
            return (spread + xp.sum(first * first, axis=-1)) / 2
        second = _solve(xp, self._plus_identity(e), first)
        stretched = (self._plus_identity(1.0) @ second[..., None])[..., 0]
        return (spread + xp.sum(first * stretched, axis=-1)) / 2

    def inside(self, s: Any) -> Array:
        return self.xp.min(1 + s * self.deviation, axis=-1) > 0


def _solve(xp: Any, matrix: Array, vector: Array) -> Array:
    matrix, column = xp.broadcast_arrays(matrix, vector[..., None] + 0 * matrix[..., :1])
    return xp.linalg.solve(matrix, column[..., :1])[..., 0]


def between_multivariate_normals(p: Any, q: Any) -> MultivariateNormalSegment:
    """With S2 = L L^T: D = L^-1 (S1 - S2) L^-T, whose entries are exact next to S1 = S2; of low rank too, in O(d^3)."""
    names = ("p.loc", "p.covariance_matrix", "q.loc", "q.covariance_matrix")
    difference = _covariance_difference(p, q)
    xp, m1, difference, m2, s2 = float_arrays(p.loc, difference, q.loc, q.covariance_matrix, names=names)
    difference, s2 = xp.broadcast_arrays(difference, s2)
    root = xp.linalg.cholesky(s2)
    half = xp.linalg.solve(root, difference)
    matrix = xp.linalg.solve(root, xp.matrix_transpose(half))
    matrix = (matrix + xp.matrix_transpose(matrix)) / 2
    return MultivariateNormalSegment(xp, matrix, xp.linalg.eigvalsh(matrix), _solve(xp, root, m1 - m2))


def _covariance_difference(p: Any, q: Any) -> Array:
    """S1 - S2; of two laws of one low rank V (W - V)^T + (W - V) W^T and the difference of the diagonals."""
    low = all(isinstance(law, LowRankMultivariateNormal) for law in (p, q))
    if not low or p.cov_factor.shape[-1] != q.cov_factor.shape[-1]:
        matrices = p.covariance_matrix, q.covariance_matrix
        _, s1, s2 = float_arrays(*matrices, names=("p.covariance_matrix", "q.covariance_matrix"))
        return s1 - s2
    names = ("p.cov_factor", "q.cov_factor", "p.cov_diag", "q.cov_diag")
    xp, w, v, a, b = float_arrays(p.cov_factor, q.cov_factor, p.cov_diag, q.cov_diag, names=names)
    w, v = xp.broadcast_arrays(w, v)
    identity = xp.eye(a.shape[-1], dtype=a.dtype, device=device_of(a))
    step = w - v
    return v @ xp.matrix_transpose(step) + step @ xp.matrix_transpose(w) + identity * (a - b)[..., None, :]
