"""Facts about entropic transport: its value to the last digits, its bracket, and what happens at the edges."""

import math
import tracemalloc

import numpy
import pytest
from scipy.optimize import linear_sum_assignment

from gamedyn.transport import sinkhorn
from gamedyn.transport._cost import PointCost
from gamedyn.transport._sinkhorn_ascent import ascend
from gamedyn.transport._sinkhorn_kernel import KernelMargins
from tests.transport.entropic_oracle import solve


def problem(rng, n=4, m=5, d=2):
    return rng.random((n, d)), rng.random((m, d)), rng.dirichlet(numpy.ones(n)), rng.dirichlet(numpy.ones(m))


def distances(x, y, order):
    return numpy.linalg.norm(x[:, None] - y, axis=-1) ** order


@pytest.mark.parametrize("order", [1, 2, 3.5])
@pytest.mark.parametrize("epsilon", [1.0, 0.1, 0.005])
def test_agrees_with_newtons_method_in_40_digits(order, epsilon, rng):
    x, y, a, b = problem(rng)
    objective, paid, plan, f, _ = solve(distances(x, y, order), a, b, epsilon)
    given = {"epsilon": epsilon, "order": order, "x_weights": a, "y_weights": b, "tolerance": 1e-12}
    result = sinkhorn(x, y, return_result=True, **given)
    assert float(sinkhorn(x, y, **given)) == float(result.value) == float(result.objective)
    assert float(result.objective) == pytest.approx(float(objective), rel=1e-14, abs=0.0)
    assert float(result.transport_cost) == pytest.approx(float(paid), rel=2e-12, abs=0.0)
    numpy.testing.assert_allclose(result.plan.dense(), numpy.array(plan, dtype=float), rtol=1e-9, atol=1e-13)
    # Potentials are determined up to a constant, which is shared equally here.
    own = numpy.array(f, dtype=float)
    numpy.testing.assert_allclose(result.potentials[0] - result.potentials[0][0], own - own[0], rtol=1e-9, atol=1e-9)
    assert a @ result.potentials[0] == pytest.approx(b @ result.potentials[1], rel=1e-12)
    assert result.converged
    assert result.marginal_error <= 1e-12


def test_which_number_is_the_value():
    # One 3 x 3 problem at eps = 1, on which libraries disagree: sum P C is less than the objective by eps KL.
    x, y = numpy.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]]), numpy.array([[1.0, 1.0], [2.0, 0.0], [0.5, 0.5]])
    third = numpy.full(3, 1 / 3)
    objective, paid, plan, _, _ = solve(distances(x, y, 2), third, third, 1.0)
    result = sinkhorn(x, y, epsilon=1.0, tolerance=1e-13, return_result=True)
    assert float(result.value) == pytest.approx(float(objective), rel=1e-14, abs=0.0)
    assert float(result.transport_cost) == pytest.approx(float(paid), rel=1e-12, abs=0.0)
    divergence = sum(float(p) * math.log(9 * float(p)) for row in plan for p in row)
    assert float(result.objective - result.transport_cost) == pytest.approx(divergence, rel=1e-11, abs=0.0)
    assert "min over plans P of sum P |x - y|^2 + eps KL(P | a b^T), eps = 1" in result.definition


@pytest.mark.parametrize("epsilon", [0.5, 0.02])
def test_gaussians_have_a_closed_form(epsilon):
    # The plan is Gaussian with covariance c, and d/dc [-2 c - eps/2 log(1 - c^2 / (s t)^2)] = 0: a quadratic in c.
    # Trapezoidal sums of analytic functions that vanish at both ends converge faster than any power.
    s, t, shift = 1.0, 0.7, 0.8
    c = (math.sqrt(epsilon**2 + 16 * (s * t) ** 2) - epsilon) / 4
    exact = shift**2 + s**2 + t**2 - 2 * c - epsilon / 2 * math.log1p(-((c / (s * t)) ** 2))
    grid = numpy.linspace(-7, 7, 300)
    a, b = numpy.exp(-((grid / s) ** 2) / 2), numpy.exp(-(((grid - shift) / t) ** 2) / 2)
    value = sinkhorn(grid, grid, epsilon=epsilon, x_weights=a, y_weights=b, tolerance=1e-9)
    assert float(value) == pytest.approx(exact, rel=1e-10, abs=0.0)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("epsilon", [0.1, 0.01, 0.001])
