"""Facts about the Wasserstein objective."""

import numpy
import pytest

from gamedyn import objectives


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
