"""Matrix games: two players, a table of payoffs for each."""

from __future__ import annotations

from typing import Any

from gamedyn.backend import Array, array_namespace, device_of, float_arrays, like
from gamedyn.games._base import check_finite
from gamedyn.games._linear import over_batch, times
from gamedyn.games._normal_form import NormalFormGame

__all__ = ["MatrixGame"]


class MatrixGame(NormalFormGame):
    """The bimatrix game with payoffs x^T A y and x^T B y; losses minus these, z = (x, y) on two simplices.

    xi = (-A y, -B^T x) and J = [[0, -A], [-B^T, 0]]. Both players maximise their payoff: where B is left out it is -A,
    and the game is zero-sum with value max_x min_y x^T A y.

    Parameters
    ----------
    A : array_like, shape (m, k)
        Row player's payoffs, finite.
    B : array_like, shape (m, k), optional
        Column player's payoffs, with the same rows and columns (not transposed); -A by default.

    Raises
    ------
    ValueError
        If shapes do not fit or a payoff is not finite.

    Examples
    --------
    Matching pennies, the second player choosing heads: the first wins with heads and loses with tails.

    >>> import numpy
    >>> game = MatrixGame([[1.0, -1.0], [-1.0, 1.0]])
    >>> game.player_gradient(numpy.array([0.5, 0.5, 1.0, 0.0]), player=0).tolist()
    [-1.0, 1.0]
    """

    def __init__(self, A: Any, B: Any = None) -> None:
        if B is None:
            xp, row = float_arrays(A, names=("A",))
            column = -row
        else:
            xp, row, column = float_arrays(A, B, names=("A", "B"))
        for name, table in (("A", row), ("B", column)):
            if table.ndim != 2 or 0 in table.shape:
                raise ValueError(f"`{name}` must have shape (m, k) with m, k >= 1, got {tuple(table.shape)}.")
            check_finite(f"`{name}`", table)
        if row.shape != column.shape:
            raise ValueError(
                f"`B` must have the shape {tuple(row.shape)} of `A`, rows for the first player's actions in both, got "
                f"{tuple(column.shape)}."
            )
        super().__init__(xp.stack([row, column]))

    @property
    def A(self) -> Array:
        """(m, k): the row player's payoffs."""
        return self.payoffs[0, ...]

    @property
    def B(self) -> Array:
        """(m, k): the column player's payoffs."""
        return self.payoffs[1, ...]

    def player_gradient(self, z: Array, player: int) -> Array:
        """-A y for player 0, -B^T x for player 1."""
        m = self.dims[0]
        return -times(like(self.A, z), z[..., m:]) if player == 0 else -times(like(self.B, z).T, z[..., :m])

    def jvp(self, z: Array, v: Array) -> Array:
        """(-A v_y, -B^T v_x)."""
        xp = array_namespace(z)
        m = self.dims[0]
        moved = [times(like(self.A, z), v[..., m:]), times(like(self.B, z).T, v[..., :m])]
        return over_batch(-xp.concat(moved, axis=-1), z)

    def vjp(self, z: Array, u: Array) -> Array:
        """(-B u_y, -A^T u_x)."""
        xp = array_namespace(z)
        m = self.dims[0]
        moved = [times(like(self.B, z), u[..., m:]), times(like(self.A, z).T, u[..., :m])]
        return over_batch(-xp.concat(moved, axis=-1), z)

    def jacobian(self, z: Array) -> Array:
        """[[0, -A], [-B^T, 0]]."""
        xp = array_namespace(z)
        A, B = like(self.A, z), like(self.B, z)
        zeros = [xp.zeros((size, size), dtype=A.dtype, device=device_of(z)) for size in self.dims]
        rows = [xp.concat([zeros[0], -A], axis=1), xp.concat([-B.T, zeros[1]], axis=1)]
        matrix = xp.concat(rows, axis=0)
        return xp.broadcast_to(matrix, (*z.shape[:-1], *matrix.shape))
