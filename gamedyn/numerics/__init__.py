"""Stable elementary functions, verified linear algebra, differences and quadrature.

====================  ==========================================================
name                  equation
====================  ==========================================================
softplus              log(1 + e^x)
sigmoid               1 / (1 + e^-x)
log_sigmoid           -softplus(-x)
log1mexp              log(1 - e^x), x <= 0
xlogy                 x log y, 0 log 0 = 0
relative_entropy      p log(p / q), with 0 log 0 = 0 and inf where p > 0 = q
logsumexp             log sum w e^x
is_positive_definite  x^T A x > 0, proved
complex_step_*        Im f(x + i h v) / h: jvp, gradient, jacobian
difference_*          (f(x + h v) - f(x - h v)) / 2 h: jvp, gradient, jacobian, hvp
gauss_legendre        integral f = sum w f(x) on an interval
gauss_hermite         E f(Z) = sum w f(x), Z ~ N(0, 1)
integrate             integral f on the line, adaptively
integrate_2d          integral f on the plane, adaptively
QuadratureWarning     a quadrature that stopped early
lanczos_extremes      ends of the spectrum of a symmetric operator
LanczosResult         Ritz values, residuals and vectors
Verdict               yes, no or undecided, with margin and reason
Estimate              a value with its standard error, interval and method
====================  ==========================================================
"""

from gamedyn.numerics._definiteness import is_positive_definite
from gamedyn.numerics._differences import (
    complex_step_gradient,
    complex_step_jacobian,
    complex_step_jvp,
    difference_gradient,
    difference_hvp,
    difference_jacobian,
    difference_jvp,
)
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
from gamedyn.numerics._gauss import gauss_hermite, gauss_legendre
from gamedyn.numerics._lanczos import LanczosResult, lanczos_extremes
from gamedyn.numerics._quadrature import QuadratureWarning, integrate, integrate_2d
from gamedyn.numerics._verdict import Verdict

__all__ = [
    "Estimate",
    "LanczosResult",
    "QuadratureWarning",
    "Verdict",
    "complex_step_gradient",
    "complex_step_jacobian",
    "complex_step_jvp",
    "difference_gradient",
    "difference_hvp",
    "difference_jacobian",
    "difference_jvp",
    "gauss_hermite",
    "gauss_legendre",
    "integrate",
    "integrate_2d",
    "is_positive_definite",
    "lanczos_extremes",
    "log1mexp",
    "log_sigmoid",
    "logsumexp",
    "relative_entropy",
    "sigmoid",
    "softplus",
    "xlogy",
]
