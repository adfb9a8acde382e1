"""Stable elementary functions, verified linear algebra, differences and quadrature.

=================  ==========================================================
name               equation
=================  ==========================================================
softplus           log(1 + e^x)
sigmoid            1 / (1 + e^-x)
log_sigmoid        -softplus(-x)
log1mexp           log(1 - e^x), x <= 0
xlogy              x log y, 0 log 0 = 0
relative_entropy   p log(p / q), with 0 log 0 = 0 and inf where p > 0 = q
logsumexp          log sum w e^x
Verdict            yes, no or undecided, with margin and reason
Estimate           a value with its standard error, interval and method
=================  ==========================================================
"""

from gamedyn.numerics._elementary import (
    log1mexp,
    log_sigmoid,
    logsumexp,
    relative_entropy,
    sigmoid,
    softplus,
    xlogy,
)
from gamedyn.numerics._estimate import Estimate
from gamedyn.numerics._verdict import Verdict

__all__ = [
    "Estimate",
    "Verdict",
    "log1mexp",
    "log_sigmoid",
    "logsumexp",
    "relative_entropy",
    "sigmoid",
    "softplus",
    "xlogy",
]
