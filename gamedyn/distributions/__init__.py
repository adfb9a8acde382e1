"""Probability laws: log_prob, sample, score, cdf, icdf and moments.

=========================  ============================================================
class                      density or mass
=========================  ============================================================
Normal                     exp(-((x - loc) / scale)^2 / 2) / (scale sqrt(2 pi))
MultivariateNormal         exp(-(x - loc)^T S^-1 (x - loc) / 2) / sqrt(det 2 pi S)
LowRankMultivariateNormal  the same for S = cov_factor cov_factor^T + diag(cov_diag)
Cauchy                     1 / (pi scale (1 + ((x - loc) / scale)^2))
Gumbel                     exp(-z - e^-z) / scale, z = (x - loc) / scale
Laplace                    exp(-|x - loc| / scale) / (2 scale)
Uniform                    1 / (high - low) on [low, high]
Exponential                rate exp(-rate x), x >= 0
Rayleigh                   x exp(-(x / scale)^2 / 2) / scale^2, x >= 0
HalfNormal                 2 exp(-(x / scale)^2 / 2) / (scale sqrt(2 pi)), x >= 0
LogNormal                  exp(-((log x - loc) / scale)^2 / 2) / (x scale sqrt(2 pi)), x > 0
InverseGaussian            sqrt(c / (2 pi x^3)) exp(-c (x / loc - 1)^2 / (2 x)), c = concentration, x > 0
Weibull                    k / scale z^(k - 1) exp(-z^k), k = concentration, z = x / scale >= 0
Pareto                     alpha scale^alpha / x^(alpha + 1), x >= scale
StudentT                   proportional to (1 + z^2 / df)^(-(df + 1) / 2), z = (x - loc) / scale
Gamma                      rate^a x^(a - 1) exp(-rate x) / Gamma(a), x >= 0
InverseGamma               rate^a x^(-a - 1) exp(-rate / x) / Gamma(a), x > 0
Beta                       x^(a - 1) (1 - x)^(b - 1) / B(a, b) on [0, 1]
VonMises                   exp(k cos(x - loc)) / (2 pi I0(k)) on [-pi, pi), k = concentration
Dirichlet                  prod_i x_i^(a_i - 1) / B(a) on the simplex
Bernoulli                  probs at 1, 1 - probs at 0
Categorical                probs[k] at k = 0, ..., K - 1
Geometric                  probs (1 - probs)^k at k = 0, 1, 2, ...
Poisson                    rate^k exp(-rate) / k! at k = 0, 1, 2, ...
Binomial                   n! / (k! (n - k)!) probs^k (1 - probs)^(n - k) at k = 0, ..., n
NegativeBinomial           Gamma(k + r) / (Gamma(r) k!) probs^k (1 - probs)^r at k = 0, 1, 2, ...
Mixture                    sum_i weights[i] p_i(x)
Empirical                  sum_i weights[i] delta(x - samples[i])
=========================  ============================================================
"""

from gamedyn.distributions._base import Distribution
from gamedyn.distributions._bernoulli import Bernoulli
from gamedyn.distributions._beta import Beta
from gamedyn.distributions._binomial import Binomial
from gamedyn.distributions._categorical import Categorical
from gamedyn.distributions._cauchy import Cauchy
from gamedyn.distributions._dirichlet import Dirichlet
from gamedyn.distributions._empirical import Empirical
from gamedyn.distributions._exponential import Exponential
from gamedyn.distributions._gamma import Gamma
from gamedyn.distributions._geometric import Geometric
from gamedyn.distributions._gumbel import Gumbel
from gamedyn.distributions._half_normal import HalfNormal
from gamedyn.distributions._inverse_gamma import InverseGamma
from gamedyn.distributions._inverse_gaussian import InverseGaussian
from gamedyn.distributions._laplace import Laplace
from gamedyn.distributions._log_normal import LogNormal
from gamedyn.distributions._low_rank_multivariate_normal import LowRankMultivariateNormal
from gamedyn.distributions._mixture import Mixture
from gamedyn.distributions._multivariate_normal import MultivariateNormal
from gamedyn.distributions._negative_binomial import NegativeBinomial
from gamedyn.distributions._normal import Normal
from gamedyn.distributions._pareto import Pareto
from gamedyn.distributions._poisson import Poisson
from gamedyn.distributions._rayleigh import Rayleigh
from gamedyn.distributions._student_t import StudentT
from gamedyn.distributions._uniform import Uniform
from gamedyn.distributions._von_mises import VonMises
from gamedyn.distributions._weibull import Weibull

__all__ = [
    "Bernoulli",
    "Beta",
    "Binomial",
    "Categorical",
    "Cauchy",
    "Dirichlet",
    "Distribution",
    "Empirical",
    "Exponential",
    "Gamma",
    "Geometric",
    "Gumbel",
    "HalfNormal",
    "InverseGamma",
    "InverseGaussian",
    "Laplace",
    "LogNormal",
    "LowRankMultivariateNormal",
    "Mixture",
    "MultivariateNormal",
    "NegativeBinomial",
    "Normal",
    "Pareto",
    "Poisson",
    "Rayleigh",
    "StudentT",
    "Uniform",
    "VonMises",
    "Weibull",
]
