"""Facts about exact transport between point sets."""

import itertools
import math
from fractions import Fraction

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamedyn.transport import TransportCritic, wasserstein_distance, wasserstein_on_line
from tests.conftest import PEERS


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
        (([[1.0]], [[1.0]], math.inf), r"`order` must lie in \[1, inf\), got inf. .* wasserstein_on_line"),
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


small_plane = st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=1, max_size=5)


@given(small_plane, small_plane, st.sampled_from(["assignment", "lp"]))
def test_the_bracket_holds_the_exact_optimum(left, right, method):
    # Squared distances of integer points are integers, and so is n times the best cost.
    n = min(len(left), len(right))
    x, y = left[:n], right[:n]
    costs = [[(p - r) ** 2 + (q - s) ** 2 for r, s in y] for p, q in x]
    best = Fraction(min(sum(costs[i][s[i]] for i in range(n)) for s in itertools.permutations(range(n))), n)
    result = wasserstein_distance(numpy.array(x, float), numpy.array(y, float), 2, method=method, return_result=True)
    assert Fraction(result.lower) ** 2 <= best * (1 + Fraction(1, 10**15))
    assert best <= Fraction(result.upper) ** 2 * (1 + Fraction(1, 10**15))
    assert result.gap <= 1e-7 * 18


@pytest.mark.parametrize("scale", [1e-300, 1e-120, 1e120, 1e300])
@pytest.mark.parametrize("order", [1, 2, 5])
def test_points_of_extreme_scale_cost_their_scale(scale, order, rng):
    x, y, v = rng.standard_normal((7, 2)), rng.standard_normal((5, 2)), rng.random(7)
    for weights in (None, v):
        unit = float(wasserstein_distance(x, y, order, weights))
        assert float(wasserstein_distance(x * scale, y * scale, order, weights)) == pytest.approx(
            unit * scale, rel=1e-12, abs=0.0
        )
    result = wasserstein_distance(x * scale, y * scale, order, v, return_result=True)
    assert result.lower <= unit * scale * (1 + 1e-12)
    assert unit * scale <= result.upper * (1 + 1e-12)
    # Potentials may overflow, but are numbers.
    assert not any(numpy.isnan(p).any() for p in (*result.potentials, result.transport_cost))


@pytest.mark.parametrize("method", ["assignment", "lp"])
def test_points_far_from_the_origin_are_as_near_as_they_are(method, rng):
    x, y = rng.integers(0, 2**10, (2, 30, 12)) / 2**20
    near = float(wasserstein_distance(x, y, 2, method=method))
    far = float(wasserstein_distance(x + 1024.0, y + 1024.0, 2, method=method))
    assert far == pytest.approx(near, rel=1e-12, abs=0.0)


def test_single_precision_weights_do_not_spoil_the_margins(rng):
    # 0.1 in float32, ten times, has a sum of 1 + 1e-8: an infeasible problem, if taken as it is.
    x, y = rng.standard_normal((10, 2)).astype("float32"), rng.standard_normal((7, 2)).astype("float32")
    v, w = numpy.full(10, 0.1, "float32"), rng.dirichlet(numpy.ones(7)).astype("float32")
    result = wasserstein_distance(x, y, 1, v, w, return_result=True)
    assert result.value.dtype == numpy.float32
    double = wasserstein_distance(x.astype(float), y.astype(float), 1, v.astype(float), w.astype(float))
    assert float(result.value) == pytest.approx(float(double), rel=1e-6, abs=0.0)
    assert result.marginal_error < 1e-15


def test_equal_weights_given_are_an_assignment(rng):
    x, y = rng.standard_normal((6, 2)), rng.standard_normal((6, 2))
    ones = numpy.full(6, 7.0)
    result = wasserstein_distance(x, y, 1, ones, ones, return_result=True)
    assert result.method == "assignment"
    assert float(result.value) == pytest.approx(over_permutations(x, y, 1), rel=1e-12, abs=0.0)


def test_many_points_are_proved(rng):
    x = rng.standard_normal((150, 2))
    shift = numpy.array([0.3, -0.4])
    y = (x + shift)[rng.permutation(150)]
    for order in (1, 2):
        # A translation is optimal, with the linear potential along it for p = 1.
        result = wasserstein_distance(x, y, order, return_result=True)
        assert float(result.value) == pytest.approx(0.5, rel=1e-12, abs=0.0)
        assert result.gap <= 1e-12
        f, g = result.potentials
        cost = numpy.linalg.norm(x[:, None] - y, axis=-1) ** order
        assert (f[:, None] + g <= cost + 1e-13).all()


