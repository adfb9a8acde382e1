"""Facts about the Wasserstein objective."""

import numpy
import pytest

from gamedyn import distributions, objectives


def test_losses_are_plus_and_minus_the_output():
    real, fake = objectives.Wasserstein().discriminator_loss([2.0, 3.0], [5.0])
    numpy.testing.assert_array_equal(real, [-2.0, -3.0])
    numpy.testing.assert_array_equal(fake, [5.0])
    numpy.testing.assert_array_equal(objectives.Wasserstein().generator_loss([5.0]), [-5.0])


def test_the_best_critic_is_no_function_of_the_log_ratio():
    with pytest.raises(ValueError, match=r"return_result=True\)\.critic"):
        objectives.Wasserstein().optimal_output(0.0)


def test_divergence_of_pmfs_moves_mass_along_the_integers():
    # Half of the mass moves three steps.
    assert float(objectives.Wasserstein().divergence([0.5, 0.0, 0.0, 0.5], [0.0, 0.0, 0.0, 1.0])) == 1.5


def test_divergence_of_a_batch():
    value = objectives.Wasserstein().divergence([[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [0.0, 1.0]])
    numpy.testing.assert_array_equal(value, [1.0, 0.0])


def test_divergence_of_laws_on_the_line():
    def between(p, q):
        return float(objectives.Wasserstein().divergence(p, q))

    # A shift costs itself; exponential laws are ordered, so that W_1 is the difference of their means.
    assert between(distributions.Normal(0.0, 2.0), distributions.Normal(3.0, 2.0)) == pytest.approx(
        3.0, rel=1e-10, abs=0.0
    )
    assert between(distributions.Exponential(2.0), distributions.Exponential(0.5)) == pytest.approx(
        1.5, rel=1e-10, abs=0.0
    )
    # Half the mass of a fair coin moves from 0 to 1; a coin against U(0, 1): integral |1/2 - x| = 1/4.
    coin = distributions.Bernoulli(0.5)
    assert between(coin, distributions.Bernoulli(1.0)) == pytest.approx(0.5, rel=1e-12, abs=0.0)
    assert between(coin, distributions.Uniform(0.0, 1.0)) == pytest.approx(0.25, rel=1e-10, abs=0.0)


def test_divergence_of_heavy_tails_is_infinite():
    def between(p, q):
        return float(objectives.Wasserstein().divergence(p, q))

    # |F - G| falls off as 1 / x, or slower.
    assert between(distributions.Cauchy(0.0, 1.0), distributions.Cauchy(0.0, 2.0)) == numpy.inf
    assert between(distributions.Pareto(1.0, 1.0), distributions.Pareto(2.0, 1.0)) == numpy.inf
    assert between(distributions.Pareto(1.0, 0.5), distributions.Normal(0.0, 1.0)) == numpy.inf
    # A translation moves all mass by as much, whatever the tails; Pareto laws are ordered, with means 11 and 22.
    shifted = between(distributions.Cauchy(0.0, 1.0), distributions.Cauchy(3.0, 1.0))
    assert shifted == pytest.approx(3.0, rel=1e-12, abs=0.0)
    ordered = between(distributions.Pareto(1.0, 1.1), distributions.Pareto(2.0, 1.1))
    assert ordered == pytest.approx(11.0, rel=1e-10, abs=0.0)


def test_divergence_checks_its_masses():
    with pytest.raises(ValueError, match=r"`p` must hold probabilities"):
        objectives.Wasserstein().divergence([2.0, -1.0], [0.5, 0.5])
