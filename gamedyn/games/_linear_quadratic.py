"""The zero-sum linear-quadratic game: two feedback gains of one linear system, over an infinite horizon."""

from __future__ import annotations

from typing import Any

from gamedyn.backend import Array, array_namespace, float_arrays, like
from gamedyn.games._base import Game, check_finite

__all__ = ["LinearQuadraticGame"]

# F^(2^k) after so many squarings is below the roundoff for every spectral radius up to 1 - 1e-10.
_DOUBLINGS = 40


class LinearQuadraticGame(Game):
    """f(K, L) = E sum_t x^T Q x + u^T R u - v^T S v with x+ = A x + B u + C v, u = -K x, v = -L x; losses (f, -f).

    z holds the rows of K, then those of L. f = trace(P W), P = Q + K^T R K - L^T S L + F^T P F the cost matrix of the
    closed loop F = A - B K - C L, and W the covariance of the start. Where F is not stable the sum diverges, and f is
    not finite. In policies the game is neither convex nor concave, and still its stationary points are equilibria.

    Parameters
    ----------
    a : array_like, shape (n, n)
    b, c : array_like, shapes (n, m), (n, p)
        Inputs of the minimiser and of the maximiser.
    state_cost : array_like, shape (n, n), optional
        Q, symmetric; identity by default.
    x_cost, y_cost : array_like, shapes (m, m), (p, p), optional
        R and S, symmetric; identities by default.
    covariance : array_like, shape (n, n), optional
        W, symmetric positive definite; identity by default.

    Raises
    ------
    ValueError
        If shapes do not fit, an entry is not finite, or a cost or the covariance is not symmetric.

    References
    ----------
    Zhang, Yang, Başar (2019), Policy optimization provably converges to Nash equilibria in zero-sum linear quadratic
    games.

    Examples
    --------
    A system at rest after one step: f = Q + K^2 - L^2 with F = 0.

    >>> import numpy
    >>> game = LinearQuadraticGame([[1.0]], [[1.0]], [[1.0]])
    >>> game.losses(numpy.array([0.75, 0.25])).tolist()
    [1.5, -1.5]
    """

    def __init__(
        self,
        a: Any,
        b: Any,
        c: Any,
        *,
        state_cost: Any = None,
        x_cost: Any = None,
        y_cost: Any = None,
        covariance: Any = None,
    ) -> None:
        xp, self.a, self.b, self.c = float_arrays(a, b, c, names=("a", "b", "c"))
        n = self.a.shape[0] if self.a.ndim == 2 else 0
        shapes = [tuple(each.shape) for each in (self.a, self.b, self.c)]
        if shapes[0] != (n, n) or not n or any(len(shape) != 2 or shape[0] != n for shape in shapes):
            raise ValueError(f"`a`, `b` and `c` must have shapes (n, n), (n, m) and (n, p), got {shapes}.")
        for name, matrix in (("a", self.a), ("b", self.b), ("c", self.c)):
            check_finite(f"`{name}`", matrix)
        m, p = shapes[1][1], shapes[2][1]
        self.dims = (m * n, p * n)
        given = {
            "state_cost": (state_cost, n),
            "x_cost": (x_cost, m),
            "y_cost": (y_cost, p),
            "covariance": (covariance, n),
        }
        for name, (value, size) in given.items():
            setattr(self, name, _symmetric(xp, name, value, size, self.a))
        self._shape = (n, m, p)

    state_cost: Array
    x_cost: Array
    y_cost: Array
    covariance: Array

    def __repr__(self) -> str:
        n, m, p = self._shape
        return f"LinearQuadraticGame(n={n}, inputs=({m}, {p}))"

    def gains(self, z: Array) -> tuple[Array, Array]:
        """(K, L) of shapes (..., m, n) and (..., p, n)."""
        xp = array_namespace(z)
        n, m, p = self._shape
        batch = z.shape[:-1]
        return xp.reshape(z[..., : m * n], (*batch, m, n)), xp.reshape(z[..., m * n :], (*batch, p, n))

    def _closed_loop(self, k: Array, gain: Array) -> Array:
        return like(self.a, k) - like(self.b, k) @ k - like(self.c, k) @ gain

    def _cost_matrix(self, k: Array, gain: Array) -> Array:
        """P (..., n, n)."""
        xp = array_namespace(k)
        stage = (
            like(self.state_cost, k)
            + xp.matrix_transpose(k) @ like(self.x_cost, k) @ k
            - xp.matrix_transpose(gain) @ like(self.y_cost, k) @ gain
        )
        return _sum_of_powers(self._closed_loop(k, gain), stage)

    def losses(self, z: Array) -> Array:
        """(f, -f)."""
        xp = array_namespace(z)
        p = self._cost_matrix(*self.gains(z))
        f = xp.sum(p * like(self.covariance, z), axis=(-2, -1))
        return xp.stack([f, -f], axis=-1)

    def loss_gradients(self, z: Array) -> Array:
        """Rows grad f and -grad f: 2 (R K - B^T P F) X in K and -2 (S L + C^T P F) X in L, X = W + F X F^T."""
        xp = array_namespace(z)
        k, gain = self.gains(z)
        f, p = self._closed_loop(k, gain), self._cost_matrix(k, gain)
        start = xp.broadcast_to(like(self.covariance, z), f.shape)
        visits = _sum_of_powers(xp.matrix_transpose(f), start)
        pf = p @ f
        in_k = 2 * (like(self.x_cost, z) @ k - like(self.b, z).T @ pf) @ visits
        in_l = -2 * (like(self.y_cost, z) @ gain + like(self.c, z).T @ pf) @ visits
        flat = [xp.reshape(part, (*z.shape[:-1], size)) for part, size in zip((in_k, in_l), self.dims, strict=True)]
        gradient = xp.concat(flat, axis=-1)
        return xp.stack([gradient, -gradient], axis=-2)


def _sum_of_powers(f: Array, middle: Array) -> Array:
    """sum_t (F^T)^t M F^t by doubling: every round adds as many terms as there are."""
    xp = array_namespace(f)
    total = middle
    for _ in range(_DOUBLINGS):
        total = total + xp.matrix_transpose(f) @ total @ f
        f = f @ f
    return total


def _symmetric(xp: Any, name: str, value: Any, size: int, like_this: Array) -> Array:
    if value is None:
        return like(xp.eye(size), like_this)
    _, _, matrix = float_arrays(like_this, value, names=("a", name))
    check_finite(f"`{name}`", matrix)
    if tuple(matrix.shape) != (size, size) or not bool(xp.all(matrix == matrix.T)):
        raise ValueError(f"`{name}` must be symmetric of shape ({size}, {size}), got {tuple(matrix.shape)}.")
    return matrix
