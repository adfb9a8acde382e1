import numpy
import pytest

from gamedyn.games import LinearQuadraticGame

A, B, C = [[0.9, 0.2], [-0.1, 0.8]], [[0.0], [1.0]], [[0.5], [0.1]]


def riccati(a, b, c, s):
    """K and L of the game's algebraic Riccati equation, by iterating the value of ever longer horizons."""
    a, b, c = (numpy.asarray(each) for each in (a, b, c))
    inputs, weight = numpy.hstack([b, c]), numpy.diag([1.0, -s])
    p = numpy.eye(len(a))
    for _ in range(2000):
        gain = numpy.linalg.solve(weight + inputs.T @ p @ inputs, inputs.T @ p @ a)
        p = numpy.eye(len(a)) + a.T @ p @ (a - inputs @ gain)
    return gain, p


def test_the_riccati_gains_are_the_equilibrium():
    gain, p = riccati(A, B, C, 8.0)
    game = LinearQuadraticGame(A, B, C, y_cost=[[8.0]])
    z = gain.ravel()
    assert numpy.abs(game.simultaneous_gradient(z)).max() < 1e-12
    # trace(P W) with W = I.
    assert game.losses(z)[0] == pytest.approx(numpy.trace(p), rel=1e-13)
    # A saddle in policies: every deviation costs who makes it.
    for player, block in enumerate((slice(0, 2), slice(2, 4))):
        trial = numpy.tile(z, (50, 1))
        trial[:, block] += 0.1 * numpy.random.default_rng(player).standard_normal((50, 2))
        assert numpy.all(game.losses(trial)[:, player] > game.losses(z)[player])


def test_the_cost_is_the_sum_over_time(rng):
    game = LinearQuadraticGame(
        A,
        B,
        C,
        state_cost=[[2.0, 0.5], [0.5, 1.0]],
        x_cost=[[0.7]],
        y_cost=[[3.0]],
        covariance=[[1.0, 0.2], [0.2, 2.0]],
    )
    z = numpy.array([0.1, 0.4, 0.2, -0.1])
    k, gain = game.gains(z)
    f = numpy.asarray(A) - numpy.asarray(B) @ k - numpy.asarray(C) @ gain
    stage = game.state_cost + 0.7 * k.T @ k - 3.0 * gain.T @ gain
    covariance, total = numpy.asarray(game.covariance), 0.0
    for _ in range(2000):
        total += numpy.trace(stage @ covariance)
        covariance = f @ covariance @ f.T
    assert game.losses(z)[0] == pytest.approx(total, rel=1e-12)


def test_an_unstable_loop_has_no_cost():
    game = LinearQuadraticGame([[1.0]], [[1.0]], [[1.0]])
    with numpy.errstate(all="ignore"):
        assert not numpy.all(numpy.isfinite(game.losses(numpy.array([-0.5, 0.0]))))


def test_bad_input():
    with pytest.raises(ValueError, match=r"`a`, `b` and `c` must have shapes \(n, n\), \(n, m\) and \(n, p\), got"):
        LinearQuadraticGame([[1.0]], [[1.0], [2.0]], [[1.0]])
    with pytest.raises(ValueError, match=r"`y_cost` must be symmetric of shape \(1, 1\), got \(2, 2\)"):
        LinearQuadraticGame([[1.0]], [[1.0]], [[1.0]], y_cost=numpy.eye(2))
