"""Which number each transport library returns: on two points a side everything is known in closed form.

Points 0 and 1 on each side, cost c = |x - y|^p in {0, 1}, masses 1/2: the entropic plan has 1/2 (1 - s) on the diagonal
and s/2 off it, with s = 1 / (1 + e^(1 / eps)). It costs s; KL(P | a b^T) = log 2 - h(s) with h the binary entropy.
Definitions were compared with the libraries themselves once; they are not needed here.
"""

import math

import numpy
import pytest

from gamedyn import compat

POINTS = [[0.0], [1.0]]
HALVES = [0.5, 0.5]
COSTS = [[0.0, 1.0], [1.0, 0.0]]

each_temperature = pytest.mark.parametrize("epsilon", [0.2, 1.0, 3.0])


def share(epsilon):
    return 1 / (1 + math.exp(1 / epsilon))


def information(epsilon):
    s = share(epsilon)
    return math.log(2) + s * math.log(s) + (1 - s) * math.log1p(-s)


def objective(epsilon):
    return share(epsilon) + epsilon * information(epsilon)


def near(value):
    return pytest.approx(value, rel=1e-8, abs=1e-12)


@each_temperature
def test_pot(epsilon):
    assert float(compat.pot.sinkhorn2(HALVES, HALVES, COSTS, epsilon)) == near(share(epsilon))
    assert float(compat.pot.solve_value(COSTS, HALVES, HALVES, epsilon)) == near(objective(epsilon))
    assert float(compat.pot.solve_value(COSTS, reg=epsilon)) == near(objective(epsilon))
    # One point at 0 against {0, 1}: cost 1/2, less half the cost of {0, 1} against itself.
    found = float(compat.pot.empirical_sinkhorn_divergence([[0.0]], POINTS, epsilon))
    assert found == near(0.5 - share(epsilon) / 2)
    weighted = float(compat.pot.empirical_sinkhorn_divergence(POINTS, POINTS, epsilon, [1.0, 0.0], HALVES))
    assert weighted == near(0.5 - share(epsilon) / 2)
    assert float(compat.pot.empirical_sinkhorn_divergence(POINTS, POINTS, epsilon)) == 0.0


def test_pot_without_entropy():
    assert float(compat.pot.emd2([0.75, 0.25], HALVES, COSTS)) == near(0.25)
    # A power, along the first axis: columns shifted by 2 and by 3.
    u = numpy.array([[0.0, 1.0], [5.0, 2.0]])
    numpy.testing.assert_allclose(compat.pot.wasserstein_1d(u, u + numpy.array([2.0, 3.0]), p=2), [4.0, 9.0])
    assert float(compat.pot.wasserstein_1d([0.0, 1.0], [0.0], [1.0, 3.0], [2.0], p=2)) == near(0.75)
    # sqrt(|m|^2 + (s - t)^2), one covariance singular.
    assert float(
        compat.pot.bures_wasserstein_distance([0.0, 0.0], [3.0, 0.0], numpy.diag([0.0, 4.0]), numpy.diag([0.0, 36.0]))
    ) == near(5.0)


@each_temperature
def test_ott(epsilon):
    assert float(compat.ott.reg_ot_cost(POINTS, POINTS, epsilon)) == near(objective(epsilon))
    entropic = objective(epsilon) - epsilon * 2 * math.log(2)
    assert float(compat.ott.ent_reg_cost(POINTS, POINTS, epsilon)) == near(entropic)
    assert float(compat.ott.ent_reg_cost([0.0, 1.0], [0.0, 1.0], epsilon, HALVES, HALVES)) == near(entropic)
    found = float(compat.ott.sinkhorn_divergence([[0.0]], POINTS, epsilon))
    assert found == near(0.5 - objective(epsilon) / 2)
    assert float(compat.ott.sinkhorn_divergence(POINTS, POINTS, epsilon, [1.0, 0.0], HALVES)) == near(found)


@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize("blur", [0.5, 1.0])
def test_geomloss(p, blur):
    # The cost |x - y|^p / p is 1 / p: that of temperature p blur^p, divided by p.
    found = float(compat.geomloss.sinkhorn_loss([[0.0]], POINTS, p, blur))
    assert found == near((0.5 - objective(p * blur**p) / 2) / p)
    # E|X - Y| = 1/2, E|Y - Y'| = 1/2.
    assert compat.geomloss.energy_loss([[0.0]], POINTS) == near(0.25)
    kernel = math.exp(-1 / (2 * blur**2))
    assert compat.geomloss.gaussian_loss([[0.0]], POINTS, blur) == near((1 + (1 + kernel) / 2 - (1 + kernel)) / 2)


def test_wrong_blur():
    with pytest.raises(ValueError, match="`blur` must be positive and finite, got 0"):
        compat.geomloss.sinkhorn_loss(POINTS, POINTS, blur=0)


def test_ott_takes_lists_of_masses_beside_arrays_of_any_library(library):
    points = library.asarray(numpy.array([[0.0], [1.0]]))
    lists = compat.ott.ent_reg_cost(points, points, 0.5, [1.0, 1.0], [1.0, 1.0])
    assert library.owns(lists)
    assert float(lists) == pytest.approx(float(compat.ott.ent_reg_cost(points, points, 0.5)), rel=1e-14)
