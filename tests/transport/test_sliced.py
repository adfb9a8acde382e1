"""Facts about the sliced Wasserstein distance."""

import math

import numpy
import pytest

from gamedyn.transport import sliced_wasserstein, wasserstein_on_line


def test_on_the_line_it_is_the_distance_itself(rng):
    x, y = rng.standard_normal((20, 1)), rng.standard_normal((30, 1)) + 1
    estimate = sliced_wasserstein(x, y, 2, rng=rng)
    assert float(estimate) == pytest.approx(float(wasserstein_on_line(x[:, 0], y[:, 0], 2)), rel=1e-13, abs=0.0)
    assert (float(estimate.standard_error), estimate.n) == (0.0, 1)


@pytest.mark.parametrize("d", [2, 5, 20])
def test_two_points_have_the_moments_of_a_coordinate_on_the_sphere(d, rng):
    # E |u_1| = Gamma(d/2) / (sqrt(pi) Gamma((d+1)/2)) and E u_1^2 = 1/d.
    x, y = numpy.zeros((1, d)), numpy.full((1, d), 3 / math.sqrt(d))
    first = 3 * math.exp(math.lgamma(d / 2) - math.lgamma((d + 1) / 2)) / math.sqrt(math.pi)
    for order, expected in ((1, first), (2, 3 / math.sqrt(d))):
        estimate = sliced_wasserstein(x, y, order, projections=20_000, rng=rng)
        # Five standard errors: one seed in two million would fail.
        assert abs(float(estimate) - expected) < 5 * float(estimate.standard_error)
        assert float(estimate.standard_error) < 0.01 * expected


def test_interval_covers_the_truth_as_often_as_it_says():
    # 400 intervals of level 95 %: between 370 and 393 hits, at 3.3 standard deviations of a binomial count.
    x, y = numpy.zeros((1, 3)), numpy.array([[1.0, 2.0, 2.0]])
    hits = 0
    for seed in range(400):
        lower, upper = sliced_wasserstein(x, y, 2, projections=100, rng=seed).interval
        hits += lower < math.sqrt(3.0) < upper
    assert 366 <= hits <= 394


def test_equal_samples_are_at_distance_zero(rng):
    x = rng.standard_normal((10, 3))
    estimate = sliced_wasserstein(x, x[::-1], 2, rng=rng)
    assert (float(estimate), float(estimate.standard_error), estimate.interval) == (0.0, 0.0, (0.0, 0.0))


def test_weights_reach_the_lines():
    # Two thirds of the mass move by 1 in every direction: W_1 = 2/3 |<u, e>|.
    x, y = [[0.0, 0.0], [5.0, 5.0]], [[1.0, 0.0], [5.0, 5.0]]
    weighted = sliced_wasserstein(x, y, 1, 50, x_weights=[2.0, 1.0], y_weights=[2.0, 1.0], rng=0)
    repeated = sliced_wasserstein([*x[:1] * 2, x[1]], [*y[:1] * 2, y[1]], 1, 50, rng=0)
    assert float(weighted) == pytest.approx(float(repeated), rel=1e-13, abs=0.0)


def test_many_points_are_projected_in_pieces(rng, monkeypatch):
    x, y = rng.standard_normal((50, 3)), rng.standard_normal((40, 3))
    whole = sliced_wasserstein(x, y, rng=7)
    monkeypatch.setattr("gamedyn.transport._sliced._CACHED", 1000)
    monkeypatch.setattr("gamedyn.transport._sliced._ENTRIES", 1000)
    assert float(sliced_wasserstein(x, y, rng=7)) == pytest.approx(float(whole), rel=1e-14, abs=0.0)
    strict = pytest.importorskip("array_api_strict")
    pieces = sliced_wasserstein(strict.asarray(x.tolist()), strict.asarray(y.tolist()), rng=7)
    assert float(pieces) == pytest.approx(float(whole), rel=1e-13, abs=0.0)


@pytest.mark.parametrize("d", [1, 2, 5, 20])
def test_orthogonal_directions_leave_no_error_for_translates(d, rng):
    # The squares of the components along d directions at right angles sum to |delta|^2.
    x, delta = rng.standard_normal((7, d)), rng.standard_normal(d)
    estimate = sliced_wasserstein(x, x + delta, 2, 3, directions="orthogonal", rng=rng)
    assert float(estimate) == pytest.approx(numpy.linalg.norm(delta) / math.sqrt(d), rel=1e-13, abs=0.0)
    assert float(estimate.standard_error) <= 1e-14 * float(estimate)
    assert estimate.n == (1 if d == 1 else 2 * d)


def test_orthogonal_directions_have_the_moments_of_a_uniform_one_and_an_honest_error():
    # E |u_1| = 1/2 in three dimensions. Two blocks of 20 rows each; the interval is by the normal law.
    y = numpy.array([[2.0, 0.0, 0.0]])
    estimates = [sliced_wasserstein(0 * y, y, 1, 120, directions="orthogonal", rng=seed) for seed in range(200)]
    values = numpy.array([float(e) for e in estimates])
    assert abs(values.mean() - 1) < 5 * values.std() / math.sqrt(200)
    # Standard errors of 40 blocks are right within some 11 %, their mean within 1 %; the spread of 200 within 5 %.
    assert numpy.mean([float(e.standard_error) for e in estimates]) == pytest.approx(values.std(), rel=0.25)
    plain = [float(sliced_wasserstein(0 * y, y, 1, 120, rng=seed).standard_error) for seed in range(20)]
    assert numpy.mean(plain) > 1.2 * values.std()


