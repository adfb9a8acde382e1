"""Divergences of functions given by their values: derivative and conjugate found numerically, and where that stops."""

import math

import mpmath
import numpy
import pytest

from gamedyn import distributions as laws
from gamedyn.divergences import (
    GeneratedDivergence,
    KullbackLeibler,
    LeCam,
    Pearson,
    ReverseKullbackLeibler,
    TotalVariation,
    f_divergence,
    kl_divergence,
    le_cam_divergence,
)
from tests.cases import triangular
from tests.conftest import PEERS

U = numpy.array([1e-10, 1e-3, 0.5, 0.97, 1.0, 1.001, 2.0, 100.0, 1e8])


def _entropic(u):
    positive = u.real > 0
    return numpy.where(positive, u * numpy.log(numpy.where(positive, u, 1.0)), 0.0)


FAMILIES = [
    (GeneratedDivergence(triangular, slope_at_infinity=1.0), LeCam(), 1.0),
    (GeneratedDivergence(_entropic, slope_at_infinity=math.inf), KullbackLeibler(), math.inf),
    (GeneratedDivergence(_entropic), KullbackLeibler(), math.inf),
    (GeneratedDivergence(lambda u: (u - 1) ** 2), Pearson(), math.inf),
    (GeneratedDivergence(lambda u: -numpy.log(u)), ReverseKullbackLeibler(), 0.0),
]
every_family = pytest.mark.parametrize(("generated", "named", "end"), FAMILIES, ids=lambda value: repr(value))


@every_family
def test_derivative_by_complex_step(generated, named, end):
    numpy.testing.assert_allclose(generated.derivative(U), named.derivative(U), rtol=1e-14, atol=1e-15)


@every_family
def test_conjugate_by_search(generated, named, end):
    t = numpy.array([-40.0, -3.1, -3.0, -2.9, -2.0, -1.0, -1e-3, 0.0, 0.3, 0.9, 0.999, 1.5, 30.0])
    expected = named.conjugate(t)
    found = generated.conjugate(t)
    assert found.shape == t.shape
    numpy.testing.assert_array_equal(numpy.isinf(found), numpy.isinf(expected))
    finite = numpy.isfinite(expected)
    # u t and f(u) at the maximiser are what rounding is measured by.
    numpy.testing.assert_allclose(found[finite], expected[finite], rtol=1e-13, atol=1e-13)


def test_conjugate_at_the_end_of_its_domain():
    # A supremum that no u attains: sqrt(eps).
    assert float(FAMILIES[0][0].conjugate(1.0)) == pytest.approx(3.0, abs=2e-7)


def test_functions_that_are_not_analytic():
    # Complex step would give 0, or |u - 1| instead of 2 u - 1: differences notice.
    variation = GeneratedDivergence(lambda u: abs(u - 1) / 2, slope_at_infinity=0.5)
    for u, expected in ((0.5, -0.5), (0.9, -0.5), (1.1, 0.5), (30.0, 0.5)):
        assert float(variation.derivative(u)) == pytest.approx(expected, rel=1e-12)
    mixed = GeneratedDivergence(lambda u: abs(u - 1) * u)
    numpy.testing.assert_allclose(mixed.derivative([2.0, 5.0]), [3.0, 9.0], rtol=1e-11)
    t = numpy.array([-1.0, -0.5, -0.2, 0.2, 0.5, 0.51])
    numpy.testing.assert_allclose(variation.conjugate(t), TotalVariation().conjugate(t), rtol=1e-14)
    assert float(variation([0.5, 0.5, 0.0], [0.25, 0.5, 0.25])) == pytest.approx(0.25, rel=1e-14)
    assert float(variation([0.5, 0.5, 0.0], [0.25, 0.0, 0.75])) == pytest.approx(0.75, rel=1e-14)
    # Functions that take no complex numbers at all.
    assert float(GeneratedDivergence(_clipped).derivative(3.0)) == pytest.approx(1.0, rel=1e-12)


def _clipped(u):
    if u.dtype.kind == "c":
        raise TypeError("no complex numbers")
    return numpy.maximum(u - 1, 0.0)


def test_what_is_given_is_used():
    named = LeCam()
    given = GeneratedDivergence(named.generator, named.derivative, named.conjugate, slope_at_infinity=1.0)
    v = numpy.array([-3.0, -1e-9, 0.0, 1e-9, 5.0])
    numpy.testing.assert_array_equal(given.conjugate(0.5), named.conjugate(0.5))
    numpy.testing.assert_allclose(given.critic_from_logit(v), named.critic_from_logit(v), rtol=1e-6, atol=1e-17)
    numpy.testing.assert_allclose(given.conjugate_from_logit(v), named.conjugate_from_logit(v), rtol=1e-6, atol=1e-17)
    assert given.slope_at_zero == 1.0
    assert given.supremum == 2.0
    assert math.isnan(GeneratedDivergence(triangular).supremum)