def test_bracket_holds_the_exact_cost_however_early_it_stops(order, epsilon, rng):
    x, y = rng.random((40, 2)), rng.random((40, 2))
    cost = distances(x, y, order)
    exact = cost[linear_sum_assignment(cost)].mean()
    given = {"epsilon": epsilon, "order": order, "return_result": True}
    result = sinkhorn(x, y, **given)
    assert result.lower <= exact <= result.upper
    assert result.upper - exact <= 2 * epsilon
    # Without the entropic term the plan costs less than any objective, and more than the best plan.
    assert exact - 1e-6 <= float(result.transport_cost) <= float(result.objective)
    for sweeps in (1, 3):
        with pytest.warns(UserWarning, match=f"sinkhorn stopped after {sweeps} sweeps"):
            early = sinkhorn(x, y, max_iterations=sweeps, **given)
        assert not early.converged
        assert early.lower <= exact <= early.upper
        # What is reached is a lower bound of the optimum.
        assert float(early.value) <= float(result.value) * (1 + 1e-12)


def test_bracket_closes_as_the_temperature_falls(rng):
    x, y = rng.random((30, 3)), rng.random((30, 3))
    widths = [sinkhorn(x, y, epsilon=e, return_result=True).gap for e in (0.1, 0.01, 0.001)]
    assert widths[0] > widths[1] > widths[2]
    assert widths[2] < 0.01 * sinkhorn(x, y, epsilon=0.001, return_result=True).upper


def test_small_temperatures_are_right_or_refused(rng):
    # Two clouds 3 sqrt(2) apart, on which plain kernels underflow to plans without mass, to nan or to 0.
    x = rng.standard_normal((50, 2)) * 0.1
    y = rng.standard_normal((50, 2)) * 0.1 + 3
    cost = distances(x, y, 2)
    exact = cost[linear_sum_assignment(cost)].mean()
    for epsilon in (1e-2, 1e-3, 1e-4, 1e-6):
        result = sinkhorn(x, y, epsilon=epsilon, return_result=True)
        assert result.marginal_error <= 1e-6
        assert float(result.plan.dense().sum()) == pytest.approx(1.0, rel=1e-9)
        assert exact * (1 - 1e-12) <= float(result.objective) <= (exact + epsilon * math.log(50)) * (1 + 1e-12)
    with pytest.warns(UserWarning, match="the exact wasserstein_distance is usually faster"):
        value = sinkhorn(x, y, epsilon=1e-6, max_iterations=20)
    assert float(value) <= exact
    with pytest.raises(ValueError, match=r"`epsilon` must be at least .* in float64, got 1e-14. Use wasserstein"):
        sinkhorn(x, y, epsilon=1e-14)
    with pytest.raises(
        ValueError, match=r"in float32, got 1e-05. Use wasserstein_distance, which is exact, or float64"
    ):
        sinkhorn(x.astype("float32"), y.astype("float32"), epsilon=1e-5)


def test_float32_reaches_its_own_precision(rng):
    x, y = rng.random((60, 2)).astype("float32"), rng.random((70, 2)).astype("float32")
    for epsilon in (0.1, 0.005):
        result = sinkhorn(x, y, epsilon=epsilon, return_result=True)
        wide = sinkhorn(x.astype(float), y.astype(float), epsilon=epsilon)
        assert result.value.dtype == result.plan.dense().dtype == numpy.float32
        assert result.converged
        assert result.marginal_error <= 4 * 2**-23 * 2 / epsilon
        assert float(result.value) == pytest.approx(float(wide), rel=1e-5)


@pytest.mark.parametrize("d", [2, 6])
def test_points_far_from_the_origin_lose_no_digits(d, rng):
    x, y = rng.random((20, d)), rng.random((30, d))
    x, y = x - x.mean(axis=0), y - y.mean(axis=0) + 0.25
    near = float(sinkhorn(x, y, epsilon=0.05, tolerance=1e-10))
    # 2^20 is added without rounding to what is a multiple of 2^-30.
    x, y = (numpy.round(p * 2**30) / 2**30 for p in (x, y))
    near = float(sinkhorn(x, y, epsilon=0.05, tolerance=1e-10))
    assert float(sinkhorn(x + 2**20, y + 2**20, epsilon=0.05, tolerance=1e-10)) == pytest.approx(near, rel=1e-13)


