"""Facts about the max-sliced Wasserstein distance."""

import math

import numpy
import pytest

from gamedyn.transport import max_sliced_wasserstein, wasserstein_distance, wasserstein_on_line


@pytest.mark.parametrize("order", [1, 1.5, 2, 7, 300])
def test_two_points_are_as_far_as_they_are(order, rng):
    delta = rng.standard_normal(6)
    found = max_sliced_wasserstein(numpy.ones((1, 6)), numpy.ones((1, 6)) + delta, order, rng=rng)
    assert float(found) == pytest.approx(numpy.linalg.norm(delta), rel=1e-13, abs=0.0)
    cosine = found.direction @ delta / numpy.linalg.norm(delta)
    assert abs(cosine) == pytest.approx(1, rel=1e-13, abs=0.0)
    assert found.converged


@pytest.mark.parametrize("factor", [0.5, 3.0])
def test_dilations_have_the_largest_eigenvalue_of_a_second_moment(factor, rng):
    # y = s x + c: along u, delta = <u, (s - 1) x + c>, monotone in <u, x>; the mean square is a quadratic form in u.
    x = rng.standard_normal((60, 5)) @ rng.standard_normal((5, 5))
    shift = rng.standard_normal(5)
    moved = (factor - 1) * x + shift
    values, vectors = numpy.linalg.eigh(moved.T @ moved / 60)
    found = max_sliced_wasserstein(x, rng.permutation(x * factor + shift), 2, rng=rng)
    assert float(found) == pytest.approx(math.sqrt(values[-1]), rel=1e-12, abs=0.0)
    assert abs(found.direction @ vectors[:, -1]) == pytest.approx(1, rel=1e-9, abs=0.0)
    # With weights, and in pieces of unequal sizes: two copies of some points are as good as a weight.
    weights = rng.integers(1, 4, 60)
    values = numpy.linalg.eigvalsh((moved.T * weights) @ moved / weights.sum())
    for found in (
        max_sliced_wasserstein(x, x * factor + shift, 2, weights, weights, rng=rng),
        max_sliced_wasserstein(numpy.repeat(x, weights, axis=0), x * factor + shift, 2, None, weights, rng=rng),
    ):
        assert float(found) == pytest.approx(math.sqrt(values[-1]), rel=1e-12, abs=0.0)


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("size", [40, 25])
def test_beats_random_directions_and_stays_below_the_whole(order, size, rng):
    x, y = rng.standard_normal((40, 4)), rng.exponential(size=(size, 4)) - 1
    found = max_sliced_wasserstein(x, y, order, rng=1)
    u = rng.standard_normal((2000, 4))
    u /= numpy.linalg.norm(u, axis=1, keepdims=True)
    assert float(found) >= float(wasserstein_on_line(u @ x.T, u @ y.T, order).max())
    assert float(found) <= float(wasserstein_distance(x, y, order)) * (1 + 1e-12)
    # It is W_p along the direction, and no neighbour has more.
    assert float(found) == float(wasserstein_on_line(x @ found.direction, y @ found.direction, order))
    assert numpy.linalg.norm(found.direction) == pytest.approx(1, rel=1e-14)
    for apart in (1e-1, 1e-3, 1e-4):
        near = found.direction + apart * u[:200]
        near /= numpy.linalg.norm(near, axis=1, keepdims=True)
        assert wasserstein_on_line(near @ x.T, near @ y.T, order).max() <= float(found) * (1 + 1e-10)
    assert "lower bound" in found.definition


def test_equal_samples_and_the_line():
    x = [[1.0, 2.0], [3.0, 5.0]]
    found = max_sliced_wasserstein(x, x[::-1], rng=0)
    assert float(found) == 0.0
    assert found.converged
    assert float(max_sliced_wasserstein([[1.0], [2.0]], [[4.0], [7.0]], 1)) == 4.0


def test_does_not_depend_on_a_common_origin_or_unit(rng):
    x, y = rng.standard_normal((20, 3)), rng.standard_normal((20, 3)) + 0.2
    plain = max_sliced_wasserstein(x, y, rng=0)
    assert float(max_sliced_wasserstein(x + 1e6, y + 1e6, rng=0)) == pytest.approx(float(plain), rel=1e-8)
    for unit in (1e-150, 1e150):
        scaled = max_sliced_wasserstein(unit * x, unit * y, rng=0)
        assert float(scaled) == pytest.approx(unit * float(plain), rel=1e-9, abs=0.0)


def test_few_steps_are_not_called_convergence(rng):
    x, y = rng.standard_normal((30, 6)), rng.standard_normal((30, 6)) ** 3
    assert not max_sliced_wasserstein(x, y, starts=1, max_iterations=1, rng=0).converged
    assert max_sliced_wasserstein(x, y, starts=1, rng=0).converged


def test_keeps_library_and_dtype(library, rng):
    x, y = rng.standard_normal((12, 3)), rng.standard_normal((9, 3)) + 1
    expected = max_sliced_wasserstein(x, y, rng=0)
    for dtype, tolerance in (("float64", 1e-12), ("float32", 1e-5)):
        found = max_sliced_wasserstein(library.asarray(x, dtype), library.asarray(y, dtype), rng=0)
        assert library.owns(found.value, dtype)
        assert library.owns(found.direction, dtype)
        numpy.testing.assert_allclose(library.host(found.value), expected.value, rtol=tolerance)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[1.0]], [[1.0, 2.0]]), r"must have shapes \(n, d\) and \(m, d\) with one d"),
        (([[1.0]], [[math.inf]]), r"`y` must be finite, got y\[0, 0\] = inf"),
        (([[1.0]], [[1.0]], 0.5), "`order` must lie in"),
        (([[1.0]], [[1.0]], 2, [-1.0]), "`x_weights` must be >= 0"),
        (([[1.0]], [[1.0]], 2, None, [1.0, 1.0]), "`y_weights` must have one weight for each of 1 points"),
    ],
)
def test_bad_input_is_one_sentence(arguments, message):
    with pytest.raises(ValueError, match=message):
        max_sliced_wasserstein(*arguments)
    with pytest.raises(ValueError, match="`starts` must be at least 1"):
        max_sliced_wasserstein([[1.0]], [[1.0]], starts=0)


@pytest.mark.parametrize(("x", "y", "name"), [(None, [[1.0]], "x"), ([[1.0]], None, "y"), (None, None, "x")])
def test_missing_samples_are_named(x, y, name):
    with pytest.raises(TypeError, match=f"`{name}` must hold numbers"):
        max_sliced_wasserstein(x, y)


@pytest.mark.peers
def test_gradients_flow_at_the_direction(rng):
    torch = pytest.importorskip("torch")
    # W = |x - y| of two points: the gradient is the unit vector between them.
    x = torch.tensor([[0.0, 0.0]], dtype=torch.float64, requires_grad=True)
    max_sliced_wasserstein(x, torch.tensor([[3.0, 4.0]], dtype=torch.float64)).value.backward()
    numpy.testing.assert_allclose(x.grad.numpy(), [[-0.6, -0.8]], rtol=1e-12)
    x.grad = None
    max_sliced_wasserstein(x, x.detach()).value.backward()
    assert bool(torch.isfinite(x.grad).all())
