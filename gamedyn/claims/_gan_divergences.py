"""Claims on which divergence a GAN objective minimises: f-GANs, least squares, hinge; and that it is not KL."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy

from gamedyn import divergences
from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._instances import density_on_grid, pmf_pairs, within_rounding
from gamedyn.claims._oracles import kl, summed_logs
from gamedyn.distributions import Normal
from gamedyn.objectives import LeastSquares, optimal_discriminator, value_at_optimum

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]

_CELL = 2.0**-12


def _between_shifted_normals(d: float) -> dict[Any, float]:
    """Closed forms for N(d, 1) against N(0, 1)."""
    return {
        divergences.KullbackLeibler(): d**2 / 2,
        divergences.ReverseKullbackLeibler(): d**2 / 2,
        divergences.TotalVariation(): math.erf(d / math.sqrt(8)),
        divergences.SquaredHellinger(): -math.expm1(-(d**2) / 8),
        divergences.Pearson(): math.expm1(d**2),
    }


def _value_at_critic(f: Any, d: float, sign: float) -> float:
    """E_p T - E_q f*(T) on a fine grid, T from the logit sign * log p/q; the trapezoid error is far below rounding."""
    p, q = Normal(d, 1.0), Normal(0.0, 1.0)
    # Cell midpoints around d/2, where the critic of total variation jumps.
    x = d / 2 + _CELL * (numpy.arange(-(2**16), 2**16) + 0.5)
    logit = sign * optimal_discriminator(p, q)(x)
    terms = density_on_grid(p, x) * f.critic_from_logit(logit) - density_on_grid(q, x) * f.conjugate_from_logit(logit)
    return float(terms.sum())


def _f_gan_evidence(d: float, sign: float) -> Evidence:
    closed = _between_shifted_normals(d)
    predicted = numpy.array(list(closed.values()))
    # The midpoint rule misses h^2 / 24 times the jump of the integrand's slope, which is d phi(d/2) < 1 for TV, else 0.
    tolerance = _CELL**2 / 24 + 1e-12 * predicted
    measured = [_value_at_critic(f, d, sign) for f in closed]
    return Evidence(predicted, measured, tolerance, "midpoint rule at the jump of TV's critic, and 4500 ulp")


def _f_gan(rng: Generator) -> Evidence:
    """N(d,1) against N(0,1). The f-GAN's value at its optimal critic is D_f, in closed form, for five f (equality)."""
    d = float(rng.uniform(0.3, 2.0))
    return _f_gan_evidence(d, 1.0)


def _f_gan_control(rng: Generator) -> Evidence:
    """The critic of the exchanged pair."""
    d = float(rng.uniform(0.3, 2.0))
    return _f_gan_evidence(d, -1.0)


def _least_squares_value(rng: Generator, target: float) -> tuple[Any, Any]:
    """sum (p-q)^2 / (p+q) / 2 against the generator's criterion E_p (D-c)^2/2 + E_q (D-c)^2/2 at the optimal D.

    Then sum 2pq / (p+q), the least that the discriminator pays, against what it pays at that D.
    """
    p, q = pmf_pairs(rng)
    objective = LeastSquares(real_label=1.0, fake_label=-1.0, generator_target=target)
    best = objective.optimal_output(optimal_discriminator(p, q))
    on_real, on_fake = objective.discriminator_loss(best, best)
    predicted = numpy.stack([(p - q) ** 2 / (p + q) / 2, 2 * p * q / (p + q)])
    measured = numpy.stack([(p + q) * objective.generator_loss(best), p * on_real + q * on_fake])
    return predicted.sum(-1), measured.sum(-1)


def _least_squares(rng: Generator) -> Evidence:
    """Labels b - c = 1, b - a = 2. At D* the criterion is half of Pearson's chi^2(2q, p + q) (equality)."""
    predicted, measured = _least_squares_value(rng, 0.0)
    return within_rounding(predicted, measured, terms=64)


def _least_squares_control(rng: Generator) -> Evidence:
    """The usual labels, target = real: another criterion."""
    predicted, measured = _least_squares_value(rng, 1.0)
    return within_rounding(predicted, measured, terms=64)


def _hinge_minimum(p: Any, q: Any, margin: float) -> Any:
    """min over s of p max(0, 1 - s) + q max(0, 1 + s): linear between the kinks, so the best s is one of them."""
    s = numpy.array([-margin, margin])[:, None, None]
    return (p * numpy.maximum(0, 1 - s) + q * numpy.maximum(0, 1 + s)).min(0).sum(-1)


def _hinge(rng: Generator) -> Evidence:
    """Any p, q. The least hinge loss of the discriminator is 2 - 2 TV(p, q) (equality)."""
    p, q = pmf_pairs(rng)
    return within_rounding(_hinge_minimum(p, q, 1.0), 2 - 2 * divergences.total_variation_distance(p, q), terms=64)


def _hinge_control(rng: Generator) -> Evidence:
    """Outputs clipped to [-1/2, 1/2]."""
    p, q = pmf_pairs(rng)
    return within_rounding(_hinge_minimum(p, q, 0.5), 2 - 2 * divergences.total_variation_distance(p, q), terms=64)


def _binomial_family(rng: Generator) -> tuple[Any, Any, Any]:
    """A law on 0..4 with two unequal modes, and Binomial(4, theta) on a fine grid of theta."""
    heavy = rng.uniform(0.6, 0.75)
    p = 0.96 * numpy.array([heavy, 0, 0, 0, 1 - heavy]) + 0.04 / 5
    theta, k = numpy.linspace(0.001, 0.999, 999)[:, None], numpy.arange(5)
    return p, theta[:, 0], numpy.array([1, 4, 6, 4, 1]) * theta**k * (1 - theta) ** (4 - k)


def _optimises_kl(rng: Generator) -> Evidence:
    """A two-mode law and the binomial family. As if min over q of max over D of V had KL's minimiser, E[x]/4.

    Refuted: V(D*) is 2 JS - log 4, and its minimiser sits near the heavier mode.
    """
    p, theta, model = _binomial_family(rng)
    best = theta[value_at_optimum(p, model).argmin()]
    return Evidence(p @ numpy.arange(5) / 4, best, 1e-3, "spacing of the grid of theta")


def _optimises_kl_control(rng: Generator) -> Evidence:
    """The values: V(D*) against KL - log 4."""
    p, q = pmf_pairs(rng)
    return within_rounding(kl(p, q) - math.log(4), value_at_optimum(p, q), terms=64, size=summed_logs(p, q))


CLAIMS = (
    Claim(
        id="gan.fgan",
        statement="E_p T* - E_q f*(T*) = D_f(N(d,1), N(0,1)) in closed form, for five f",
        source="Nowozin, Cseke & Tomioka 2016",
        relation="==",
        check=_f_gan,
        control=_f_gan_control,
    ),
    Claim(
        id="gan.lsgan-pearson",
        statement="labels b - c = 1, b - a = 2: the criterion at D* is chi^2(2q, p + q) / 2",
        source="Mao et al. 2017",
        relation="==",
        check=_least_squares,
        control=_least_squares_control,
    ),
    Claim(
        id="gan.hinge-tv",
        statement="min over D of the hinge loss = 2 - 2 TV(p, q)",
        source="Lim & Ye 2017",
        relation="==",
        check=_hinge,
        control=_hinge_control,
    ),
    Claim(
        id="gan.kl-optimised",
        statement="the GAN optimises KL: on a restricted family it has KL's minimiser",
        source="often said; it is 2 JS - log 4",
        relation="==",
        expected="refuted",
        check=_optimises_kl,
        control=_optimises_kl_control,
    ),
)
