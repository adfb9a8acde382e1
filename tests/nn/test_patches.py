"""Patches and scatter: the fast host form against the reference, for every kind of window."""

import itertools

import numpy
import pytest

from gamedyn.nn import Convolution
from gamedyn.nn._patches import patches, reference_patches, reference_scatter, scatter
from tests.nn.test_convolution import SETTINGS


def random_windows(rng):
    """Windows of a random convolution along one to three axes."""
    axes = int(rng.integers(1, 4))
    kernel, stride, dilation = (tuple(rng.integers(1, high, axes).tolist()) for high in (5, 4, 3))
    pads = tuple(map(tuple, rng.integers(0, 3, (axes, 2)).tolist()))
    spatial = tuple(
        max(1, d * (k - 1) + 1 - sum(pair)) + int(rng.integers(0, 4))
        for k, d, pair in zip(kernel, dilation, pads, strict=True)
    )
    return Convolution(1, 1, kernel, stride, pads, dilation).windows(spatial)


def check(windows, rng, dtype="float64"):
    """Bits for patches, rounding for sums, and the adjoint identity between them."""
    lead = ((), (2,), (2, 3))[rng.integers(3)]
    x = rng.standard_normal((*lead, 3, *windows.inputs, 2)).astype(dtype)
    rows = rng.standard_normal((*lead, 3 * windows.positions, windows.taps * 2)).astype(dtype)
    x.flags.writeable = rows.flags.writeable = False
    found = patches(x, windows)
    numpy.testing.assert_array_equal(found, reference_patches(x, windows))
    total = scatter(rows, windows)
    assert found.dtype == total.dtype == dtype
    tolerance = 1e-13 if dtype == "float64" else 1e-5
    numpy.testing.assert_allclose(total, reference_scatter(rows, windows), rtol=tolerance, atol=tolerance)
    assert total.shape == x.shape
    terms = found.astype("float64") * rows
    assert abs(terms.sum() - (x.astype("float64") * total).sum()) <= tolerance * numpy.abs(terms).sum()


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_both_forms_agree(setting, rng):
    kernel, stride, padding, dilation, spatial = setting
    windows = Convolution(1, 1, kernel, stride, padding, dilation).windows(spatial)
    check(windows, rng)
    check(windows, rng, "float32")


def test_both_forms_agree_for_random_windows(rng):
    for _ in range(100):
        check(random_windows(rng), rng)


@pytest.mark.full
def test_both_forms_agree_for_many_random_windows(rng):
    for _ in range(10_000):
        check(random_windows(rng), rng)


def test_tables_of_indices_serve_the_host_and_nothing_else(library, monkeypatch, rng):
    called = []
    for name in ("patches_by_index", "scatter_by_index"):
        monkeypatch.setattr(f"gamedyn.nn._patches.{name}", lambda array, windows, name=name: called.append(name))
    windows = Convolution(1, 1, (2,)).windows((3,))
    patches(library.asarray(rng.standard_normal((1, 3, 1))), windows)
    scatter(library.asarray(rng.standard_normal((2, 2))), windows)
    assert called == (["patches_by_index", "scatter_by_index"] if library.name.startswith("numpy") else [])


def test_arrays_of_any_layout(rng):
    # Transposed, reversed and broadcast arrays have strides of their own.
    windows = Convolution(1, 1, (2, 3), (2, 1), 0).windows((5, 4))
    base = rng.standard_normal((2, 4, 5, 3))
    layouts = [
        base.transpose(3, 2, 1, 0),
        rng.standard_normal((3, 5, 4, 2))[::-1, :, ::-1],
        numpy.broadcast_to(rng.standard_normal((5, 4, 2)), (3, 5, 4, 2)),
        numpy.asfortranarray(rng.standard_normal((3, 5, 4, 2))),
    ]
    for x in layouts:
        copy = numpy.ascontiguousarray(x)
        numpy.testing.assert_array_equal(patches(x, windows), reference_patches(copy, windows))
    for rows in (rng.standard_normal((12, 24)).T.reshape(24, 12), rng.standard_normal((48, 12))[::2]):
        expected = reference_scatter(numpy.ascontiguousarray(rows), windows)
        numpy.testing.assert_allclose(scatter(rows, windows), expected, rtol=1e-13, atol=1e-13)


def test_integers_are_counted_exactly():
    windows = Convolution(1, 1, 3).windows((4, 4))
    total = scatter(numpy.ones((4, 9), dtype=int), windows)
    assert total.dtype == int
    line = [1, 2, 2, 1]
    numpy.testing.assert_array_equal(total[0, ..., 0], numpy.outer(line, line))


def test_every_library_gives_the_same(library, rng):
    for setting, kind in itertools.product(SETTINGS[2:4], ("float64", "complex128")):
        kernel, stride, padding, dilation, spatial = setting
        windows = Convolution(1, 1, kernel, stride, padding, dilation).windows(spatial)
        x = rng.standard_normal((2, *spatial, 2)).astype(kind)
        rows = library.asarray(reference_patches(x, windows), dtype=kind)
        found = patches(library.asarray(x, dtype=kind), windows)
        assert library.owns(found, dtype=kind)
        numpy.testing.assert_array_equal(library.host(found), library.host(rows))
        total = scatter(rows, windows)
        assert library.owns(total, dtype=kind)
        expected = reference_scatter(library.host(rows), windows)
        numpy.testing.assert_allclose(library.host(total), expected, rtol=1e-13, atol=1e-13)
