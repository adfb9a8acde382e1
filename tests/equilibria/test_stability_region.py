"""Stability regions against discs, ellipses and the intervals of textbooks."""

import numpy
import pytest

from gamedyn.equilibria import spectral_radius, stability_region
from gamedyn.games import Quadratic
from gamedyn.updates import (
    AlternatingGradientDescent,
    Extragradient,
    HeavyBall,
    Nesterov,
    OptimisticGradient,
    ProximalPoint,
    RungeKutta,
    SimultaneousGradientDescent,
)
from tests.cases import RULES

H = 0.4
# The real root of z^3/24 - z^2/6 + z/2 - 1.
REAL_END_OF_RK4 = min(numpy.roots([1 / 24, -1 / 6, 1 / 2, -1]), key=lambda r: abs(r.imag)).real


def points_of(region):
    return numpy.concatenate(region.boundary)


def test_descent_is_stable_in_a_disc():
    region = stability_region(SimultaneousGradientDescent(H), resolution=(41, 60))
    assert (region.radius.shape, len(region.boundary)) == ((60, 41), 1)
    numpy.testing.assert_allclose(abs(1 - H * points_of(region) @ [1, 1j]), 1, rtol=1e-13)
    assert region.largest_step_along(1) == pytest.approx(2 / H, rel=1e-13)
    assert region.largest_step_along(1j) == 0
    # |1 - h s (a + b i)| = 1 at s = 2 a / (h (a^2 + b^2))
    assert region.largest_step_along(1 + 2j) == pytest.approx(2 / (5 * H), rel=1e-13)


def test_the_proximal_point_is_stable_outside_of_a_disc():
    region = stability_region(ProximalPoint(H))
    numpy.testing.assert_allclose(abs(1 + H * points_of(region) @ [1, 1j]), 1, rtol=1e-13)
    assert region.contains([1e6, 1e6j, -3 / H]).tolist() == [True, True, True]
    assert not region.contains(-1 / H)
    assert region.largest_step_along(1 + 1j) == numpy.inf


def test_heavy_ball_is_stable_in_an_ellipse():
    # On r = e^(i t): h l = 1 + b - r - b / r = (1 + b)(1 - cos t) - i (1 - b) sin t.
    b = 0.3
    region = stability_region(HeavyBall(H, momentum=b))
    x, y = points_of(region).T
    numpy.testing.assert_allclose((1 - H * x / (1 + b)) ** 2 + (H * y / (1 - b)) ** 2, 1, rtol=1e-12)


@pytest.mark.parametrize(
    ("rule", "real", "imaginary"),
    [
        (RungeKutta(H, order=2), 2.0, 0.0),
        # |R(iy)|^2 = 1 - y^6/72 + y^8/576
        (
            RungeKutta(H, order=4),
            max(numpy.roots([1 / 24, -1 / 6, 1 / 2, -1]), key=lambda r: -abs(r.imag)).real,
            8**0.5,
        ),
        (Extragradient(H), 1.0, 1.0),
        # r = -1 at h l = 2/3; on the imaginary axis r^2 - (1 - 2 i a) r - i a = 0 meets the circle at a = 1/sqrt(3).
        (OptimisticGradient(H), 2 / 3, 3**-0.5),
    ],
)
def test_intervals_on_the_axes(rule, real, imaginary):
    region = stability_region(rule, resolution=50)
    assert region.largest_step_along(1.0) == pytest.approx(real / H, rel=1e-9)
    assert region.largest_step_along(1.0j) == pytest.approx(imaginary / H, rel=1e-9)


def test_the_fourth_order_interval_is_the_one_of_textbooks():
    assert round(stability_region(RungeKutta(1.0, order=4)).largest_step_along(1.0), 9) == 2.785293563


@pytest.mark.parametrize("rule", [Nesterov(H, momentum=0.5), OptimisticGradient(H), RungeKutta(H, order=4)])
def test_radii_on_the_boundary_are_one(rule):
    region = stability_region(rule)
    numpy.testing.assert_allclose(region.radius_at(points_of(region) @ [1, 1j]), 1, rtol=1e-12)


def _has_symbol(rule):
    try:
        stability_region(rule, resolution=2, bounds=[[-1, 1], [-1, 1]])
    except ValueError:
        return False
    return True


def test_every_region_holds_the_games_on_which_its_rule_contracts(rng):
    jacobians = rng.standard_normal((6, 2, 2))
    judged = 0
    for rule in RULES:
        if not _has_symbol(rule) or rule.players not in (None, 2):
            continue
        region = stability_region(rule, resolution=2, bounds=[[-1, 1], [-1, 1]])
        for jacobian in jacobians:
            game = Quadratic.from_jacobian(jacobian, (1, 1))
            radius = float(spectral_radius(rule, game, numpy.zeros(2)))
            at_eigenvalues = region.radius_at(numpy.linalg.eigvals(jacobian)).max()
            assert at_eigenvalues == pytest.approx(radius, rel=1e-6), rule
            judged += 1
    assert judged >= 6 * 10


def test_it_prints_and_reads_what_cannot_be_written_to(library):
    region = stability_region(SimultaneousGradientDescent(0.5))
    assert "stable up to 4 along the real axis and 0 along" in str(region)
    assert region.contains(library.asarray([1.0, 5.0])).tolist() == [True, False]
    window = library.asarray([[-1.0, 5.0], [-3.0, 3.0]])
    assert stability_region(SimultaneousGradientDescent(0.5), bounds=window, resolution=7).x.tolist()[-1] == 5.0


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((AlternatingGradientDescent(H),), ValueError, "AlternatingGradientDescent.*phase_diagram"),
        ((3,), TypeError, "`rule` must be an UpdateRule, got int"),
        ((SimultaneousGradientDescent(numpy.asarray([1.0, 2.0])),), ValueError, "numbers as hyper-parameters"),
        ((SimultaneousGradientDescent(H), {"bounds": [[1, 1], [0, 2]]}), ValueError, "low < high"),
        ((SimultaneousGradientDescent(H), {"bounds": [1, 2]}), ValueError, r"shape \(2, 2\)"),
        ((SimultaneousGradientDescent(H), {"resolution": 1}), ValueError, "at least 2"),
    ],
)
def test_bad_input(arguments, error, message):
    rule, *options = arguments
    with pytest.raises(error, match=message):
        stability_region(rule, **(options[0] if options else {}))


@pytest.mark.parametrize("direction", [0.0, [1.0, 2.0], numpy.nan])
def test_a_direction_is_one_number(direction):
    with pytest.raises(ValueError, match="one finite number"):
        stability_region(SimultaneousGradientDescent(H), resolution=3).largest_step_along(direction)
