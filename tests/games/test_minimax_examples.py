"""Examples that tell Nash, local minimax and stable points apart: each verdict by algebra and by the classifier."""

from math import pi

import numpy
import pytest
import sympy

from gamedyn import games
from gamedyn.equilibria import classify
from tests.games.planar_oracle import X, Y, exact_kind, field, zero_sum

R = sympy.Rational
RIDGE = (R(2, 5) * X**2 - (Y - 3 * X + X**3 / 20) ** 2 / 10 - Y**4 / 100) * sympy.exp(-(X**2 + Y**2) / 100)

# (game, f, kind of the origin, whether the flow is attracted, whether it is a local minimax point)
PUBLISHED = [
    (games.jin_minimax(), -(X**2) + 5 * X * Y - Y**2, "minimax", "undecided", "yes"),
    (games.jin_nonstationary_minimax(), R(1, 5) * X * Y - sympy.cos(Y), "repeller", "no", "no"),
    (games.jin_no_local_minimax(), Y**2 - 2 * X * Y, "repeller", "no", "no"),
    (games.wang_local_minimax(), -3 * X**2 - Y**2 + 4 * X * Y, "minimax", "no", "yes"),
    (games.wang_spurious_attractor(), 3 * X**2 + Y**2 + 4 * X * Y, "attractor", "yes", "no"),
    (games.wang_sixth_order(), RIDGE, "minimax", "no", "yes"),
    (games.daskalakis_minimax(), -(X**2) / 8 - Y**2 / 2 + R(6, 10) * X * Y, "minimax", "yes", "yes"),
    (games.daskalakis_center(), X**2 / 2 + Y**2 / 2 + 4 * X * Y, "marginal", "undecided", "no"),
]
each = pytest.mark.parametrize(("game", "f", "kind", "attracts", "minimax"), PUBLISHED)


@each
def test_losses_are_f_and_its_opposite(game, f, kind, attracts, minimax, rng):
    z = rng.standard_normal((4, 2))
    expected = numpy.array([float(f.subs({X: x, Y: y})) for x, y in z])
    numpy.testing.assert_allclose(game.losses(z), numpy.stack([expected, -expected], axis=-1), rtol=1e-13)
    for jacobian, (x, y) in zip(game.jacobian(z), z, strict=True):
        expected = field(zero_sum(f)).jacobian([X, Y]).subs({X: x, Y: y})
        numpy.testing.assert_allclose(jacobian, numpy.array(expected).astype(float), rtol=1e-12, atol=1e-13)


@each
def test_the_origin_is_what_the_papers_say(game, f, kind, attracts, minimax):
    found = classify(game, [0.0, 0.0])
    assert found.kind == kind == exact_kind(zero_sum(f), (sympy.Integer(0), sympy.Integer(0)))
    assert found.attracting.answer == attracts
    assert found.local_minimax.answer == minimax
    assert found.differential_nash.is_no


def test_the_global_minimax_points_of_jin_are_not_stationary():
    game = games.jin_nonstationary_minimax()
    x, y = numpy.linspace(-1, 1, 101), numpy.linspace(-2 * pi, 2 * pi, 2001)
    z = numpy.stack(numpy.meshgrid(x, y, indexing="ij"), axis=-1)
    worst = numpy.max(game.losses(z)[..., 0], axis=1)
    # max_y f >= f(x, sign(x) pi) = 1 + |x| pi / 5, with equality at x = 0 only.
    assert numpy.argmin(worst) == 50
    assert worst[50] == pytest.approx(1.0, rel=1e-12)
    assert numpy.all(worst >= 1 + abs(x) * pi / 5 - 1e-12)
    for sign in (1, -1):
        point = [0.0, sign * pi]
        assert classify(game, point).kind == "nonstationary"
        numpy.testing.assert_allclose(game.simultaneous_gradient(numpy.array(point)), [sign * pi / 5, 0.0], atol=1e-15)


def test_domains_are_the_published_boxes():
    far = numpy.array([9.0, -9.0])
    numpy.testing.assert_allclose(games.jin_nonstationary_minimax().domain.project(far), [1.0, -2 * pi], rtol=1e-15)
    assert games.jin_no_local_minimax().domain.project(far).tolist() == [1.0, -1.0]
    assert games.jin_minimax().domain.project(far).tolist() == [9.0, -9.0]


def test_no_point_of_the_square_is_a_local_minimax_point_of_jins_third_game():
    # A local maximum of f(x, .) = y^2 - 2xy, convex in y, is y = 1 or -1; there f = 1 -+ 2x falls in x one way, and the
    # maximum over y near that end falls with it, unless x is at its own end, where f(x, .) rises inward.
    game = games.jin_no_local_minimax()
    for x, y in ((1.0, 1.0), (-1.0, -1.0)):
        inward = game.losses(numpy.array([x, 0.99 * y]))[0]
        assert inward > game.losses(numpy.array([x, y]))[0]
    for x in (-0.5, 0.0, 0.5):
        for y in (1.0, -1.0):
            assert game.simultaneous_gradient(numpy.array([x, y]))[0] == -2 * y
