"""Hamiltonian descent: down the size of the gradient, wherever that leads."""

import numpy
import pytest

from gamedyn.games import Bilinear, DiracGAN, Quadratic
from gamedyn.updates import HamiltonianDescent
from tests.updates.second_order_games import run


def test_it_descends_half_the_squared_gradient(rng):
    game = DiracGAN()
    z = rng.standard_normal(2)
    size = lambda w: numpy.sum(game.simultaneous_gradient(w) ** 2) / 2  # noqa: E731
    slope = numpy.array([size(z + 1e-30j * e).imag / 1e-30 for e in numpy.eye(2)])
    numpy.testing.assert_allclose(run(HamiltonianDescent(0.1), game, z)[0], z - 0.1 * slope, rtol=1e-13)


def test_multipliers_are_those_of_the_singular_values(rng):
    jacobian = rng.standard_normal((5, 5))
    matrix = HamiltonianDescent(0.05).iteration_matrix(jacobian, (2, 3))
    expected = 1 - 0.05 * numpy.linalg.svd(jacobian, compute_uv=False) ** 2
    numpy.testing.assert_allclose(numpy.linalg.eigvalsh(matrix), numpy.sort(expected), rtol=1e-12, atol=1e-13)


def test_bilinear_games_converge_on_every_spectrum_below_the_limit(rng):
    matrix = rng.standard_normal((4, 4))
    s = numpy.linalg.svd(matrix, compute_uv=False)
    jacobian = Bilinear(matrix).jacobian(numpy.zeros(8))
    for factor, stable in ((1 - 1e-6, True), (1 + 1e-6, False)):
        m = HamiltonianDescent(2 / s[0] ** 2 * factor).iteration_matrix(jacobian, (4, 4))
        assert bool(max(abs(numpy.linalg.eigvals(m))) < 1) is stable


def test_it_goes_to_the_worst_point_as_gladly():
    # L = -x^2 / 2: |xi|^2 / 2 = x^2 / 2, and h = 1/2 halves x: towards the maximum.
    game = Quadratic([[[-1.0]]], (1,))
    assert run(HamiltonianDescent(0.5), game, numpy.array([8.0]), steps=3)[0].tolist() == [1.0]


def test_the_residual_vanishes_where_the_transposed_jacobian_has_xi_in_its_kernel():
    # L_1 = x: xi = 1 everywhere, J = 0.
    game = Quadratic([[[0.0]]], (1,), [[1.0]])
    rule = HamiltonianDescent(0.5)
    assert rule.stationary_residual(game, numpy.array([2.0])).tolist() == [0.0]
    assert rule.step(game, numpy.array([2.0]), None)[0].tolist() == [2.0]


def test_the_step_must_be_positive():
    with pytest.raises(ValueError, match="`step_size` must be positive and finite, got -1"):
        HamiltonianDescent(-1)
