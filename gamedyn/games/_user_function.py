"""Functions of a joint point as users write them: of z or of the players' blocks, for a batch or for one point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gamedyn._checks import describe
from gamedyn.backend import Array, array_namespace, device_of
from gamedyn.games._base import player_slices

__all__ = ["UserFunction"]


class UserFunction:
    """A user's function of z, called on batches, whatever it can do itself.

    Parameters
    ----------
    name : str
        The argument that holds it, for errors.
    function : callable, or sequence of callables
        f(z) -> array of `shape`, or a sequence of its entries along the first axis; or one function f_i(z_1, ..., z_n)
        of the players' blocks for each entry.
    dims : tuple of int
        Sizes of the blocks. A block of one coordinate is handed over without its axis.
    shape : tuple of int
        What f returns for one point.
    vectorized : bool or None
        Whether f takes points (..., d); None: found out by `settle`.
    """

    def __init__(
        self, name: str, function: Any, dims: tuple[int, ...], shape: tuple[int, ...], vectorized: bool | None
    ) -> None:
        self.name, self.dims, self.shape, self.vectorized = name, dims, shape, vectorized
        self._whole: Callable[..., Any] | None = function if callable(function) else None
        self._parts: Sequence[Callable[..., Any]] = () if callable(function) else tuple(function)

    def __call__(self, z: Array) -> Array:
        """(..., *shape)."""
        if self.vectorized or z.ndim == 1:
            return self._at(z)
        xp = array_namespace(z)
        batch = tuple(z.shape[:-1])
        points = xp.reshape(z, (-1, z.shape[-1]))
        rows = [self._at(points[k, :]) for k in range(points.shape[0])]
        if not rows:
            return xp.zeros((*batch, *self.shape), dtype=z.dtype, device=device_of(z))
        return xp.reshape(xp.stack(rows), (*batch, *self.shape))

    def settle(self, z: Array) -> None:
        """Find out whether the function takes batches, by one of d copies of the point z (d,), moved a little.

        As many points as coordinates: a function that indexes the wrong axis returns the right shape there, and the
        wrong numbers.
        """
        if self.vectorized is not None:
            return
        xp = array_namespace(z)
        d = z.shape[-1]
        count = max(d, 2)
        moves = xp.reshape(xp.astype(xp.arange(count * d, device=device_of(z)), z.dtype), (1, count, d))
        batch = z + moves * (1e-3 / (count * d)) * (1 + xp.abs(z))
        single = xp.stack([self._at(batch[0, k, :]) for k in range(count)])[None, ...]
        try:
            together = self._at(batch)
        # Whatever a function does that was not made for batches, it will be called point by point.
        except Exception:
            self.vectorized = False
            return
        near = xp.abs(together - single) <= 1e-3 * float(xp.finfo(z.dtype).eps) ** 0.25 * (1 + xp.abs(single))
        self.vectorized = bool(xp.all(near | xp.isnan(single)))

    def _at(self, z: Array) -> Array:
        """The function's own value, as an array of the right library, precision and shape."""
        # A function that writes into its argument must not change the caller's point.
        z = array_namespace(z).asarray(z, copy=True)
        if self._whole is not None:
            value = self._whole(z)
            if not isinstance(value, (tuple, list)):
                return self._fitting(self.name, value, z, (*z.shape[:-1], *self.shape))
            parts = list(value)
        else:
            blocks = [z[..., b.start] if b.stop - b.start == 1 else z[..., b] for b in player_slices(self.dims)]
            parts = [part(*blocks) for part in self._parts]
        if len(parts) != self.shape[0]:
            raise ValueError(f"`{self.name}` must return {self.shape[0]} entries for a point, got {len(parts)}.")
        batch, rest = tuple(z.shape[:-1]), self.shape[1:]
        entries = [self._fitting(f"{self.name}[{i}]", part, z, (*batch, *rest)) for i, part in enumerate(parts)]
        return array_namespace(z).stack(entries, axis=len(batch))

    def _fitting(self, name: str, value: Any, z: Array, shape: tuple[int, ...]) -> Array:
        xp = array_namespace(z)
        given = value
        if not isinstance(value, type(z)):
            try:
                value = xp.asarray(value, device=device_of(z))
            except (TypeError, ValueError):
                value = None
        if value is None or not xp.isdtype(value.dtype, ("bool", "numeric")):
            raise TypeError(
                f"`{name}` must return numbers or arrays, got {describe(given)} of type {type(given).__name__}."
            )
        if value.shape == () and not hasattr(given, "dtype"):
            # A constant loss is a number, whatever the batch.
            value = xp.broadcast_to(value, shape)
        if tuple(value.shape) != tuple(shape):
            raise ValueError(
                f"`{name}` must return the shape {tuple(shape)} at points of shape {tuple(z.shape)}, "
                f"got {tuple(value.shape)}."
            )
        if xp.isdtype(value.dtype, "complex floating") and not xp.isdtype(z.dtype, "complex floating"):
            raise ValueError(f"`{name}` must be real at real points, got {value.dtype}.")
        if value.dtype == z.dtype:
            return value
        return xp.astype(value, z.dtype)
