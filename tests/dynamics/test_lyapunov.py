import math

import numpy
import pytest

from gamedyn.dynamics import lyapunov_spectrum, replicator_field, simulate
from gamedyn.games import Quadratic, forsaken, hamiltonian_game, polar_game, rock_paper_scissors
from gamedyn.updates import Adam, HeavyBall, MultiplicativeWeights, SimultaneousGradientDescent
from tests.dynamics.orbit_games import Henon, Logistic, Lorenz

STEP = SimultaneousGradientDescent(1.0)


def test_the_logistic_map_doubles_angles():
    # x = sin^2(pi t / 2) turns r = 4 into the tent map, of slope 2 everywhere.
    found = lyapunov_spectrum(Logistic(4.0), STEP, [0.3], steps=10000)
    assert abs(found.exponents[0] - math.log(2)) < 4 * found.standard_error[0] + 1e-4
    assert found.standard_error[0] < 2e-3
    assert found.kaplan_yorke_dimension == 1.0


def test_a_linear_rule_has_the_logarithms_of_its_moduli():
    # Multipliers of heavy ball on x^2 / 2: r^2 - (1 + beta - h) r + beta = 0.
    game = Quadratic([[[1.0]]], dims=(1,))
    found = lyapunov_spectrum(game, HeavyBall(0.1, momentum=0.05), [1.0], steps=300)
    roots = sorted(abs(numpy.roots([1, -(1.05 - 0.1), 0.05])), reverse=True)
    numpy.testing.assert_allclose(found.exponents, numpy.log(roots), rtol=0, atol=1e-11)
    # Complex multipliers: the frame turns, and both exponents tend to their common logarithm.
    found = lyapunov_spectrum(hamiltonian_game(), SimultaneousGradientDescent(0.1), [0.0, 0.0], steps=400)
    numpy.testing.assert_allclose(found.exponents, math.log(1.01) / 2, rtol=0, atol=1e-12)
    assert found.kaplan_yorke_dimension == 2.0


def test_a_direction_that_a_step_annihilates_has_minus_infinity():
    game = Quadratic.from_jacobian([[1.0, 0.0], [0.0, 0.5]], dims=(1, 1))
    found = lyapunov_spectrum(game, STEP, [1.0, 1.0], steps=200)
    assert found.exponents[0] == pytest.approx(math.log(0.5), abs=1e-12)
    assert found.exponents[1] == -math.inf
    assert "-inf" in str(found)
    # In turned axes rounding leaves something of the direction.
    turn = numpy.asarray([[math.cos(0.7), -math.sin(0.7)], [math.sin(0.7), math.cos(0.7)]])
    game = Quadratic.from_jacobian(turn @ numpy.diag([1.0, 0.5]) @ turn.T, dims=(1, 1))
    assert lyapunov_spectrum(game, STEP, [1.0, 1.0], steps=200).exponents[1] == -math.inf


def test_fields_that_take_no_complex_step():
    # Towards 1: |x| keeps no imaginary part: its slope comes from differences.
    found = lyapunov_spectrum(Logistic(1.0), lambda game, z: 1 - abs(z), [1.2], steps=100.0, transient=0.0)
    # Gauss's method of order 6 has the error x^6 / 100800 of a step x <= 1/2.
    assert found.exponents[0] == pytest.approx(-1.0, abs=0.5**6 / 100800)


def test_exponents_add_up_to_the_mean_divergence():
    # The divergence varies along the cycle; it is integrated apart from the frame.
    found = lyapunov_spectrum(forsaken(), None, [1.39, 0.0], steps=40.0, transient=5.0)
    assert found.exponents.sum() == pytest.approx(found.divergence, abs=1e-6)


def test_henon_contracts_areas_by_its_determinant():
    # |det| = 0.3 everywhere. Sprott (2003), Chaos and time-series analysis, has 0.41922 for the largest.
    found = lyapunov_spectrum(Henon(), STEP, [0.1, 0.1], steps=6000)
    assert found.exponents.sum() == pytest.approx(math.log(0.3), abs=1e-9)
    assert found.divergence == pytest.approx(math.log(0.3), abs=1e-9)
    assert abs(found.exponents[0] - 0.41922) < 4 * found.standard_error[0]
    assert found.kaplan_yorke_dimension == pytest.approx(1 + found.exponents[0] / -found.exponents[1])


def test_lorenz():
    # The trace of the field is -41 / 3. Sprott: (0.906, 0, -14.572).
    found = lyapunov_spectrum(Lorenz(), None, [1.0, 1.0, 20.0], steps=30.0, transient=5.0)
    assert found.divergence == pytest.approx(-41 / 3, abs=1e-9)
    assert found.exponents.sum() == pytest.approx(-41 / 3, abs=1e-6)
    numpy.testing.assert_allclose(found.exponents, [0.906, 0, -14.572], rtol=0, atol=0.25)


