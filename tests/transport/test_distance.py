"""Facts about exact transport between point sets."""

import itertools
import math

import numpy
import pytest

from gamedyn.transport import wasserstein_distance, wasserstein_on_line


def over_permutations(x, y, order):
    """The cost of the best permutation, by trying all."""
    gaps = numpy.linalg.norm(x[:, None] - y[None], axis=-1) ** order
    n = len(x)
    return min(sum(gaps[i, s[i]] for i in range(n)) / n for s in itertools.permutations(range(n))) ** (1 / order)


@pytest.mark.parametrize("order", [1, 2, 3.5])
def test_is_the_best_permutation(order, rng):
    for _ in range(5):
        x, y = rng.standard_normal((6, 3)), rng.standard_normal((6, 3)) + 1
        for method in ("assignment", "lp"):
            value = float(wasserstein_distance(x, y, order, method=method))
            assert value == pytest.approx(over_permutations(x, y, order), rel=1e-12, abs=0.0)


def test_integer_weights_are_repeated_points(rng):
    x, y = rng.standard_normal((4, 2)), rng.standard_normal((3, 2))
    v, w = numpy.array([1, 2, 3, 0]), numpy.array([2, 2, 2])
    value = wasserstein_distance(x, y, 2, v, w)
    repeated = over_permutations(numpy.repeat(x, v, axis=0), numpy.repeat(y, w, axis=0), 2)
    assert float(value) == pytest.approx(repeated, rel=1e-12, abs=0.0)


@pytest.mark.parametrize("method", ["assignment", "lp"])
def test_result_proves_itself(method, rng):
    x, y = rng.standard_normal((30, 2)), rng.standard_normal((30, 2))
    result = wasserstein_distance(x, y, method=method, return_result=True)
    f, g = result.potentials
    cost = numpy.linalg.norm(x[:, None] - y[None], axis=-1)
    assert (f[:, None] + g[None] <= cost + 1e-13).all()
    assert f.mean() + g.mean() == pytest.approx(float(result.value), rel=1e-12, abs=0.0)
    assert (result.plan.masses >= 0).all()
    numpy.testing.assert_allclose(result.plan.dense().sum(axis=0), 1 / 30, rtol=1e-12)
    numpy.testing.assert_allclose(result.plan.dense().sum(axis=1), 1 / 30, rtol=1e-12)
    assert numpy.sum(result.plan.dense() * cost) == pytest.approx(float(result.transport_cost), rel=1e-14, abs=0.0)
    assert result.lower <= float(result.value) <= result.upper
    assert result.gap == result.upper - result.lower <= 1e-12
    assert result.marginal_error < 1e-13
    assert result.method == method


def test_tiny_masses_are_carried_and_not_dropped():
    # The far point weighs less than a solver's usual tolerance of 1e-7, and carries the whole distance.
    result = wasserstein_distance([[0.0], [1e9]], [[0.0]], 1, [1.0, 1e-9], return_result=True)
    assert float(result.value) == pytest.approx(1 / (1 + 1e-9), rel=1e-12, abs=0.0)


def test_weights_and_distances_of_many_scales(rng):
    # Weights from 1e-13 to 1, distances from 1 to 1e8: against the formula on the line.
    for _ in range(60):
        n, m = rng.integers(2, 9, 2)
        x, y = (rng.standard_normal(k) * 10 ** rng.uniform(0, 8, k) for k in (n, m))
        v, w = (10 ** rng.uniform(-13, 0, k) for k in (n, m))
        result = wasserstein_distance(x, y, 1, v, w, method="lp", return_result=True)
        line = float(wasserstein_on_line(x, y, 1, v, w))
        assert float(result.value) == pytest.approx(line, rel=1e-10, abs=0.0)
        assert result.lower * (1 - 1e-10) <= line <= result.upper * (1 + 1e-10)
        assert result.marginal_error < 1e-15


def test_points_without_mass_take_no_part(rng):
    x, y = rng.standard_normal((5, 2)), rng.standard_normal((4, 2))
    v, w = numpy.array([1.0, 2.0, 0.0, 1.0, 0.0]), numpy.array([0.0, 1.0, 1.0, 1.0])
    result = wasserstein_distance(x, y, 1, v, w, return_result=True)
    assert float(result.value) == pytest.approx(
        float(wasserstein_distance(x[v > 0], y[1:], 1, v[v > 0])), rel=1e-12, abs=0.0
    )
    f, g = result.potentials
    assert numpy.isfinite(f).all()
    assert numpy.isfinite(g).all()


