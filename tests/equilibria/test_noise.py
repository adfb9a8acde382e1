"""Noise: stationary covariances against closed forms, SciPy and simulated trajectories."""

import numpy
import pytest
import scipy.linalg

from gamedyn.dynamics import simulate
from gamedyn.equilibria import find_stationary_point, noise_floor, stationary_covariance
from gamedyn.equilibria._noise import lyapunov_sum
from gamedyn.games import Bilinear, Game, NoisyGame, Quadratic, StochasticGame, forsaken, random_quadratic_game
from gamedyn.updates import (
    Adam,
    AlternatingGradientDescent,
    Averaged,
    Competitive,
    Consensus,
    DoubleStepExtragradient,
    Extragradient,
    HeavyBall,
    Lookahead,
    Nesterov,
    OptimisticGradient,
    PastExtragradient,
    PrimalDualHybridGradient,
    ProximalPoint,
    RungeKutta,
    SimultaneousGradientDescent,
    TimescaleSeparation,
)

C = numpy.array([[1.0, 0.3, 0, 0], [0.3, 0.5, 0, 0.1], [0, 0, 2.0, 0], [0, 0.1, 0, 0.4]])

RULES = {
    "descent": SimultaneousGradientDescent(0.3),
    "alternating": AlternatingGradientDescent(0.3),
    "alternating, two inner": AlternatingGradientDescent(0.2, inner_steps=(1, 2)),
    "extragradient": Extragradient(0.3),
    "extragradient, two samples": DoubleStepExtragradient(0.3, exponents=(0, 0)),
    "optimistic": OptimisticGradient(0.3),
    "past extragradient": PastExtragradient(0.3),
    "heavy ball": HeavyBall(0.3, momentum=0.3),
    "nesterov": Nesterov(0.3, momentum=0.3),
    "proximal": ProximalPoint(0.5),
    "consensus": Consensus(0.3, gamma=0.3),
    "primal dual": PrimalDualHybridGradient(0.3),
    "runge kutta": RungeKutta(0.3, order=2),
    "competitive": Competitive(0.3),
    "lookahead": Lookahead(SimultaneousGradientDescent(0.3), k=3, alpha=0.5),
    "lookahead, momentum": Lookahead(HeavyBall(0.2, momentum=0.3), k=2, alpha=0.6),
    "averaged": Averaged(SimultaneousGradientDescent(0.3), kind="ema", decay=0.7),
    "timescales": TimescaleSeparation(SimultaneousGradientDescent(0.2), tau=2.0),
}


class Drawn(Game):
    """xi + a noise vector for every trajectory, from a generator of its own."""

    def __init__(self, source, noise):
        self.source, self.noise, self.dims, self.is_affine = source, noise, source.dims, False

    def losses(self, z):
        return self.source.game.losses(z) + numpy.sum(self.noise * z, axis=-1)[..., None]

    def simultaneous_gradient(self, z):
        return self.source.game.simultaneous_gradient(z) + self.noise

    def player_gradient(self, z, player):
        start = sum(self.dims[:player])
        return self.simultaneous_gradient(z)[..., start : start + self.dims[player]]

    def jacobian(self, z):
        return self.source.game.jacobian(z)

    def jvp(self, z, v):
        return self.source.game.jvp(z, v)

    def vjp(self, z, u):
        return self.source.game.vjp(z, u)

    def redraw(self):
        return self.source.draw(None)


class OneNoiseEach(StochasticGame):
    """Independent Gaussian noise on each of many trajectories; NoisyGame gives all of a batch the same."""

    def __init__(self, game, covariance, count, rng):
        self.game, self.dims, self.rng, self.count = game, game.dims, rng, count
        self.root = numpy.linalg.cholesky(covariance)

    def draw(self, rng):
        return Drawn(self, self.rng.standard_normal((self.count, len(self.root))) @ self.root.T)

    def full(self):
        return self.game


def test_descent_on_a_line_has_the_floor_of_the_textbook():
    # x+ = (1 - h mu) x - h w: V (1 - (1 - h mu)^2) = h^2 s^2.
    mu, h, s = 1.7, 0.3, 0.4
    found = stationary_covariance(SimultaneousGradientDescent(h), Quadratic([[[mu]]], (1,)), [0.0], s**2)
    assert found.floor == pytest.approx(h * s**2 / (mu * (2 - h * mu)), rel=1e-13)
    assert found.radius == pytest.approx(1 - h * mu, rel=1e-13)
    assert found.exact
    assert found.samples == 1
    assert "E |z - z*|^2 tends to" in str(found)
    assert "first order" not in str(found)