def test_masses_of_zero_and_of_almost_zero(rng):
    x, y, a, b = problem(rng)
    a[1], b[2] = 0.0, 0.0
    whole = sinkhorn(x, y, epsilon=0.1, x_weights=a, y_weights=b, tolerance=1e-12, return_result=True)
    part = sinkhorn(x[a > 0], y[b > 0], epsilon=0.1, x_weights=a[a > 0], y_weights=b[b > 0], tolerance=1e-12)
    assert float(whole.value) == pytest.approx(float(part), rel=1e-13, abs=0.0)
    assert numpy.isfinite([*whole.potentials[0], *whole.potentials[1]]).all()
    assert whole.plan.dense()[1].sum() == whole.plan.dense()[:, 2].sum() == 0
    # Whatever the tolerance, a point without mass has the potential that the other side gives it.
    rough = sinkhorn(x, y, epsilon=0.02, x_weights=a, y_weights=b, tolerance=1e-2, return_result=True)
    assert rough.critic(x)[1] == pytest.approx(rough.potentials[0][1], rel=1e-12)
    # A stage in which the kernel overflows is gone through in the log domain.
    a[1], b[2] = 1e-80, 1e-60
    tiny = sinkhorn(x, y, epsilon=0.001, x_weights=a, y_weights=b, tolerance=1e-12, return_result=True)
    objective = solve(distances(x, y, 2), a, b, 0.001, digits=200)[0]
    assert float(tiny.value) == pytest.approx(float(objective), rel=1e-13, abs=0.0)


@pytest.mark.parametrize("order", [1, 2])
def test_blocks_give_what_a_stored_cost_gives(order, rng):
    x, y = rng.random((300, 3)), rng.random((500, 3))
    given = {"epsilon": 0.05, "order": order, "return_result": True, "tolerance": 1e-9}
    stored, blocks = sinkhorn(x, y, **given), sinkhorn(x, y, max_bytes=1, **given)
    assert stored.method == "sinkhorn, kernel"
    assert blocks.method == "sinkhorn, log domain"
    assert float(stored.value) == pytest.approx(float(blocks.value), rel=1e-13, abs=0.0)
    assert (stored.lower, stored.upper) == pytest.approx((blocks.lower, blocks.upper), rel=1e-7)


def test_blocks_bound_the_memory(rng):
    # The cost of 3000 x 3000 points would take 72 MB.
    x, y = rng.random((3000, 2)), rng.random((3000, 2))
    tracemalloc.start()
    with pytest.warns(UserWarning, match="stopped after 1 sweeps"):
        sinkhorn(x, y, epsilon=0.5, max_iterations=1, tolerance=1e-15, max_bytes=2**20, return_result=True)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6e6


@pytest.mark.full
def test_three_sweeps_of_fifty_thousand_points(rng):
    x, y = rng.random((50_000, 2)), rng.random((50_000, 2))
    tracemalloc.start()
    with pytest.warns(UserWarning, match="stopped after 3 sweeps"):
        value = sinkhorn(x, y, epsilon=0.5, max_iterations=3, tolerance=1e-15)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5e7
    assert 0.1 < float(value) < 0.35


def test_plan_is_what_it_says(rng):
    x, y, a, b = problem(rng, 7, 9)
    plan = sinkhorn(x, y, epsilon=0.1, x_weights=a, y_weights=b, return_result=True).plan
    dense = plan.dense()
    rows, columns = plan.margins()
    assert plan.shape == dense.shape == (7, 9)
    numpy.testing.assert_allclose(rows, dense.sum(axis=1), rtol=1e-13)
    numpy.testing.assert_allclose(columns, b, rtol=1e-12)
    values = rng.standard_normal((9, 2, 3))
    numpy.testing.assert_allclose(plan.apply(values), numpy.tensordot(dense, values, 1), rtol=1e-12, atol=1e-15)
    numpy.testing.assert_allclose(plan.apply(values[:, 0, 0]), dense @ values[:, 0, 0], rtol=1e-12, atol=1e-15)
    numpy.testing.assert_allclose(plan.transposed().dense(), dense.T, rtol=1e-13)
    assert float(plan.transport_cost()) == pytest.approx(float(numpy.sum(dense * distances(x, y, 2))), rel=1e-12)
    with pytest.raises(ValueError, match=r"`values` must have shape \(9, ...\), got \(7,\)"):
        plan.apply(a)


