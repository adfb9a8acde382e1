import dataclasses
import math

import numpy
import pytest

from gamedyn.dynamics import detect_limit_set, replicator_field
from gamedyn.games import (
    DiracGAN,
    Game,
    Quadratic,
    congestion_game,
    forsaken,
    hamiltonian_game,
    letcher_game,
    market_game,
    polar_game,
    rock_paper_scissors,
)
from gamedyn.objectives import NonSaturating
from gamedyn.updates import (
    Adam,
    AlternatingGradientDescent,
    Extragradient,
    HeavyBall,
    MultiplicativeWeights,
    SimultaneousGradientDescent,
)
from tests.dynamics.orbit_games import Henon, Logistic, Lorenz

STEP = SimultaneousGradientDescent(1.0)


# The windows of the logistic map (May 1976): fixed to 3, period 2 to 1 + sqrt 6, 4 to 3.544, then 8; 3 from 1 + sqrt 8.
@pytest.mark.parametrize(("r", "period"), [(2.8, 1), (3.2, 2), (3.5, 4), (3.55, 8), (3.84, 3)])
def test_periods_of_the_logistic_map(r, period):
    found = detect_limit_set(Logistic(r), STEP, [0.3], steps=400, transient=400)
    assert found.kind == ("point" if period == 1 else "cycle")
    assert found.period == period
    # The same from another start, and from another phase.
    other = detect_limit_set(Logistic(r), STEP, found.points[-1], steps=200, transient=1)
    assert found.same_as(other)
    assert other.same_as(found)
    if period > 1:
        assert not found.same_as(dataclasses.replace(other, period=2 * period))
    assert not found.same_as(detect_limit_set(Logistic(3.3), STEP, [0.3], steps=400, transient=400))


def test_slow_convergence_is_convergence():
    # Multipliers 0.999 and -0.999: after 400 steps a fifth of the way is left.
    found = detect_limit_set(Logistic(1.001), STEP, [0.0015], steps=400, transient=0)
    assert found.kind == "point"
    assert found.points[0, 0] == pytest.approx(1 - 1 / 1.001, abs=1e-12)
    found = detect_limit_set(Logistic(2.98), STEP, [0.6], steps=400, transient=0)
    assert (found.kind, found.period) == ("point", 1)


def test_where_gradients_fade_nothing_is_called_a_point():
    # Simultaneous descent leaves the Dirac-GAN's equilibrium for regions in which its sigmoids are flat to rounding.
    found = detect_limit_set(DiracGAN(), SimultaneousGradientDescent(0.1), [1.0, 0.5])
    assert found.kind == "undecided"


def test_a_field_that_fades_never_rests():
    # z' = exp(-z^2) grows like the root of log t; Newton's method runs on to where it is below its tolerance.
    found = detect_limit_set(Logistic(1.0), lambda game, z: numpy.exp(-(z**2)), [0.0], steps=200.0, transient=0.0)
    assert found.kind == "undecided"


def test_passing_a_saddle_is_not_convergence():
    # Multipliers 0.995 and 1.02: from (1, 1e-12) the distance to the saddle falls for a long time.
    game = Quadratic.from_jacobian([[0.005, 0.0], [0.0, -0.02]], dims=(1, 1))
    assert detect_limit_set(game, STEP, [1.0, 1e-12], steps=400, transient=0).kind == "undecided"


def test_the_non_saturating_dirac_gan_circles():
    # The flow converges, slowly, and simultaneous steps end on a closed curve around the equilibrium.
    game = DiracGAN(NonSaturating())
    curve = detect_limit_set(game, SimultaneousGradientDescent(0.5), [1.0, 0.5], transient=2000)
    assert curve.kind == "torus"
    assert curve.same_as(detect_limit_set(game, SimultaneousGradientDescent(0.5), [0.3, 0.0], transient=2000))


@pytest.mark.parametrize("game", [Logistic(3.9), Logistic(4.0), Henon()])
def test_chaos(game):
    found = detect_limit_set(game, STEP, [0.1] * len(game.dims), steps=3000, transient=500)
    assert found.kind == "chaos"
    assert found.same_as(detect_limit_set(game, STEP, [0.2] * len(game.dims), steps=3000, transient=500))


@pytest.mark.parametrize("r", [3.57, 3.85])
def test_weak_chaos_in_narrow_bands_is_no_torus(r):
    # Averages over bands that are visited in turn converge fast; the exponents are 0.010 and 0.006.
    found = detect_limit_set(Logistic(r), STEP, [0.37], steps=1500, transient=1500)
    assert found.kind in ("undecided", "chaos")


