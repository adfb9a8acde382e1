"""f-divergences on pmfs, on distributions, and estimated from samples.

=====================================  =====================================================================
name                                   equation
=====================================  =====================================================================
kl_divergence                          sum p log(p / q)
jeffreys_divergence                    sum (p - q) log(p / q) = KL(p, q) + KL(q, p)
jensen_shannon_divergence              w KL(p, m) + (1 - w) KL(q, m), m = w p + (1 - w) q, w = 1/2
jensen_shannon_distance                square root of the above
generalized_jensen_shannon_divergence  sum w_i KL(p_i, m), m = sum w_i p_i
total_variation_distance               sum |p - q| / 2
squared_hellinger_distance             1 - sum sqrt(p q)
hellinger_distance                     square root of the above
bhattacharyya_distance                 -log sum sqrt(p q)
pearson_divergence                     sum (p - q)^2 / q
neyman_divergence                      sum (p - q)^2 / p
le_cam_divergence                      sum (p - q)^2 / (p + q)
alpha_divergence                       (sum p^a q^(1 - a) - 1) / (a (a - 1)), a = 0 and 1 as limits
renyi_divergence                       log(sum p^a q^(1 - a)) / (a - 1), a = 0, 1 and inf as limits
tsallis_divergence                     (sum p^a q^(1 - a) - 1) / (a - 1), a = 0 and 1 as limits
variational_kl                         an approximation of KL between mixtures
chernoff_information                   max over 0 <= s <= 1 of -log sum p^(1 - s) q^s
f_divergence                           sum q f(p / q) for an FDivergence, or for any convex f
mutual_information                     sum p(x, y) log(p(x, y) / (p(x) p(y)))
entropy, cross_entropy                 -sum p log p, -sum p log q
estimate_divergence                    D(p, q) from samples of p and of q, with standard errors
estimate_kl_from_log_ratio             E_p log(p / q) from the log-ratio at draws of p
density_ratio, DensityRatio            p / q from samples of p and of q, as a function
energy_distance                        2 E|X - Y| - E|X - X'| - E|Y - Y'|
maximum_mean_discrepancy               E k(X, X') + E k(Y, Y') - 2 E k(X, Y), the square
frechet_distance                       |m_x - m_y|^2 + tr(A + B - 2 (A^1/2 B A^1/2)^1/2), FID
kernel_stein_discrepancy               E u(X, X') with the Stein kernel u of a score, the square
stein_test                             wild-bootstrap p-value (b + 1) / (m + 1)
two_sample_test                        permutation p-value (b + 1) / (m + 1)
classifier_two_sample_test             accuracy of a classifier on held-out rows, 1/2 for p = q
RBFKernel                              k(x, y) = exp(-|x - y|^2 / (2 h^2))
LaplaceKernel                          k(x, y) = exp(-|x - y| / h)
RationalQuadraticKernel                k(x, y) = (1 + |x - y|^2 / (2 alpha h^2))^(-alpha)
InverseMultiquadricKernel              k(x, y) = (1 + |x - y|^2 / h^2)^(-beta)
KullbackLeibler                        f(u) = u log u
ReverseKullbackLeibler                 f(u) = -log u
Jeffreys                               f(u) = (u - 1) log u
JensenShannon                          f(u) = [u log u - (u + 1) log((u + 1) / 2)] / 2, or weighted
TotalVariation                         f(u) = |u - 1| / 2
SquaredHellinger                       f(u) = (sqrt u - 1)^2 / 2
Pearson                                f(u) = (u - 1)^2
Neyman                                 f(u) = (1 - u)^2 / u
LeCam                                  f(u) = (u - 1)^2 / (u + 1)
AlphaDivergence                        f(u) = [u^a - 1 - a (u - 1)] / (a (a - 1))
GeneratedDivergence                    any convex f, its derivative and conjugate given or found numerically
GANDivergence                          f(u) = u log u - (u + 1) log(u + 1), value 2 JS - log 4
=====================================  =====================================================================
"""

