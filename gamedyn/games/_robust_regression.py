"""Robust regression: a fit against an adversary who moves the data at a price."""

from __future__ import annotations

from typing import Any

from gamedyn._checks import check_positive
from gamedyn.backend import Array, array_namespace, device_of, float_arrays, like
from gamedyn.games._base import Game, check_finite
from gamedyn.games._quadratic import Quadratic

__all__ = ["RobustRegression", "robust_least_squares"]


def robust_least_squares(matrix: Any, target: Any, *, penalty: float = 2.0) -> Quadratic:
    """f = |A x - y|^2 - lam |y - y0|^2: x fits a target y that an adversary moves away from y0; losses (f, -f).

    Concave in y for lam > 1, and then equivalent to least squares: the equilibrium has A^T (A x - y0) = 0 and
    y = (lam y0 - A x) / (lam - 1). The constant -lam |y0|^2 of f is left out.

    Parameters
    ----------
    matrix : array_like, shape (m, k)
        A.
    target : array_like, shape (m,)
        y0.
    penalty : float
        lam > 0.

    References
    ----------
    El Ghaoui, Lebret (1997), Robust solutions to least-squares problems with uncertain data.

    Examples
    --------
    A = (1, 1)^T and y0 = (0, 2): x = 1, and y = 2 y0 - A x = (-1, 3).

    >>> import numpy
    >>> game = robust_least_squares([[1.0], [1.0]], [0.0, 2.0])
    >>> game.simultaneous_gradient(numpy.array([1.0, -1.0, 3.0])).tolist()
    [0.0, 0.0, 0.0]
    """
    check_positive("penalty", penalty)
    xp, a, y0 = _data("matrix", matrix, "target", target)
    eye = xp.eye(a.shape[0], dtype=a.dtype, device=device_of(a))
    hessian = xp.concat(
        [xp.concat([2 * a.T @ a, -2 * a.T], axis=1), xp.concat([-2 * a, 2 * (1 - penalty) * eye], axis=1)], axis=0
    )
    linear = xp.concat([xp.zeros_like(a[0, :]), 2 * penalty * y0])
    return Quadratic(xp.stack([hessian, -hessian]), (a.shape[1], a.shape[0]), xp.stack([linear, -linear]))


class RobustRegression(Game):
    """f = mean_i ((a_i + s_i)^T x - b_i)^2 - lam mean_i |s_i|^2: x fits rows that an adversary shifts; losses (f, -f).

    z = (x, s_1, ..., s_m). For |x|^2 < lam the best shift is s_i = r_i x / (lam - |x|^2), r_i = a_i^T x - b_i, and what
    is left for x is lam / (lam - |x|^2) times the mean of r_i^2.

    Parameters
    ----------
    matrix : array_like, shape (m, k)
        Rows a_i.
    target : array_like, shape (m,)
        b.
    penalty : float
        lam > 0.

    References
    ----------
    El Ghaoui, Lebret (1997), Robust solutions to least-squares problems with uncertain data.

    Examples
    --------
    >>> import numpy
    >>> RobustRegression([[1.0]], [1.0], penalty=4.0).losses(numpy.array([2.0, 0.5])).tolist()
    [3.0, -3.0]
    """

    def __init__(self, matrix: Any, target: Any, *, penalty: float = 4.0) -> None:
        check_positive("penalty", penalty)
        _, self.matrix, self.target = _data("matrix", matrix, "target", target)
        self.penalty = penalty
        m, k = self.matrix.shape
        self.dims = (k, m * k)

    def __repr__(self) -> str:
        return f"RobustRegression(dims={self.dims}, penalty={self.penalty!r})"

    def _parts(self, z: Array) -> tuple[Array, Array, Array, Array]:
        """x (..., k), s (..., m, k), moved rows (..., m, k) and residuals (..., m)."""
        xp = array_namespace(z)
        m, k = self.matrix.shape
        x, s = z[..., :k], xp.reshape(z[..., k:], (*z.shape[:-1], m, k))
        rows = like(self.matrix, z) + s
        return x, s, rows, xp.sum(rows * x[..., None, :], axis=-1) - like(self.target, z)

    def losses(self, z: Array) -> Array:
        """(f, -f)."""
        xp = array_namespace(z)
        _, s, _, residual = self._parts(z)
        m = self.matrix.shape[0]
        f = (xp.sum(residual**2, axis=-1) - self.penalty * xp.sum(s**2, axis=(-2, -1))) / m
        return xp.stack([f, -f], axis=-1)

    def loss_gradients(self, z: Array) -> Array:
        """Rows grad f and -grad f."""
        xp = array_namespace(z)
        x, s, rows, residual = self._parts(z)
        m = self.matrix.shape[0]
        in_x = 2 / m * xp.sum(residual[..., None] * rows, axis=-2)
        in_s = 2 / m * (residual[..., None] * x[..., None, :] - self.penalty * s)
        gradient = xp.concat([in_x, xp.reshape(in_s, (*z.shape[:-1], self.dims[1]))], axis=-1)
        return xp.stack([gradient, -gradient], axis=-2)


def _data(matrix_name: str, matrix: Any, target_name: str, target: Any) -> tuple[Any, Array, Array]:
    xp, a, b = float_arrays(matrix, target, names=(matrix_name, target_name))
    if a.ndim != 2 or 0 in a.shape or tuple(b.shape) != (a.shape[0],):
        raise ValueError(
            f"`{matrix_name}` and `{target_name}` must have shapes (m, k) and (m,), got {tuple(a.shape)} and "
            f"{tuple(b.shape)}."
        )
    check_finite(f"`{matrix_name}`", a)
    check_finite(f"`{target_name}`", b)
    return xp, a, b
