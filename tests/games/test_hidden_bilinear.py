"""Hidden bilinear games: equilibria through the sigmoid, and what the flow keeps."""

import mpmath
import numpy
import pytest

from gamedyn.dynamics import flow
from gamedyn.equilibria import classify
from gamedyn.games import HiddenBilinear
from gamedyn.updates import Extragradient


def test_the_game_is_the_bilinear_game_of_the_outputs(rng):
    matrix, b, c = rng.standard_normal((2, 3)), rng.standard_normal(2), rng.standard_normal(3)
    game = HiddenBilinear(matrix, b, c)
    z = rng.standard_normal(5)
    p = 1 / (1 + numpy.exp(-z))
    f = p[:2] @ matrix @ p[2:] + b @ p[:2] + c @ p[2:]
    numpy.testing.assert_allclose(game.losses(z), [f, -f], rtol=1e-13)


def test_the_equilibrium_lies_where_the_outputs_meet_the_bilinear_one():
    # f = 4 p q - 2 p - q: p* = 1/4, q* = 1/2.
    game = HiddenBilinear([[4.0]], [-2.0], [-1.0])
    point = [-numpy.log(3.0), 0.0]
    found = classify(game, point)
    # J = [[0, s], [-s, 0]] with s = 4 p'(theta) q'(phi) = 4 (3/16)(1/4).
    numpy.testing.assert_allclose(found.eigenvalues.imag, [-3 / 16, 3 / 16], rtol=1e-12)
    assert found.kind == "marginal"


def test_the_flow_keeps_the_invariant(rng):
    # dG/dt = -(p - p*) a (q - q*) and dH/dt is its opposite; G' = (p - p*)/p' by differences of its mpmath integral.
    game, p_star, q_star = HiddenBilinear([[4.0]], [-2.0], [-1.0]), 0.25, 0.5

    def integral(end, target):
        def integrand(t):
            p = 1 / (1 + mpmath.exp(-t))
            return (p - target) / (p * (1 - p))

        return mpmath.quad(integrand, [0, end])

    for z in rng.standard_normal((4, 2)):
        slopes = [mpmath.diff(lambda t, q=q: integral(t, q), s) for s, q in zip(z, (p_star, q_star), strict=True)]
        flow = -game.simultaneous_gradient(z)
        assert abs(float(slopes[0]) * flow[0] + float(slopes[1]) * flow[1]) < 1e-10


def test_tails_keep_their_digits():
    # p' = e^-40 (1 + O(e^-40)) at theta = 40.
    game = HiddenBilinear([[1.0]])
    xi = game.simultaneous_gradient(numpy.array([40.0, 0.0]))
    assert xi[0] == pytest.approx(0.5 * float(mpmath.exp(-40)), rel=1e-13, abs=0.0)
    assert game.jacobian(numpy.array([40.0, 0.0]))[0, 0] == pytest.approx(
        -0.5 * float(mpmath.exp(-40)), rel=1e-13, abs=0.0
    )


def test_rules_play_it():
    game = HiddenBilinear([[4.0]], [-2.0], [-2.0])
    z, state = numpy.array([0.5, -0.3]), None
    rule = Extragradient(0.5)
    state = rule.init(game, z)
    for _ in range(2000):
        z, state = rule.step(game, z, state)
    assert numpy.max(abs(z)) < 1e-6


def test_the_invariant_holds_in_every_dimension(rng):
    matrix, p, q = rng.standard_normal((2, 3)), numpy.array([0.3, 0.6]), numpy.array([0.5, 0.2, 0.7])
    game, outputs = HiddenBilinear(matrix, -matrix @ q, -matrix.T @ p), numpy.concatenate([p, q])
    start = rng.standard_normal((4, 5))
    path = flow(game, start, [0.0, 5.0, 50.0])
    assert numpy.abs(path[-1] - path[0]).max() > 0.1
    kept = numpy.broadcast_to(game.invariant(start, outputs), (3, 4))
    numpy.testing.assert_allclose(game.invariant(path, outputs), kept, rtol=1e-8)
    rest = numpy.log(outputs / (1 - outputs))
    assert (game.invariant(rest + 0.1 * rng.standard_normal((100, 5)), outputs) > game.invariant(rest, outputs)).all()
