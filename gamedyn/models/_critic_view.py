"""What a critic is shown of samples: their labels beside them, and several joined into one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy

from gamedyn.backend import Array, array_namespace, like

__all__ = ["CriticView"]


@dataclass(frozen=True, eq=False)
class CriticView:
    """Rows x_i (..., m, features) to rows (x_kp, l_kp, ..., x_kp+p-1, l_kp+p-1), l_i the one-hot label and p = packing.

    An affine map of the samples, so that it has one derivative everywhere: `move`, with the transpose `pull`.

    Parameters
    ----------
    packing : int
        Samples that the critic sees at once; m is a multiple of it.
    labels : array, shape (m, classes), optional
        One-hot rows; None where there are none.
    """

    packing: int = 1
    labels: Array | None = None

    @property
    def is_plain(self) -> bool:
        """Whether the critic is shown each sample alone, as it is."""
        return self.packing == 1 and self.labels is None

    def show(self, x: Array) -> Array:
        """(..., m / p, p (features + classes)): what the critic takes."""
        return self._packed(x, self.labels)

    def move(self, x_dot: Array) -> Array:
        """The derivative of `show` along x_dot: labels stay."""
        return self._packed(x_dot, None if self.labels is None else 0 * self.labels)

    def pull(self, x_bar: Array) -> Array:
        """The transpose of `move`: (..., m, features) of a cotangent of what is shown."""
        if self.is_plain:
            return x_bar
        xp, classes = array_namespace(x_bar), 0 if self.labels is None else self.labels.shape[-1]
        size = x_bar.shape[-1] // self.packing
        rows = xp.reshape(x_bar, (*x_bar.shape[:-2], x_bar.shape[-2] * self.packing, size))
        return rows[..., : size - classes]

    def mask(self, features: int, array: Array) -> Array | None:
        """(p (features + classes),): ones where the critic takes coordinates of samples, zeros where it takes labels.

        None where it takes no labels.

        Parameters
        ----------
        features : int
            Of one sample.
        array : array
            Whose library, device and precision to take.
        """
        if self.labels is None:
            return None
        return like(numpy.tile([1.0] * features + [0.0] * self.labels.shape[-1], self.packing), array)

    def _packed(self, x: Array, labels: Array | None) -> Array:
        if self.is_plain:
            return x
        xp = array_namespace(x)
        if labels is not None:
            x = xp.concat([x, xp.broadcast_to(labels, (*x.shape[:-1], labels.shape[-1]))], axis=-1)
        p = self.packing
        return xp.reshape(x, (*x.shape[:-2], x.shape[-2] // p, p * x.shape[-1]))