from gamedyn.divergences._alpha import AlphaDivergence, alpha_divergence
from gamedyn.divergences._base import FDivergence
from gamedyn.divergences._bhattacharyya import bhattacharyya_distance
from gamedyn.divergences._chernoff_information import chernoff_information
from gamedyn.divergences._classifier_test import classifier_two_sample_test
from gamedyn.divergences._density_ratio import DensityRatio, density_ratio
from gamedyn.divergences._energy import energy_distance
from gamedyn.divergences._entropy import cross_entropy, entropy
from gamedyn.divergences._estimate_divergence import estimate_divergence
from gamedyn.divergences._f_divergence import f_divergence
from gamedyn.divergences._frechet import frechet_distance
from gamedyn.divergences._gan import GANDivergence
from gamedyn.divergences._generalized_jensen_shannon import generalized_jensen_shannon_divergence
from gamedyn.divergences._generated import GeneratedDivergence
from gamedyn.divergences._jeffreys import Jeffreys, jeffreys_divergence
from gamedyn.divergences._jensen_shannon import JensenShannon, jensen_shannon_distance, jensen_shannon_divergence
from gamedyn.divergences._kernels import (
    InverseMultiquadricKernel,
    Kernel,
    LaplaceKernel,
    RationalQuadraticKernel,
    RBFKernel,
    SumKernel,
)
from gamedyn.divergences._kullback_leibler import KullbackLeibler, kl_divergence
from gamedyn.divergences._le_cam import LeCam, le_cam_divergence
from gamedyn.divergences._log_ratio_estimate import estimate_kl_from_log_ratio
from gamedyn.divergences._mmd import maximum_mean_discrepancy
from gamedyn.divergences._mutual_information import mutual_information
from gamedyn.divergences._neyman import Neyman, neyman_divergence
from gamedyn.divergences._pearson import Pearson, pearson_divergence
from gamedyn.divergences._renyi import renyi_divergence
from gamedyn.divergences._reverse_kullback_leibler import ReverseKullbackLeibler
from gamedyn.divergences._squared_hellinger import SquaredHellinger, hellinger_distance, squared_hellinger_distance
from gamedyn.divergences._stein import SteinTest, kernel_stein_discrepancy, stein_test
from gamedyn.divergences._total_variation import TotalVariation, total_variation_distance
from gamedyn.divergences._tsallis import tsallis_divergence
from gamedyn.divergences._two_sample_test import TwoSampleTest, two_sample_test
from gamedyn.divergences._variational_kl import variational_kl

__all__ = [
    "AlphaDivergence",
    "DensityRatio",
    "FDivergence",
    "GANDivergence",
    "GeneratedDivergence",
    "InverseMultiquadricKernel",
    "Jeffreys",
    "JensenShannon",
    "Kernel",
    "KullbackLeibler",
    "LaplaceKernel",
    "LeCam",
    "Neyman",
    "Pearson",
    "RBFKernel",
    "RationalQuadraticKernel",
    "ReverseKullbackLeibler",
    "SquaredHellinger",
    "SteinTest",
    "SumKernel",
    "TotalVariation",
    "TwoSampleTest",
    "alpha_divergence",
    "bhattacharyya_distance",
    "chernoff_information",
    "classifier_two_sample_test",
    "cross_entropy",
    "density_ratio",
    "energy_distance",
    "entropy",
    "estimate_divergence",
    "estimate_kl_from_log_ratio",
    "f_divergence",
    "frechet_distance",
    "generalized_jensen_shannon_divergence",
    "hellinger_distance",
    "jeffreys_divergence",
    "jensen_shannon_distance",
    "jensen_shannon_divergence",
    "kernel_stein_discrepancy",
    "kl_divergence",
    "le_cam_divergence",
    "maximum_mean_discrepancy",
    "mutual_information",
    "neyman_divergence",
    "pearson_divergence",
    "renyi_divergence",
    "squared_hellinger_distance",
    "stein_test",
    "total_variation_distance",
    "tsallis_divergence",
    "two_sample_test",
    "variational_kl",
]
