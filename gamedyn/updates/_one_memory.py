"""What rules with one memory share: their block matrix and the two multipliers of an eigen-direction."""

from __future__ import annotations

from gamedyn.backend import Array, array_namespace

__all__ = ["block_matrix", "two_multipliers"]


def block_matrix(rows: list[list[Array]]) -> Array:
    """The matrix with these blocks, each (..., d, d); batch axes broadcast."""
    xp = array_namespace(rows[0][0])
    blocks = xp.broadcast_arrays(*(block for row in rows for block in row))
    width = len(rows[0])
    lines = [xp.concat(blocks[i : i + width], axis=-1) for i in range(0, len(blocks), width)]
    return xp.concat(lines, axis=-2)


def two_multipliers(total: Array, product: Array) -> Array:
    """The roots r of r^2 - total r + product, shape (..., 2), the larger modulus first."""
    xp = array_namespace(total)
    half = total / 2
    root = xp.sqrt(half * half - product)
    # The root of larger modulus has no cancellation; the other one follows from their product.
    aligned = xp.real(half) * xp.real(root) + xp.imag(half) * xp.imag(root) >= 0
    large = half + xp.where(aligned, root, -root)
    zero = large == 0
    small = xp.where(zero, xp.zeros_like(large), product / xp.where(zero, xp.ones_like(large), large))
    return xp.stack([large, small], axis=-1)
