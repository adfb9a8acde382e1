"""Composite: a layer made of layers, with the parameters of all of them in one tuple."""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property
from typing import Any

from gamedyn.backend import Array, as_generator
from gamedyn.nn._base import Layer

__all__ = ["Composite"]


class Composite(Layer):
    """Flags, parameters and initial values of a layer made of `parts`; how x passes them is the member's."""

    @property
    @abstractmethod
    def parts(self) -> tuple[Layer, ...]:
        """The layers, in the order of their parameters."""

    @property
    def per_sample(self) -> bool:
        """Whether all parts are."""
        return all(part.per_sample for part in self.parts)

    @property
    def is_smooth(self) -> bool:
        """Whether all parts are."""
        return all(part.is_smooth for part in self.parts)

    @cached_property
    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """ "i.name" -> shape, i the position of the part, from 0."""
        return {
            f"{i}.{name}": shape for i, part in enumerate(self.parts) for name, shape in part.parameter_shapes.items()
        }

    @cached_property
    def _blocks(self) -> tuple[tuple[Layer, slice], ...]:
        """Each part with its share of `params`."""
        blocks, start = [], 0
        for part in self.parts:
            stop = start + len(part.parameter_shapes)
            blocks.append((part, slice(start, stop)))
            start = stop
        return tuple(blocks)

    def init(self, rng: Any, xp: Any, dtype: Any, device: Any = None) -> tuple[Array, ...]:
        """Parameters of all parts, drawn in order."""
        rng = as_generator(rng)
        return tuple(array for part in self.parts for array in part.init(rng, xp, dtype, device))