def test_close_masses(rng):
    # To eps, not to eps of the value.
    p = rng.dirichlet(numpy.ones(20))
    for step in (1e-3, 1e-6):
        q = p * (1 + step * rng.uniform(-1, 1, 20))
        q /= q.sum()
        assert abs(float(f_divergence(p, q, triangular)) - float(le_cam_divergence(p, q))) < 1e-16


def test_the_generalised_form():
    # sum q f(u) - f'(1) (p - q) of u log u is that of KL.
    p, q = [2.0, 1.0], [1.0, 1.0]
    value = f_divergence(p, q, _entropic, normalize=None)
    assert float(value) == pytest.approx(2 * math.log(2) - 1, rel=1e-14, abs=0.0)
    log_p, log_q = numpy.log(p), numpy.log(q)
    value = f_divergence(log_p, log_q, _entropic, normalize=None, log=True)
    assert float(value) == pytest.approx(2 * math.log(2) - 1, rel=1e-14, abs=0.0)


def test_distributions():
    p, q = laws.Normal(0.0, 1.0), laws.Normal(1.0, 1.0)
    value = f_divergence(p, q, triangular, slope_at_infinity=1.0)
    assert float(value) == pytest.approx(float(le_cam_divergence(p, q)), rel=1e-12, abs=0.0)
    assert float(f_divergence(p, q, _entropic, slope_at_infinity=math.inf)) == pytest.approx(0.5, rel=1e-12, abs=0.0)
    estimate = f_divergence(p, q, triangular, slope_at_infinity=1.0, return_estimate=True)
    assert estimate.definition == "integral of q f(p / q)"
    with pytest.raises(ValueError, match="`slope_at_infinity` must be given for Distributions"):
        f_divergence(p, q, triangular)


def test_masses_whose_ratio_overflows():
    value = f_divergence([0.5, 0.5], [1.0, 1e-310], triangular, slope_at_infinity=1.0)
    with mpmath.workdps(20):
        expected = 0.25 / 1.5 + mpmath.mpf(0.5)
    assert float(value) == pytest.approx(float(expected), rel=1e-14)
    assert float(f_divergence([0.5, 0.5], [1.0, 0.0], _entropic, slope_at_infinity=math.inf)) == math.inf
    assert float(f_divergence([0.5, 0.5], [1.0, 1e-200], _entropic, slope_at_infinity=math.inf)) == pytest.approx(
        float(kl_divergence([0.5, 0.5], [1.0, 1e-200])), rel=1e-14
    )


def test_bad_input():
    with pytest.raises(TypeError, match="`f` must be a callable, got 3 of type int"):
        GeneratedDivergence(3)
    with pytest.raises(TypeError, match="`f_star` must be a callable, got 'x'"):
        GeneratedDivergence(triangular, f_star="x")
    with pytest.raises(ValueError, match="`f` must be defined at every ratio"):
        GeneratedDivergence(lambda u: u * numpy.nan)([0.5, 0.5], [0.5, 0.5])
    assert numpy.isnan(GeneratedDivergence(lambda u: u * numpy.nan)([0.5, 0.5], [0.5, 0.5], check=False))
    assert repr(GeneratedDivergence(triangular)) == "GeneratedDivergence(triangular)"


def test_single_precision():
    value = f_divergence(numpy.array([0.5, 0.5], "float32"), numpy.array([0.25, 0.75], "float32"), triangular)
    assert value.dtype == numpy.float32
    assert float(value) == pytest.approx(2 / 15, rel=1e-6)
    conjugate = FAMILIES[0][0].conjugate(numpy.array([0.75], "float32"))
    assert conjugate.dtype == numpy.float32
    assert float(conjugate[0]) == pytest.approx(1.25, rel=1e-6)


@pytest.mark.filterwarnings("error")
def test_a_function_without_a_value_at_zero_warns_of_nothing():
    # KL by a function that is nan at 0, of masses without zeros.
    value = f_divergence([0.5, 0.5], [0.25, 0.75], lambda u: u * numpy.log(u))
    assert float(value) == pytest.approx(math.log(4 / 3) / 2, rel=1e-14)
    with pytest.raises(ValueError, match="Give it its limit at 0"):
        f_divergence([0.0, 1.0], [0.5, 0.5], lambda u: u * numpy.log(u))


@pytest.mark.peers
@pytest.mark.skipif(not PEERS, reason="make test-peers has PyTorch and JAX")
def test_a_function_of_tensors_alone():
    import torch

    p, q = torch.tensor([1.0, 0.0]), torch.tensor([0.25, 0.75])
    value = f_divergence(p, q, lambda u: (torch.sqrt(u) - 1) ** 2 / 2, slope_at_infinity=0.5)
    assert float(value) == pytest.approx(0.5, rel=1e-6)
