"""Facts about Cauchy and Gumbel."""

import math

import numpy
import pytest

from gamedyn.distributions import Cauchy, Gumbel


def test_cauchy_far_out(library):
    law = Cauchy(library.asarray(1.0), library.asarray(2.0))
    x = library.asarray([1e200, -1e200, 1.0, 3.0, -math.inf, math.inf])
    # (x - loc) / scale = 5e199, whose square overflows: log p = log(scale / (pi x^2)).
    far = math.log(2 / math.pi) - 400 * math.log(10)
    expected = [far, far, -math.log(2 * math.pi), -math.log(4 * math.pi), -math.inf, -math.inf]
    numpy.testing.assert_allclose(library.host(law.log_prob(x)), expected, rtol=1e-15)
    # The lower tail is scale / (pi |x|).
    expected = [1.0, 2e-200 / math.pi, 0.5, 0.75, 0.0, 1.0]
    numpy.testing.assert_allclose(library.host(law.cdf(x)), expected, rtol=1e-15)
    numpy.testing.assert_allclose(library.host(law.score(x)), [-2e-200, 2e-200, 0.0, -0.5, 0.0, 0.0], rtol=1e-14)
    u = library.asarray([2e-200, 0.25, 0.5, 0.75, 1 - 2.0**-50, 0.0, 1.0])
    expected = [-1e200 / math.pi, -1.0, 1.0, 3.0, 2.0**51 / math.pi, -math.inf, math.inf]
    numpy.testing.assert_allclose(library.host(law.icdf(u)), expected, rtol=1e-14)


def test_cauchy_has_no_moments():
    law = Cauchy([0.0, 1.0], 1.0)
    assert numpy.all(numpy.isnan(law.mean))
    assert numpy.all(numpy.isnan(law.variance))


def test_gumbel_in_both_tails(library):
    law = Gumbel(library.asarray(0.0), library.asarray(0.5))
    # z = -3, -10, -500 and 500.
    x = library.asarray([-1.5, -5.0, -250.0, 250.0])
    expected = [3 - math.exp(3) + math.log(2), 10 - math.exp(10) + math.log(2), -math.exp(500), -500 + math.log(2)]
    numpy.testing.assert_allclose(library.host(law.log_prob(x)), expected, rtol=1e-14)
    numpy.testing.assert_allclose(library.host(law.cdf(x)), [math.exp(-math.exp(3)), 0.0, 0.0, 1.0], rtol=1e-14)
    numpy.testing.assert_allclose(library.host(law.score(x))[[0, 3]], [2 * math.expm1(3), -2.0], rtol=1e-15)
    # The score next to the mode is -z / scale.
    assert float(law.score(library.asarray(5e-13))) == pytest.approx(-2e-12, rel=1e-11, abs=0.0)
    u = library.asarray([1e-300, math.exp(-1), 1 - 2.0**-52, 0.0, 1.0])
    # -log(-log u) at u = 1 - e is -log(e + e^2 / 2).
    expected = [-math.log(300 * math.log(10)) / 2, 0.0, 26 * math.log(2), -math.inf, math.inf]
    numpy.testing.assert_allclose(library.host(law.icdf(u)), expected, rtol=1e-14, atol=1e-16)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_gumbel_is_silent_where_its_density_has_gone(dtype):
    law = Gumbel(numpy.zeros(1, dtype), 1.0)
    x = numpy.array([-1e3, -math.inf, math.inf, math.nan], dtype)
    numpy.testing.assert_array_equal(law.log_prob(x), [-math.inf, -math.inf, -math.inf, math.nan])
    numpy.testing.assert_array_equal(law.cdf(x), [0.0, 0.0, 1.0, math.nan])
    numpy.testing.assert_array_equal(law.score(x), [math.inf, math.inf, -1.0, math.nan])


@pytest.mark.parametrize("family", [Cauchy, Gumbel])
def test_bad_parameters_are_refused(family):
    with pytest.raises(ValueError, match="`scale` must be positive and finite"):
        family(0.0, [1.0, 0.0])
    with pytest.raises(ValueError, match="`loc` must be finite"):
        family(numpy.nan, 1.0)
    assert family(0.0, -1.0, check=False).scale == -1.0
