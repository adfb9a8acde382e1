"""Laws of GAN objectives: derivatives, libraries, optimal outputs, and what the generator follows."""

import itertools
import math

import numpy
import pytest
import scipy.integrate
import scipy.stats

from gamedyn import distributions, objectives

from ..cases import OBJECTIVES

every_objective = pytest.mark.parametrize("objective", OBJECTIVES, ids=repr)
WITHOUT_FORMULA = objectives.Wasserstein | objectives.Hinge
pointwise = pytest.mark.parametrize(
    "objective", [o for o in OBJECTIVES if not isinstance(o, WITHOUT_FORMULA)], ids=repr
)
H = 1e-30
S = numpy.array([-700.0, -40.0, -3.0, -1e-3, 0.0, 0.5, 2.0, 40.0, 700.0])


def outputs(objective):
    """Critic outputs; losses of f-GANs grow exponentially."""
    return numpy.clip(S, -20, 20) if isinstance(objective, objectives.FGAN) else S


def complex_step(function, s):
    return numpy.imag(function(s + 1j * H)) / H


@every_objective
def test_first_derivatives_are_those_of_the_losses(objective):
    s = outputs(objective)
    real, fake = objective.discriminator_derivative(s, s)
    tolerance = {"rtol": 1e-14, "atol": 1e-300}
    numpy.testing.assert_allclose(real, complex_step(lambda x: objective.discriminator_loss(x, x)[0], s), **tolerance)
    numpy.testing.assert_allclose(fake, complex_step(lambda x: objective.discriminator_loss(x, x)[1], s), **tolerance)
    numpy.testing.assert_allclose(
        objective.generator_derivative(s), complex_step(objective.generator_loss, s), **tolerance
    )


@every_objective
def test_second_derivatives_are_those_of_the_first(objective):
    s = outputs(objective)
    real, fake = objective.discriminator_second_derivative(s, s)
    # The step itself cancels in the flat tails of a saturated sigmoid, where the slope is below 1e-17.
    tolerance = {"rtol": 1e-13, "atol": 1e-16}
    numpy.testing.assert_allclose(
        real, complex_step(lambda x: objective.discriminator_derivative(x, x)[0], s), **tolerance
    )
    numpy.testing.assert_allclose(
        fake, complex_step(lambda x: objective.discriminator_derivative(x, x)[1], s), **tolerance
    )
    numpy.testing.assert_allclose(
        objective.generator_second_derivative(s), complex_step(objective.generator_derivative, s), **tolerance
    )


@every_objective
def test_every_library_gets_its_own_arrays_back(objective, library):
    for dtype, tolerance in (("float64", 1e-14), ("float32", 1e-6)):
        s = numpy.array([[-2.0, 0.5, 30.0]], dtype=dtype)
        x = library.asarray(s, dtype)
        results = [
            *objective.discriminator_loss(x, x),
            *objective.discriminator_derivative(x, x),
            *objective.discriminator_second_derivative(x, x),
            objective.generator_loss(x),
            objective.generator_derivative(x),
            objective.generator_second_derivative(x),
        ]
        wide = s.astype(float)
        expected = [
            *objective.discriminator_loss(wide, wide),
            *objective.discriminator_derivative(wide, wide),
            *objective.discriminator_second_derivative(wide, wide),
            objective.generator_loss(wide),
            objective.generator_derivative(wide),
            objective.generator_second_derivative(wide),
        ]
        for result, wanted in zip(results, expected, strict=True):
            assert library.owns(result, dtype)
            numpy.testing.assert_allclose(library.host(result), wanted, rtol=tolerance)


@every_objective
def test_samples_of_different_sizes_are_taken(objective):
    real, fake = objective.discriminator_loss(numpy.zeros((3, 2)), numpy.zeros(5))
    assert real.shape == (3, 2)
    assert fake.shape == (5,)


