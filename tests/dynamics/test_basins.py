"""Basins against games whose limits and separatrices are known."""

import numpy
import pytest
from scipy.optimize import brentq

from gamedyn.dynamics import basins
from gamedyn.games import Box, Game, Quadratic, forsaken, polar_game
from gamedyn.updates import Extragradient, SimultaneousGradientDescent


class Wells(Game):
    """(x^2 - 1)^2 / 4 + y^2 / 2 of one player; more coordinates decay."""

    def __init__(self, d=2, domain=None):
        self.dims = (d,)
        if domain is not None:
            self._domain = domain

    @property
    def domain(self):
        return getattr(self, "_domain", super().domain)

    def losses(self, z):
        return (z[..., :1] ** 2 - 1) ** 2 / 4 + numpy.sum(z[..., 1:] ** 2, axis=-1, keepdims=True) / 2

    def loss_gradients(self, z):
        x = z[..., :1]
        return numpy.concatenate([x * (x**2 - 1), z[..., 1:]], axis=-1)[..., None, :]


STEP = SimultaneousGradientDescent(0.1)


def test_every_point_of_a_grid_goes_to_its_own_well():
    found = basins(Wells(), STEP, [(-2, 2), (-1, 1)], (8, 5))
    assert (found.labels.shape, found.complete, found.diverged) == ((5, 8), True, 0)
    to = numpy.asarray([limit.point for limit in found.limits])[found.labels]
    expected = numpy.broadcast_to(numpy.sign(found.x), (5, 8))
    numpy.testing.assert_allclose(to[..., 0], expected, rtol=1e-12)
    numpy.testing.assert_allclose(to[..., 1], 0, atol=1e-12)
    (share,) = found.shares.values()
    assert (share.count, share.value, share.upper) == (40, 1.0, 1.0)


def test_a_start_on_the_ridge_rests_there_and_one_too_far_out_diverges():
    # |x - h x (x^2 - 1)| grows beyond x^2 = 1 + 2 / h = 21.
    found = basins(Wells(), STEP, [(-6, 6), (-1, 1)], (13, 3))
    words = [found.limits[k].kind if k >= 0 else k for k in found.labels[1].tolist()]
    assert words == [-1, -1, *["nash"] * 4, "saddle", *["nash"] * 4, -1, -1]
    assert "diverged" in str(found)
    assert "saddle at (0, 0)" in str(found)


def test_random_starts_in_five_dimensions_have_wilsons_interval(rng):
    found = basins(Wells(5), STEP, [(-1, 3)] + [(-1, 1)] * 4, samples=400, rng=rng)
    assert found.starts.shape == (400, 5)
    assert [limit.kind for limit in found.limits] == ["nash", "nash"]
    left = next(k for k, limit in enumerate(found.limits) if limit.point[0] < 0)
    share = found.share(left)
    assert share.count == numpy.sum(found.starts[:, 0] < 0)
    # The bounds are where |p - share| = z sqrt(p (1 - p) / n): solved, not by the formula.
    z = 1.959963984540054

    def excess(p):
        return abs(p - share.value) - z * numpy.sqrt(p * (1 - p) / 400)

    assert share.lower == pytest.approx(brentq(excess, 1e-9, share.value), rel=1e-9)
    assert share.upper == pytest.approx(brentq(excess, share.value, 1 - 1e-9), rel=1e-9)
    assert share.lower < 0.25 < share.upper


@pytest.mark.parametrize("count", [0, 30])
def test_intervals_at_the_ends_reach_them(count):
    from gamedyn.dynamics._wilson import wilson_interval

    # p^30 = ... the score bound at 0 of 30 is z^2 / (30 + z^2).
    z2 = 1.6448536269514722**2
    share = wilson_interval(count, 30, 0.9)
    ends = (0.0, z2 / (30 + z2)) if count == 0 else (30 / (30 + z2), 1.0)
    assert (share.lower, share.upper) == pytest.approx(ends, rel=1e-12)


def polar_radius(h, guess):
    """Radius of the invariant circle of descent: r^2 ((1 - h g)^2 + h^2) = r^2, g = (r^2 - 1)(16 r^2 - 9) / 48."""

    def change(r):
        g = (r**2 - 1) * (16 * r**2 - 9) / 48
        return (1 - h * g) ** 2 + h**2 - 1

    return brentq(change, *guess)


