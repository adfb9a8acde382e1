"""The bilinear zero-sum game f(x, y) = x^T A y + b^T x + c^T y."""

from __future__ import annotations

from typing import Any

from gamedyn.backend import Array, array_namespace, device_of, float_arrays, like
from gamedyn.games._base import Game, check_finite
from gamedyn.games._linear import over_batch, times

__all__ = ["Bilinear"]


class Bilinear(Game):
    """min over x, max over y of f = x^T A y + b^T x + c^T y; z = (x, y), losses (f, -f).

    xi = (A y + b, -A^T x - c) and J = [[0, A], [-A^T, 0]], whose eigenvalues are plus and minus i times the singular
    values of A, and zeros. Every point with A y = -b and A^T x = -c is a Nash equilibrium; none is a strict one.

    Parameters
    ----------
    matrix : array_like, shape (m, k)
        A, finite.
    x_linear : array_like, shape (m,), optional
        b.
    y_linear : array_like, shape (k,), optional
        c.

    Raises
    ------
    ValueError
        If shapes do not fit or an entry is not finite.

    Examples
    --------
    >>> import numpy
    >>> game = Bilinear([[2.0]])
    >>> game.simultaneous_gradient(numpy.array([1.0, 3.0])).tolist()
    [6.0, -2.0]
    """

    is_affine = True

    def __init__(self, matrix: Any, x_linear: Any = None, y_linear: Any = None) -> None:
        xp, self.matrix = float_arrays(matrix, names=("matrix",))
        if self.matrix.ndim != 2 or 0 in self.matrix.shape:
            raise ValueError(f"`matrix` must have shape (m, k) with m, k >= 1, got {tuple(self.matrix.shape)}.")
        check_finite("`matrix`", self.matrix)
        self.dims = tuple(self.matrix.shape)
        self.x_linear = self._linear_term(xp, "x_linear", x_linear, self.dims[0])
        self.y_linear = self._linear_term(xp, "y_linear", y_linear, self.dims[1])

    def _linear_term(self, xp: Any, name: str, values: Any, size: int) -> Array:
        if values is None:
            return xp.zeros(size, dtype=self.matrix.dtype, device=device_of(self.matrix))
        _, _, term = float_arrays(self.matrix, values, names=("matrix", name))
        if tuple(term.shape) != (size,):
            raise ValueError(
                f"`{name}` must have shape ({size},) to fit `matrix` of shape {self.dims}, got {tuple(term.shape)}."
            )
        check_finite(f"`{name}`", term)
        return term

    def __repr__(self) -> str:
        return self.name or f"Bilinear(dims={self.dims})"

    def _split(self, z: Array) -> tuple[Array, Array]:
        return z[..., : self.dims[0]], z[..., self.dims[0] :]

    def losses(self, z: Array) -> Array:
        """(f, -f)."""
        xp = array_namespace(z)
        x, y = self._split(z)
        f = xp.sum(x * (times(like(self.matrix, z), y) + like(self.x_linear, z)), axis=-1)
        f = f + xp.sum(like(self.y_linear, z) * y, axis=-1)
        return xp.stack([f, -f], axis=-1)

    def loss_gradients(self, z: Array) -> Array:
        """Rows (A y + b, A^T x + c) and minus it."""
        xp = array_namespace(z)
        gradient = xp.concat([self.player_gradient(z, 0), -self.player_gradient(z, 1)], axis=-1)
        return xp.stack([gradient, -gradient], axis=-2)

    def simultaneous_gradient(self, z: Array) -> Array:
        """(A y + b, -A^T x - c)."""
        xp = array_namespace(z)
        return xp.concat([self.player_gradient(z, 0), self.player_gradient(z, 1)], axis=-1)

    def player_gradient(self, z: Array, player: int) -> Array:
        """A y + b for player 0, -A^T x - c for player 1."""
        x, y = self._split(z)
        matrix = like(self.matrix, z)
        if player == 0:
            return times(matrix, y) + like(self.x_linear, z)
        return -(times(matrix.T, x) + like(self.y_linear, z))

    def jvp(self, z: Array, v: Array) -> Array:
        """(A v_y, -A^T v_x)."""
        xp = array_namespace(z)
        matrix = like(self.matrix, z)
        v_x, v_y = self._split(v)
        return over_batch(xp.concat([times(matrix, v_y), -times(matrix.T, v_x)], axis=-1), z)

    def vjp(self, z: Array, u: Array) -> Array:
        """J is antisymmetric: J^T u = -J u."""
        return -self.jvp(z, u)

    def jacobian(self, z: Array) -> Array:
        """[[0, A], [-A^T, 0]]."""
        xp = array_namespace(z)
        matrix = self._blocks(z, -1)
        return xp.broadcast_to(matrix, (*z.shape[:-1], *matrix.shape))

    def own_hvp(self, z: Array, v: Array) -> Array:
        """Zero: no player's loss is curved in its own block."""
        xp = array_namespace(z)
        return over_batch(xp.zeros_like(v), z)

    def loss_hessians(self, z: Array) -> Array:
        """Plus and minus [[0, A], [A^T, 0]]."""
        xp = array_namespace(z)
        hessian = self._blocks(z, 1)
        stacked = xp.stack([hessian, -hessian])
        return xp.broadcast_to(stacked, (*z.shape[:-1], *stacked.shape))

    def _blocks(self, z: Array, sign: int) -> Array:
        """[[0, A], [sign A^T, 0]]."""
        xp = array_namespace(z)
        matrix = like(self.matrix, z)
        zeros = [xp.zeros((size, size), dtype=matrix.dtype, device=device_of(z)) for size in self.dims]
        rows = [xp.concat([zeros[0], matrix], axis=1), xp.concat([sign * matrix.T, zeros[1]], axis=1)]
        return xp.concat(rows, axis=0)
