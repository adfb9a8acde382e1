"""Timescale thresholds against closed forms in the plane, dense scans and 50 digits."""

import math

import mpmath
import numpy
import pytest

from gamedyn.equilibria import timescale_threshold
from gamedyn.games import (
    Bilinear,
    DiracGAN,
    Quadratic,
    Regularized,
    TimescaleSeparated,
    jin_minimax,
    potential_saddle,
    strongly_monotone_game,
    wang_local_minimax,
    wang_spurious_attractor,
)


def plane(j):
    return Quadratic.from_jacobian(j, (1, 1))


def test_quadratics_of_jin_and_wang_and_the_trace_condition(rng):
    # -x^2 + 5 x y - y^2: J_tau = [[-2, 5], [-5 tau, 2 tau]], trace 2 tau - 2, determinant 21 tau.
    jin = timescale_threshold(jin_minimax(), [0.0, 0.0])
    assert jin.threshold == pytest.approx(1, rel=1e-14)
    assert jin.crossings[0][3:] == (2, 0)
    # At tau* the eigenvalues are plus and minus i sqrt(det).
    assert jin.crossings[0].frequency == pytest.approx(math.sqrt(21), rel=1e-12)
    assert timescale_threshold(wang_local_minimax(), [0.0, 0.0]).threshold == pytest.approx(3, rel=1e-14)
    for _ in range(50):
        a, d = -rng.uniform(0.1, 3), rng.uniform(0.1, 3)
        b, c = rng.uniform(2, 4), -rng.uniform(2, 4)
        # det > 0, and the trace a + tau d changes its sign.
        if a * d - b * c > 0:
            found = timescale_threshold(plane([[a, b], [c, d]]), [0.0, 0.0])
            assert found.threshold == pytest.approx(-a / d, rel=1e-13)
            assert found.stable_intervals == ((found.threshold, math.inf),)
            other = timescale_threshold(plane([[a, b], [c, d]]), [0.0, 0.0], follower=0)
            assert other.threshold == math.inf
            assert other.stable_intervals[0] == (0.0, pytest.approx(-d / a, rel=1e-13))


def test_what_attracts_without_speed_is_no_minimax_point_and_loses_it():
    # 3 x^2 + 4 x y + y^2: J_tau = [[6, 4], [-4 tau, -2 tau]], trace 6 - 2 tau, determinant 4 tau: lost above 3.
    found = timescale_threshold(wang_spurious_attractor(), [0.0, 0.0])
    assert found.threshold == math.inf
    assert found.stable_intervals[0] == (0.0, pytest.approx(3, rel=1e-14))
    assert "z does not attract for large tau, but in (0, 3)" in str(found)


def test_zero_and_never_in_words():
    always = timescale_threshold(strongly_monotone_game(0.5, 2.0), [0.0, 0.0])
    assert (always.threshold, always.crossings) == (0.0, ())
    assert str(always) == "z attracts for all tau > 0"
    # R1 damps the Dirac-GAN at any speed; without it every tau leaves a centre.
    assert timescale_threshold(Regularized(DiracGAN(), r1=0.3), [0.0, 0.0]).threshold == 0.0
    centre = timescale_threshold(DiracGAN(), [0.0, 0.0])
    assert centre.threshold == math.inf
    assert centre.stable_intervals == ()
    assert "z attracts for no tau: 2 eigenvalues of J_tau have the real part 0" in str(centre)
    # x y for both: real eigenvalues l and -l add up to 0 at every tau, and none changes its sign.
    saddle = timescale_threshold(potential_saddle(), [0.0, 0.0])
    assert saddle.crossings == ()
    assert saddle.threshold == math.inf
    assert "1 eigenvalues of J_tau have a negative real part" in str(saddle)


def zero_sum(rng, n, m):
    a, d = rng.standard_normal((n, n)), rng.standard_normal((m, m))
    b = rng.standard_normal((n, m)) * 2
    a, d = (a + a.T) / 2, d @ d.T / m + 0.3 * numpy.eye(m)
    return numpy.block([[a, b], [-b.T, d]])


def separated(j, n, tau):
    return numpy.vstack([j[:n], tau * j[n:]])


