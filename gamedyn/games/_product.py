"""Products of domains: consecutive blocks of z, each in a domain of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gamedyn._checks import check_integer
from gamedyn.backend import Array, array_namespace
from gamedyn.games._domain import Domain

__all__ = ["Product"]


class Product(Domain):
    """D_1 x ... x D_m: every map acts on each block of z alone.

    Parameters
    ----------
    domains : sequence of Domain
        One per block, usually per player.
    sizes : sequence of int
        The blocks' sizes.

    Raises
    ------
    TypeError
        If an entry is no domain.
    ValueError
        If there is not one size for each domain.

    Examples
    --------
    >>> import numpy
    >>> from gamedyn.games import Reals, Simplex
    >>> Product([Simplex(), Reals()], [2, 1]).project(numpy.array([3.0, 0.0, 7.0])).tolist()
    [1.0, 0.0, 7.0]
    """

    def __init__(self, domains: Sequence[Domain], sizes: Sequence[int]) -> None:
        self.domains = tuple(domains)
        self.sizes = tuple(sizes)
        for domain in self.domains:
            if not isinstance(domain, Domain):
                raise TypeError(f"`domains` must hold domains, got {type(domain).__name__}.")
        for size in self.sizes:
            check_integer("sizes", size, minimum=1)
        if not self.domains or len(self.domains) != len(self.sizes):
            raise ValueError(
                f"`sizes` must have one entry for each of `domains`, at least one, got {len(self.sizes)} for "
                f"{len(self.domains)}."
            )
        self.size = sum(self.sizes)
        ends = [sum(self.sizes[: i + 1]) for i in range(len(self.sizes))]
        self._blocks = [slice(end - size, end) for end, size in zip(ends, self.sizes, strict=True)]

    def __repr__(self) -> str:
        return f"Product([{', '.join(map(repr, self.domains))}], {self.sizes})"

    def _by_block(self, function: Callable[..., Array], *points: Array) -> Array:
        for point in points:
            if point.shape[-1] != self.size:
                raise ValueError(f"Points of {self!r} must have shape (..., {self.size}), got {tuple(point.shape)}.")
        pairs = zip(self.domains, self._blocks, strict=True)
        parts = [function(domain, *(point[..., block] for point in points)) for domain, block in pairs]
        return array_namespace(*points).concat(parts, axis=-1)

    def contains(self, z: Array) -> Any:
        """Whether every block lies in its domain."""
        xp = array_namespace(z)
        return xp.all(self._by_block(lambda domain, part: domain.contains(part)[..., None], z), axis=-1)

    def project(self, z: Array) -> Array:
        """Every block's own projection."""
        return self._by_block(lambda domain, part: domain.project(part), z)

    def mirror(self, z: Array) -> Array:
        """Every block's own dual coordinates."""
        return self._by_block(lambda domain, part: domain.mirror(part), z)

    def mirror_inverse(self, dual: Array) -> Array:
        """Every block's own point."""
        return self._by_block(lambda domain, part: domain.mirror_inverse(part), dual)

    def tangent_projection(self, z: Array, v: Array) -> Array:
        """Every block's own projection."""
        return self._by_block(lambda domain, part, direction: domain.tangent_projection(part, direction), z, v)
