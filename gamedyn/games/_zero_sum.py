"""Two-player zero-sum games from one function f and its first and second derivatives."""

from __future__ import annotations

from abc import abstractmethod

from gamedyn.backend import Array, array_namespace
from gamedyn.games._base import Game

__all__ = ["ZeroSum", "rows_of_players"]


class ZeroSum(Game):
    """min over x, max over y of f(x, y); losses (f, -f)."""

    @abstractmethod
    def value(self, z: Array) -> Array:
        """(...,): f at z (..., d)."""

    @abstractmethod
    def value_gradient(self, z: Array) -> Array:
        """(..., d): the gradient of f in all of z."""

    @abstractmethod
    def value_hessian(self, z: Array) -> Array:
        """(..., d, d): the Hessian of f in all of z."""

    def losses(self, z: Array) -> Array:
        """(f, -f)."""
        xp = array_namespace(z)
        f = self.value(z)
        return xp.stack([f, -f], axis=-1)

    def loss_gradients(self, z: Array) -> Array:
        """Rows Df and -Df."""
        gradient = self.value_gradient(z)
        return array_namespace(z).stack([gradient, -gradient], axis=-2)

    def simultaneous_gradient(self, z: Array) -> Array:
        """(f_x, -f_y)."""
        gradient, m = self.value_gradient(z), self.dims[0]
        return array_namespace(z).concat([gradient[..., :m], -gradient[..., m:]], axis=-1)

    def jacobian(self, z: Array) -> Array:
        """Rows of D^2 f, those of y with the other sign."""
        hessian, m = self.value_hessian(z), self.dims[0]
        return array_namespace(z).concat([hessian[..., :m, :], -hessian[..., m:, :]], axis=-2)

    def jvp(self, z: Array, v: Array) -> Array:
        """J v."""
        return array_namespace(z).sum(self.jacobian(z) * v[..., None, :], axis=-1)

    def loss_hessians(self, z: Array) -> Array:
        """D^2 f and -D^2 f."""
        hessian = self.value_hessian(z)
        return array_namespace(z).stack([hessian, -hessian], axis=-3)


def rows_of_players(gradients: Array, dims: tuple[int, ...]) -> Array:
    """(..., d, k): from one matrix per player (..., n, d, k), every player's own rows."""
    xp = array_namespace(gradients)
    ends = [sum(dims[: i + 1]) for i in range(len(dims))]
    blocks = [gradients[..., i, end - size : end, :] for i, (end, size) in enumerate(zip(ends, dims, strict=True))]
    return xp.concat(blocks, axis=-2)
