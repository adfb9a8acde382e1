"""The WGAN that learns a covariance: a quadratic critic against a linear generator."""

from __future__ import annotations

from typing import Any

from gamedyn._checks import check_integer
from gamedyn.backend import Array, array_namespace, float_arrays, like
from gamedyn.games._base import _basis, _move_first_to_last, check_finite
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
        """D^2 f by its columns."""
        return _move_first_to_last(self._slope(z, _basis(z)))

    def jvp(self, z: Array, v: Array) -> Array:
        """Rows of D^2 f times v, those of W with the other sign."""
        slope, m = self._slope(z, v), self.dims[0]
        return array_namespace(z).concat([slope[..., :m], -slope[..., m:]], axis=-1)

    def vjp(self, z: Array, u: Array) -> Array:
        """D^2 f, which is symmetric, times u with the other sign in W."""
        m = self.dims[0]
        return self._slope(z, array_namespace(u).concat([u[..., :m], -u[..., m:]], axis=-1))

    def _slope(self, z: Array, direction: Array) -> Array:
        """D^2 f times (dV, dW): (-(dW + dW^T) V - (W + W^T) dV, -dV V^T - V dV^T)."""
        xp, turn = array_namespace(z), array_namespace(z).matrix_transpose
        v, w = self._matrices(z)
        dv, dw = self._matrices(direction)
        by_w = dv @ turn(v)
        parts = -(dw + turn(dw)) @ v - (w + turn(w)) @ dv, -(by_w + turn(by_w))
        return xp.concat(
            [xp.reshape(p, (*p.shape[:-2], size)) for p, size in zip(parts, self.dims, strict=True)], axis=-1
        )

    def _matrices(self, z: Array) -> tuple[Array, Array]:
        """V and W."""
        xp = array_namespace(z)
        n, size = self.covariance.shape[0], self.dims[0]
        v = xp.reshape(z[..., :size], (*z.shape[:-1], n, self.rank))
        return v, xp.reshape(z[..., size:], (*z.shape[:-1], n, n))

    def _parts(self, z: Array) -> tuple[Array, Array, Array]:
        """V, W and Sigma - V V^T."""
        v, w = self._matrices(z)
        return v, w, like(self.covariance, z) - v @ array_namespace(z).matrix_transpose(v)
