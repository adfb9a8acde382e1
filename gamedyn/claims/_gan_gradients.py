"""Claims on what the generator feels: saturating and non-saturating gradients, and a discriminator that lags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._instances import density_on_grid, pmf_pairs, pmfs, within_rounding
from gamedyn.distributions import Normal
from gamedyn.objectives import Minimax, NonSaturating, optimal_discriminator

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]


def _shifts(rng: Generator) -> Any:
    return numpy.array([1.0, 2.0, 4.0, 6.0, 8.0, 10.0, rng.uniform(0.5, 10.0)])


def _shift_gradient(objective: Any, shift: float, *, exchanged: bool = False) -> float:
    """d/d(shift) of the generator's loss for G(z) = shift + z against N(0, 1), the discriminator held at D*."""
    real, fake = Normal(0.0, 1.0), Normal(shift, 1.0)
    critic = optimal_discriminator(fake, real) if exchanged else optimal_discriminator(real, fake)
    x = numpy.linspace(-12.0, shift + 12.0, 4001)
    slope = objective.generator_derivative(critic(x)) * critic.input_gradient(x)
    return float((density_on_grid(fake, x) * slope).sum())


def _saturating(shift: float) -> tuple[float, float]:
    """d e^(-d^2/8) E sech(d Z / 2) / 2 and its error: E_q D* after centring at d/2, by SciPy's quadrature."""
    from scipy.integrate import quad

    def integrand(t: float) -> float:
        return float(numpy.exp(-t * t / 2) / (2 * numpy.cosh(shift * t / 2)) / numpy.sqrt(2 * numpy.pi))

    value, error = quad(integrand, 0, 12, epsabs=1e-15, epsrel=1e-13)
    factor = 2 * shift * numpy.exp(-(shift**2) / 8)
    return factor * value, factor * error


def _saturation(rng: Generator) -> Evidence:
    """N(0,1) against N(d,1), D = D*. The saturating slope is d e^(-d^2/8) E sech(dZ/2)/2, the other d minus it."""
    shifts = _shifts(rng)
    closed, errors = numpy.array([_saturating(d) for d in shifts]).T
    measured = [[_shift_gradient(each, d) for d in shifts] for each in (Minimax(), NonSaturating())]
    predicted = numpy.stack([closed, shifts - closed])
    return Evidence(predicted, measured, errors + 1e-13 * predicted, "quadrature error estimate, and 450 ulp")


def _saturation_control(rng: Generator) -> Evidence:
    """The discriminator of the exchanged pair does not saturate."""
    shifts = _shifts(rng)
    closed, errors = numpy.array([_saturating(d) for d in shifts]).T
    measured = [-_shift_gradient(Minimax(), d, exchanged=True) for d in shifts]
    return Evidence(closed, measured, errors + 1e-13 * closed, "as above")


def _kl_and_js(p: Any, logits: Any, weight: float) -> Any:
    """KL(q, p) + weight JS(p, q) at q = softmax(logits), accepting complex logits."""
    q = numpy.exp(logits) / numpy.exp(logits).sum()
    m = (p + q) / 2
    js = ((p * numpy.log(p / m)).sum() + (q * numpy.log(q / m)).sum()) / 2
    return (q * numpy.log(q / p)).sum() + weight * js


def _softmax_gradients(rng: Generator, weight: float) -> tuple[Any, Any]:
    """The gradient in the logits of KL(q, p) + weight JS by complex step, and the non-saturating one under D*."""
    p, q = pmfs(rng, 2, 6)
    logits = numpy.log(q)
    steps = 1e-30j * numpy.eye(6)
    predicted = numpy.array([_kl_and_js(p, logits + step, weight).imag / 1e-30 for step in steps])
    loss = NonSaturating().generator_loss(optimal_discriminator(p, q))
    return predicted, q * (loss - q @ loss)


def _nonsaturating(rng: Generator) -> Evidence:
    """A softmax generator under D*. The gradient of -E_q log D* is that of KL(q, p) - 2 JS(p, q) (equality)."""
    predicted, measured = _softmax_gradients(rng, -2.0)
    return within_rounding(predicted, measured, terms=64, size=10.0)


