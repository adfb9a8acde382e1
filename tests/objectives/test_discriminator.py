"""Facts about the optimal discriminator."""

import math
from fractions import Fraction

import mpmath
import numpy
import pytest

from gamedyn import distributions, objectives


def test_conventions_where_a_law_has_no_mass():
    logit = objectives.optimal_discriminator([0.5, 0.5, 0.0, 0.0], [0.0, 0.5, 0.5, 0.0])
    numpy.testing.assert_array_equal(logit, [math.inf, 0.0, -math.inf, 0.0])


def test_is_the_log_ratio_to_a_few_ulp(rng):
    # Ratios from 1 + 1e-12 to 1e-600.
    q = rng.uniform(0.1, 1.0, 300)
    p = numpy.concatenate([q[:100] * (1 + 10 ** rng.uniform(-12, -1, 100)), 10.0 ** rng.uniform(-300, 0, 200)])
    q[200:] *= 10.0 ** rng.uniform(-300, 0, 100)
    logit = objectives.optimal_discriminator(p, q)
    with mpmath.workdps(40):
        exact = numpy.array([float(mpmath.log(mpmath.mpf(a) / mpmath.mpf(b))) for a, b in zip(p, q, strict=True)])
    numpy.testing.assert_allclose(logit, exact, rtol=1e-14)


def test_input_on_any_axis_and_broadcast():
    p = numpy.full((3, 2), 0.25)
    assert objectives.optimal_discriminator(p, 0.5).shape == (3, 2)
    numpy.testing.assert_allclose(objectives.optimal_discriminator(p, 0.5), -math.log(2.0), rtol=1e-15)


def test_subnormal_masses_are_exact():
    # 5e-324 / 0.3 rounds to 3 units of 5e-324, off by a tenth.
    tiny = 5e-324
    third = float(objectives.optimal_discriminator(tiny, 0.3))
    assert third == pytest.approx(-1074 * math.log(2.0) - math.log(0.3), rel=1e-15, abs=0.0)
    expected = math.log(Fraction(1, 2)) - math.log(2.0) * -1074
    assert float(objectives.optimal_discriminator(0.5, tiny)) == pytest.approx(expected, rel=1e-15, abs=0.0)


@pytest.mark.parametrize("bad", [-0.1, math.nan, math.inf])
def test_bad_masses_are_named_with_their_index(bad):
    with pytest.raises(ValueError, match=r"`q` must hold probabilities, finite and >= 0, got q\[0, 1\] = "):
        objectives.optimal_discriminator([[0.5, 0.5]], [[1.0, bad]])


def test_unchecked_input_passes():
    assert math.isfinite(float(objectives.optimal_discriminator(0.5, 0.5, check=False)))


def test_two_normals_have_a_linear_logit():
    # log N(x; m, s) - log N(x; 0, s) = m x / s^2 - m^2 / (2 s^2), with gradient m / s^2.
    critic = objectives.optimal_discriminator(distributions.Normal(3.0, 2.0), distributions.Normal(0.0, 2.0))
    x = numpy.array([-50.0, 0.0, 1.5, 50.0])
    numpy.testing.assert_allclose(critic(x), 0.75 * x - 1.125, rtol=1e-13)
    numpy.testing.assert_allclose(critic.input_gradient(x), 0.75, rtol=1e-13)
    numpy.testing.assert_allclose(critic.probability(x), 1 / (1 + numpy.exp(1.125 - 0.75 * x)), rtol=1e-12)


def test_mixtures_in_the_plane_and_their_gradient(rng):
    eye = numpy.eye(2)
    normals = [distributions.MultivariateNormal(m, eye) for m in ([2.0, 0.0], [-2.0, 0.0], [0.0, 1.0])]
    p, q = distributions.Mixture([0.3, 0.7], normals[:2]), normals[2]
    critic = objectives.optimal_discriminator(p, q)
    x, h = rng.standard_normal((20, 2)), 1e-6

    def density(x, mean):
        return numpy.exp(-numpy.sum((x - mean) ** 2, axis=-1) / 2)

    def logit(x):
        mixed = 0.3 * density(x, [2.0, 0.0]) + 0.7 * density(x, [-2.0, 0.0])
        return numpy.log(mixed / density(x, [0.0, 1.0]))

    numpy.testing.assert_allclose(critic(x), logit(x), rtol=1e-10, atol=1e-12)
    for i in range(2):
        difference = (logit(x + h * eye[i]) - logit(x - h * eye[i])) / (2 * h)
        numpy.testing.assert_allclose(critic.input_gradient(x)[:, i], difference, atol=1e-8)


def test_laws_outside_their_support_follow_the_conventions():
    critic = objectives.optimal_discriminator(distributions.Uniform(0.0, 2.0), distributions.Uniform(1.0, 3.0))
    numpy.testing.assert_array_equal(critic(numpy.array([0.5, 1.5, 2.5, 9.0])), [math.inf, 0.0, -math.inf, 0.0])


def test_laws_that_do_not_compare_are_refused():
    normal, plane = distributions.Normal(0.0, 1.0), distributions.MultivariateNormal([0.0, 0.0], numpy.eye(2))
    with pytest.raises(ValueError, match=r"one event shape, got \(\) and \(2,\)"):
        objectives.optimal_discriminator(normal, plane)
    with pytest.raises(TypeError, match="a mass has no ratio to a density"):
        objectives.optimal_discriminator(normal, distributions.Bernoulli(0.5))
    with pytest.raises(TypeError, match="`q` must be a Distribution like the other argument, got list"):
        objectives.optimal_discriminator(normal, [0.5, 0.5])
