"""Elementary quadratic games: their losses, eigenvalues and kinds, by hand."""

import numpy
import pytest
import sympy

from gamedyn import games
from gamedyn.dynamics import simulate
from gamedyn.equilibria import classify
from gamedyn.updates import Consensus, SimultaneousGradientDescent
from tests.games.planar_oracle import X, Y, exact_kind, zero_sum

R = sympy.Rational

# (game, losses as they are published, the kind of the origin)
PUBLISHED = [
    (games.strongly_monotone_game(0.5, 2.0), zero_sum(X**2 / 4 + 2 * X * Y - Y**2 / 4), "nash"),
    (games.strongly_monotone_game(-0.5, 2.0), zero_sum(-(X**2) / 4 + 2 * X * Y + Y**2 / 4), "repeller"),
    (games.potential_saddle(), (X * Y, X * Y), "saddle"),
    (games.hamiltonian_game(), zero_sum(X * Y), "marginal"),
    (games.maximum_trap(), (-(X**2 + Y**2) / 2, -(X**2 + Y**2) / 2), "repeller"),
    (games.weak_attractor(), (X**2 / 2 + 10 * X * Y, Y**2 / 2 - 10 * X * Y), "nash"),
    (games.rosca_rotation(), zero_sum(R(9, 200) * X**2 - X * Y - R(9, 200) * Y**2), "nash"),
]


@pytest.mark.parametrize(("game", "losses", "kind"), PUBLISHED)
def test_losses_and_kinds_are_the_known_ones(game, losses, kind, rng):
    z = rng.standard_normal((4, 2))
    expected = [[float(loss.subs({X: x, Y: y})) for loss in losses] for x, y in z]
    numpy.testing.assert_allclose(game.losses(z), expected, atol=1e-13)
    # 1/2 x^2 has the second derivative 1: a lost half would double the diagonal.
    expected = sympy.Matrix([sympy.diff(losses[0], X), sympy.diff(losses[1], Y)]).jacobian([X, Y])
    numpy.testing.assert_allclose(game.jacobian(z[0]), numpy.array(expected).astype(float), atol=1e-15)
    assert classify(game, [0.0, 0.0]).kind == kind == exact_kind(losses, (0, 0))


def test_the_weak_attractor_needs_steps_below_two_over_one_plus_the_square_of_its_coupling():
    game, limit = games.weak_attractor(), 2 / 101
    for step, shrinks in ((0.99 * limit, True), (1.01 * limit, False)):
        path = simulate(game, SimultaneousGradientDescent(step), [1.0, 1.0], steps=100)
        assert (numpy.linalg.norm(path.final) < 2**0.5) == shrinks


def test_the_four_player_game_has_the_eigenvalues_of_its_antisymmetric_part():
    game = games.four_player_weak_attractor()
    found = classify(game, [0.0] * 4)
    expected = sorted([s * (2**0.5 + t) for s in (1, -1) for t in (1, -1)])
    numpy.testing.assert_allclose(sorted(found.eigenvalues.imag), expected, rtol=1e-12)
    numpy.testing.assert_allclose(found.eigenvalues.real, 0.01, rtol=1e-10)
    assert found.kind == "nash"
    # L_3 = (eps/2) z_3^2 - z_1 z_3 - z_2 z_3 + z_3 z_4.
    z = numpy.array([2.0, 3.0, 5.0, 7.0])
    assert game.losses(z).tolist() == pytest.approx([30.02, 30.045, 10.125, -69.755], rel=1e-14)


def test_the_drift_of_rosca():
    eps = 0.09
    game, limit = games.rosca_rotation(eps), 2 * eps / (1 + eps**2)
    for step in (0.5 * limit, limit, 2 * limit):
        path = simulate(game, SimultaneousGradientDescent(step), [3.0, 4.0], steps=1)
        factor = ((1 - step * eps) ** 2 + step**2) ** 0.5
        assert numpy.linalg.norm(path.final) == pytest.approx(5 * factor, rel=1e-14)
        assert numpy.sign(factor - 1).round() == numpy.sign(step - limit) or step == limit


def test_the_flow_of_the_hamiltonian_game_keeps_the_radius(rng):
    z = rng.standard_normal((9, 2))
    numpy.testing.assert_allclose(
        numpy.sum(z * games.hamiltonian_game().simultaneous_gradient(z), axis=-1), 0.0, atol=1e-15
    )


def test_consensus_falls_into_the_maximum_trap():
    # xi = -z: gradient descent leaves by 1 + h, consensus is drawn in by 1 + h - h gamma where gamma > 1.
    game = games.maximum_trap()
    away = simulate(game, SimultaneousGradientDescent(0.1), [0.3, 0.4], steps=1)
    trapped = simulate(game, Consensus(0.1, gamma=3.0), [0.3, 0.4], steps=1)
    numpy.testing.assert_allclose(away.final, [0.33, 0.44], rtol=1e-14)
    numpy.testing.assert_allclose(trapped.final, [0.24, 0.32], rtol=1e-14)


def test_tandem_has_a_line_of_equilibria(rng):
    game = games.tandem()
    x = rng.standard_normal(5)
    line = numpy.stack([x, 1 - x], axis=-1)
    numpy.testing.assert_allclose(game.simultaneous_gradient(line), 0.0, atol=1e-14)
    found = classify(game, line[0])
    assert found.kind == "nash"
    assert found.degenerate.is_yes or found.degenerate.is_undecided
    z = rng.standard_normal((4, 2))
    shared = (z[:, 0] + z[:, 1]) ** 2
    expected = numpy.stack([shared - 2 * z[:, 0], shared - 2 * z[:, 1]], axis=-1)
    numpy.testing.assert_allclose(game.losses(z), expected, rtol=1e-13, atol=1e-13)
    # On the line the losses are 1 - 2x and 1 - 2y: their sum is 0 everywhere on it.
    numpy.testing.assert_allclose(game.losses(line), 1 - 2 * line, atol=1e-14)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (games.strongly_monotone_game, "mu"),
        (games.weak_attractor, "coupling"),
        (games.four_player_weak_attractor, "eps"),
        (games.rosca_rotation, "eps"),
    ],
)
def test_parameters_are_finite(make, name):
    with pytest.raises(ValueError, match=rf"`{name}` must lie in \(-inf, inf\), got inf"):
        make(**{name: float("inf")})