def test_heavy_ball_on_a_line_has_the_variance_of_an_autoregression_of_order_two():
    mu, h, b = 1.7, 0.3, 0.6
    # Yule and Walker: variance (1 - a2) / ((1 + a2) ((1 - a2)^2 - a1^2)) of x = a1 x_- + a2 x_-- + e.
    a1, a2 = 1 + b - h * mu, -b
    expected = h**2 * (1 - a2) / ((1 + a2) * ((1 - a2) ** 2 - a1**2))
    game = Quadratic([[[mu]]], (1,))
    found = stationary_covariance(HeavyBall(h, momentum=b), game, [0.0], 1.0)
    assert found.floor == pytest.approx(expected, rel=1e-12)
    assert found.extended_covariance.shape == (2, 2)
    # Neighbours correlate by a1 / (1 - a2).
    assert found.extended_covariance[0, 1] / found.floor == pytest.approx(a1 / (1 - a2), rel=1e-12)


def test_extragradient_on_a_bilinear_game_has_its_closed_floor_on_one_sample_and_on_two():
    s, h, g, c = 1.3, 0.3, 0.5, 0.7
    expected = 2 * c**2 * (1 + (g * s) ** 2) * h / (s**2 * (2 * g - h - h * (g * s) ** 2))
    for rule, samples in (
        (Extragradient(h, extrapolation_step=g), 1),
        (DoubleStepExtragradient(h, extrapolation_step=g, exponents=(0, 0)), 2),
    ):
        found = stationary_covariance(rule, Bilinear([[s]]), [0.0, 0.0], c**2)
        assert found.samples == samples
        assert found.floor == pytest.approx(expected, rel=1e-11)


def test_one_sample_and_two_differ_where_there_is_curvature():
    # On mu x^2 / 2: -h (1 - h mu) w of one sample against -h w' + h^2 mu w of two.
    mu, h = 1.0, 0.4
    decay = 1 - (1 - h * mu + (h * mu) ** 2) ** 2
    game = Quadratic([[[mu]]], (1,))
    one = noise_floor(Extragradient(h), game, [0.0], 1.0)
    two = noise_floor(DoubleStepExtragradient(h, exponents=(0, 0)), game, [0.0], 1.0)
    assert one == pytest.approx(h**2 * (1 - h * mu) ** 2 / decay, rel=1e-12)
    assert two == pytest.approx(h**2 * (1 + (h * mu) ** 2) / decay, rel=1e-12)


@pytest.mark.parametrize("name", RULES)
def test_trajectories_have_the_predicted_second_moment(name, rng):
    rule, count, steps = RULES[name], 4000, 80
    game = random_quadratic_game([0.6 + 0.9j, 1.0 + 0.2j], rng=rng, imbalance=0.2)
    found = stationary_covariance(rule, game, numpy.zeros(4), C)
    noisy = OneNoiseEach(game, C, count, rng)
    points = simulate(noisy, rule, numpy.zeros((count, 4)), steps, rng=0, record_every=steps).final
    # The start at rest is forgotten: what is missing of X is below radius^(2 steps).
    assert found.radius ** (2 * steps) < 1e-4
    x = numpy.asarray(found.covariance)
    # |z|^2 of Gaussian z has the variance 2 tr X^2; 4.9 standard errors are a two-sided level of 1e-6.
    error = 4.9 * numpy.sqrt(2 * numpy.trace(x @ x) / count)
    assert abs((points**2).sum(-1).mean() - found.floor) <= error + 2e-4 * found.floor
    sample = points.T @ points / count
    entry = numpy.sqrt((x**2 + numpy.outer(numpy.diag(x), numpy.diag(x))) / count)
    assert numpy.all(numpy.abs(sample - x) <= 5.5 * entry + 2e-4 * found.floor)


def test_scipy_solves_the_same_equation(rng):
    for size in (1, 3, 8):
        matrix = rng.standard_normal((size, size)) + 2 * numpy.triu(numpy.ones((size, size)), 1)
        matrix *= 0.97 / numpy.max(numpy.abs(numpy.linalg.eigvals(matrix)))
        root = rng.standard_normal((size, size))
        expected = scipy.linalg.solve_discrete_lyapunov(matrix, root @ root.T, method="direct")
        assert numpy.allclose(lyapunov_sum(matrix, root @ root.T), expected, rtol=1e-8, atol=1e-9 * expected.max())


