"""Limits that are hard to tell apart, and starts that are caught before they arrive, against loops of our own."""

import numpy
import pytest
from scipy.optimize import brentq

from gamedyn.dynamics import Status, basins, simulate
from gamedyn.dynamics._basin_play import Player
from gamedyn.games import Bilinear, Game, forsaken, letcher_game
from gamedyn.updates import (
    AlternatingGradientDescent,
    Extragradient,
    HeavyBall,
    OptimisticGradient,
    SimultaneousGradientDescent,
)

DELTA, SIZE = 0.01, 0.1


def pull(r2):
    """Zero at r^2 = 1, 1 + d, 1 + 2 d; the outer two attract r' = -r g."""
    s = r2 - 1
    return SIZE * s * (s - DELTA) * (s - 2 * DELTA) / (s**2 + DELTA**2) ** 1.5


class TwoCycles(Game):
    """xi = (-y + x g, x + y g): cycles of the radii 1 and 1.00995, half a percent of their diameter apart."""

    dims = (1, 1)

    def losses(self, z):
        return numpy.sum(z * self.simultaneous_gradient(z), axis=-1, keepdims=True) * numpy.ones(2)

    def loss_gradients(self, z):
        x, y = z[..., 0], z[..., 1]
        g = pull(x**2 + y**2)
        xi = numpy.stack([x * g - y, x + y * g], axis=-1)
        return xi[..., None, :] * numpy.eye(2)


def test_cycles_half_a_percent_apart_are_two():
    # Descent keeps the radius where (1 - h g)^2 + h^2 = 1.
    h = 0.01

    def change(r):
        return (1 - h * pull(r**2)) ** 2 + h**2 - 1

    inner, ridge, outer = (brentq(change, *ends) for ends in ((0.999, 1.002), (1.002, 1.006), (1.006, 1.012)))
    found = basins(TwoCycles(), SimultaneousGradientDescent(h), [(0.65, 0.75)] * 2, 14, steps=800)
    assert [limit.kind for limit in found.limits if limit.orbit is not None] == ["cycle", "cycle"]
    radii = [numpy.hypot(*limit.orbit.T) for limit in found.limits if limit.orbit is not None]
    for radius, expected in zip(sorted(radii, key=numpy.mean), (inner, outer), strict=True):
        numpy.testing.assert_allclose(radius, expected, rtol=2e-4)
    r = numpy.hypot(*numpy.meshgrid(found.x, found.y))
    to = numpy.array([numpy.mean(radius) for radius in radii])[found.labels]
    # Nearer than that to the ridge a trajectory of the map may be led to either side by a step's length.
    sure = abs(r - ridge) > 1e-3
    assert (found.labels[sure] >= 0).all()
    assert numpy.array_equal((to > ridge)[sure], (r > ridge)[sure])
    assert {True, False} == set((r > ridge)[sure].tolist())


def forsaken_step(name, h, x, y, before):
    """One step by hand."""

    def xi(x, y):
        p, q = x * x, y * y
        return y - 0.45 + x * (0.5 - p * (2 - p)), y * (0.5 - q * (2 - q)) - x

    a, b = xi(x, y)
    if name == "extragradient":
        a, b = xi(x - h * a, y - h * b)
    elif name == "optimistic":
        old = (a, b) if before is None else before
        before = (a, b)
        a, b = 2 * a - old[0], 2 * b - old[1]
    return x - h * a, y - h * b, before


@pytest.mark.parametrize(
    ("name", "rule"), [("extragradient", Extragradient(0.1)), ("optimistic", OptimisticGradient(0.1))]
)
def test_every_start_of_forsaken_has_the_label_of_a_loop(name, rule):
    found = basins(forsaken(), rule, [(-0.4, 0.6), (0.0, 0.9)], 18, steps=3000)
    x, y = numpy.meshgrid(found.x, found.y)
    before = None
    for _ in range(3000):
        x, y, before = forsaken_step(name, 0.1, x, y, before)
    attracted = numpy.hypot(x - 0.0780267, y - 0.4119339) < 1e-3
    assert numpy.all(attracted | (numpy.hypot(x, y) > 0.8))
    assert found.complete
    assert sorted(limit.kind for limit in found.limits) == ["attractor", "cycle"]
    kinds = numpy.array([limit.kind for limit in found.limits])[found.labels]
    assert numpy.array_equal(kinds == "attractor", attracted)
    assert 0.05 < attracted.mean() < 0.95
    # Those beyond the first 256 are caught, where |r|^k = 1e-8 takes k = 2000 steps.
    assert (found.stop_step[attracted] < 1000).sum() > 5
    assert (found.stop_step[~attracted] < 1000).sum() > 20


class Wells(Game):
    """Losses p(x) + y^2 / 2 of one player."""

    dims = (2,)

    def __init__(self, slope):
        self.slope = slope

    def losses(self, z):
        return z[..., :1] ** 2 + z[..., 1:] ** 2 / 2

    def loss_gradients(self, z):
        return numpy.stack([self.slope(z[..., 0]), z[..., 1]], axis=-1)[..., None, :]


