"""Facts about Normal and MultivariateNormal."""

import math

import mpmath
import numpy
import pytest

from gamedyn.distributions import MultivariateNormal, Normal


def test_tails_keep_their_digits(library):
    law = Normal(library.asarray(0.0), library.asarray(1.0))
    x = [-1e3, -37.0, -12.0, -1.0]
    exact = [float(mpmath.ncdf(value)) for value in x]
    # Around x = -37 a rounding of x alone moves the cdf by x^2 eps = 3e-13.
    numpy.testing.assert_allclose(library.host(law.cdf(library.asarray(x))), exact, rtol=1e-11, atol=1e-300)
    host = library.host(law.log_prob(library.asarray([1e3, -1e3])))
    numpy.testing.assert_allclose(host, [-5e5 - 0.5 * math.log(2 * math.pi)] * 2, rtol=1e-15)
    numpy.testing.assert_allclose(library.host(law.score(library.asarray([1e3, -1e3]))), [-1e3, 1e3])


def test_quantiles_of_tiny_probabilities(library):
    law = Normal(library.asarray(2.0), library.asarray(3.0))
    u = [1e-300, 1e-20, 0.5]
    quantile = library.host(law.icdf(library.asarray(u)))
    exact = [float(2 - 3 * mpmath.sqrt(2) * mpmath.erfinv(1 - 2 * mpmath.mpf(p))) for p in (0.5,)]
    assert quantile[2] == pytest.approx(exact[0])
    with mpmath.workdps(40):
        for value, p in zip(quantile[:2], u[:2], strict=True):
            root = mpmath.findroot(lambda z, p=p: mpmath.log(mpmath.ncdf(z)) - mpmath.log(p), (value - 2) / 3)
            assert (value - 2) / 3 == pytest.approx(float(root), rel=1e-12, abs=0.0)


def test_a_square_that_overflows_is_silent():
    assert Normal(0.0, 1.0).log_prob(1e200) == -numpy.inf
    assert MultivariateNormal([0.0], [[1.0]]).log_prob([1e200]) == -numpy.inf
    assert Normal(0.0, 1e200).log_prob(1e200) == pytest.approx(-0.5 - math.log(1e200) - 0.5 * math.log(2 * math.pi))


def test_precision_of_numbers_and_arrays():
    # Numbers take the precision of the arrays beside them.
    assert Normal(numpy.zeros(2, dtype="float32"), 1.0).log_prob(0.5).dtype == "float32"
    assert Normal(0.0, 1.0).log_prob(numpy.zeros(2, dtype="float32")).dtype == "float64"
    assert Normal(0, 2).variance == 4.0


def test_normal_refuses_bad_parameters():
    with pytest.raises(ValueError, match=r"`scale` must be positive and finite, got .*0"):
        Normal(0.0, 0.0)
    with pytest.raises(ValueError, match="`scale` must be positive"):
        Normal(0.0, [1.0, numpy.nan])
    with pytest.raises(ValueError, match="`loc` must be finite"):
        Normal(numpy.inf, 1.0)
    with pytest.raises(TypeError, match="`loc` must be real"):
        Normal(1j, 1.0)
    with pytest.raises(TypeError, match="`scale` must hold numbers, got booleans"):
        Normal(0.0, True)
    with pytest.raises(TypeError, match="`x` must be real"):
        Normal(0.0, 1.0).log_prob(1j)
    assert Normal(0.0, -1.0, check=False).scale == -1.0


def test_sample_size_is_checked():
    with pytest.raises(ValueError, match="`n` must be at least 0, got -1"):
        Normal(0.0, 1.0).sample(-1)
    with pytest.raises(TypeError, match="`n` must be an integer"):
        Normal(0.0, 1.0).sample(2.5)
    with pytest.raises(TypeError, match="`rng` must be None, an integer seed"):
        Normal(0.0, 1.0).sample(2, rng="seed")


def test_laws_are_frozen():
    with pytest.raises(AttributeError):
        Normal(0.0, 1.0).loc = 2.0


def test_multivariate_normal_in_one_dimension_is_normal(library):
    line, space = Normal(0.7, 1.5), MultivariateNormal(library.asarray([0.7]), library.asarray([[2.25]]))
    x = numpy.linspace(-3, 4, 7)
    numpy.testing.assert_allclose(
        library.host(space.log_prob(library.asarray(x[:, None]))), line.log_prob(x), rtol=1e-14
    )
    assert float(space.entropy) == pytest.approx(float(line.entropy), rel=1e-15, abs=0.0)


def test_ill_conditioned_covariance_keeps_its_density():
    # Axes of deviations 1 and 1e-6, turned by 30 degrees: the exponent along each axis is known.
    c, s = math.cos(math.pi / 6), math.sin(math.pi / 6)
    turn = numpy.array([[c, -s], [s, c]])
    covariance = turn @ numpy.diag([1.0, 1e-12]) @ turn.T
    law = MultivariateNormal([0.0, 0.0], 0.5 * (covariance + covariance.T))
    constant = -math.log(2 * math.pi) + math.log(1e6)
    assert float(law.log_prob(turn @ [2.0, 0.0])) == pytest.approx(-2.0 + constant, abs=1e-3)
    # Scaled axes cost nothing: definiteness is judged after scaling.
    assert float(MultivariateNormal([0.0, 0.0], [[1e-40, 0.0], [0.0, 1e40]]).entropy) == pytest.approx(
        1 + math.log(2 * math.pi)
    )


def test_multivariate_normal_refuses_bad_parameters():
    with pytest.raises(ValueError, match=r"must have shapes \(..., d\) and \(..., d, d\), got \(2,\) and \(3, 3\)"):
        MultivariateNormal([0.0, 0.0], numpy.eye(3))
    with pytest.raises(ValueError, match="`covariance_matrix` must be symmetric"):
        MultivariateNormal([0.0, 0.0], [[1.0, 0.5], [0.4, 1.0]])
    for matrix in ([[1.0, 2.0], [2.0, 1.0]], [[1.0, 1.0], [1.0, 1.0]]):
        with pytest.raises(ValueError, match="`covariance_matrix` must be positive definite beyond rounding"):
            MultivariateNormal([0.0, 0.0], matrix)
    with pytest.raises(ValueError, match="`covariance_matrix` must be finite"):
        MultivariateNormal([0.0, 0.0], [[1.0, 0.0], [0.0, numpy.inf]])
    with pytest.raises(ValueError, match=r"`x` must have shape \(..., 2\), got \(3,\)"):
        MultivariateNormal([0.0, 0.0], numpy.eye(2)).log_prob([1.0, 2.0, 3.0])


def test_covariance_of_samples(rng):
    covariance = numpy.array([[2.0, -0.8, 0.1], [-0.8, 1.0, 0.3], [0.1, 0.3, 0.5]])
    draws = MultivariateNormal([1.0, 2.0, 3.0], covariance).sample(40_000, rng=rng)
    # Var of an entry of the sample covariance is (S_ii S_jj + S_ij^2) / n: 4.9 deviations, level 1e-6.
    bound = 4.9 * numpy.sqrt(
        (numpy.outer(numpy.diagonal(covariance), numpy.diagonal(covariance)) + covariance**2) / 4e4
    )
    assert numpy.all(numpy.abs(numpy.cov(draws.T) - covariance) < bound)