@every_objective
@pytest.mark.parametrize("order", ["loss", "derivative", "second_derivative"])
def test_refusals_name_the_argument(objective, order):
    of_discriminator, of_generator = (getattr(objective, f"{who}_{order}") for who in ("discriminator", "generator"))
    with pytest.raises(TypeError, match="`real` must hold numbers, got booleans"):
        of_discriminator(True, 0.0)
    with pytest.raises(TypeError, match="`fake` must hold numbers, got booleans"):
        of_discriminator(0.0, True)
    with pytest.raises(TypeError, match="`fake` must hold numbers, got booleans"):
        of_generator(True)


@every_objective
def test_zero_sum_means_that_the_losses_cancel(objective):
    s = outputs(objective)
    _, fake = objective.discriminator_loss(s, s)
    assert numpy.array_equal(objective.generator_loss(s), -fake) == objective.is_zero_sum
    slope = objective.discriminator_derivative(s, s)[1]
    assert numpy.array_equal(objective.generator_derivative(s), -slope) == objective.is_zero_sum


@pointwise
def test_optimal_output_minimises_the_discriminators_loss(objective):
    # p a'(s) + q b'(s) = 0 and p a'' + q b'' > 0 at s*(log p - log q).
    v = numpy.linspace(-20, 20, 81)
    p, q = 1 / (1 + numpy.exp(-v)), 1 / (1 + numpy.exp(v))
    best = objective.optimal_output(v)
    real, fake = objective.discriminator_derivative(best, best)
    # Stationarity relative to either of the two terms that balance.
    numpy.testing.assert_allclose(p * real, -q * fake, rtol=1e-6, atol=1e-15)
    curved = objective.discriminator_second_derivative(best, best)
    assert (p * curved[0] + q * curved[1] > 0).all()


@pytest.mark.parametrize("function", [objectives.optimal_discriminator, objectives.value_at_optimum])
def test_pmf_functions_keep_library_and_dtype(function, library):
    p, q = [[0.5, 0.5, 0.0], [0.2, 0.3, 0.5]], [[0.25, 0.25, 0.5], [0.1, 0.4, 0.5]]
    expected = function(numpy.array(p), numpy.array(q))
    for dtype, tolerance in (("float64", 1e-14), ("float32", 2e-6)):
        result = function(library.asarray(p, dtype), library.asarray(q, dtype))
        assert library.owns(result, dtype)
        numpy.testing.assert_allclose(library.host(result), expected, rtol=tolerance, atol=tolerance)


def test_value_function_keeps_library_and_dtype(library):
    s, p, q = [0.3, math.inf, -1.0], [0.5, 0.5, 0.0], [0.5, 0.0, 0.5]
    expected = objectives.value_function(s, p, q)
    for dtype in ("float64", "float32"):
        result = objectives.value_function(*(library.asarray(a, dtype) for a in (s, p, q)))
        assert library.owns(result, dtype)
        assert library.host(result) == pytest.approx(float(expected), rel=1e-6, abs=0.0)


def random_pair(rng, atoms=5):
    p, q = rng.dirichlet(numpy.ones(atoms), 2)
    return p, q


@every_objective
def test_divergence_is_zero_at_equality_and_positive_elsewhere(objective, rng):
    for _ in range(20):
        p, q = random_pair(rng)
        assert float(objective.divergence(p, p)) == pytest.approx(0.0, abs=1e-15)
        assert float(objective.divergence(p, q)) > 1e-6