def test_a_ball_that_rolls_through_a_well_is_not_caught_there():
    game = Wells(lambda x: x * (x**2 - 1))
    found = basins(game, HeavyBall(0.02, momentum=0.98), [(-2.5, 2.5), (-0.1, 0.1)], (300, 2), steps=5000)
    x = numpy.linspace(-2.5, 2.5, 300)
    last, crossed = x.copy(), numpy.zeros(300, dtype=int)
    for _ in range(5000):
        new = x - 0.02 * x * (x**2 - 1) + 0.98 * (x - last)
        crossed += numpy.sign(new) != numpy.sign(x)
        x, last = new, x
    assert (crossed > 1).any()
    to = numpy.array([limit.point[0] for limit in found.limits])[found.labels[0]]
    numpy.testing.assert_allclose(to, numpy.sign(x), rtol=1e-9)


def test_singular_points_that_stand_alone_are_no_continuum():
    one = basins(Wells(lambda x: x**3), SimultaneousGradientDescent(0.5), [(-1, 1)] * 2, 6, tolerance=1e-6)
    assert len(one.limits) == 1
    assert one.limits[0].kind not in ("continuum", "cycle")
    assert one.complete
    two = basins(
        Wells(lambda x: (x * (x**2 - 1)) ** 3 / (1 + x**6)),
        SimultaneousGradientDescent(0.3),
        [(-1.3, 1.3), (-1, 1)],
        4,
        tolerance=1e-5,
    )
    assert two.complete
    assert "continuum" not in [limit.kind for limit in two.limits]
    # A triple zero is known to a third of the digits.
    numpy.testing.assert_allclose(sorted(limit.point[0] for limit in two.limits), [-1, 1], atol=1e-4)
    ridge = basins(Wells(lambda x: 0 * x), SimultaneousGradientDescent(0.5), [(-1, 1)] * 2, 6)
    assert [limit.kind for limit in ridge.limits] == ["continuum"]


def test_letchers_origin_repels_and_all_others_go_to_one_cycle():
    found = basins(letcher_game(), SimultaneousGradientDescent(0.05), [(-1.5, 1.5)] * 2, 9, steps=2000)
    assert [limit.kind for limit in found.limits] == ["cycle", "repeller"]
    assert numpy.argwhere(found.labels == 1).tolist() == [[4, 4]]
    assert "repeller at (0, 0)" in str(found)


def test_circles_around_a_centre_are_not_counted_without_end():
    found = basins(Bilinear([[1.0]]), AlternatingGradientDescent(0.3), [(0.5, 1.5)] * 2, 4, steps=150)
    assert not found.complete
    assert len(found.limits) == 8
    # x^2 + y^2 - h x y is kept, each circle has one value.
    for label, limit in enumerate(found.limits):
        x, y = limit.orbit.T
        numpy.testing.assert_allclose(numpy.ptp(x**2 + y**2 - 0.3 * x * y), 0, atol=1e-9)
        assert numpy.sum(found.labels == label) <= 2


def test_chaos_on_a_line_is_no_cycle():
    # a x - x^3 with a = 1 + h, scaled, is chaotic on an interval around each root near a = 2.45.
    found = basins(Wells(lambda x: x * (x**2 - 1)), SimultaneousGradientDescent(1.45), [(0.1, 0.9), (-1, 1)], 4)
    assert [limit.kind for limit in found.limits] == ["chaos"]


def test_a_wide_set_is_recurrent():
    # Two centres with unrelated frequencies: orbits fill tori, of two dimensions.
    game = Bilinear(numpy.diag([1.0, 1.37]))
    found = basins(game, AlternatingGradientDescent(0.3), [(0.5, 1.5), (0.0, 1.0)], 2, base=[0, 0, 1, 0.1], steps=2500)
    assert [limit.kind for limit in found.limits] == ["recurrent set"] * 2
    # Wider ones are not filled in 2500 steps.
    assert (found.labels[0] >= 0).all()
    assert (found.labels[1] == -2).all()


def test_starts_of_single_precision_are_played_in_double():
    box = numpy.asarray([[-2, 2], [-1, 1]], dtype=numpy.float32)
    box.flags.writeable = False
    found = basins(Wells(lambda x: x * (x**2 - 1)), SimultaneousGradientDescent(0.1), box, 4)
    assert found.starts.dtype == numpy.float64
    assert sorted(limit.kind for limit in found.limits) == ["nash", "nash"]


def test_rounds_are_one_run():
    class Never:
        def holds(self, u):
            return numpy.zeros(len(u), dtype=bool)

    game, rule = Wells(lambda x: x * (x**2 - 1)), HeavyBall(0.1, momentum=0.5)
    starts = numpy.stack([numpy.linspace(-6, 6, 21), numpy.full(21, 0.3)], axis=-1)
    ends = Player(game, rule, 400, 1e-8, 1e3, 1, 21).play(starts, [Never()])
    path = simulate(game, rule, starts, 400, tolerance=1e-8, max_norm=1e3)
    assert numpy.array_equal(ends.status, path.status)
    assert numpy.array_equal(ends.stop, path.stop_step)
    assert (ends.caught == -2).all()
    assert (ends.stop > 64).any()
    inside = ends.status == Status.CONVERGED
    numpy.testing.assert_array_equal(ends.states[inside, :2], path.final[inside])