def test_gaussian_samples_reach_their_closed_form(rng):
    # y = s x + c along every line is monotone: SW_2^2 = |E|^2 / d of the moved points, for orthogonal directions.
    x = rng.standard_normal((50, 4))
    y = 1.5 * x + [1.0, 0.0, 0.0, 2.0]
    estimate = sliced_wasserstein(x, y, 2, 400, directions="orthogonal", rng=rng)
    exact = math.sqrt(numpy.mean(numpy.sum((y - x) ** 2, axis=1)) / 4)
    assert float(estimate) == pytest.approx(exact, rel=1e-13, abs=0.0)


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("kind", ["equal", "unequal", "weighted"])
def test_every_form_averages_the_lines(order, kind, library, rng):
    x, y = rng.standard_normal((9, 3)), rng.standard_normal((9 if kind == "equal" else 6, 3))
    weights = {"y_weights": rng.random(6)} if kind == "weighted" else {}
    u = numpy.random.default_rng(5).standard_normal((30, 3))
    u /= numpy.linalg.norm(u, axis=1, keepdims=True)
    lines = [float(wasserstein_on_line(x @ v, y @ v, order, **weights)) for v in u]
    expected = numpy.mean(numpy.power(lines, order)) ** (1 / order)
    given = {name: library.asarray(w) for name, w in weights.items()}
    found = sliced_wasserstein(library.asarray(x), library.asarray(y), order, 30, **given, rng=5)
    assert library.owns(found.value)
    assert float(found.value) == pytest.approx(expected, rel=1e-13, abs=0.0)
    single = {name: library.asarray(w, "float32") for name, w in weights.items()}
    args = library.asarray(x, "float32"), library.asarray(y, "float32")
    found = sliced_wasserstein(*args, order, 30, **single, rng=5)
    assert library.owns(found.value, "float32")
    assert float(found.value) == pytest.approx(expected, rel=1e-5)


def test_large_orders_do_not_overflow(rng):
    x = rng.standard_normal((5, 2))
    estimate = sliced_wasserstein(x, x + 1e3, order=300, projections=500, rng=rng)
    assert 1000 < float(estimate) < 1000 * math.sqrt(2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[1.0]], [[1.0, 2.0]]), r"must have shapes \(n, d\) and \(m, d\) with one d"),
        (([1.0], [1.0]), r"must have shapes \(n, d\)"),
        (([[1.0]], [[math.nan]]), r"`y` must be finite, got y\[0, 0\] = nan"),
        (([[1.0]], [[1.0]], math.inf), "`order` must lie in"),
        (([[1.0]], [[1.0]], 1, 1), "`projections` must be at least 2, got 1"),
        (([[1.0]], [[1.0]], 1, 0), "`projections` must be at least 2, got 0"),
        ((numpy.zeros((0, 2)), [[1.0, 2.0]]), r"must have shapes \(n, d\) and \(m, d\)"),
        (([[1.0]], [[1.0]], 1, 2, [-1.0]), "`x_weights` must be >= 0"),
        (([[1.0]], [[1.0]], 1, 2, None, [1.0, 2.0]), "`y_weights` must have one weight for each of 1 points"),
    ],
)
def test_bad_input_is_one_sentence(arguments, message):
    with pytest.raises(ValueError, match=message):
        sliced_wasserstein(*arguments)


@pytest.mark.parametrize(("x", "y", "name"), [(None, [[1.0]], "x"), ([[1.0]], None, "y"), (None, None, "x")])
def test_missing_samples_are_named(x, y, name):
    with pytest.raises(TypeError, match=f"`{name}` must hold numbers"):
        sliced_wasserstein(x, y)


def test_bad_kinds_are_one_sentence(rng):
    with pytest.raises(ValueError, match="`directions` must be one of"):
        sliced_wasserstein([[1.0]], [[1.0]], directions="quasi")
    strict = pytest.importorskip("array_api_strict")
    with pytest.raises(TypeError, match="different libraries"):
        sliced_wasserstein(numpy.ones((1, 1)), strict.ones((1, 1)))


@pytest.mark.peers
@pytest.mark.parametrize("order", [1, 2, 3])
def test_gradients_flow_and_are_finite_at_coincident_points(order):
    torch = pytest.importorskip("torch")
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    y = torch.tensor([[3.0, 4.0]], dtype=torch.float64)
    x = torch.zeros((1, 2), dtype=torch.float64, requires_grad=True)
    value = sliced_wasserstein(x, y, order, 50, rng=0).value
    value.backward()
    # Homogeneous of degree 1 in y - x: the gradient's product with it is minus the value.
    assert float(-(x.grad * y).sum()) == pytest.approx(float(value.detach()), rel=1e-12, abs=0.0)
    for other in ([[0.0, 0.0], [0.0, 0.0], [1.0, 1.0]], [[0.0, 0.0], [1.0, 1.0]]):
        x = torch.tensor([[0.0, 0.0], [0.0, 0.0], [1.0, 1.0]], dtype=torch.float64, requires_grad=True)
        sliced_wasserstein(x, torch.tensor(other, dtype=torch.float64), order, 10, rng=0).value.backward()
        assert bool(torch.isfinite(x.grad).all())
    points = jax.numpy.asarray([[0.0, 0.0], [1.0, 1.0]])
    traced = jax.grad(lambda x, y: sliced_wasserstein(x, y, order, 10, rng=0, check=False).value)
    assert bool(jax.numpy.isfinite(traced(points, points)).all())
    compiled = jax.jit(traced)(points[:1], jax.numpy.asarray([[3.0, 4.0]]))
    assert bool(jax.numpy.isfinite(compiled).all())
