"""The spectral norm and layers divided by it: derivatives against mpmath, closed forms, ties, scale, messages."""

import mpmath
import numpy
import pytest

from gamedyn.nn import Convolution, Dense, GRUCell, MaskedDense, SpectralNormalization, Tanh, spectral_norm

TIE = "the spectral norm has no derivative where the largest singular value is repeated"


def largest(matrix):
    """sigma at the working precision of mpmath, as the root of the largest eigenvalue of W^T W."""
    return mpmath.sqrt(max(mpmath.eigsy(matrix.T * matrix, eigvals_only=True)))


@pytest.mark.parametrize("shape", [(3, 2), (2, 3), (2, 2), (4, 1)])
def test_derivatives_against_mpmath(shape, rng, library):
    w, step = rng.standard_normal((2, *shape))
    norm = spectral_norm(library.asarray(w))
    product = norm.hessian_product(library.asarray(step))
    with mpmath.workdps(60):
        h, at = mpmath.mpf(10) ** -15, mpmath.matrix(w.tolist())
        along = h * mpmath.matrix(step.tolist())
        gradient, expected = numpy.zeros((2, *shape))
        for i, j in numpy.ndindex(shape):
            unit = mpmath.zeros(*shape)
            unit[i, j] = h

            def slope(point, unit=unit):
                return (largest(point + unit) - largest(point - unit)) / (2 * h)

            gradient[i, j], expected[i, j] = slope(at), (slope(at + along) - slope(at - along)) / (2 * h)
        value = float(largest(at))
    for found, wanted in ((norm.value, value), (norm.gradient, gradient), (product, expected)):
        assert library.owns(found)
        numpy.testing.assert_allclose(library.host(found), wanted, rtol=1e-11, atol=1e-13)
    numpy.testing.assert_allclose(float(norm.jvp(library.asarray(step))), (gradient * step).sum(), rtol=1e-12)


def test_a_diagonal_matrix_by_hand():
    # Along E_12, u moves by s_2 / (s_1^2 - s_2^2) and v by s_1 / (s_1^2 - s_2^2).
    norm = spectral_norm(numpy.diag([3.0, 1.0]))
    product = norm.hessian_product(numpy.array([[0.0, 1.0], [0.0, 0.0]]))
    numpy.testing.assert_allclose(product, [[0, 3 / 8], [1 / 8, 0]], rtol=1e-14)
    assert float(norm.gap) == pytest.approx(2 / 3)
    assert str(norm).startswith("spectral norm 3.0 of a matrix (2, 2), relative gap 0.666")


@pytest.mark.parametrize("shape", [(4, 3), (3, 4)])
def test_complex_steps_give_one_more_derivative(shape, rng):
    w, step, other = rng.standard_normal((3, *shape))
    moved = spectral_norm(w + 1e-20j * step)
    norm = spectral_norm(w)
    numpy.testing.assert_allclose(moved.value.imag / 1e-20, norm.jvp(step), rtol=1e-12)
    numpy.testing.assert_allclose(moved.gradient.imag / 1e-20, norm.hessian_product(step), rtol=1e-11, atol=1e-13)
    # The third derivative by differences: error h^2 of the fifth.
    ends = [spectral_norm(w + sign * 1e-5 * step).hessian_product(other) for sign in (1, -1)]
    third = (ends[0] - ends[1]) / 2e-5
    found = moved.hessian_product(other).imag / 1e-20
    numpy.testing.assert_allclose(found, third, rtol=1e-6, atol=1e-7 * numpy.abs(third).max())


@pytest.mark.parametrize("factor", [1e-150, 1e150])
def test_scale_does_not_matter(factor, rng):
    # sigma is homogeneous: its gradient does not change, its Hessian is divided.
    w, step = rng.standard_normal((2, 3, 3))
    small, norm = spectral_norm(factor * w), spectral_norm(w)
    numpy.testing.assert_allclose(small.value, factor * norm.value, rtol=1e-13)
    numpy.testing.assert_allclose(small.gradient, norm.gradient, rtol=1e-12, atol=1e-14)
    numpy.testing.assert_allclose(small.hessian_product(factor * step), norm.hessian_product(step), rtol=1e-11)


def test_hessian_keeps_the_norm_homogeneous(rng):
    # H W = 0, since the gradient is the same along the ray.
    w = rng.standard_normal((5, 4, 3))
    assert numpy.abs(spectral_norm(w).hessian_product(w)).max() < 1e-13


def test_a_repeated_value_has_a_subgradient_and_no_more():
    norm = spectral_norm(numpy.eye(3))
    assert float(norm.gap) == 0.0
    # Subgradients of the spectral norm at I: trace 1 and nuclear norm 1.
    assert numpy.trace(norm.gradient) == pytest.approx(1.0)
    assert numpy.linalg.norm(norm.gradient, "nuc") == pytest.approx(1.0)
    for product in (norm.hessian_product, norm.jvp):
        with pytest.raises(ValueError, match=TIE):
            product(numpy.ones((3, 3)))
    numpy.testing.assert_array_equal(norm.hessian_product(numpy.zeros((3, 3))), numpy.zeros((3, 3)))
    with pytest.raises(ValueError, match=TIE):
        spectral_norm(numpy.eye(3) + 1e-20j)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_orthogonal_weight_ties_to_rounding(dtype, rng):
    q = (0.3 * numpy.linalg.qr(rng.standard_normal((30, 20, 20)))[0]).astype(dtype)
    gaps = spectral_norm(q).gap
    assert gaps.min() >= 0
    assert dtype == "float32" or gaps.max() > 0
    for each in q:
        with pytest.raises(ValueError, match=TIE):
            spectral_norm(each).hessian_product(numpy.ones((20, 20), dtype))


