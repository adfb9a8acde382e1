"""Laws of optimal transport: metric axioms, duality, agreement of the formulas, libraries and gradients."""

import math

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gamedyn.transport import gaussian_wasserstein, sliced_wasserstein, wasserstein_distance, wasserstein_on_line

ORDERS = (1, 1.5, 2, 4)


def gaussian(x, y):
    """Between the Gaussians with the moments of the samples: a pseudo-metric of the samples."""
    return gaussian_wasserstein(x.mean(axis=0), numpy.cov(x.T), y.mean(axis=0), numpy.cov(y.T))


METRICS = {
    **{f"on_line_{p}": lambda x, y, p=p: wasserstein_on_line(x[:, 0], y[:, 0], p) for p in (*ORDERS, math.inf)},
    **{f"exact_{p}": lambda x, y, p=p: wasserstein_distance(x, y, p) for p in (1, 2)},
    "sliced_2": lambda x, y: sliced_wasserstein(x, y, 2, 20, rng=0).value,
    "gaussian": gaussian,
}


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_metric_axioms(metric, rng):
    for sizes in ((6, 6, 6), (5, 6, 7)):
        x, y, z = (rng.standard_normal((n, 2)) * rng.uniform(0.1, 3) + rng.standard_normal(2) for n in sizes)
        xy, yz, xz = (float(metric(*pair)) for pair in ((x, y), (y, z), (x, z)))
        assert xy > 0
        assert float(metric(x, x)) <= 1e-13
        assert float(metric(y, x)) == pytest.approx(xy, rel=1e-12, abs=0.0)
        assert xz <= (xy + yz) * (1 + 1e-12)
        # A translation of both moves nothing, a dilation scales.
        assert float(metric(x + 3, y + 3)) == pytest.approx(xy, rel=1e-10, abs=0.0)
        assert float(metric(7 * x, 7 * y)) == pytest.approx(7 * xy, rel=1e-10, abs=0.0)


weighted_line = st.lists(st.tuples(st.integers(-20, 20), st.integers(0, 4)), min_size=1, max_size=7).filter(
    lambda pairs: any(w for _, w in pairs)
)


@given(weighted_line, weighted_line)
def test_w1_is_the_area_between_the_distribution_functions(left, right):
    # On integer points the functions are constant between integers: the area is a sum, in exact rational steps.
    (x, v), (y, w) = zip(*left, strict=True), zip(*right, strict=True)
    area = 0.0
    for k in range(-20, 20):
        f = sum(b for a, b in left if a <= k) / sum(v)
        g = sum(b for a, b in right if a <= k) / sum(w)
        area += abs(f - g)
    value = wasserstein_on_line(numpy.array(x, float), numpy.array(y, float), 1, v, w)
    assert float(value) == pytest.approx(area, rel=1e-12, abs=1e-14)


@given(weighted_line, weighted_line, st.sampled_from([1, 2]))
def test_primal_dual_and_line_formula_agree(left, right, order):
    (x, v), (y, w) = zip(*left, strict=True), zip(*right, strict=True)
    points = numpy.array(x, float)[:, None], numpy.array(y, float)[:, None]
    result = wasserstein_distance(*points, order, v, w, method="lp", return_result=True)
    line = float(wasserstein_on_line(points[0][:, 0], points[1][:, 0], order, v, w))
    assert float(result.value) == pytest.approx(line, rel=1e-9, abs=1e-7)
    f, g = result.potentials
    dual = f @ numpy.array(v) / sum(v) + g @ numpy.array(w) / sum(w)
    assert dual == pytest.approx(result.transport_cost, rel=1e-9, abs=1e-11)
    cost = numpy.abs(points[0] - points[1].T) ** order
    assert (f[:, None] + g <= cost + 1e-11 * cost.max()).all()


def test_orders_are_nested(rng):
    # Jensen: W_p grows with p.
    x, y = rng.standard_normal(40), rng.exponential(size=60)
    values = [float(wasserstein_on_line(x, y, p)) for p in (1, 1.3, 2, 3, 10, 100, math.inf)]
    assert values == sorted(values)


def test_slices_are_shorter_than_the_whole(rng):
    x, y = rng.standard_normal((30, 3)), rng.standard_normal((30, 3)) * 2
    for p in (1, 2):
        assert float(sliced_wasserstein(x, y, p, rng=rng)) <= float(wasserstein_distance(x, y, p))


def test_gaussian_formula_is_a_lower_bound_of_w2_and_tight_for_affine_images(rng):
    # Gelbrich: W_2 is at least the distance of the Gaussians with the same moments, with equality for y = T x + b,
    # T symmetric and positive definite.
    x = rng.standard_normal((60, 2))
    moments = [lambda a: a.mean(axis=0), lambda a: numpy.cov(a.T, bias=True)]
    for y, equal in (
        (rng.exponential(size=(60, 2)), False),
        (x @ numpy.array([[2.0, 0.3], [0.3, 0.5]]) + [1.0, -2.0], True),
    ):
        bound = float(gaussian_wasserstein(*(m(x) for m in moments), *(m(y) for m in moments)))
        value = float(wasserstein_distance(x, y, 2))
        assert bound <= value * (1 + 1e-12)
        assert (value == pytest.approx(bound, rel=1e-9, abs=0.0)) == equal


