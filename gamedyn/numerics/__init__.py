"""Stable elementary functions, verified linear algebra, differences and quadrature.

====================  ==========================================================================
name                  equation
====================  ==========================================================================
softplus              log(1 + e^x)
sigmoid               1 / (1 + e^-x)
log_sigmoid           -softplus(-x)
log1mexp              log(1 - e^x), x <= 0
xlogy                 x log y, 0 log 0 = 0
relative_entropy      p log(p / q), with 0 log 0 = 0 and inf where p > 0 = q
logsumexp             log sum w e^x
log1p_gap             t - log(1 + t) >= 0
expm1_gap             e^x - 1 - x >= 0
relative_entropy_gap  p log(p / q) - p + q >= 0
gammaln_difference    log Gamma(a + h) - log Gamma(a)
gammaln_bregman       log Gamma(a + h) - log Gamma(a) - h digamma(a) >= 0
digamma_difference    digamma(a + h) - digamma(a)
betaln                log Gamma(a) + log Gamma(b) - log Gamma(a + b)
digamma_remainder     log x - digamma(x)
stirling_remainder    log Gamma(x) less Stirling's formula
log_i0                log I0(k), I0 the Bessel function
log_i0_difference     log I0(k + h) - log I0(k)
log_i0_bregman        log I0(k + h) - log I0(k) - h I1(k) / I0(k) >= 0
bessel_ratio          I1(k) / I0(k); bessel_ratio_complement: 1 less that
squared_bures_*       tr(A + B - 2 (A^1/2 B A^1/2)^1/2): distance, of_factors
is_positive_definite  x^T A x > 0, proved
analytic_norm         (sum x^2)^(1/2) without moduli, and where it has a derivative
real_part             Re x, also of a real x: what chooses the piece of a piecewise function
level_curves          f(x, y) = 0, refined along the lines of a grid
complex_step_*        Im f(x + i h v) / h: jvp, gradient, jacobian
difference_*          (f(x + h v) - f(x - h v)) / 2 h: jvp, gradient, jacobian, hvp
gauss_legendre        integral f = sum w f(x) on an interval
gauss_hermite         E f(Z) = sum w f(x), Z ~ N(0, 1)
integrate             integral f on the line, adaptively
integrate_2d          integral f on the plane, adaptively
QuadratureWarning     a quadrature that stopped early
lanczos_extremes      ends of the spectrum of a symmetric operator
arnoldi_eigenvalues   outermost eigenvalues of any real operator, with residuals
ArnoldiResult         values, vectors on both sides, residuals and condition numbers
LanczosResult         Ritz values, residuals and vectors
conjugate_gradient    A x = b for symmetric positive definite A, from products; gmres: for any A
KrylovResult          solution, residual and number of products
solve_or_nan          matrix^-1 right, nan where a matrix of the batch is singular
Verdict               yes, no or undecided, with margin and reason
Estimate              a value with its standard error, interval and method
====================  ==========================================================================
"""

from gamedyn.numerics._analytic_norm import analytic_norm
from gamedyn.numerics._arnoldi import ArnoldiResult, arnoldi_eigenvalues
from gamedyn.numerics._bures import squared_bures_distance, squared_bures_of_factors
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
from gamedyn.numerics._gaps import expm1_gap, log1p_gap, relative_entropy_gap
from gamedyn.numerics._gauss import gauss_hermite, gauss_legendre
from gamedyn.numerics._krylov import KrylovResult, conjugate_gradient, gmres
from gamedyn.numerics._lanczos import LanczosResult, lanczos_extremes
from gamedyn.numerics._level_curves import level_curves
from gamedyn.numerics._log_bessel import (
    bessel_ratio,
    bessel_ratio_complement,
    log_i0,
    log_i0_bregman,
    log_i0_difference,
)
from gamedyn.numerics._log_gamma import (
    betaln,
    digamma_difference,
    digamma_remainder,
    gammaln_bregman,
    gammaln_difference,
    stirling_remainder,
)
from gamedyn.numerics._quadrature import QuadratureWarning, integrate, integrate_2d
from gamedyn.numerics._real_part import real_part
from gamedyn.numerics._solve import solve_or_nan
from gamedyn.numerics._verdict import Verdict

__all__ = [
    "ArnoldiResult",
    "Estimate",
    "KrylovResult",
    "LanczosResult",
    "QuadratureWarning",
    "Verdict",
    "analytic_norm",
    "arnoldi_eigenvalues",
    "bessel_ratio",
    "bessel_ratio_complement",
    "betaln",
    "complex_step_gradient",
    "complex_step_jacobian",
    "complex_step_jvp",
    "conjugate_gradient",
    "difference_gradient",
    "difference_hvp",
    "difference_jacobian",
    "difference_jvp",
    "digamma_difference",
    "digamma_remainder",
    "expm1_gap",
    "gammaln_bregman",
    "gammaln_difference",
    "gauss_hermite",
    "gauss_legendre",
    "gmres",
    "integrate",
    "integrate_2d",
    "is_positive_definite",
    "lanczos_extremes",
    "level_curves",
    "log1mexp",
    "log1p_gap",
    "log_i0",
    "log_i0_bregman",
    "log_i0_difference",
    "log_sigmoid",
    "logsumexp",
    "real_part",
    "relative_entropy",
    "relative_entropy_gap",
    "sigmoid",
    "softplus",
    "solve_or_nan",
    "squared_bures_distance",
    "squared_bures_of_factors",
    "stirling_remainder",
    "xlogy",
]
