"""Facts about the hinge objective."""

import numpy
import pytest

from gamedyn.objectives import Hinge


def test_samples_beyond_the_margin_cost_nothing_and_teach_nothing():
    outputs = numpy.array([-2.0, -0.5, 0.5, 2.0])
    real, fake = Hinge().discriminator_loss(outputs, outputs)
    assert real.tolist() == [3.0, 1.5, 0.5, 0.0]
    assert fake.tolist() == [0.0, 0.5, 1.5, 3.0]
    real, fake = Hinge().discriminator_derivative(outputs, outputs)
    assert real.tolist() == [-1.0, -1.0, -1.0, 0.0]
    assert fake.tolist() == [0.0, 1.0, 1.0, 1.0]


def test_the_kinks_take_the_flat_side():
    real, fake = Hinge().discriminator_derivative(1.0, -1.0)
    assert (float(real), float(fake)) == (0.0, 0.0)


def test_no_output_is_better_than_the_sign(rng):
    p, q = rng.dirichlet(numpy.ones(4), 2)
    tried = rng.uniform(-3, 3, (20000, 4))
    best = Hinge().optimal_output(numpy.log(p / q))
    real, fake = Hinge().discriminator_loss(best, best)
    paid = float(p @ real + q @ fake)
    real, fake = Hinge().discriminator_loss(tried, tried)
    assert (real @ p + fake @ q).min() >= paid - 1e-12
    # 2 - 2 TV
    assert paid == pytest.approx(2 - abs(p - q).sum(), rel=1e-13)
