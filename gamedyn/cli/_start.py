"""Where a game starts that is played without `--start`."""

from __future__ import annotations

from typing import Any

__all__ = ["default_start", "describe_start"]


def describe_start() -> str:
    """For the help."""
    return "where to start, as 1,-1 (default: 1 in each coordinate; in a bounded set a point drawn inside)"


def default_start(game: Any, seed: int) -> list[float]:
    """1 in each coordinate; drawn where the domain is bounded, one above the bound where it is bounded on one side.

    The middle of a box or of a simplex would often be an equilibrium.

    Parameters
    ----------
    game : Game
    seed : int
        Of the draw.
    """
    import numpy

    rng = numpy.random.default_rng(seed)
    return [float(x) for x in _inside(game.domain, sum(game.dims), rng)]


def _inside(domain: Any, size: int, rng: Any) -> Any:
    import numpy

    from gamedyn.games import Box, Product, Simplex

    if isinstance(domain, Product):
        parts = [_inside(part, n, rng) for part, n in zip(domain.domains, domain.sizes, strict=True)]
        return numpy.concatenate(parts)
    if isinstance(domain, Simplex):
        return rng.dirichlet(numpy.ones(size))
    if isinstance(domain, Box):
        lower, upper = (
            numpy.broadcast_to(numpy.asarray(end, dtype=float), (size,)) for end in (domain.lower, domain.upper)
        )
        drawn = rng.uniform(size=size)
        below, above = numpy.isfinite(lower), numpy.isfinite(upper)
        with numpy.errstate(invalid="ignore"):
            between = lower + drawn * (upper - lower)
        return numpy.where(below & above, between, numpy.where(below, lower + 1, numpy.where(above, upper - 1, 1.0)))
    return numpy.ones(size)
