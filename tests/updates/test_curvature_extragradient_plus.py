"""Extragradient with backtracking and an adaptive step."""

import numpy
import pytest

from gamedyn.games import Bilinear, Counted, DiracGAN, Quadratic
from gamedyn.updates import CurvatureExtragradientPlus, Extragradient, ExtragradientPlus, ProximalPoint
from tests.updates.monotone import path, rotations


def test_on_one_frequency_it_is_the_proximal_point_method(rng):
    # <xi, xi~> / |xi~|^2 = 1 / (1 + a^2) there, and 1 - (i a + a^2) / (1 + a^2) = 1 / (1 + i a).
    z = rng.standard_normal((4, 2))
    for s in (0.3, 2.0):
        game = Bilinear([[s]])
        numpy.testing.assert_allclose(
            path(CurvatureExtragradientPlus(nu=0.8), game, z, 5),
            path(ProximalPoint(0.8 / s), game, z, 5),
            rtol=0,
            atol=1e-14,
        )


@pytest.mark.parametrize(("first", "accepted"), [(8.0, 0.5), (0.9, 0.9), (1.0, 0.5), (2.0, 0.5)])
def test_the_length_is_halved_until_it_fits(first, accepted):
    # |xi(w) - xi(z)| = |w - z| on x y: a length is accepted at 99/100 or less.
    game, z = Bilinear([[1.0]]), numpy.array([[1.0, 2.0], [-3.0, 0.5]])
    moved, _ = CurvatureExtragradientPlus(first, backtracks=4).step(game, z, None)
    fitting, _ = CurvatureExtragradientPlus(accepted, backtracks=0).step(game, z, None)
    numpy.testing.assert_array_equal(moved, fitting)
    if first != accepted:
        none, _ = CurvatureExtragradientPlus(first, backtracks=0).step(game, z, None)
        assert numpy.max(abs(moved - none)) > 0.1


def test_trajectories_keep_lengths_of_their_own():
    game, z = Bilinear([[1.0]]), numpy.ones((3, 2))
    together, _ = CurvatureExtragradientPlus(numpy.array([8.0, 0.9, 2.0]), backtracks=4).step(game, z, None)
    for length, row in zip((0.5, 0.9, 0.5), together, strict=True):
        alone, _ = CurvatureExtragradientPlus(length, backtracks=0).step(game, numpy.ones(2), None)
        assert row.tolist() == alone.tolist()


def test_it_converges_where_a_weak_minty_inequality_holds_and_others_do_not():
    # Eigenvalues e^(+-i t) with cos t = -2/5: <xi, z> = -2/5 |xi|^2, more than -g / 2 at g = 0.99.
    game, z = rotations([numpy.arccos(-0.4)], [1.0]), numpy.array([1.0, 1.0])
    rule = CurvatureExtragradientPlus(rho=-0.4)
    assert numpy.linalg.norm(path(rule, game, z, 1500)[-1]) < 1e-2
    for other in (Extragradient(0.99), ExtragradientPlus(0.99)):
        assert numpy.linalg.norm(path(other, game, z, 200)[-1]) > 1e6


def test_the_minty_parameter_counts_in_lengths():
    # x y from (1, 0), g = 1/2: z~ = (1, 1/2), d = (1/4, -1/2), alpha = 4/5 - (1/10) / (1/2) = 3/5.
    moved, _ = CurvatureExtragradientPlus(0.5, rho=-0.1).step(Bilinear([[1.0]]), numpy.array([1.0, 0.0]), None)
    assert moved.tolist() == pytest.approx([0.85, 0.3], rel=1e-14, abs=0.0)


def test_every_step_projects_on_a_half_space_of_solutions(rng):
    # <d, z+ - z*> = 0 at least for c = 1 and rho = 0 on a monotone game: |z+|^2 <= |z|^2 - |z+ - z|^2.
    game = rotations([1.2, 1.57, 0.3], [1.0, 0.2, 0.5])
    z = rng.standard_normal((20, 6))
    moved, _ = CurvatureExtragradientPlus().step(game, z, None)
    assert ((moved**2).sum(-1) <= (z**2).sum(-1) - ((moved - z) ** 2).sum(-1) + 1e-12).all()
    short, _ = CurvatureExtragradientPlus(relaxation=0.5).step(game, z, None)
    numpy.testing.assert_allclose(short - z, (moved - z) / 2, rtol=1e-13)


def test_flat_games_and_points_of_rest_yield_numbers():
    # xi = 3 everywhere: g starts from nu = 1/2, alpha = 1, z falls by 3/2.
    game = Quadratic([[[0.0]]], (1,), [[3.0]])
    assert CurvatureExtragradientPlus(nu=0.5).step(game, numpy.array([1.0]), None)[0].tolist() == [-0.5]
    z = numpy.zeros((2, 2))
    assert CurvatureExtragradientPlus(rho=-0.1).step(DiracGAN(), z, None)[0].tolist() == z.tolist()


def test_the_first_length_costs_a_jacobian_unless_it_is_given():
    for rule, jacobians in ((CurvatureExtragradientPlus(), 1), (CurvatureExtragradientPlus(0.1), 0)):
        game = Counted(DiracGAN())
        rule.step(game, numpy.ones(2), None)
        assert (game.gradients, game.jacobians) == (5, jacobians)
        assert (rule.cost.gradients, rule.cost.solves) == (5, jacobians)


def test_it_has_no_flow_where_curvature_sets_the_length():
    with pytest.raises(NotImplementedError, match="CurvatureExtragradientPlus has no flow"):
        CurvatureExtragradientPlus().flow(DiracGAN(), numpy.ones(2))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"step_size": 0.0}, "`step_size` must be positive"),
        ({"nu": 1.0}, r"`nu` must lie in \(0, 1\)"),
        ({"tau": 0.0}, r"`tau` must lie in \(0, 1\)"),
        ({"relaxation": 2.0}, r"`relaxation` must lie in \(0, 2\)"),
        ({"rho": float("nan")}, "`rho` must lie in"),
        ({"backtracks": -1}, "`backtracks` must be at least 0, got -1"),
    ],
)
def test_parameters_have_their_ranges(arguments, message):
    with pytest.raises(ValueError, match=message):
        CurvatureExtragradientPlus(**arguments)