@pytest.mark.parametrize("seed", range(12))
def test_a_dense_scan_finds_the_same_crossings(seed):
    rng = numpy.random.default_rng(seed)
    n, m = 2, 2 + seed % 2
    j = zero_sum(rng, n, m)
    found = timescale_threshold(Quadratic.from_jacobian(j, (n, m)), numpy.zeros(n + m))
    taus = numpy.logspace(-5, 5, 6001)
    values = numpy.linalg.eigvals(numpy.stack([separated(j, n, tau) for tau in taus])).real
    count = (values < 0).sum(-1)
    changes = numpy.flatnonzero(numpy.diff(count))
    inside = [c for c in found.crossings if taus[0] < c.tau < taus[-1]]
    assert len(changes) == len(inside)
    for k, crossing in zip(changes, inside, strict=True):
        assert taus[k] <= crossing.tau <= taus[k + 1]
        assert (crossing.unstable_below, crossing.unstable_above) == (count[k], count[k + 1])
    # The Schur complement decides about large tau.
    schur = j[:n, :n] - j[:n, n:] @ numpy.linalg.solve(j[n:, n:], j[n:, :n])
    assert (found.threshold < math.inf) == (numpy.linalg.eigvals(schur).real.min() > 0)


def test_a_crossing_to_sixteen_digits_by_50_digits():
    j = zero_sum(numpy.random.default_rng(3), 3, 3)
    found = timescale_threshold(Quadratic.from_jacobian(j, (3, 3)), numpy.zeros(6))
    assert found.crossings
    with mpmath.workdps(50):

        def smallest(tau):
            rows = [[mpmath.mpf(float(v)) * (tau if i > 2 else 1) for v in row] for i, row in enumerate(j)]
            return sorted(mpmath.re(v) for v in mpmath.eig(mpmath.matrix(rows), left=False, right=False))

        for crossing in found.crossings:
            low, high = mpmath.mpf(crossing.tau) * (1 - mpmath.mpf(2) ** -40), crossing.tau * (1 + mpmath.mpf(2) ** -40)
            assert sum(v < 0 for v in smallest(low)) == crossing.unstable_below
            assert sum(v < 0 for v in smallest(high)) == crossing.unstable_above


def test_attracting_for_some_tau_only_in_between():
    # Two independent planes, one that needs tau > 1/2 and one that needs tau < 2.
    j = numpy.zeros((4, 4))
    j[numpy.ix_([0, 2], [0, 2])] = [[-1, 5], [-5, 2]]
    j[numpy.ix_([1, 3], [1, 3])] = [[2, 5], [-5, -1]]
    found = timescale_threshold(Quadratic.from_jacobian(j, (2, 2)), numpy.zeros(4))
    assert len(found.stable_intervals) == 1
    assert found.stable_intervals[0] == (pytest.approx(0.5, rel=1e-13), pytest.approx(2, rel=1e-13))
    assert found.threshold == math.inf
    assert [c.kind for c in found.crossings] == ["hopf", "hopf"]


def test_units_of_the_losses_move_the_threshold_and_nothing_else():
    game = jin_minimax()
    for scale in (1e-9, 1e7):
        found = timescale_threshold(TimescaleSeparated(game, scale), [0.0, 0.0])
        assert found.threshold == pytest.approx(1 / scale, rel=1e-12)


def test_three_players_and_any_of_them_as_the_follower(rng):
    j = numpy.diag([1.0, -0.5, 1.0]) + numpy.array([[0, 2, 0], [-2, 0, 1], [0, -1, 0]])
    game = Quadratic.from_jacobian(j, (1, 1, 1))
    for follower in range(3):
        found = timescale_threshold(game, numpy.zeros(3), follower=follower)
        for tau in (1e-3, 0.1, 0.7, 1.5, 4.0, 50.0):
            factors = numpy.ones(3)
            factors[follower] = tau
            stable = numpy.linalg.eigvals(factors[:, None] * j).real.min() > 0
            assert stable == any(low < tau < high for low, high in found.stable_intervals)


def test_a_point_of_any_library(game_library):
    found = timescale_threshold(wang_local_minimax(), game_library.asarray([0.0, 0.0]))
    assert found.threshold == pytest.approx(3, rel=1e-14)
    single = timescale_threshold(wang_local_minimax(), game_library.asarray([0.0, 0.0], dtype="float32"))
    assert single.threshold == pytest.approx(3, rel=1e-6)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="`z` must be a stationary point, got a relative residual of"):
        timescale_threshold(jin_minimax(), [1.0, 0.0])
    with pytest.raises(ValueError, match="`follower` must be one of at least 2 players, got 2 of 2"):
        timescale_threshold(jin_minimax(), [0.0, 0.0], follower=2)
    with pytest.raises(ValueError, match=r"`z` must be one point of shape \(2,\)"):
        timescale_threshold(jin_minimax(), numpy.zeros((3, 2)))
    with pytest.raises(ValueError, match="`game` must have at most 40 coordinates, got 42"):
        timescale_threshold(Bilinear(numpy.eye(21)), numpy.zeros(42))