@pytest.mark.parametrize("order", [*ORDERS, math.inf])
@pytest.mark.parametrize("kind", ["equal", "unequal", "weighted"])
def test_line_keeps_library_and_dtype(order, kind, library, rng):
    x, y = rng.standard_normal((3, 6)), rng.standard_normal((3, 6 if kind == "equal" else 4))
    weights = {"x_weights": rng.random(6), "y_weights": rng.random((3, 4))} if kind == "weighted" else {}
    expected = wasserstein_on_line(x, y, order, **weights)
    for dtype, tolerance in (("float64", 1e-12), ("float32", 1e-5)):
        result = wasserstein_on_line(
            library.asarray(x, dtype),
            library.asarray(y, dtype),
            order,
            **{name: library.asarray(w, dtype) for name, w in weights.items()},
        )
        assert library.owns(result, dtype)
        numpy.testing.assert_allclose(library.host(result), expected, rtol=tolerance)
    assert library.host(wasserstein_on_line(library.asarray(x), library.asarray(y), order, axis=1)).shape == (3,)


def test_other_distances_keep_library_and_dtype(library, rng):
    x, y = rng.standard_normal((5, 2)), rng.standard_normal((5, 2))
    loc, a, b = rng.standard_normal(2), numpy.cov(x.T), numpy.cov(y.T)
    for dtype, tolerance in (("float64", 1e-12), ("float32", 1e-4)):
        u, v = library.asarray(x, dtype), library.asarray(y, dtype)
        for result, expected in (
            (wasserstein_distance(u, v), wasserstein_distance(x, y)),
            (sliced_wasserstein(u, v, rng=0).value, sliced_wasserstein(x, y, rng=0).value),
            (
                gaussian_wasserstein(*(library.asarray(m, dtype) for m in (loc, a, loc, b))),
                gaussian_wasserstein(loc, a, loc, b),
            ),
        ):
            assert library.owns(result, dtype)
            assert result.shape == ()
            numpy.testing.assert_allclose(library.host(result), expected, rtol=tolerance)
        result = wasserstein_distance(u, v, return_result=True)
        for array in (
            result.value,
            result.plan.masses,
            result.plan.dense(),
            *result.potentials,
            result.critic(u),
            result.critic.gradient(u),
        ):
            assert library.owns(array, dtype)


@pytest.mark.peers
@pytest.mark.parametrize("order", ORDERS)
def test_gradients_flow_and_are_finite_at_ties(order):
    torch = pytest.importorskip("torch")
    # y - x = (1, 3) after sorting; W_p = ((1 + 3^p) / 2)^(1/p), and dW/dy_j = gap^(p-1) / (2 W^(p-1)).
    y = torch.tensor([4.0, 1.0], dtype=torch.float64, requires_grad=True)
    value = wasserstein_on_line(torch.tensor([0.0, 1.0], dtype=torch.float64), y, order)
    value.backward()
    w = ((1 + 3**order) / 2) ** (1 / order)
    numpy.testing.assert_allclose(
        y.grad, [3 ** (order - 1) / 2 / w ** (order - 1), 1 / 2 / w ** (order - 1)], rtol=1e-12
    )
    for other in ([0.0, 1.0, 1.0], [1.0, 1.0, 5.0]):
        x = torch.tensor([0.0, 1.0, 1.0], dtype=torch.float64, requires_grad=True)
        wasserstein_on_line(x, torch.tensor(other, dtype=torch.float64), order).backward()
        assert torch.isfinite(x.grad).all()


@pytest.mark.peers
def test_gradients_flow_under_jit():
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    x, y = jax.numpy.array([0.0, 1.0]), jax.numpy.array([4.0, 1.0])
    gradient = jax.jit(jax.grad(lambda y: wasserstein_on_line(x, y, 2, check=False)))(y)
    numpy.testing.assert_allclose(gradient, [3 / 2 / math.sqrt(5), 1 / 2 / math.sqrt(5)], rtol=1e-12)
    equal = jax.grad(lambda y: wasserstein_on_line(x, y, 2, check=False))(x)
    assert numpy.isfinite(equal).all()


@pytest.mark.peers
def test_agrees_with_pot(rng):
    ot = pytest.importorskip("ot")
    x, y = rng.standard_normal((40, 3)), rng.standard_normal((30, 3)) + 0.3
    v, w = rng.dirichlet(numpy.ones(40)), rng.dirichlet(numpy.ones(30))
    for p in (1, 2):
        # POT returns W_p^p.
        exact = ot.emd2(v, w, ot.dist(x, y, metric="euclidean") ** p) ** (1 / p)
        assert float(wasserstein_distance(x, y, p, v, w)) == pytest.approx(exact, rel=1e-9, abs=0.0)
        line = ot.wasserstein_1d(x[:, 0], y[:, 0], v, w, p=p) ** (1 / p)
        assert float(wasserstein_on_line(x[:, 0], y[:, 0], p, v, w)) == pytest.approx(line, rel=1e-10, abs=0.0)
    a, b = numpy.cov(x.T), numpy.cov(y.T)
    bures = ot.gaussian.bures_wasserstein_distance(x.mean(0), y.mean(0), a, b)
    assert float(gaussian_wasserstein(x.mean(0), a, y.mean(0), b)) == pytest.approx(float(bures), rel=1e-10, abs=0.0)