def _nonsaturating_control(rng: Generator) -> Evidence:
    """The sign of the JS term turned."""
    predicted, measured = _softmax_gradients(rng, 2.0)
    return within_rounding(predicted, measured, terms=64, size=10.0)


def _slope_ratio(rng: Generator) -> tuple[Any, Any]:
    """Logits, 0 among them, and the ratio of the two generators' slopes there."""
    logit = numpy.concatenate([[0.0], rng.uniform(-20, 20, 50)])
    return logit, NonSaturating().generator_derivative(logit) / Minimax().generator_derivative(logit)


def _not_zero_sum(rng: Generator) -> Evidence:
    """Any logit s. The non-saturating slope is e^(-s) times the minimax slope: equal at s = 0 alone (equality).

    The generators feel the same where D = 1/2 and differ elsewhere; the losses no longer sum to a constant.
    """
    logit, ratio = _slope_ratio(rng)
    return within_rounding(numpy.exp(-logit), ratio, terms=64, size=numpy.exp(-logit))


def _not_zero_sum_control(rng: Generator) -> Evidence:
    """As if the fields agreed."""
    _, ratio = _slope_ratio(rng)
    return within_rounding(1.0, ratio, terms=64)


def _tabular_gradient(q: Any, logit: Any) -> Any:
    """The gradient of E_q c(logit) in the logits of q = softmax, c the minimax loss."""
    loss = Minimax().generator_loss(logit)
    return q * (loss - (q * loss).sum(-1, keepdims=True))


def _gradient_errors(rng: Generator, direction: float) -> Any:
    """Relative error of the generator's gradient after 1, 8, 64, 512 steps of the discriminator from D = 1/2."""
    p, q = pmf_pairs(rng, 10)
    objective = Minimax()
    exact = _tabular_gradient(q, optimal_discriminator(p, q))
    logit, errors = numpy.zeros_like(p), []
    for step in range(1, 513):
        real, fake = objective.discriminator_derivative(logit, logit)
        # Divided by p + q, which bounds four times the curvature: each logit moves straight to its optimum.
        logit = logit - direction * (p * real + q * fake) / (p + q)
        if step in (1, 8, 64, 512):
            errors.append(
                numpy.linalg.norm(_tabular_gradient(q, logit) - exact, axis=-1) / numpy.linalg.norm(exact, axis=-1)
            )
    return numpy.stack(errors)


def _lagging(rng: Generator) -> Evidence:
    """D is trained k = 1, 8, 64, 512 steps. The generator's relative gradient error falls from each k to the next."""
    errors = _gradient_errors(rng, 1.0)
    return within_rounding(errors[:-1], errors[1:], terms=64)


def _lagging_control(rng: Generator) -> Evidence:
    """D climbs its loss instead."""
    errors = _gradient_errors(rng, -1.0)
    return within_rounding(errors[:-1], errors[1:], terms=64)


CLAIMS = (
    Claim(
        id="gan.saturation",
        statement="N(0,1) vs N(d,1), D = D*: saturating slope d e^(-d^2/8) E sech(dZ/2)/2, non-saturating d - it",
        source="from Goodfellow et al. 2014",
        relation="==",
        check=_saturation,
        control=_saturation_control,
    ),
    Claim(
        id="gan.nonsaturating-gradient",
        statement="grad of -E_q log D* with D* frozen = grad of KL(q, p) - 2 JS(p, q)",
        source="Arjovsky & Bottou 2017",
        relation="==",
        check=_nonsaturating,
        control=_nonsaturating_control,
    ),
    Claim(
        id="gan.nonsaturating-not-zero-sum",
        statement="non-saturating slope = e^(-s) times the minimax slope: equal where D = 1/2, else another field",
        source="from Goodfellow et al. 2014",
        relation="==",
        check=_not_zero_sum,
        control=_not_zero_sum_control,
    ),
    Claim(
        id="gan.d-steps",
        statement="the generator's relative gradient error after k steps of D falls for k = 1, 8, 64, 512",
        source="observed; k steps of Goodfellow et al. 2014",
        relation="<=",
        check=_lagging,
        control=_lagging_control,
    ),
)