def test_critic_of_order_one_is_lipschitz_and_attains_the_distance(rng):
    x, y = rng.standard_normal((20, 2)), rng.standard_normal((25, 2)) + 1
    result = wasserstein_distance(x, y, return_result=True)
    critic = result.critic
    assert critic(x).mean() - critic(y).mean() == pytest.approx(float(result.value), rel=1e-12, abs=0.0)
    u, v = rng.standard_normal((500, 2)) * 3, rng.standard_normal((500, 2)) * 3
    assert (numpy.abs(critic(u) - critic(v)) <= numpy.linalg.norm(u - v, axis=1) * (1 + 1e-12)).all()


@pytest.mark.parametrize("order", [1, 2])
def test_critic_gradient_is_that_of_the_critic(order, rng):
    x, y = rng.standard_normal((8, 3)), rng.standard_normal((8, 3)) + 1
    critic = wasserstein_distance(x, y, order, return_result=True).critic
    u, h = rng.standard_normal((50, 3)) * 2, 1e-6
    for i in range(3):
        step = h * numpy.eye(3)[i]
        difference = (critic(u + step) - critic(u - step)) / (2 * h)
        numpy.testing.assert_allclose(critic.gradient(u)[:, i], difference, atol=1e-6)


def test_critic_gradient_is_a_unit_vector_along_the_transport_ray():
    # One Dirac at 0 and one at (3, 4): the critic falls at rate 1 from x towards y.
    critic = wasserstein_distance([[0.0, 0.0]], [[3.0, 4.0]], return_result=True).critic
    numpy.testing.assert_allclose(critic.gradient([[1.5, 2.0]]), [[-0.6, -0.8]], rtol=1e-15)
    numpy.testing.assert_array_equal(critic.gradient([[3.0, 4.0]]), [[0.0, 0.0]])
    with pytest.raises(ValueError, match=r"`x` must have shape \(..., 2\), got \(1, 3\)"):
        critic([[0.0, 0.0, 0.0]])


def test_a_shift_costs_itself_however_large_the_order(rng):
    x = rng.standard_normal((10, 2)) * 0.01
    value = wasserstein_distance(x, x + numpy.array([0.6, 0.8]), order=30)
    assert float(value) == pytest.approx(1.0, rel=1e-10, abs=0.0)


def test_a_bracket_that_stays_open_is_told():
    # At p = 100 the cost of the best plan is 1e-200 of the largest, below what potentials can resolve.
    x, y = numpy.array([[0.0], [1.0]]), numpy.array([[0.01], [1.01]])
    with pytest.warns(UserWarning, match=r"only known to lie in \[0, 0.01\]"):
        wasserstein_distance(x, y, order=100, method="lp")


def test_power_is_returned_on_demand():
    assert float(wasserstein_distance([[0.0, 0.0]], [[3.0, 4.0]], 2, power=True)) == pytest.approx(
        25.0, rel=1e-15, abs=0.0
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[1.0, 2.0]], [[1.0]]), "`x` and `y` must have one dimension d"),
        (([[math.nan]], [[1.0]]), r"`x` must be finite, got x\[0, 0\] = nan"),
        (([[1.0]], [[math.inf]]), "`y` must be finite"),
        (([[1.0]], [[1.0]], math.inf), "`order` must lie in"),
        (([[1.0], [2.0]], [[1.0]], 1, [1.0, -1.0]), "`x_weights` must be >= 0"),
        (([[1.0], [2.0]], [[1.0]], 1, [1.0]), "`x_weights` must have one weight for each of 2 points"),
        (([[1.0], [2.0]], [[1.0]], 1, None, None, "assignment"), "'assignment' needs equal sizes"),
        (([[1.0]], [[1.0]], 1, None, None, "simplex"), "`method` must be one of"),
        (([[[1.0]]], [[1.0]]), r"`x` must have shape \(n, d\)"),
        (
            (numpy.zeros((2100, 2)), numpy.zeros((2000, 2)), 1, None, None, "lp"),
            "up to 4000000 pairs .*, got 2100 x 2000",
        ),
    ],
)
def test_bad_input_is_one_sentence(arguments, message):
    with pytest.raises(ValueError, match=message):
        wasserstein_distance(*arguments)
