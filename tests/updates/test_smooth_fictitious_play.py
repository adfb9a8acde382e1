import numpy
import pytest
from scipy.optimize import brentq

from gamedyn.games import MatrixGame
from gamedyn.updates import FictitiousPlay, SmoothFictitiousPlay
from tests.updates.finite import PENNIES, points

UNEVEN = MatrixGame([[3.0, -1.0], [-1.0, 1.0]])


def logit_equilibrium(temperature):
    """Of UNEVEN, by bisection on the first player's chance x of its first action, y its logit reply's."""

    def reply(x):
        return 1 / (1 + numpy.exp(((3 * x - (1 - x)) - (-x + (1 - x))) / temperature))

    def excess(x):
        y = reply(x)
        return x - 1 / (1 + numpy.exp(-((3 * y - (1 - y)) - (-y + (1 - y))) / temperature))

    x = brentq(excess, 0, 1, xtol=1e-15)
    return numpy.array([x, 1 - x, reply(x), 1 - reply(x)])


@pytest.mark.parametrize("schedule", ["simultaneous", "alternating"])
@pytest.mark.parametrize("temperature", [0.5, 2.0])
def test_it_rests_at_the_logit_equilibrium_and_converges_to_it(temperature, schedule):
    rule = SmoothFictitiousPlay(temperature, schedule=schedule)
    star = logit_equilibrium(temperature)
    assert numpy.max(abs(rule.stationary_residual(UNEVEN, star))) < 1e-13
    numpy.testing.assert_allclose(points(rule, UNEVEN, star, 5), [star] * 6, rtol=0, atol=1e-13)
    path = points(rule, UNEVEN, numpy.array([1.0, 0.0, 1.0, 0.0]), 1500)
    # Errors of a mean of 1500 rounds: the mean dynamics contract like 1 / k.
    numpy.testing.assert_allclose(path[-1], star, atol=3e-3)
    assert abs(path[30] - star).max() > 3e-3


def test_cold_replies_are_best_replies():
    z = numpy.array([0.2, 0.8, 0.9, 0.1])
    numpy.testing.assert_allclose(
        points(SmoothFictitiousPlay(1e-3), PENNIES, z, 20), points(FictitiousPlay(), PENNIES, z, 20), atol=1e-12
    )


def test_hot_replies_are_uniform():
    z = numpy.array([1.0, 0.0, 1.0, 0.0])
    path = points(SmoothFictitiousPlay(1e9, initial_weight=2.0), PENNIES, z, 3)
    # The start counts for two rounds of five: 2/5 + 3/5 of 1/2.
    numpy.testing.assert_allclose(path[-1], [0.7, 0.3, 0.7, 0.3], rtol=1e-8)


def test_errors():
    with pytest.raises(ValueError, match="`temperature` must be positive"):
        SmoothFictitiousPlay(0.0)
    with pytest.raises(ValueError, match="`initial_weight` must be positive"):
        SmoothFictitiousPlay(1.0, initial_weight=-1.0)
