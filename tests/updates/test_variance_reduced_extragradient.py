"""SVRE: extragradient where nothing is random, convergence under noise where extragradient has none."""

import numpy
import pytest

from gamedyn.dynamics import simulate
from gamedyn.equilibria import iteration_matrix
from gamedyn.games import Bilinear, Counted, DiracGAN, FiniteSum, WrappedDraws
from gamedyn.updates import DoubleStepExtragradient, Extragradient, StochasticVarianceReducedExtragradient

START = numpy.array([1.0, -0.5])


def planes(n, rng):
    """n components x_i y_i + a_i x + b_i y, each coupled in one plane only, and the equilibrium of their mean."""
    a, b = rng.standard_normal((2, n, n)) / n**0.5
    games = [Bilinear(numpy.diag(row), a[i], b[i]) for i, row in enumerate(numpy.eye(n))]
    return FiniteSum(games), numpy.concatenate([-b.sum(axis=0), -a.sum(axis=0)])


def test_without_noise_it_is_extragradient():
    rule = StochasticVarianceReducedExtragradient(0.2, epoch_length=3)
    ours = simulate(DiracGAN(), rule, START, 10).points
    theirs = simulate(DiracGAN(), Extragradient(0.2), START, 30, record_every=3).points
    numpy.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-14)
    d = 2
    matrix = iteration_matrix(rule, DiracGAN(), numpy.zeros(2))[:d, :d]
    step = Extragradient(0.2).iteration_matrix(DiracGAN().jacobian(numpy.zeros(2)), (1, 1))
    numpy.testing.assert_allclose(matrix, numpy.linalg.matrix_power(step, 3), rtol=0, atol=1e-8)


def test_a_restart_begins_at_the_mean_of_the_points():
    rule = StochasticVarianceReducedExtragradient(0.2, epoch_length=3, restart_every=2)
    path = simulate(DiracGAN(), Extragradient(0.2), START, 6).points
    ours = simulate(DiracGAN(), rule, START, 4)
    numpy.testing.assert_allclose(ours.points[1], path[3], rtol=1e-13)
    numpy.testing.assert_allclose(ours.points[2], path[:6].mean(axis=0), rtol=1e-13)
    onward = simulate(DiracGAN(), Extragradient(0.2), ours.points[2], 6).points
    numpy.testing.assert_allclose(ours.points[4], onward[:6].mean(axis=0), rtol=1e-13)
    assert (ours.final_state.epochs, ours.final_state.points) == (4, 0)


def test_its_gradients_are_those_of_the_whole_at_the_snapshot():
    # One step from the snapshot: the look ahead is that of the whole sum, the correction that of the second sample.
    game, _ = planes(3, numpy.random.default_rng(0))
    z, h = numpy.linspace(-1.0, 1.0, 6), 0.4
    drawn = game.draw(7)
    moved, _ = StochasticVarianceReducedExtragradient(h, epoch_length=1).step(
        drawn, z, StochasticVarianceReducedExtragradient(h, epoch_length=1).init(drawn, z)
    )
    whole = game.full().simultaneous_gradient(z)
    expected = z - h * (whole + drawn.redraw().jvp(z, -h * whole))
    numpy.testing.assert_allclose(moved, expected, rtol=1e-13)


def test_every_gradient_is_taken_on_a_fresh_sample():
    seen = []

    class Watched(Bilinear):
        def __init__(self, number):
            super().__init__([[1.0]])
            self.number = number

        def simultaneous_gradient(self, z):
            seen.append(self.number)
            return super().simultaneous_gradient(z)

        def redraw(self):
            return Watched(self.number + 1)

        def full(self):
            return Watched("whole")

    rule = StochasticVarianceReducedExtragradient(0.1, epoch_length=2)
    rule.step(Watched(0), START, rule.init(Watched(0), START))
    assert seen == ["whole", 0, 0, 1, 1, 2, 2, 3, 3]


def test_it_converges_on_a_bilinear_sum_where_stochastic_extragradient_does_not():
    n, h = 5, 0.5
    game, rest = planes(n, numpy.random.default_rng(1))
    z0 = rest + numpy.ones(2 * n)
    start = numpy.linalg.norm(z0 - rest)
    # Independent samples: plane p moves with probability 1/n, by 1 - i h, or by 1 - h^2 - i h where both samples are
    # its own. The mean logarithm of that factor is positive: distances grow without bound.
    same, other = numpy.log(1 - h**2 + h**4) / 2, numpy.log(1 + h**2) / 2
    exponent = (same / n + other * (1 - 1 / n)) / n
    steps = 3000
    independent = simulate(game, DoubleStepExtragradient(h, exponents=(0.0, 0.0)), z0, steps, rng=0, record_every=steps)
    growth = numpy.log(independent.distance_to(rest)[-1] / start)
    # The logarithm has the deviation sqrt(steps / n) * 0.1 about its mean of 41: a quarter is four of them.
    assert growth == pytest.approx(steps * exponent, rel=0.25, abs=0.0)
    # One sample for both: it stays about as far away as components are apart.
    shared = simulate(game, Extragradient(h), z0, steps, rng=0, record_every=100).distance_to(rest)
    assert numpy.median(shared[5:]) > 0.5
    # Variance reduction with restarts: nothing is left of the distance, on every seed.
    rule = StochasticVarianceReducedExtragradient(h, epoch_length=n, restart_every=10)
    for seed in range(3):
        reduced = simulate(game, rule, z0, 150, rng=seed, record_every=50).distance_to(rest)
        assert reduced[-1] < 1e-6 * start


def test_costs_are_counted_on_the_whole_and_on_minibatches():
    game, _ = planes(3, numpy.random.default_rng(0))
    counters = []

    def counted(drawn):
        counters.append(Counted(drawn))
        return counters[-1]

    rule = StochasticVarianceReducedExtragradient(0.1, epoch_length=4)
    simulate(WrappedDraws(game, counted), rule, numpy.ones(6), 3, rng=0)
    # simulate itself asks once for xi, to see that shapes fit.
    assert sum(counter.gradients for counter in counters) == 3 * rule.cost.gradients + 1 == 3 * 17 + 1


def test_arguments_are_checked():
    with pytest.raises(ValueError, match="`epoch_length` must be at least 1, got 0"):
        StochasticVarianceReducedExtragradient(0.1, epoch_length=0)
    with pytest.raises(ValueError, match="`restart_every` must be at least 1, got 0"):
        StochasticVarianceReducedExtragradient(0.1, restart_every=0)
    with pytest.raises(NotImplementedError, match="StochasticVarianceReducedExtragradient has no flow"):
        StochasticVarianceReducedExtragradient(0.1, restart_every=2).flow(DiracGAN(), START)
