"""Facts about the non-saturating objective."""

import numpy
import pytest

from gamedyn import objectives


def test_generator_loss_is_minus_log_d():
    s = numpy.array([-3.0, 0.0, 2.0])
    numpy.testing.assert_allclose(objectives.NonSaturating().generator_loss(s), numpy.log1p(numpy.exp(-s)), rtol=1e-14)


def test_generator_keeps_a_slope_where_samples_are_rejected():
    objective = objectives.NonSaturating()
    assert float(objective.generator_derivative(-1000.0)) == -1.0
    assert float(objective.generator_loss(-1000.0)) == 1000.0


def test_generator_loss_is_not_minus_the_discriminators():
    objective = objectives.NonSaturating()
    _, fake = objective.discriminator_loss(0.3, 0.3)
    assert float(objective.generator_loss(0.3)) != pytest.approx(-float(fake))
    assert not objective.is_zero_sum
