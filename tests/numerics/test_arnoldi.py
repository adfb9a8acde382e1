"""Outermost eigenvalues of operators against exact spectra and LAPACK's dense ones."""

import numpy
import pytest

from gamedyn.numerics import arnoldi_eigenvalues
from gamedyn.numerics._krylov_schur import KrylovSchur

OUTER = {"LM": numpy.abs, "LR": numpy.real, "SR": lambda values: -numpy.real(values)}


def found_in(matrix, rng, **options):
    transpose = lambda u: matrix.T @ u  # noqa: E731
    return arnoldi_eigenvalues(lambda v: matrix @ v, rng.standard_normal(len(matrix)), transpose=transpose, **options)


def check(found, values, which, tolerance):
    """The outermost values, each matched by one of the exact ones, and none left out."""
    exact = values[numpy.argsort(-OUTER[which](values))][: len(found.values)]
    gaps = numpy.abs(found.values[:, None] - exact)
    assert gaps.min(axis=0).max() <= tolerance
    assert gaps.min(axis=1).max() <= tolerance


@pytest.mark.parametrize("which", OUTER)
def test_random_matrices(rng, which):
    for size, k in ((1, 1), (2, 2), (5, 3), (40, 6), (150, 4)):
        matrix = rng.standard_normal((size, size))
        found = found_in(matrix, rng, k=k, which=which, steps=max(k + 2, 25) if size > 25 else max(size, k + 2))
        assert found.converged.all()
        check(found, numpy.linalg.eigvals(matrix).astype(complex), which, 1e-7)


@pytest.mark.parametrize("which", OUTER)
def test_normal_matrices_of_known_spectrum(rng, which):
    # A circulant has the discrete Fourier transform of its first column for eigenvalues, and condition 1.
    column = rng.standard_normal(101)
    matrix = numpy.stack([numpy.roll(column, i) for i in range(101)], axis=-1)
    found = found_in(matrix, rng, which=which)
    check(found, numpy.fft.fft(column), which, 1e-8)
    numpy.testing.assert_allclose(found.conditions, 1.0, rtol=1e-8)


def test_a_crowded_normal_spectrum():
    # Moduli sqrt((1 - 0.8 a + 0.64 (a^2 - s^2))^2 + ...) lie 1e-5 apart; ARPACK hands back modulus 12.
    b = numpy.eye(600) + 0.5 * numpy.eye(600, k=1)
    s = numpy.linalg.svd(b, compute_uv=False)
    lam = numpy.concatenate([0.1 + 1j * s, 0.1 - 1j * s])
    exact = 1 - 0.8 * lam * (1 - 0.8 * lam)

    def field(v):
        x, y = v[:600], v[600:]
        return numpy.concatenate([0.1 * x + b @ y, 0.1 * y - b.T @ x])

    start = numpy.random.default_rng(0).standard_normal(1200)
    found = arnoldi_eigenvalues(lambda v: v - 0.8 * field(v - 0.8 * field(v)), start, k=2, steps=80)
    assert found.converged.all()
    assert numpy.abs(found.values[0]) == pytest.approx(numpy.abs(exact).max(), rel=1e-9)


def test_far_from_normal_the_condition_says_so(rng):
    # Upper bidiagonal: the eigenvalues stand on the diagonal, and none is well-conditioned.
    exact = numpy.linspace(0.1, 1.0, 60)
    matrix = numpy.diag(exact) + numpy.diag(numpy.full(59, 0.05), 1)
    found = found_in(matrix, rng, k=3)
    assert found.conditions.max() > 50
    gaps = numpy.abs(found.values[:, None] - exact).min(axis=1)
    assert numpy.all(gaps <= 4 * found.error_bounds + 1e-15 * found.conditions)
    # A bound of the residual alone would be false.
    assert numpy.any(gaps > 4 * found.residuals)


def test_vectors_residuals_and_conditions(rng):
    matrix = rng.standard_normal((80, 80))
    found = found_in(matrix, rng, k=4, which="LR")
    right, left = found.vectors, found.left_vectors
    numpy.testing.assert_allclose(numpy.linalg.norm(right, axis=0), 1.0)
    numpy.testing.assert_allclose(numpy.linalg.norm(left, axis=0), 1.0)
    numpy.testing.assert_allclose(
        numpy.linalg.norm(matrix @ right - found.values * right, axis=0), found.residuals, atol=1e-13
    )
    numpy.testing.assert_allclose(left.conj().T @ matrix, found.values[:, None] * left.conj().T, atol=1e-7)
    # Moved by E, an eigenvalue moves by w^H E v / w^H v to first order.
    push = 1e-7 * rng.standard_normal((80, 80))
    moved = numpy.linalg.eigvals(matrix + push)
    for value, v, w, condition in zip(found.values, right.T, left.T, found.conditions, strict=True):
        expected = value + (w.conj() @ push @ v) / (w.conj() @ v)
        assert numpy.abs(moved - expected).min() < 1e-10
        assert condition == pytest.approx(1 / abs(w.conj() @ v))


