"""Stable elementary functions, verified linear algebra, differences and quadrature."""

from gamedyn.numerics._estimate import Estimate
from gamedyn.numerics._verdict import Verdict

__all__ = ["Estimate", "Verdict"]
