"""Facts about the Sinkhorn divergence: its value to 40 digits, zero between equal laws, and its gradients."""

import math

import numpy
import pytest

from gamedyn.transport import sinkhorn_divergence
from tests.transport.entropic_oracle import divergence
from tests.transport.test_sinkhorn import distances, problem


def truth(x, y, a, b, epsilon, order=2):
    return divergence(distances(x, y, order), distances(x, x, order), distances(y, y, order), a, b, epsilon)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("epsilon", [1.0, 0.1, 0.01])
def test_agrees_with_newtons_method_in_40_digits(order, epsilon, rng):
    x, y, a, b = problem(rng)
    given = {"epsilon": epsilon, "order": order, "tolerance": 1e-12}
    value = sinkhorn_divergence(x, y, x_weights=a, y_weights=b, **given)
    assert float(value) == pytest.approx(float(truth(x, y, a, b, epsilon, order)), rel=1e-12, abs=1e-15)
    back = sinkhorn_divergence(y, x, x_weights=b, y_weights=a, **given)
    assert float(back) == pytest.approx(float(value), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("epsilon", [1.0, 0.1])
def test_one_small_problem_on_which_libraries_disagree(epsilon):
    x, y = numpy.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]]), numpy.array([[1.0, 1.0], [2.0, 0.0], [0.5, 0.5]])
    third = numpy.full(3, 1 / 3)
    value = sinkhorn_divergence(x, y, epsilon=epsilon)
    assert float(value) == pytest.approx(float(truth(x, y, third, third, epsilon)), rel=1e-10, abs=0.0)
    # With costs of half the square at half the temperature it is half as large.
    half = truth(x / math.sqrt(2), y / math.sqrt(2), third, third, epsilon / 2)
    assert float(value) == pytest.approx(2 * float(half), rel=1e-10, abs=0.0)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("order", [1, 2])
def test_equal_laws_are_at_zero_and_others_are_not_below(dtype, order, rng):
    bound = 1e-12 if dtype == "float64" else 1e-5
    for epsilon in (1.0, 0.05):
        x = rng.random((40, 2)).astype(dtype)
        own = sinkhorn_divergence(x, x[::-1].copy(), epsilon=epsilon, order=order)
        assert own.dtype == dtype
        assert 0 <= float(own) <= bound
        for _ in range(5):
            y = x + (0.1 * rng.standard_normal((40, 2))).astype(dtype)
            assert float(sinkhorn_divergence(x, y, epsilon=epsilon, order=order)) > bound


@pytest.mark.parametrize("epsilon", [0.5, 0.02])
def test_gaussians_of_one_variance_differ_by_their_means(epsilon):
    # A translation of the squared cost adds a function of x and one of y: the bias is the same in all three terms.
    grid = numpy.linspace(-7, 7, 200)
    a, b = numpy.exp(-((grid / 0.9) ** 2) / 2), numpy.exp(-(((grid - 0.6) / 0.9) ** 2) / 2)
    value = sinkhorn_divergence(grid, grid, epsilon=epsilon, x_weights=a, y_weights=b, tolerance=1e-9)
    assert float(value) == pytest.approx(0.36, rel=1e-10, abs=0.0)


def test_far_clouds_are_far(rng):
    x = 0.1 * rng.standard_normal((50, 2))
    assert float(sinkhorn_divergence(x, x + 3, epsilon=0.01)) == pytest.approx(18.0, rel=1e-9, abs=0.0)


def test_limits_of_the_temperature(rng):
    from gamedyn.transport import wasserstein_distance

    x, y = rng.random((12, 2)), rng.random((12, 2))
    exact = float(wasserstein_distance(x, y, 2, power=True))
    assert float(sinkhorn_divergence(x, y, epsilon=1e-4)) == pytest.approx(exact, rel=1e-2)
    # Half the energy distance, of squares here: that of the means.
    means = numpy.sum((x.mean(axis=0) - y.mean(axis=0)) ** 2)
    assert float(sinkhorn_divergence(x, y, epsilon=1e4)) == pytest.approx(means, rel=1e-3)


@pytest.mark.parametrize("order", [1, 2])
def test_gradients_in_points(order, rng):
    x, y, a, b = problem(rng, 4, 3)
    given = {"epsilon": 0.2, "order": order, "x_weights": a, "y_weights": b, "tolerance": 1e-12}
    value, by_x, by_y = sinkhorn_divergence(x, y, return_gradient=True, **given)
    assert float(value) == float(sinkhorn_divergence(x, y, **given))
    h, u, v = 1e-6, rng.standard_normal((4, 2)), rng.standard_normal((3, 2))

    def slope(dx, dy):
        ends = [truth(x + s * dx, y + s * dy, a, b, 0.2, order) for s in (h, -h)]
        return float((ends[0] - ends[1]) / (2 * h))

    assert numpy.sum(by_x * u) == pytest.approx(slope(u, 0 * v), rel=1e-7)
    assert numpy.sum(by_y * v) == pytest.approx(slope(0 * u, v), rel=1e-7)


def test_gradients_keep_the_shape_and_vanish_between_equal_laws(rng):
    x = rng.random(6)
    value, by_x, by_y = sinkhorn_divergence(x, x.copy(), epsilon=0.1, tolerance=1e-12, return_gradient=True)
    assert by_x.shape == by_y.shape == (6,)
    assert float(value) < 1e-14
    numpy.testing.assert_allclose([by_x, by_y], 0, atol=1e-11)


def test_result_of_every_library(library, rng):
    x, y, a, b = problem(rng, 8, 6)
    given = {"epsilon": 0.1, "return_gradient": True}
    expected = sinkhorn_divergence(x, y, x_weights=a, y_weights=b, **given)
    native = [library.asarray(array) for array in (x, y, a, b)]
    found = sinkhorn_divergence(native[0], native[1], x_weights=native[2], y_weights=native[3], **given)
    assert all(library.owns(part) for part in found)
    for part, wanted in zip(found, expected, strict=True):
        numpy.testing.assert_allclose(library.host(part), wanted, rtol=1e-10, atol=1e-12)


def test_bad_input_is_one_sentence():
    with pytest.raises(ValueError, match="`epsilon` must be positive"):
        sinkhorn_divergence([1.0], [1.0], epsilon=0)
    with pytest.raises(ValueError, match="`x_weights` must have one weight for each of 1 points"):
        sinkhorn_divergence([1.0], [1.0], epsilon=1.0, x_weights=[1.0, 1.0])
    with pytest.warns(UserWarning, match="sinkhorn_divergence stopped after 1 sweeps"):
        sinkhorn_divergence([1.0, 2.0, 4.0], [1.0, 3.0], epsilon=1.0, max_iterations=1, tolerance=1e-12)


def test_gradients_of_lists():
    value, by_x, by_y = sinkhorn_divergence([[0.0, 0.0]], [[3.0, 4.0]], epsilon=0.1, return_gradient=True)
    assert float(value) == 25.0
    assert by_x.tolist() == [[-6.0, -8.0]]
    assert by_y.tolist() == [[6.0, 8.0]]
    assert sinkhorn_divergence([0.0], [3.0], epsilon=0.1, return_gradient=True)[1].tolist() == [-6.0]
