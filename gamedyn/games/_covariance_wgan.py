"""The WGAN that learns a covariance: a quadratic critic against a linear generator."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn._checks import check_integer
from gamedyn.backend import Array, array_namespace, float_arrays, like
from gamedyn.games._base import check_finite
from gamedyn.games._zero_sum import ZeroSum

__all__ = ["CovarianceWGAN"]


class CovarianceWGAN(ZeroSum):
    """f = sum W_ij (Sigma_ij - (V V^T)_ij): data N(0, Sigma), fake V e, critic x^T W x; z = (V, W), rows after rows.

    f is bilinear in W and quadratic in V: f_V = -(W + W^T) V, f_W = Sigma - V V^T. With V V^T = Sigma and W = 0 all
    eigenvalues of J are imaginary or 0, so that simultaneous descent does not converge.

    Parameters
    ----------
    covariance : array_like, shape (n, n)
        Sigma, symmetric.
    rank : int, optional
        Columns of V; n by default.

    Raises
    ------
    ValueError
        If the covariance is not square, finite and symmetric.

    References
    ----------
    Daskalakis, Ilyas, Syrgkanis, Zeng (2018), Training GANs with optimism.

    Examples
    --------
    >>> import numpy
    >>> CovarianceWGAN([[4.0]]).simultaneous_gradient(numpy.array([2.0, 0.0])).tolist()  # V V^T = Sigma
    [0.0, 0.0]
    """

    def __init__(self, covariance: Any, rank: int | None = None) -> None:
        xp, self.covariance = float_arrays(covariance, names=("covariance",))
        shape = tuple(self.covariance.shape)
        if len(shape) != 2 or shape[0] != shape[1] or shape[0] == 0:
            raise ValueError(f"`covariance` must have shape (n, n), got {shape}.")
        check_finite("`covariance`", self.covariance)
        if not bool(xp.all(self.covariance == self.covariance.T)):
            raise ValueError("`covariance` must be symmetric. Replace S by (S + S^T) / 2.")
        n = shape[0]
        check_integer("rank", n if rank is None else rank, minimum=1)
        self.rank = n if rank is None else rank
        self.dims = (n * self.rank, n * n)
        self._curvature = _third_derivative(n, self.rank)

    def __repr__(self) -> str:
        return f"CovarianceWGAN(n={self.covariance.shape[0]}, rank={self.rank})"

    def value(self, z: Array) -> Array:
        """Sum of W (Sigma - V V^T)."""
        _, w, gap = self._parts(z)
        return array_namespace(z).sum(w * gap, axis=(-2, -1))

    def value_gradient(self, z: Array) -> Array:
        """(-(W + W^T) V, Sigma - V V^T)."""
        xp = array_namespace(z)
        v, w, gap = self._parts(z)
        by_v = -(w + xp.matrix_transpose(w)) @ v
        flat = [xp.reshape(part, (*z.shape[:-1], size)) for part, size in zip((by_v, gap), self.dims, strict=True)]
        return xp.concat(flat, axis=-1)

    def value_hessian(self, z: Array) -> Array:
        """Linear in z: the third derivative, constant, times z."""
        xp = array_namespace(z)
        d = sum(self.dims)
        flat = xp.reshape(like(self._curvature, z), (d * d, d))
        return xp.reshape(z @ flat.T, (*z.shape[:-1], d, d))

    def _parts(self, z: Array) -> tuple[Array, Array, Array]:
        """V, W and Sigma - V V^T."""
        xp = array_namespace(z)
        n, size = self.covariance.shape[0], self.dims[0]
        v = xp.reshape(z[..., :size], (*z.shape[:-1], n, self.rank))
        w = xp.reshape(z[..., size:], (*z.shape[:-1], n, n))
        return v, w, like(self.covariance, z) - v @ xp.matrix_transpose(v)


def _third_derivative(n: int, rank: int) -> numpy.ndarray:
    """(d, d, d): the symmetric tensor of -sum W_ij V_ik V_jk."""
    size = n * rank
    tensor = numpy.zeros((size + n * n,) * 3)
    for i in range(n):
        for j in range(n):
            for k in range(rank):
                a, b, c = i * rank + k, j * rank + k, size + i * n + j
                for order in ((a, b, c), (a, c, b), (b, a, c), (b, c, a), (c, a, b), (c, b, a)):
                    tensor[order] -= 1
    return tensor