@pytest.mark.parametrize("order", [1, 1.5, 2, 3])
def test_gradients_in_positions_and_masses(order, rng):
    # Differences of the objective in 40 digits, at steps of 1e-15: no digit of ours is in them.
    import mpmath

    x, y, a, b = problem(rng, 3, 4)
    given = {"epsilon": 0.2, "order": order, "x_weights": a, "y_weights": b, "tolerance": 1e-13}
    result = sinkhorn(x, y, return_result=True, **given)
    by_x, by_y = result.plan.position_gradients()
    h, u, v, w = 1e-6, rng.standard_normal((3, 2)), rng.standard_normal((4, 2)), rng.standard_normal(3)
    w -= w.mean()

    def slope(dx, dy, da):
        ends = [solve(distances(x + s * dx, y + s * dy, order), a + s * da, b, 0.2)[0] for s in (h, -h)]
        with mpmath.workdps(40):
            return float((ends[0] - ends[1]) / (2 * h))

    assert numpy.sum(by_x * u) == pytest.approx(slope(u, 0 * v, 0 * w), rel=1e-7)
    assert numpy.sum(by_y * v) == pytest.approx(slope(0 * u, v, 0 * w), rel=1e-7)
    assert numpy.sum(result.potentials[0] * w) == pytest.approx(slope(0 * u, 0 * v, w), rel=1e-7)


@pytest.mark.parametrize("order", [1, 2])
def test_gradients_are_finite_where_points_coincide(order):
    x = numpy.array([[0.0, 0.0], [1.0, 1.0], [1.0, 1.0]])
    result = sinkhorn(x, x, epsilon=0.1, order=order, return_result=True, tolerance=1e-12)
    by_x, by_y = result.plan.position_gradients()
    assert numpy.isfinite(by_x).all()
    numpy.testing.assert_allclose(by_x, by_y, atol=1e-10)
    numpy.testing.assert_allclose(by_x.sum(axis=0), 0, atol=1e-10)


@pytest.mark.parametrize("order", [1, 2])
def test_critic_extends_the_potential(order, rng):
    x, y, a, b = problem(rng, 6, 5)
    given = {"x_weights": a, "y_weights": b, "tolerance": 1e-12, "return_result": True}
    result = sinkhorn(x, y, epsilon=0.1, order=order, **given)
    critic, h = result.critic, 1e-6
    numpy.testing.assert_allclose(critic(x), result.potentials[0], atol=1e-11)
    u = rng.random((20, 2))
    for i in range(2):
        step = h * numpy.eye(2)[i]
        numpy.testing.assert_allclose(
            critic.gradient(u)[:, i], (critic(u + step) - critic(u - step)) / (2 * h), atol=1e-7
        )
    assert numpy.isfinite(critic.gradient(y)).all()
    with pytest.raises(ValueError, match=r"`x` must have shape \(..., 2\), got \(3,\)"):
        critic([1.0, 2.0, 3.0])


def test_every_relaxed_step_ascends(rng):
    # From potentials far from the solution, where a step of 1.9 without its cap descends.
    x, y, a, b = problem(rng, 20, 25)
    cost, epsilon = distances(x, y, 2), 0.02
    seen = []

    class Watched(KernelMargins):
        def rows(self, phi, psi):
            seen.append(dual(phi, psi))
            return super().rows(phi, psi)

        def columns(self, phi, psi):
            seen.append(dual(phi, psi))
            return super().columns(phi, psi)

    def dual(phi, psi):
        plan = a[:, None] * b * numpy.exp(phi[:, None] + psi - cost / epsilon)
        return a @ phi + b @ psi - plan.sum()

    phi, psi = 3 * rng.standard_normal(20), 3 * rng.standard_normal(25)
    margins = Watched(PointCost(x, y, 2.0).stored(), a, b, epsilon, phi, psi)
    found = ascend(margins, a, b, phi, psi, tolerance=1e-8, max_iterations=3000, omega=1.9)
    assert found.error <= 1e-8
    assert len(seen) > 40
    assert (numpy.diff(seen) >= -1e-10 * numpy.abs(seen[1:])).all()


def test_relaxation_saves_sweeps(rng):
    # Plain steps at this temperature need several times as many.
    x, y = rng.random((100, 2)), rng.random((100, 2))
    a = numpy.full(100, 0.01)
    cost, phi, psi = PointCost(x, y, 2.0).stored(), numpy.zeros(100), numpy.zeros(100)
    kernel = numpy.exp(-cost.matrix / 0.01)
    plain = 0
    while numpy.abs(a - a * numpy.exp(phi) * (kernel @ (a * numpy.exp(psi)))).sum() > 1e-6:
        phi = -numpy.log(kernel @ (a * numpy.exp(psi)))
        psi = -numpy.log(kernel.T @ (a * numpy.exp(phi)))
        plain += 1
    phi = psi = numpy.zeros(100)
    margins = KernelMargins(cost, a, a, 0.01, phi, psi)
    found = ascend(margins, a, a, phi, psi, tolerance=1e-6, max_iterations=plain)
    assert found.error <= 1e-6
    assert found.iterations < plain / 2