@pytest.mark.full
def test_lorenz_for_a_long_time():
    found = lyapunov_spectrum(Lorenz(), None, [1.0, 1.0, 20.0], steps=1500.0, transient=50.0)
    numpy.testing.assert_array_less(abs(found.exponents - [0.906, 0, -14.572]), 4 * found.standard_error + 1e-3)
    assert found.kaplan_yorke_dimension == pytest.approx(2.062, abs=2e-3)


def test_the_cycle_of_polar_game():
    # On r = 1: along the cycle 0, across it -d(r g)/dr = -(a / 16) 2 (16 - 9), with a = 1/3.
    found = lyapunov_spectrum(polar_game(), None, [1.0, 0.0], steps=50.0, transient=40.0)
    numpy.testing.assert_allclose(found.exponents, [0, -14 / 48], rtol=0, atol=2e-3)


def test_on_simplices_only_directions_along_them_count():
    # The replicator of a zero-sum game keeps volume in logits: exponents sum to zero on recurrent orbits.
    game = rock_paper_scissors(0.5, -0.5)
    found = lyapunov_spectrum(game, replicator_field, [0.4, 0.3, 0.3, 0.3, 0.3, 0.4], steps=100.0, k=4)
    assert found.exponents.shape == (4,)
    assert abs(found.exponents.sum()) < 0.01
    with pytest.raises(ValueError, match="`k` must be at most 4"):
        lyapunov_spectrum(game, replicator_field, [0.4, 0.3, 0.3, 0.3, 0.3, 0.4], steps=100.0, k=5)
    # Multiplicative weights repel from the centre, by the root of 1 + (h / sqrt(3))^2 a step, in all four directions.
    rule = MultiplicativeWeights(0.3)
    found = lyapunov_spectrum(rock_paper_scissors(), rule, [1 / 3] * 6, steps=400, transient=100)
    numpy.testing.assert_allclose(found.exponents, math.log(1 + 0.03) / 2, rtol=0, atol=1e-5)


def test_arrays_come_in_and_errors_go_out(game_library):
    z0 = game_library.asarray([0.5, 0.5])
    path = lyapunov_spectrum(hamiltonian_game(), SimultaneousGradientDescent(0.1), z0, steps=100)
    assert isinstance(path.exponents, numpy.ndarray)
    with pytest.raises(ValueError, match=r"`z0` must be one point, of shape \(2,\)"):
        lyapunov_spectrum(hamiltonian_game(), None, game_library.asarray([[0.5, 0.5]]), steps=100.0)


def test_errors():
    game = hamiltonian_game()
    with pytest.raises(TypeError, match="`rule_or_field` must be an UpdateRule"):
        lyapunov_spectrum(game, 3.0, [0.5, 0.5], steps=100)
    with pytest.raises(TypeError, match="`game` must be a Game"):
        lyapunov_spectrum(None, None, [0.5, 0.5], steps=100)
    with pytest.raises(ValueError, match="`steps` must be at least 100, got 10"):
        lyapunov_spectrum(game, STEP, [0.5, 0.5], steps=10)
    with pytest.raises(ValueError, match="`z0` must be finite"):
        lyapunov_spectrum(game, STEP, [0.5, numpy.nan], steps=100)
    with pytest.raises(ValueError, match="must return the shape"):
        lyapunov_spectrum(game, lambda game, z: z[..., :1], [0.5, 0.5], steps=100.0)
    with pytest.raises(NotImplementedError):
        lyapunov_spectrum(game, Adam(0.1), [0.5, 0.5], steps=100)
    with pytest.raises(RuntimeError, match="does not stay finite"):
        lyapunov_spectrum(Logistic(4.0), STEP, [2.0], steps=100)
    assert simulate(Logistic(4.0), STEP, [2.0], 20).status == 2


def test_a_cycle_of_a_flow_has_dimension_one():
    # r' = r (1 - r^2) / 2, once round in 2 pi: the exponents are 0, of either sign by rounding, and -1.
    import sympy

    from gamedyn.games import SymbolicGame

    x, y = sympy.symbols("x y")
    shrink = (1 - x**2 - y**2) / 2
    game = SymbolicGame.from_field([-x * shrink + y, -y * shrink - x], [x, y])
    for start in ([1.0, 0.0], [0.6, 0.8], [0.0, -1.0]):
        found = lyapunov_spectrum(game, None, start, steps=40)
        assert found.kaplan_yorke_dimension == pytest.approx(1.0, abs=1e-5)
        # The frame turns to its direction in a time of the order of 1, of 40.
        assert found.exponents[1] == pytest.approx(-1.0, abs=1e-3)