def test_one_cycle_of_the_polar_game_is_one_label_with_its_published_separatrix():
    # Pethick et al. 2022: the origin and the circle r = 1 attract, the one with r = 3/4 parts them.
    h = 0.02
    inner, outer = polar_radius(h, (0.6, 0.8)), polar_radius(h, (0.9, 1.05))
    found = basins(polar_game(), SimultaneousGradientDescent(h), [(-1, 1), (-1, 1)], 12, steps=8000)
    assert sorted(limit.kind for limit in found.limits) == ["cycle", "nash"]
    cycle = next(k for k, limit in enumerate(found.limits) if limit.kind == "cycle")
    numpy.testing.assert_allclose(numpy.hypot(*found.limits[cycle].orbit.T), outer, rtol=1e-3)
    r = numpy.hypot(*numpy.meshgrid(found.x, found.y))
    assert numpy.array_equal(found.labels == cycle, r > inner)
    assert found.complete


def test_forsakens_point_attracts_within_its_unstable_cycle_only():
    found = basins(forsaken(), Extragradient(0.05), [(-1.4, 1.4), (-1.4, 1.4)], 9, steps=6000)
    words = [limit.kind for limit in found.limits]
    assert words.count("cycle") == 1
    assert "attractor" in words or not found.complete
    assert found.share(words.index("cycle")).value > 0.9


def test_a_line_of_equilibria_is_one_continuum():
    game = Quadratic.from_jacobian([[1.0, 1.0], [1.0, 1.0]], (1, 1))
    found = basins(game, STEP, [(-1, 1), (-1, 1)], 20)
    assert [limit.kind for limit in found.limits] == ["continuum"]
    assert found.complete


def test_other_coordinates_stay_at_the_base_and_axes_may_be_exchanged():
    found = basins(Wells(3), STEP, [(-1, 1), (-2, 2)], (3, 4), coordinates=(2, 0), base=[9.0, 0.5, 9.0])
    assert numpy.all(found.starts[:, 1] == 0.5)
    assert numpy.array_equal(found.starts[1], [-2.0, 0.5, 0.0])
    to = numpy.asarray([limit.point for limit in found.limits])[found.labels]
    assert numpy.array_equal(numpy.sign(to[..., 0]), numpy.broadcast_to(numpy.sign(found.y)[:, None], (4, 3)))


def test_a_budget_that_runs_out_is_counted():
    found = basins(Wells(), STEP, [(-2, 2), (-1, 1)], 8, steps=3)
    assert not found.complete
    assert found.unfinished == 64
    assert "incomplete" in str(found)


def test_labels_do_not_depend_on_blocks_and_threads(monkeypatch):
    alone = basins(Wells(), STEP, [(-2, 2), (-1, 1)], 14)
    monkeypatch.setattr("gamedyn.dynamics._basin_play._BLOCK", 37)
    parted = basins(Wells(), STEP, [(-2, 2), (-1, 1)], 14, workers=2)
    assert numpy.array_equal(alone.labels, parted.labels)
    assert numpy.array_equal(alone.stop_step, parted.stop_step)


def test_it_takes_boxes_of_every_library(library):
    box = library.asarray([[-2.0, 2.0], [-1.0, 1.0]])
    assert basins(Wells(), STEP, box, 4).complete


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([(1, 1), (0, 1)], 4), {}, r"low < high in every row, got \(1, 1\) in row 0"),
        (([(0, 1)], 4), {}, r"shape \(2, 2\)"),
        (([(0, 1), (0, numpy.inf)], 4), {}, "finite"),
        (([(0, 1), (0, 1)], 1), {}, "`resolution` must be at least 2"),
        (([(0, 1), (0, 1)], (4, 4, 4)), {}, "a pair"),
        (([(0, 1), (0, 1)], 4), {"coordinates": (0, 0)}, "two different"),
        (([(0, 1), (0, 1)], 4), {"base": [0.0]}, r"`base` must be one finite point of shape \(2,\)"),
        (([(0, 1), (0, 1)], 4), {"level": 1.0}, "`level`"),
        (([(0, 1), (0, 1)], 4), {"tolerance": 0.0}, "`tolerance`"),
        (([(0, 9), (0, 1)], 4), {}, "`box` must lie in the game's domain"),
    ],
)
def test_bad_input(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        basins(Wells(domain=Box(-3.0, 3.0)), STEP, *arguments, **options)


def test_what_is_no_game_or_rule_is_named():
    with pytest.raises(TypeError, match="`game` must be a deterministic Game, got int"):
        basins(3, STEP, [(0, 1), (0, 1)])
    with pytest.raises(TypeError, match="`rule` must be an UpdateRule, got str"):
        basins(Wells(), "descent", [(0, 1), (0, 1)])
