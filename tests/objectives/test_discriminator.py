"""Facts about the optimal discriminator."""

import math
from fractions import Fraction

import mpmath
import numpy
import pytest

from gamedyn import objectives


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
    tiny = 5e-324
    expected = math.log(Fraction(1, 2)) - math.log(2.0) * -1074
    assert float(objectives.optimal_discriminator(0.5, tiny)) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("bad", [-0.1, math.nan, math.inf])
def test_bad_masses_are_named_with_their_index(bad):
    with pytest.raises(ValueError, match=r"`q` must hold probabilities, finite and >= 0, got q\[0, 1\] = "):
        objectives.optimal_discriminator([[0.5, 0.5]], [[1.0, bad]])


def test_unchecked_input_passes():
    assert math.isfinite(float(objectives.optimal_discriminator(0.5, 0.5, check=False)))
