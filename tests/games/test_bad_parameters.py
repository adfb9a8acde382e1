"""What no game can be made of: one message for every parameter that is not a number, or not of its kind."""

import numpy
import pytest
import sympy

from gamedyn import games
from gamedyn.objectives import Minimax

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: games.Bilinear([[1.0]], [NAN]), "x_linear"),
        (lambda: games.Bilinear([[1.0]], None, [INF]), "y_linear"),
        (lambda: games.HiddenBilinear([[NAN]]), "matrix"),
        (lambda: games.Quadratic([[[1.0]]], (1,), [[NAN]]), "linear"),
        (lambda: games.Quadratic.from_jacobian([[1.0]], (1,), [INF]), "offset"),
        (lambda: games.MatrixGame([[1.0]], [[NAN]]), "B"),
        (lambda: games.NormalFormGame([[INF]]), "payoffs"),
        (lambda: games.CovarianceWGAN([[NAN]]), "covariance"),
        (lambda: games.robust_least_squares([[1.0]], [NAN]), "target"),
        (lambda: games.RobustRegression([[INF]], [1.0]), "matrix"),
        (lambda: games.LinearQuadraticGame([[0.5]], [[NAN]], [[1.0]]), "b"),
        (lambda: games.LinearQuadraticGame([[0.5]], [[1.0]], [[1.0]], covariance=[[INF]]), "covariance"),
    ],
)
def test_entries_are_finite(make, name):
    with pytest.raises(ValueError, match=f"`{name}` must be finite, got infinite or nan entries"):
        make()


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: games.cournot(intercept=NAN), "intercept"),
        (lambda: games.bertrand(intercept=INF), "intercept"),
        (lambda: games.bertrand(cross_slope=NAN), "cross_slope"),
    ],
)
def test_numbers_are_finite(make, name):
    with pytest.raises(ValueError, match=rf"`{name}` must lie in \(-inf, inf\), got (nan|inf)"):
        make()


@pytest.mark.parametrize("make", [games.DiracGAN, games.LQGAN, games.GaussianGAN])
def test_objectives_are_instances(make):
    with pytest.raises(TypeError, match=r"`objective` must be an Objective, such as Minimax\(\), got 'minimax'\."):
        make("minimax")
    with pytest.raises(TypeError, match=r"`objective` must be an Objective.* Call it to make one\."):
        make(Minimax)


def test_boxes_hold_a_number():
    with pytest.raises(ValueError, match="`lower` must be below inf and `upper` above -inf, got inf and inf"):
        games.Box(INF, INF)
    with pytest.raises(ValueError, match="`lower` must be below inf and `upper` above -inf"):
        games.Box([0.0, -INF], [1.0, -INF])
    assert games.Box(-INF, INF).contains(numpy.ones(2))


@pytest.mark.parametrize("domain", [games.Box([0.0] * 3, 1.0), games.Product([games.Simplex()] * 2, (2, 1))])
def test_domains_have_the_size_of_the_game(domain):
    with pytest.raises(ValueError, match=r"`domain` must hold points of 2 coordinates, got .* of 3\."):
        games.Quadratic([numpy.eye(2)] * 2, (1, 1), domain=domain)
    with pytest.raises(ValueError, match=r"`domain` must hold points of 2 coordinates, got .* of 3\."):
        games.FunctionGame([lambda x, y: x * y] * 2, (1, 1), domain=domain)
    x, y = sympy.symbols("x y")
    with pytest.raises(ValueError, match=r"`domain` must hold points of 2 coordinates, got .* of 3\."):
        games.SymbolicGame([x * y, y], [x, y], domain)


def test_domains_of_any_size_and_of_the_right_one_fit():
    for domain in (games.Box(0.0, 1.0), games.Box([0.0, 0.0], 1.0), games.Box([0.0], [1.0]), games.Reals()):
        assert games.Quadratic([numpy.eye(2)] * 2, (1, 1), domain=domain).domain is domain


def test_draws_are_wrapped_by_functions():
    with pytest.raises(TypeError, match="`wrap` must be a function of a game, got 3"):
        games.WrappedDraws(games.NoisyGame(games.DiracGAN(), 0.1), 3)
