"""Claims on what known defects of GAN programs do: the check has the defect, the control is the program without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._instances import within_rounding
from gamedyn.data import gaussian_ring, target_modes
from gamedyn.distributions import Normal
from gamedyn.nn import gradient_penalty, mlp
from gamedyn.objectives import Minimax, NonSaturating

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]

_OFFSET = 1e-8  # that programs add to a probability before its logarithm


def _penalties_of_unit_slope(rng: Generator, *, defect: bool) -> Evidence:
    """(sqrt(n) - 1)^2 against a penalty with target 1 of a linear critic of slope 1 on n samples."""
    sizes, found = numpy.array([2, 16, 64, 256]), []
    network, weight = mlp((3, 1)), rng.normal(size=3)
    theta = numpy.append(weight / numpy.linalg.norm(weight), rng.normal())
    for n in sizes:
        x = rng.normal(size=(n, 3))
        whole = (numpy.linalg.norm(network.input_gradient(theta, x)) - 1) ** 2
        found.append(whole if defect else float(gradient_penalty(network, theta, x, target=1.0).value))
    return within_rounding((numpy.sqrt(sizes) - 1) ** 2, numpy.array(found), terms=64, size=sizes)


def _whole_batch(rng: Generator) -> Evidence:
    """A critic of slope 1 everywhere, n samples. One norm for the batch charges (sqrt(n) - 1)^2 for it (equality)."""
    return _penalties_of_unit_slope(rng, defect=True)


def _whole_batch_control(rng: Generator) -> Evidence:
    """A norm for each sample, which charges nothing."""
    return _penalties_of_unit_slope(rng, defect=False)


def _slopes_far_out(rng: Generator, *, defect: bool) -> Evidence:
    """The slope of -log(sigmoid(s) + 1e-8) where the discriminator is sure, against -e^s / 1e-8 to first order."""
    logit = rng.uniform(-60, -40, 20)
    if defect:
        stepped = 1 / (1 + numpy.exp(-(logit + 1e-30j)))
        measured = -numpy.log(stepped + _OFFSET).imag / 1e-30
    else:
        measured = NonSaturating().generator_derivative(logit)
    predicted = -numpy.exp(logit) / _OFFSET
    # Next to sigmoid(s) = e^s (1 - e^s + ...) stands the offset: both are below e^-40 / 1e-8.
    return Evidence(predicted, measured, 2 * numpy.exp(-40) / _OFFSET * abs(predicted), "terms left out")


def _offset_log(rng: Generator) -> Evidence:
    """Logits s from -60 to -40. With the offset the non-saturating slope is -e^s / 1e-8: it saturates (equality)."""
    return _slopes_far_out(rng, defect=True)


def _offset_log_control(rng: Generator) -> Evidence:
    """The loss on logits, whose slope is -1 there."""
    return _slopes_far_out(rng, defect=False)


def _values(rng: Generator, *, defect: bool) -> Evidence:
    """The gain of a discriminator that says t on real and -t on fake samples, against t."""
    t = rng.uniform(1, 1000, 50)
    real, fake = Minimax().discriminator_loss(t, -t)
    # log sigmoid(-t) = -softplus(t).
    gain = -real + numpy.logaddexp(0, t) if defect else -real - fake
    return within_rounding(t, gain, terms=64, size=t)


def _unbounded(rng: Generator) -> Evidence:
    """Logits t on real, -t on fake ones. log D - log sigmoid(D(G)), as programmed, gains t: no optimum (equality)."""
    return _values(rng, defect=True)


def _unbounded_control(rng: Generator) -> Evidence:
    """The value log D + log(1 - D(G)), which is never above 0."""
    return _values(rng, defect=False)


def _ring_masses(*, defect: bool) -> Evidence:
    """(different modes, mass at the first) of rings of k = 3 to 12, against (k - 1, 2 / k)."""
    rows = []
    for k in range(3, 13):
        if defect:
            angles = numpy.linspace(0, 2 * numpy.pi, k)
            centers = numpy.stack([numpy.cos(angles), numpy.sin(angles)], axis=-1)
        else:
            centers = target_modes(gaussian_ring(k)).centers
        gaps = numpy.linalg.norm(centers[:, None] - centers, axis=-1) < 1e-9
        rows.append((numpy.unique(gaps, axis=0).shape[0], gaps[0].mean()))
    sizes = numpy.arange(3, 13)
    return within_rounding(numpy.stack([sizes - 1, 2 / sizes], axis=-1), numpy.array(rows), terms=4)


def _closed_ring(_rng: Generator) -> Evidence:
    """k angles from 0 to 2 pi, both ends among them. There are k - 1 modes, the first with mass 2 / k (equality)."""
    return _ring_masses(defect=True)


def _closed_ring_control(_rng: Generator) -> Evidence:
    """The ring of this library, without the end."""
    return _ring_masses(defect=False)


def _score_ratios(rng: Generator, *, defect: bool) -> Evidence:
    variance, x = 10.0 ** rng.uniform(-3, 3, 50), rng.normal(size=50)
    given: Any = variance if defect else numpy.sqrt(variance)
    ratio = Normal(0.0, given).score(x) / (-x / variance)
    return within_rounding(1 / variance, ratio, terms=64, size=1 / variance)


def _variance(rng: Generator) -> Evidence:
    """N(0, v) with v passed as the deviation. The score is wrong by the factor 1 / v (equality)."""
    return _score_ratios(rng, defect=True)


def _variance_control(rng: Generator) -> Evidence:
    """sqrt(v) passed."""
    return _score_ratios(rng, defect=False)


CLAIMS = (
    Claim(
        id="pitfall.whole-batch-norm",
        statement="one norm for a batch of n: a critic of slope 1 pays (sqrt(n) - 1)^2 instead of 0",
        source="defect; Gulrajani et al. 2017 has n norms",
        relation="==",
        check=_whole_batch,
        control=_whole_batch_control,
    ),
    Claim(
        id="pitfall.log-with-offset",
        statement="-log(sigmoid(s) + 1e-8) has the slope -e^s / 1e-8 far out, not -1: it saturates again",
        source="defect; Goodfellow et al. 2014",
        relation="==",
        check=_offset_log,
        control=_offset_log_control,
    ),
    Claim(
        id="pitfall.unbounded-value",
        statement="log D - log sigmoid(D(G)) gains t at logits t and -t: the discriminator has no optimum",
        source="defect; Goodfellow et al. 2014",
        relation="==",
        check=_unbounded,
        control=_unbounded_control,
    ),
    Claim(
        id="pitfall.closed-ring",
        statement="a ring by linspace with both ends has k - 1 modes, one of mass 2/k",
        source="defect of public rings",
        relation="==",
        check=_closed_ring,
        control=_closed_ring_control,
    ),
    Claim(
        id="pitfall.variance-as-deviation",
        statement="a variance v passed as deviation turns the score by the factor 1/v",
        source="defect; by arithmetic",
        relation="==",
        check=_variance,
        control=_variance_control,
    ),
)
