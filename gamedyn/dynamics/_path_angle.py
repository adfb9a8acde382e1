"""path_angle: the angle between a game's gradient field and a straight path, along the path and beyond its ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_integer, check_positive
from gamedyn.backend import Array, float_arrays, like, to_host
from gamedyn.games import Game

__all__ = ["PathAngle", "path_angle"]


@dataclass(frozen=True)
class PathAngle:
    """Curves along z(a) = start + a (end - start), and the shape of the first.

    Parameters
    ----------
    positions : NumPy array, shape (n,)
        a.
    cosine : NumPy array, shape (n, ...)
        Of the angle between xi(z(a)) and end - start; 0 where xi vanishes.
    norm : NumPy array, shape (n, ...)
        |xi(z(a))|.
    switch : NumPy array, shape (...)
        Half the change of the cosine from the first position to the last: 1 for a full switch from -1 to 1, which tells
        of attraction; negative for one from 1 to -1, repulsion.
    bump : NumPy array, shape (...)
        How far the cosine leaves the range of its two end values in between, with its sign: what rotation about a
        point that the path passes at a small distance makes of it.
    threshold : float
        From which size on either counts, and beyond which the end values have a sign.
    """

    positions: Any
    cosine: Any
    norm: Any
    switch: Any
    bump: Any
    threshold: float

    @property
    def switches(self) -> Any:
        """Whether the cosine goes from below -threshold to above it (attraction), for each path."""
        return (self.cosine[0] < -self.threshold) & (self.cosine[-1] > self.threshold)

    @property
    def bumps(self) -> Any:
        """Whether the bump exceeds the threshold (rotation), for each path."""
        return numpy.abs(self.bump) > self.threshold

    @property
    def shape(self) -> Any:
        """ "sign switch", "bump", "sign switch and bump" or "neither": a str, for a batch an array of them."""
        both = numpy.where(self.bumps, "sign switch and bump", "sign switch")
        names = numpy.where(self.switches, both, numpy.where(self.bumps, "bump", "neither"))
        return names if names.ndim else str(names)

    def __str__(self) -> str:
        low, high = self.positions[0], self.positions[-1]
        if numpy.ndim(self.bump):
            names, counts = numpy.unique(self.shape, return_counts=True)
            return f"path angles on [{low:g}, {high:g}]: " + ", ".join(
                f"{n} {name}" for name, n in zip(names.tolist(), counts.tolist(), strict=True)
            )
        return f"path angle on [{low:g}, {high:g}]: {self.shape} (switch {self.switch:.3g}, bump {self.bump:.3g})"


def path_angle(
    game: Game,
    start: Any,
    end: Any,
    *,
    n: int = 201,
    limits: tuple[float, float] = (0.0, 2.0),
    threshold: float = 0.1,
) -> PathAngle:
    """cos of the angle between xi(z(a)) and end - start along z(a) = start + a (end - start), and |xi(z(a))|.

    Where the path ends at a point that attracts without rotation, xi points away from it on both sides: the cosine
    switches from -1 to 1 at a = 1. Where the game only rotates about a point close to the end, the cosine is near 0
    except for a bump where the path passes that point. On affine games xi(z(a)) = u + (a - a0) J (end - start), and the
    curve is that of two vectors.

    Parameters
    ----------
    game : Game
        Any; networks of a `NeuralGANGame`, too.
    start, end : array_like, shape (..., d)
        Of one shape: a point on the way (the initial one, say), and the one whose surroundings are asked about.
    n : int
        Number of positions, evenly spaced, at least 3.
    limits : pair of float
        Least and greatest a; a = 1 in the middle by default.
    threshold : float
        In (0, 1): smaller switches and bumps of the cosine do not count.

    Returns
    -------
    PathAngle
        On the host.

    Raises
    ------
    ValueError
        If shapes do not fit, start and end coincide, the limits are not increasing, or the threshold is not below 1.

    Notes
    -----
    The direction is end - start. The code that the authors published takes the same gradients with start - end, the
    opposite cosine (attraction switches from 1 to -1 there), 100 positions on [-0.1, 1.1], and |xi|^2 for the norm. The
    shapes' thresholds are ours. n gradients are taken, one position at a time.

    References
    ----------
    Berard, Gidel, Almahairi, Vincent, Lacoste-Julien (2020), A closer look at the optimization landscapes of
    generative adversarial networks.

    Examples
    --------
    >>> from gamedyn.games import Bilinear
    >>> print(path_angle(Bilinear([[1.0]]), [1.0, 0.1], [0.0, 0.1]))
    path angle on [0, 2]: bump (switch 0, bump -0.9)
    """
    check_integer("n", n, minimum=3)
    check_positive("threshold", threshold)
    if threshold >= 1:
        raise ValueError(f"`threshold` must lie below 1, the largest cosine, got {threshold}.")
    low, high = float(limits[0]), float(limits[1])
    if not -numpy.inf < low < high < numpy.inf:
        raise ValueError(f"`limits` must be increasing and finite, got {limits}.")
    xp, first, last = float_arrays(start, end, names=("start", "end"))
    d = sum(game.dims)
    if first.shape != last.shape or first.ndim == 0 or first.shape[-1] != d:
        raise ValueError(
            f"`start` and `end` must have one shape (..., {d}) for players of sizes {game.dims}, got "
            f"{tuple(first.shape)} and {tuple(last.shape)}."
        )
    way = last - first
    length = xp.sqrt(xp.sum(way**2, axis=-1))
    if not bool(xp.all(length > 0)):
        raise ValueError("`start` and `end` must differ, got two equal points.")
    positions = numpy.linspace(low, high, n)
    cosines, norms = [], []
    for a in positions:
        xi = game.simultaneous_gradient(first + like(float(a), first) * way)
        size = xp.sqrt(xp.sum(xi**2, axis=-1))
        safe = xp.where(size > 0, size, xp.ones_like(size))
        cosines.append(xp.sum(xi / safe[..., None] * (way / length[..., None]), axis=-1))
        norms.append(size)
    cosine, norm = (numpy.asarray(to_host(xp.stack(values))) for values in (cosines, norms))
    return PathAngle(positions, cosine, norm, (cosine[-1] - cosine[0]) / 2, _bump(cosine), threshold)


def _bump(cosine: Array) -> Any:
    """The larger of the excursions above and below both end values, with its sign."""
    above = numpy.max(cosine, axis=0) - numpy.maximum(cosine[0], cosine[-1])
    below = numpy.minimum(cosine[0], cosine[-1]) - numpy.min(cosine, axis=0)
    return numpy.where(above >= below, above, -below)