def test_sinkhorn_gives_a_bracket_of_the_exact_distance(rng):
    x, y, v = rng.standard_normal((40, 2)), rng.standard_normal((30, 2)) + 1, rng.random(40)
    exact = float(wasserstein_distance(x, y, 2, v, method="lp"))
    result = wasserstein_distance(x, y, 2, v, method="sinkhorn", epsilon=0.05, return_result=True)
    assert result.lower <= exact <= result.upper
    assert exact <= float(result.value) * (1 + 1e-5)
    # The plan's cost exceeds the least by no more than eps times the entropy, log(n m).
    assert float(result.value) ** 2 <= exact**2 + 0.05 * math.log(1200)
    assert float(result.transport_cost) == pytest.approx(float(result.value) ** 2, rel=1e-12, abs=0.0)
    assert "sinkhorn" not in wasserstein_distance(x, y, 2, v, epsilon=1e-9, return_result=True).method
    taken = wasserstein_distance(x, y, 2, v, epsilon=0.05)
    assert float(taken) == pytest.approx(float(result.value), rel=1e-12, abs=0.0)
    power = wasserstein_distance(x, y, 2, v, epsilon=0.05, power=True)
    assert float(power) == pytest.approx(float(taken) ** 2, rel=1e-12, abs=0.0)
    with pytest.raises(ValueError, match="`epsilon` must be positive and finite, got 0"):
        wasserstein_distance(x, y, epsilon=0)


def slopes_of(library, function, *arrays):
    """Gradients of a scalar function by PyTorch or JAX."""
    if library == "torch":
        import torch

        tensors = [torch.tensor(a, requires_grad=True) for a in arrays]
        function(*tensors).backward()
        return [t.grad.numpy() for t in tensors]
    import jax

    jax.config.update("jax_enable_x64", True)
    return [
        numpy.asarray(g) for g in jax.grad(function, argnums=tuple(range(len(arrays))))(*map(jax.numpy.asarray, arrays))
    ]


traced = pytest.mark.parametrize("tape", ["torch", "jax"])


@traced
@pytest.mark.peers
@pytest.mark.skipif(not PEERS, reason="make test-peers has PyTorch and JAX")
@pytest.mark.parametrize("order", [1, 2, 3.5])
@pytest.mark.parametrize("power", [False, True])
def test_derivatives_are_differences(tape, order, power, rng):
    arrays = [rng.standard_normal((5, 2)), rng.standard_normal((4, 2)) + 1, rng.uniform(1, 2, 5), rng.uniform(1, 2, 4)]

    def distance(x, y, v, w):
        return wasserstein_distance(x, y, order, v, w, power=power)

    found = slopes_of(tape, distance, *arrays)
    h = 1e-6
    for k, slope in enumerate(found):
        for place in numpy.ndindex(arrays[k].shape):
            ends = []
            for sign in (1, -1):
                moved = [a.copy() for a in arrays]
                moved[k][place] += sign * h
                ends.append(float(distance(*moved)))
            assert slope[place] == pytest.approx((ends[0] - ends[1]) / (2 * h), rel=1e-5, abs=1e-7)


@traced
@pytest.mark.peers
@pytest.mark.skipif(not PEERS, reason="make test-peers has PyTorch and JAX")
@pytest.mark.parametrize("order", [1, 1.5, 2])
@pytest.mark.parametrize("method", ["assignment", "lp", "sinkhorn"])
def test_derivatives_are_finite_at_coincident_points(tape, order, method):
    x = numpy.array([[0.0, 0.0], [1.0, 0.0], [1.0, 0.0]])
    for y in (x, x + numpy.array([[0.0], [0.0], [1.0]])):
        for gradient in slopes_of(tape, lambda u, v: wasserstein_distance(u, v, order, method=method), x, y):
            assert numpy.isfinite(gradient).all()


@traced
@pytest.mark.peers
@pytest.mark.skipif(not PEERS, reason="make test-peers has PyTorch and JAX")
def test_derivatives_of_the_critic_are_finite_at_its_points(tape):
    points = numpy.array([[0.0, 0.0], [3.0, 4.0]])
    critic = TransportCritic(points, numpy.array([0.0, 5.0]), 1.0)
    (gradient,) = slopes_of(tape, lambda u: critic(u).sum(), numpy.array([[3.0, 4.0], [1.5, 2.0]]))
    numpy.testing.assert_allclose(gradient, [[0.0, 0.0], [-0.6, -0.8]], rtol=1e-12)


@traced
@pytest.mark.peers
@pytest.mark.skipif(not PEERS, reason="make test-peers has PyTorch and JAX")
def test_derivatives_flow_on_the_line(tape):
    # The sorted formula, taken for one dimension: y_1 moves away from x_1, y_2 towards x_2.
    gradients = slopes_of(
        tape, lambda u, v: wasserstein_distance(u, v), numpy.array([0.0, 3.0]), numpy.array([1.0, 2.0])
    )
    numpy.testing.assert_allclose(gradients, [[-0.5, 0.5], [0.5, -0.5]], rtol=1e-12)
