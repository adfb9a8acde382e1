"""Facts about the minimax objective."""

import math

import numpy
import pytest

from gamedyn import objectives


def test_losses_are_the_cross_entropy_of_a_classifier():
    s = numpy.array([-3.0, 0.0, 2.0])
    d = 1 / (1 + numpy.exp(-s))
    real, fake = objectives.Minimax().discriminator_loss(s, s)
    numpy.testing.assert_allclose(real, -numpy.log(d), rtol=1e-14)
    numpy.testing.assert_allclose(fake, -numpy.log(1 - d), rtol=1e-14)


def test_is_exact_where_d_rounds_to_0_or_1():
    # log(1 - sigmoid(1000)) = -1000 - log(1 + e^-1000); D itself rounds to 1.
    objective = objectives.Minimax()
    assert float(objective.generator_loss(1000.0)) == -1000.0
    # 1 - D = e^-40 / (1 + e^-40), far below the rounding of D = 1.
    real, fake = objective.discriminator_second_derivative(40.0, -40.0)
    assert float(real) == pytest.approx(math.exp(-40.0), rel=1e-15, abs=0.0)
    assert float(fake) == pytest.approx(math.exp(-40.0), rel=1e-15, abs=0.0)


def test_generator_loss_is_flat_where_samples_are_rejected():
    assert abs(float(objectives.Minimax().generator_derivative(-30.0))) < 1e-12


def test_best_output_is_the_log_ratio():
    assert float(objectives.Minimax().optimal_output(-1.5)) == -1.5