class _Delayed(Game):
    """Descent with step 1 is the delayed logistic map (x, y) -> (r x (1 - y), x): Neimark-Sacker at r = 2."""

    dims = (1, 1)

    def __init__(self, r):
        self.r = r

    def losses(self, z):
        x, y = z[..., 0], z[..., 1]
        return numpy.stack([x**2 / 2 * (1 - self.r * (1 - y)), y**2 / 2 - x * y], axis=-1)


@pytest.mark.parametrize(("r", "kind"), [(1.9, "point"), (2.05, "torus"), (2.2, "cycle"), (2.27, "chaos")])
def test_every_kind_in_one_map(r, kind):
    found = detect_limit_set(_Delayed(r), STEP, [0.4, 0.45], steps=2000, transient=2000)
    assert found.kind == kind
    if kind == "point":
        numpy.testing.assert_allclose(found.points, 1 - 1 / r, atol=1e-12)
    if kind == "cycle":
        # The window of rotation number 1 / 7.
        assert found.period == 7


class _TwoCircles(Game):
    """The gradient flow turns on two unit circles, with angular velocities 1 and the golden ratio."""

    dims = (1, 1, 1, 1)

    def losses(self, z):
        xi = self.simultaneous_gradient(z)
        return xi * z

    def simultaneous_gradient(self, z):
        x, y, a, b = (z[..., i] for i in range(4))
        first, second, speed = x**2 + y**2 - 1, a**2 + b**2 - 1, (math.sqrt(5) - 1) / 2
        return numpy.stack([x * first - y, y * first + x, a * second - speed * b, b * second + speed * a], axis=-1)


def test_a_torus_of_a_flow():
    found = detect_limit_set(_TwoCircles(), None, [1.0, 0.2, 0.3, 0.4], steps=200.0, transient=20.0)
    assert found.kind == "torus"
    numpy.testing.assert_allclose(numpy.linalg.norm(found.points.reshape(-1, 2, 2), axis=-1), 1.0, atol=1e-8)


def test_rules_on_x_y():
    game = hamiltonian_game()
    assert detect_limit_set(game, SimultaneousGradientDescent(0.1), [1.0, 0.0]).kind == "divergence"
    turning = detect_limit_set(game, AlternatingGradientDescent(0.1), [1.0, 0.0], transient=0)
    assert turning.kind == "torus"
    assert turning.same_as(detect_limit_set(game, AlternatingGradientDescent(0.1), turning.points[77], transient=0))
    assert not turning.same_as(detect_limit_set(game, AlternatingGradientDescent(0.1), [1.5, 0.0], transient=0))
    assert detect_limit_set(game, AlternatingGradientDescent(1.0), [1.0, 0.0]).period == 6
    point = detect_limit_set(game, Extragradient(0.1), [1.0, 0.0])
    assert point.kind == "point"
    numpy.testing.assert_allclose(point.points, [[0, 0]], atol=1e-12)
    # A slow spiral outwards, far from the bound yet, is not a torus.
    slow = detect_limit_set(game, SimultaneousGradientDescent(0.01), [1.0, 0.0], steps=2000, transient=0)
    assert slow.kind == "undecided"


def test_descent_on_letcher_game_circles():
    found = detect_limit_set(letcher_game(), SimultaneousGradientDescent(0.1), [0.1, 0.2])
    assert found.kind == "torus"
    assert found.same_as(detect_limit_set(letcher_game(), SimultaneousGradientDescent(0.1), [1.0, -0.4]))
    # With memories, no engine tells the state.
    found = detect_limit_set(letcher_game(), HeavyBall(0.1, momentum=0.1), [0.1, 0.2], steps=2000, transient=500)
    assert found.kind == "torus"


def test_a_corner_of_simplices_where_no_derivative_is_taken():
    # (1, 0) against (0, 1) is a strict equilibrium.
    found = detect_limit_set(congestion_game(5.0), MultiplicativeWeights(1.0), [0.8, 0.2, 0.2, 0.8], steps=1500)
    assert found.kind == "point"
    numpy.testing.assert_allclose(found.points, [[1, 0, 0, 1]], atol=1e-12)
    assert str(found).startswith("point (1, 0, 0, 1)")