def test_noisy_game_itself_along_one_long_trajectory(rng):
    game, rule = Quadratic.from_jacobian([[1.0, 0.8], [-0.8, 0.5]], (1, 1)), OptimisticGradient(0.4)
    found = stationary_covariance(rule, game, [0.0, 0.0], numpy.diag([0.04, 0.25]))
    points = simulate(NoisyGame(game, [0.2, 0.5]), rule, numpy.zeros(2), 20000, rng=rng).points[200:]
    # Batch means of 400 steps are as good as independent.
    means = (points[: 49 * 400] ** 2).sum(-1).reshape(49, 400).mean(axis=1)
    assert abs(means.mean() - found.floor) <= 6 * means.std(ddof=1) / 7


def test_elsewhere_the_rule_is_linearised():
    game = forsaken()
    z = find_stationary_point(game, [0.08, 0.4]).point
    jacobian = game.jacobian(z)
    rule = Extragradient(0.2)
    found = stationary_covariance(rule, game, z, 1e-4)
    linear = Quadratic.from_jacobian(jacobian, (1, 1))
    assert not found.exact
    assert "first order" in str(found)
    assert found.floor == pytest.approx(noise_floor(rule, linear, [0.0, 0.0], 1e-4), rel=1e-7)


def test_a_point_of_any_library(game_library):
    game = Quadratic([[[2.0, 1.0], [1.0, 0.0]], [[0.0, -1.0], [-1.0, 3.0]]], (1, 1))
    rule = SimultaneousGradientDescent(0.2)
    expected = stationary_covariance(rule, game, [0.0, 0.0], [[1.0, 0.2], [0.2, 2.0]])
    found = stationary_covariance(
        rule, game, game_library.asarray([0.0, 0.0]), game_library.asarray([[1.0, 0.2], [0.2, 2.0]])
    )
    assert game_library.owns(found.covariance)
    assert numpy.allclose(game_library.host(found.covariance), expected.covariance, rtol=1e-13)
    single = stationary_covariance(rule, game, game_library.asarray([0.0, 0.0], dtype="float32"), 1.0)
    assert game_library.owns(single.covariance, "float32")
    assert single.floor == pytest.approx(noise_floor(rule, game, [0.0, 0.0], 1.0), rel=1e-5)


def test_a_long_memory_is_summed_exactly():
    # 1 - radius = 1e-8: floor = h / (mu (2 - h mu)).
    game = Quadratic([[[1.0]]], (1,))
    assert noise_floor(SimultaneousGradientDescent(1e-8), game, [0.0], 1.0) == pytest.approx(5e-9, rel=1e-7)


def test_bad_input_is_named():
    game, rule = Bilinear([[1.0]]), Extragradient(0.3)
    with pytest.raises(ValueError, match=r"`rule` must contract at `z` .* got a radius of 1 within rounding"):
        lyapunov_sum(numpy.eye(1), numpy.eye(1))
    with pytest.raises(ValueError, match=r"`rule` must contract at `z` .* got a spectral radius of 1\.04"):
        stationary_covariance(SimultaneousGradientDescent(0.3), game, [0.0, 0.0], 1.0)
    with pytest.raises(ValueError, match=r"`noise_covariance` must be a number or have shape \(2, 2\), got"):
        stationary_covariance(rule, game, [0.0, 0.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="`noise_covariance` must be symmetric"):
        stationary_covariance(rule, game, [0.0, 0.0], [[1.0, 0.5], [0.0, 1.0]])
    with pytest.raises(ValueError, match="`noise_covariance` must be positive semidefinite, got the eigenvalue -1"):
        stationary_covariance(rule, game, [0.0, 0.0], -1.0)
    with pytest.raises(ValueError, match="`noise_covariance` must be finite"):
        stationary_covariance(rule, game, [0.0, 0.0], float("nan"))
    with pytest.raises(ValueError, match=r"`z` must be one point of shape \(2,\), got shape \(3, 2\)"):
        stationary_covariance(rule, game, numpy.zeros((3, 2)), 1.0)
    with pytest.raises(NotImplementedError, match="Adam"):
        stationary_covariance(Adam(0.1), game, [0.0, 0.0], 1.0)
