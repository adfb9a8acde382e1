"""Lanczos against known spectra."""

import numpy
import pytest

from gamedyn.numerics import lanczos_extremes


def with_spectrum(rng, values):
    vectors = numpy.linalg.qr(rng.standard_normal((len(values), len(values))))[0]
    matrix = vectors @ numpy.diag(values) @ vectors.T
    return 0.5 * (matrix + matrix.T)


def test_finds_both_ends_on_every_library(library, rng):
    values = numpy.concatenate([[-3.0], numpy.linspace(-1, 1, 60), [4.0]])
    matrix = library.asarray(with_spectrum(rng, values))
    start = library.asarray(rng.standard_normal(62))
    result = lanczos_extremes(lambda v: matrix @ v, 62, steps=30, start=start)
    assert result.smallest == pytest.approx(-3.0, abs=1e-12)
    assert result.largest == pytest.approx(4.0, abs=1e-12)
    assert library.owns(result.smallest_vector)
    residual = library.host(matrix) @ library.host(result.largest_vector) - 4.0 * library.host(result.largest_vector)
    assert numpy.linalg.norm(residual) < 1e-6


def test_float32_stays(library, rng):
    matrix = library.asarray(with_spectrum(rng, numpy.linspace(-1, 2, 30)), "float32")
    start = library.asarray(rng.standard_normal(30), "float32")
    result = lanczos_extremes(lambda v: matrix @ v, 30, steps=30, start=start)
    assert library.owns(result.largest_vector, "float32")
    assert result.largest == pytest.approx(2.0, abs=1e-5)


def test_residual_bounds_the_distance_to_an_eigenvalue(rng):
    # Few steps on a dense spectrum: far from converged, and the bound must still hold.
    for steps in range(1, 15):
        values = numpy.sort(rng.standard_normal(80))
        matrix = with_spectrum(rng, values)
        result = lanczos_extremes(lambda v, m=matrix: m @ v, 80, steps=steps, rng=rng)
        for theta, residual in (
            (result.smallest, result.smallest_residual),
            (result.largest, result.largest_residual),
        ):
            assert numpy.abs(values - theta).min() <= residual + 1e-13
        # Rayleigh quotients lie inside the spectrum.
        assert values[0] - 1e-13 <= result.smallest <= result.largest <= values[-1] + 1e-13
        assert steps > 3 or result.largest_residual > 1e-3


def test_no_spurious_copies_after_convergence(rng):
    # Without reorthogonalisation a converged isolated eigenvalue comes again, and basis vectors stop being orthogonal.
    diagonal = numpy.concatenate([numpy.linspace(0, 1, 199), [1e4]])
    result = lanczos_extremes(lambda v: diagonal * v, 200, steps=200, rng=rng)
    assert result.steps == 200
    assert result.smallest == pytest.approx(0.0, abs=1e-9)
    assert result.largest == pytest.approx(1e4, rel=1e-14)


def test_a_closed_krylov_space_ends_the_iteration(rng):
    # The start lies in the span of two eigenvectors: exactly, and up to rounding.
    vectors = numpy.linalg.qr(rng.standard_normal((40, 40)))[0]
    matrix = vectors @ numpy.diag(numpy.arange(1.0, 41.0)) @ vectors.T
    turned = lanczos_extremes(lambda v: matrix @ v, 40, start=vectors[:, 4] + vectors[:, 8])
    assert turned.steps == 2
    assert (turned.smallest, turned.largest) == (pytest.approx(5.0), pytest.approx(9.0))
    diagonal = numpy.arange(1.0, 11.0)
    start = numpy.zeros(10)
    start[[2, 6]] = 1.0
    result = lanczos_extremes(lambda v: diagonal * v, 10, start=start)
    assert result.steps == 2
    assert (result.smallest, result.largest) == (pytest.approx(3.0), pytest.approx(7.0))
    identity = lanczos_extremes(lambda v: 5.0 * v, 10, rng=0)
    assert identity.steps == 1
    assert identity.smallest == identity.largest == pytest.approx(5.0)
    assert lanczos_extremes(lambda v: 0.0 * v, 10, rng=0).largest == 0.0


def test_scale_free(rng):
    for scale in (1e-200, 1e200):
        result = lanczos_extremes(lambda v, s=scale: s * numpy.linspace(1, 2, 20) * v, 20, steps=20, rng=rng)
        assert result.largest == pytest.approx(2 * scale, rel=1e-10, abs=0.0)
        assert result.smallest == pytest.approx(scale, rel=1e-10, abs=0.0)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="`start` must be a finite vector"):
        lanczos_extremes(lambda v: v, 3, start=numpy.zeros(3))
    with pytest.raises(ValueError, match="`start` must be a finite vector"):
        lanczos_extremes(lambda v: v, 3, start=numpy.ones(4))
    with pytest.raises(ValueError, match="`matvec` must keep the shape"):
        lanczos_extremes(lambda v: v[:2], 3, rng=0)
    with pytest.raises(ValueError, match="`steps` must be at least 1"):
        lanczos_extremes(lambda v: v, 3, steps=0)