def test_flows_of_the_plane():
    outside = detect_limit_set(polar_game(), None, [0.8, 0.0], steps=60.0)
    assert (outside.kind, outside.orbit.stable.answer) == ("cycle", "yes")
    assert outside.period == pytest.approx(2 * math.pi)
    assert detect_limit_set(polar_game(), None, [0.7, 0.0], steps=60.0).kind == "point"
    centre = detect_limit_set(hamiltonian_game(), None, [1.0, 0.0], steps=60.0)
    assert centre.kind == "cycle"
    assert not centre.same_as(detect_limit_set(hamiltonian_game(), None, [1.1, 0.0], steps=45.0))
    first = detect_limit_set(forsaken(), None, [1.0, 0.4], steps=50.0, transient=20.0)
    second = detect_limit_set(forsaken(), None, [-0.3, 1.2], steps=55.0, transient=21.0)
    assert first.kind == second.kind == "cycle"
    assert first.same_as(second)
    assert not first.same_as(dataclasses.replace(second, period=2 * second.period))
    assert "stable cycle of period 7.548003762" in str(first)
    shielded = detect_limit_set(forsaken(), None, [0.08, 0.42], steps=60.0)
    assert shielded.kind == "point"
    numpy.testing.assert_allclose(shielded.points[0], [0.08, 0.41], atol=5e-3)


@pytest.mark.parametrize("game", [letcher_game(), market_game()])
def test_without_an_equilibrium_to_go_to_flows_cycle(game):
    found = detect_limit_set(game, None, [0.3, 0.1], steps=90.0, transient=30.0)
    assert (found.kind, found.orbit.stable.answer) == ("cycle", "yes")


def test_a_blow_up_is_a_divergence():
    # x' = x^2 - x from 2 is infinite at log 2.
    found = detect_limit_set(Logistic(1.0), lambda game, z: z**2 - z, [2.0], steps=5.0)
    assert found.kind == "divergence"
    assert found.evidence["time"] == pytest.approx(math.log(2), abs=1e-5)


@pytest.mark.full
def test_chaos_of_flows():
    assert detect_limit_set(Lorenz(), None, [1.0, 1.0, 20.0], steps=60.0, transient=10.0).kind == "chaos"
    # Sato, Akiyama, Farmer (2002): Hamiltonian chaos.
    start = [0.5, 0.01, 0.49, 0.5, 0.25, 0.25]
    found = detect_limit_set(rock_paper_scissors(0.5, -0.5), replicator_field, start, steps=2000.0, transient=0.0)
    assert found.kind == "chaos"
    # Its conserved quantity: the product of all probabilities.
    products = numpy.log(found.points).sum(axis=1)
    numpy.testing.assert_allclose(products, numpy.log(start).sum(), atol=1e-5)


def test_masses_keep_their_sum_on_simplices():
    # The replicator repels from simplices where costs are positive: rounding must not grow.
    start = [0.5, 0.01, 0.49, 0.5, 0.25, 0.25]
    found = detect_limit_set(rock_paper_scissors(0.5, -0.5), replicator_field, start, steps=100.0, transient=150.0)
    numpy.testing.assert_allclose(found.points.reshape(-1, 2, 3).sum(axis=-1), 1.0, rtol=0, atol=1e-12)
    numpy.testing.assert_allclose(numpy.log(found.points).sum(axis=1), numpy.log(start).sum(), atol=1e-6)


def test_arrays_and_too_few_steps(game_library):
    z0 = game_library.asarray([0.5, 0.5])
    assert detect_limit_set(hamiltonian_game(), Extragradient(0.5), z0, steps=400).kind == "point"
    short = detect_limit_set(hamiltonian_game(), Extragradient(0.5), z0, steps=20)
    assert (short.kind, short.reason) == ("undecided", "20 steps are too few: at least 200 are needed")
    assert not short.same_as(short)
    few = detect_limit_set(hamiltonian_game(), None, z0, steps=12.0)
    assert few.kind == "undecided"
    assert "returns" in few.reason


def test_errors():
    with pytest.raises(NotImplementedError):
        detect_limit_set(hamiltonian_game(), Adam(0.1), [1.0, 0.0])
    with pytest.raises(ValueError, match="`z0` must be one point"):
        detect_limit_set(hamiltonian_game(), STEP, [1.0])
    with pytest.raises(TypeError, match="`steps` must be an integer"):
        detect_limit_set(hamiltonian_game(), STEP, [1.0, 0.0], steps=300.5)
    with pytest.raises(ValueError, match="`max_period` must be at least 1"):
        detect_limit_set(hamiltonian_game(), STEP, [1.0, 0.0], max_period=0)
