"""f-divergences on pmfs, on distributions, and estimated from samples."""

from gamedyn.divergences._base import FDivergence

__all__ = ["FDivergence"]