@pytest.mark.parametrize("objective", [o for o in OBJECTIVES if not isinstance(o, objectives.LeastSquares)], ids=repr)
def test_generator_follows_the_divergence(objective, rng):
    # d/dt divergence(p, q + t e) = sum e c(s*), s* held fixed, for every direction e that keeps the mass.
    for _ in range(10):
        p, q = random_pair(rng)
        e = rng.standard_normal(5)
        e -= e.mean()
        if isinstance(objective, objectives.Wasserstein):
            # On 0, 1, 2, ... the potential falls or rises by 1 with the sign of F - G.
            critic = numpy.concatenate([[0.0], numpy.cumsum(numpy.sign(numpy.cumsum(q - p)[:-1]))])
        else:
            critic = objective.optimal_output(numpy.log(p / q))
        h = 1e-6 * q.min()
        slope = (float(objective.divergence(p, q + h * e)) - float(objective.divergence(p, q - h * e))) / (2 * h)
        assert slope == pytest.approx(float(e @ objective.generator_loss(critic)), rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("objective", [o for o in OBJECTIVES if isinstance(o, objectives.LeastSquares)], ids=repr)
def test_least_squares_divergence_is_what_both_halves_pay(objective, rng):
    def paid(p, q):
        best = (objective.real_label * p + objective.fake_label * q) / (p + q)
        return numpy.sum((p + q) * (best - objective.generator_target) ** 2) / 2

    for _ in range(20):
        p, q = random_pair(rng)
        assert float(objective.divergence(p, q)) == pytest.approx(paid(p, q) - paid(p, p), rel=1e-12, abs=0.0)


@pytest.mark.parametrize("objective", [o for o in OBJECTIVES if o.is_zero_sum], ids=repr)
def test_discriminator_at_its_best_pays_minus_the_divergence(objective, rng):
    # Minimax: E_p a + E_q b = log 4 - 2 JS. Wasserstein: -W_1. f-GANs: -D_f.
    p, q = random_pair(rng)
    if isinstance(objective, objectives.Wasserstein):
        critic, offset = numpy.concatenate([[0.0], numpy.cumsum(numpy.sign(numpy.cumsum(q - p)[:-1]))]), 0.0
    else:
        goodfellow = isinstance(objective, objectives.Minimax) or "GANDivergence" in repr(objective)
        critic, offset = objective.optimal_output(numpy.log(p / q)), math.log(4.0) if goodfellow else 0.0
    real, fake = objective.discriminator_loss(critic, critic)
    assert float(p @ real + q @ fake) == pytest.approx(offset - float(objective.divergence(p, q)), rel=1e-12, abs=0.0)


def pointwise_divergence(objective, p, q):
    """What the divergence integrates, written out from its definition."""
    if isinstance(objective, objectives.Minimax):
        return p * numpy.log(2 * p / (p + q)) + q * numpy.log(2 * q / (p + q))
    if isinstance(objective, objectives.NonSaturating):
        return (p + q) * numpy.log((p + q) / (2 * p))
    if isinstance(objective, objectives.Hinge):
        return abs(p - q)
    return (objective.real_label - objective.fake_label) ** 2 / 8 * (p - q) ** 2 / (p + q)


# Divergences of laws are tested on their own; here are those that objectives make of them.
@pytest.mark.parametrize(
    "objective",
    [o for o in OBJECTIVES if not isinstance(o, objectives.Wasserstein | objectives.FGAN)],
    ids=repr,
)
def test_divergence_of_laws_is_the_integral_of_its_definition(objective):
    p, q = distributions.Normal(1.0, 1.5), distributions.Laplace(0.0, 1.0)

    def integrand(x):
        return pointwise_divergence(objective, scipy.stats.norm.pdf(x, 1.0, 1.5), scipy.stats.laplace.pdf(x))

    # Beyond 45 lies less than e^-45 times a polynomial, and both densities are still normal numbers.
    cuts = (-45, -15, -1, 0, 1, 15, 45)
    pieces = [scipy.integrate.quad(integrand, *ends, epsabs=1e-13)[0] for ends in itertools.pairwise(cuts)]
    assert float(objective.divergence(p, q)) == pytest.approx(sum(pieces), rel=1e-8, abs=0.0)


@every_objective
def test_divergence_of_discrete_laws_is_that_of_their_masses(objective, rng):
    p, q = random_pair(rng)
    laws = distributions.Categorical(p), distributions.Categorical(q)
    assert float(objective.divergence(*laws)) == pytest.approx(float(objective.divergence(p, q)), rel=1e-10, abs=0.0)