def test_what_has_not_converged_says_so(rng):
    matrix = numpy.diag(numpy.linspace(0, 1, 400))
    found = arnoldi_eigenvalues(lambda v: matrix @ v, rng.standard_normal(400), steps=10, restarts=0)
    assert not found.converged.any()
    # The residual bounds the distance to an eigenvalue of a symmetric matrix all the same.
    gaps = numpy.abs(found.values[:, None] - numpy.diagonal(matrix)).min(axis=1)
    assert numpy.all(gaps <= found.residuals)
    assert found.products == 10 + len(found.values)


def test_a_closed_space(rng):
    # Two distinct eigenvalues: two products, and no third one is made up.
    diagonal = numpy.repeat([2.0, -1.0], 50)
    found = arnoldi_eigenvalues(lambda v: diagonal * v, rng.standard_normal(100), k=4)
    numpy.testing.assert_allclose(found.values, [2.0, -1.0], atol=1e-12)
    zero = arnoldi_eigenvalues(lambda v: 0 * v, rng.standard_normal(100), k=4)
    assert zero.values.tolist() == [0]


def test_every_library_and_precision(library, rng):
    diagonal = numpy.linspace(0.0, 1.0, 60) ** 2
    for dtype, tolerance in (("float64", 1e-10), ("float32", 1e-5)):
        weights = library.asarray(diagonal, dtype)
        start = library.asarray(rng.standard_normal(60), dtype)
        found = arnoldi_eigenvalues(lambda v, weights=weights: weights * v, start, k=2, tolerance=tolerance)
        numpy.testing.assert_allclose(found.values.real, diagonal[::-1][:2], atol=10 * tolerance)


def test_bad_input():
    with pytest.raises(ValueError, match=r"`start` must be a finite vector of shape \(size,\), not 0"):
        arnoldi_eigenvalues(lambda v: v, numpy.zeros(5))
    with pytest.raises(ValueError, match="`which` must be"):
        arnoldi_eigenvalues(lambda v: v, numpy.ones(5), which="SM")
    with pytest.raises(ValueError, match="`matvec` must keep the shape"):
        arnoldi_eigenvalues(lambda v: v[:2], numpy.ones(5))
    with pytest.raises(ValueError, match="`matvec` must give finite numbers"):
        arnoldi_eigenvalues(lambda v: v * numpy.nan, numpy.ones(5))
    with pytest.raises(ValueError, match="`steps` must be at least 8"):
        arnoldi_eigenvalues(lambda v: v, numpy.ones(50), steps=5)


@pytest.mark.parametrize("block", [5, 4096])
def test_the_basis_is_orthogonal_where_almost_all_of_an_image_is_known(block, rng, monkeypatch):
    # The start is an eigenvector but for 1e-9: what is left of its image has lost nine digits, the images have not.
    monkeypatch.setattr("gamedyn.numerics._krylov_schur._BLOCK", block)
    values = numpy.linspace(1, 2, 33)
    start = numpy.eye(33)[0] + 1e-9 * rng.standard_normal(33)
    solver = KrylovSchur(lambda v: values * v, start, 2, "LM", 6, 1e-10)
    solver._expand()
    basis, matrix = solver._basis, solver._matrix
    numpy.testing.assert_allclose(basis @ basis.T, numpy.eye(7), rtol=0, atol=1e-14)
    numpy.testing.assert_allclose(values[:, None] * basis[:6].T, basis.T @ matrix, rtol=0, atol=1e-14)


def test_images_that_cannot_be_written_to(rng):
    image = numpy.zeros(5)

    def product(v):
        image.flags.writeable = True
        image[:] = [1.0, 2.0, 3.0, 4.0, 7.0] * v
        image.flags.writeable = False
        return image

    found = arnoldi_eigenvalues(product, rng.standard_normal(5), k=1, steps=3)
    assert found.values[0] == pytest.approx(7.0, rel=1e-9, abs=0.0)
