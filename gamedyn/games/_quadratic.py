"""Quadratic games of n players, from Hessians or from the blocks of their Jacobian."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gamedyn._checks import check_integer
from gamedyn.backend import Array, array_namespace, device_of, float_arrays, like
from gamedyn.games._base import Game, check_finite, player_slices
from gamedyn.games._domain import Domain, as_domain
from gamedyn.games._linear import over_batch, times

__all__ = ["Quadratic"]


class Quadratic(Game):
    """L_i(z) = z^T Q_i z / 2 + q_i^T z: n players with quadratic losses, whose gradient xi = J z + b is linear.

    Parameters
    ----------
    matrices : array_like, shape (n, d, d)
        Q_i, symmetric: the Hessian of player i's loss in all of z.
    dims : tuple of int
        Sizes (d_1, ..., d_n) with sum d.
    linear : array_like, shape (n, d), optional
        q_i; zero by default.
    domain : Domain, optional
        Where the points live; all of R^d by default.

    Raises
    ------
    TypeError
        If the domain is none.
    ValueError
        If shapes or the domain's size do not fit, an entry is not finite or a matrix is not symmetric.

    Examples
    --------
    The potential saddle L_1 = L_2 = x y:

    >>> import numpy
    >>> game = Quadratic([[[0, 1], [1, 0]], [[0, 1], [1, 0]]], dims=(1, 1))
    >>> game.jacobian(numpy.zeros(2)).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """

    is_affine = True

    def __init__(self, matrices: Any, dims: Sequence[int], linear: Any = None, *, domain: Domain | None = None) -> None:
        xp, matrices = float_arrays(matrices, names=("matrices",))
        self.dims = _checked_dims(dims)
        n, d = len(self.dims), sum(self.dims)
        self.domain = as_domain(domain, d)
        if tuple(matrices.shape) != (n, d, d):
            raise ValueError(
                f"`matrices` must have shape (n, d, d) = ({n}, {d}, {d}) for players of sizes {self.dims}, "
                f"got {tuple(matrices.shape)}."
            )
        self.matrices = _symmetrized("every matrix of `matrices`", matrices)
        if linear is None:
            linear = xp.zeros((n, d), dtype=self.matrices.dtype, device=device_of(self.matrices))
        _, _, self.linear = float_arrays(self.matrices, linear, names=("matrices", "linear"))
        if tuple(self.linear.shape) != (n, d):
            raise ValueError(
                f"`linear` must have shape (n, d) = ({n}, {d}) for players of sizes {self.dims}, "
                f"got {tuple(self.linear.shape)}."
            )
        check_finite("`linear`", self.linear)
        slices = list(enumerate(player_slices(self.dims)))
        self._jacobian = xp.concat([self.matrices[i, block, :] for i, block in slices], axis=0)
        self._offset = xp.concat([self.linear[i, block] for i, block in slices], axis=0)

    @classmethod
    def from_blocks(cls, blocks: Sequence[Sequence[Any]], linear: Sequence[Any] | None = None) -> Quadratic:
        """L_i = z_i^T B_ii z_i / 2 + z_i^T sum_{j != i} B_ij z_j + b_i^T z_i, so that J has the blocks B_ij.

        Parameters
        ----------
        blocks : n rows of n array_likes
            B_ij of shape (d_i, d_j), B_ii symmetric.
        linear : n array_likes, optional
            b_i of shape (d_i,).

        Raises
        ------
        ValueError
            If shapes do not fit; the message names the block.

        Examples
        --------
        >>> game = Quadratic.from_blocks([[[[1.0]], [[10.0]]], [[[-10.0]], [[1.0]]]])
        >>> game.dims
        (1, 1)
        """
        n = len(blocks)
        lengths = [len(row) for row in blocks]
        if not n or any(length != n for length in lengths):
            raise ValueError(f"`blocks` must be n rows of n blocks, got {n} rows of lengths {lengths}.")
        names = tuple(f"blocks[{i}][{j}]" for i in range(n) for j in range(n))
        xp, *flat = float_arrays(*(block for row in blocks for block in row), names=names)
        dims = tuple(flat[i * n + i].shape[0] if flat[i * n + i].ndim else 0 for i in range(n))
        for k, block in enumerate(flat):
            wanted = (dims[k // n], dims[k % n])
            if tuple(block.shape) != wanted or 0 in wanted:
                raise ValueError(
                    f"`{names[k]}` must have shape {wanted} for players of sizes {dims}, got {tuple(block.shape)}."
                )
        jacobian = xp.concat([xp.concat(flat[i * n : (i + 1) * n], axis=1) for i in range(n)], axis=0)
        if linear is None:
            return cls.from_jacobian(jacobian, dims)
        terms = float_arrays(*linear, names=tuple(f"linear[{i}]" for i in range(len(linear))))[1:]
        if [tuple(term.shape) for term in terms] != [(size,) for size in dims]:
            raise ValueError(
                f"`linear` must hold one vector per player, of sizes {dims}, "
                f"got shapes {[tuple(term.shape) for term in terms]}."
            )
        return cls.from_jacobian(jacobian, dims, xp.concat(list(terms)))

    @classmethod
    def from_jacobian(cls, jacobian: Any, dims: Sequence[int], offset: Any = None) -> Quadratic:
        """The game with xi(z) = J z + b whose losses have no terms that their own player cannot move.

        Parameters
        ----------
        jacobian : array_like, shape (d, d)
            J; its diagonal blocks, the players' own Hessians, are symmetric.
        dims : tuple of int
            Sizes (d_1, ..., d_n) with sum d.
        offset : array_like, shape (d,), optional
            b.

        Raises
        ------
        ValueError
            If shapes do not fit, or a diagonal block is not symmetric.
        """
        dims = _checked_dims(dims)
        d = sum(dims)
        xp, jacobian = float_arrays(jacobian, names=("jacobian",))
        if tuple(jacobian.shape) != (d, d):
            raise ValueError(
                f"`jacobian` must have shape ({d}, {d}) for players of sizes {dims}, got {tuple(jacobian.shape)}."
            )
        if offset is None:
            offset = xp.zeros(d, dtype=jacobian.dtype, device=device_of(jacobian))
        _, _, offset = float_arrays(jacobian, offset, names=("jacobian", "offset"))
        if tuple(offset.shape) != (d,):
            raise ValueError(f"`offset` must have shape ({d},), got {tuple(offset.shape)}.")
        check_finite("`offset`", offset)
        coordinate = xp.arange(d, device=device_of(jacobian))
        matrices, terms = [], []
        for i, block in enumerate(player_slices(dims)):
            _symmetrized(f"the diagonal block of player {i} in `jacobian`, a Hessian,", jacobian[block, block])
            mine = (coordinate >= block.start) & (coordinate < block.stop)
            # Rows of J that player i owns, and their mirror image: the own block once, the cross blocks on both sides.
            rows = xp.where(mine[:, None], jacobian, xp.zeros_like(jacobian))
            matrices.append(xp.where(mine[:, None], rows, rows.T))
            terms.append(xp.where(mine, offset, xp.zeros_like(offset)))
        return cls(xp.stack(matrices), dims, xp.stack(terms))

    def __repr__(self) -> str:
        return self.name or f"Quadratic(dims={self.dims})"

    def losses(self, z: Array) -> Array:
        """z^T Q_i z / 2 + q_i^T z."""
        xp = array_namespace(z)
        gradients = self._products(z)
        return xp.sum((0.5 * gradients + like(self.linear, z)) * z[..., None, :], axis=-1)

    def loss_gradients(self, z: Array) -> Array:
        """Rows Q_i z + q_i."""
        return self._products(z) + like(self.linear, z)

    def _products(self, z: Array) -> Array:
        xp = array_namespace(z)
        n, d = self.matrices.shape[:2]
        flat = times(xp.reshape(like(self.matrices, z), (n * d, d)), z)
        return xp.reshape(flat, (*z.shape[:-1], n, d))

    def simultaneous_gradient(self, z: Array) -> Array:
        """J z + b."""
        return times(like(self._jacobian, z), z) + like(self._offset, z)

    def player_gradient(self, z: Array, player: int) -> Array:
        """The player's rows of J z + b."""
        block = player_slices(self.dims)[player]
        return times(like(self._jacobian, z)[block, :], z) + like(self._offset, z)[block]

    def jvp(self, z: Array, v: Array) -> Array:
        """J v, J constant."""
        return over_batch(times(like(self._jacobian, z), v), z)

    def vjp(self, z: Array, u: Array) -> Array:
        """J^T u, J constant."""
        return over_batch(times(like(self._jacobian, z).T, u), z)

    def jacobian(self, z: Array) -> Array:
        """J, whose row block i is that of Q_i."""
        xp = array_namespace(z)
        d = sum(self.dims)
        return xp.broadcast_to(like(self._jacobian, z), (*z.shape[:-1], d, d))

    def loss_hessians(self, z: Array) -> Array:
        """Q_i."""
        xp = array_namespace(z)
        return xp.broadcast_to(like(self.matrices, z), (*z.shape[:-1], *self.matrices.shape))


def _checked_dims(dims: Sequence[int]) -> tuple[int, ...]:
    sizes = tuple(dims)
    if not sizes:
        raise ValueError("`dims` must hold the size of at least one player, got ().")
    for size in sizes:
        check_integer("dims", size, minimum=1)
    return sizes


def _symmetrized(what: str, matrix: Array) -> Array:
    # Products such as A^T A come out symmetric to a few ulp only; more than that is a mistake of the caller.
    xp = array_namespace(matrix)
    check_finite(what, matrix)
    transposed = xp.matrix_transpose(matrix)
    allowed = 64 * xp.finfo(matrix.dtype).eps * xp.max(xp.abs(matrix))
    if not bool(xp.max(xp.abs(matrix - transposed)) <= allowed):
        raise ValueError(f"{what} must be symmetric. Replace Q by (Q + Q^T) / 2: it has the same losses.")
    return (matrix + transposed) / 2