def test_layer_at_a_tie_has_input_derivatives_only(rng):
    layer, params = SpectralNormalization(Dense(3, 3)), (2 * numpy.eye(3), numpy.zeros(3))
    x, x_dot, y_bar, y_bar_dot = rng.standard_normal((4, 5, 3))
    y, tape = layer.forward(params, x)
    numpy.testing.assert_allclose(y, x, rtol=1e-15)
    still = tuple(map(numpy.zeros_like, params))
    y_dot, tape_dot = layer.jvp(params, tape, x_dot, still)
    numpy.testing.assert_allclose(y_dot, x_dot, rtol=1e-15)
    x_bar_dot, bars_dot = layer.backward_jvp(params, tape, tape_dot, y_bar, y_bar_dot, still)
    numpy.testing.assert_allclose(x_bar_dot, y_bar_dot, rtol=1e-15)
    assert numpy.isfinite(bars_dot[0]).all()
    with pytest.raises(ValueError, match=TIE):
        layer.jvp(params, tape, x_dot, (rng.standard_normal((3, 3)), numpy.zeros(3)))


def test_layer_does_not_stretch_and_forgets_the_scale(rng):
    layer, weight, bias = SpectralNormalization(Dense(4, 3)), rng.standard_normal((4, 3)), rng.standard_normal(3)
    x, y_bar = rng.standard_normal((9, 4)), rng.standard_normal((9, 3))
    y, tape = layer.forward((weight, bias), x)
    numpy.testing.assert_allclose(y - bias, x @ weight / numpy.linalg.norm(weight, 2), rtol=1e-12)
    numpy.testing.assert_allclose(layer.forward((1e-9 * weight, bias), x)[0], y, rtol=1e-12)
    # f(c W) = f(W): the cotangent has no part along W.
    _, (weight_bar, _) = layer.backward((weight, bias), tape, y_bar)
    assert abs((weight_bar * weight).sum()) < 1e-13 * numpy.abs(weight_bar * weight).sum()
    axis = numpy.linalg.svd(weight)[0][:, 0]
    top = layer.forward((weight, 0 * bias), axis[None, :])[0]
    assert numpy.linalg.norm(top) == pytest.approx(1.0)


def test_a_window_is_divided_by_the_norm_of_its_matrix(rng):
    # Rows are taps and channels together, columns output channels.
    convolution, weight, x = (
        Convolution(2, 4, kernel=(3,), bias=False),
        rng.standard_normal((3, 2, 4)),
        numpy.ones((1, 5, 2)),
    )
    found, _ = SpectralNormalization(convolution).forward((weight,), x)
    expected, _ = convolution.forward((weight / numpy.linalg.norm(weight.reshape(6, 4), 2),), x)
    numpy.testing.assert_allclose(found, expected, rtol=1e-13)


def test_a_divided_convolution_may_stretch_by_the_overlap_of_its_windows():
    # Three equal taps have the norm sqrt(3) as a matrix and 3 on constants: 3 / sqrt(3) is left, away from the ends.
    layer, x = SpectralNormalization(Convolution(1, 1, kernel=(3,), bias=False)), numpy.ones((1, 1000, 1))
    y, _ = layer.forward((numpy.full((3, 1, 1), 0.2),), x)
    assert numpy.linalg.norm(y) / numpy.linalg.norm(x) == pytest.approx(3**0.5, rel=2e-3)


def test_flags_and_initial_values():
    assert not SpectralNormalization(Dense(3, 2)).is_smooth
    assert SpectralNormalization(Dense(3, 1)).is_smooth
    for ours, dense in zip(
        SpectralNormalization(Dense(3, 2)).init(5, numpy, numpy.float64),
        Dense(3, 2).init(5, numpy, numpy.float64),
        strict=True,
    ):
        numpy.testing.assert_array_equal(ours, dense)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: spectral_norm(numpy.zeros((2, 2))), ValueError, "`weight` must not be zero: its spectral norm has no"),
        (lambda: spectral_norm(numpy.ones(3)), ValueError, "`weight` must have shape (..., m, n), got (3,)."),
        (lambda: spectral_norm([[numpy.nan]]), ValueError, "`weight` must be finite, got inf or nan."),
        (lambda: SpectralNormalization(Tanh()), TypeError, "`layer` must be a layer with a parameter `weight`, got Ta"),
        (
            lambda: SpectralNormalization(MaskedDense([[1, 0]])),
            TypeError,
            "`layer` must use all of its weight",
        ),
        (
            lambda: spectral_norm(numpy.ones((0, 2))),
            ValueError,
            "`weight` must have one row and one column at least, got shape (0, 2).",
        ),
        (
            lambda: SpectralNormalization(GRUCell(2, 3)),
            TypeError,
            "`layer` must have one matrix of weights, the norm of 'gate_weight' of GRUCell(inputs=2,",
        ),
        (lambda: SpectralNormalization(2), TypeError, "`layer` must be a layer with a parameter `weight`, got 2."),
        (
            lambda: SpectralNormalization(Dense(1, 1)).forward(
                (numpy.zeros((1, 1)), numpy.zeros(1)), numpy.ones((2, 1))
            ),
            ValueError,
            "`weight` must not be zero",
        ),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)
