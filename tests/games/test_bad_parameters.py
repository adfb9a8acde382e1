"""What no game can be made of: one message for every parameter that is not a number, or not of its kind."""

import numpy
import pytest

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


def test_draws_are_wrapped_by_functions():
    with pytest.raises(TypeError, match="`wrap` must be a function of a game, got 3"):
        games.WrappedDraws(games.NoisyGame(games.DiracGAN(), 0.1), 3)
