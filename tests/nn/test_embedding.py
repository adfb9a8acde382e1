"""Embedding and SinusoidalEmbedding: rows of the table, labels out of range, times and their derivatives."""

import numpy
import pytest

from gamedyn.nn import Dense, Embedding, Network, SinusoidalEmbedding

TABLE = numpy.arange(6.0).reshape(3, 2)


@pytest.mark.parametrize("dtype", ["int64", "float64", "float32"])
def test_rows_by_label_of_any_dtype(dtype, library):
    x = library.asarray([[2, 0], [1, 1]], dtype=dtype)
    y, tape = Embedding(3, 2).forward((library.asarray(TABLE),), x)
    numpy.testing.assert_array_equal(library.host(y), [[4.0, 5.0, 0.0, 1.0], [2.0, 3.0, 2.0, 3.0]])
    assert library.owns(y)
    _, (table_bar,) = Embedding(3, 2).backward((library.asarray(TABLE),), tape, library.asarray(numpy.ones((2, 4))))
    # Label 1 stands in two places.
    numpy.testing.assert_array_equal(library.host(table_bar), [[1.0, 1.0], [2.0, 2.0], [1.0, 1.0]])


def test_it_is_a_dense_layer_of_one_hot_vectors(rng):
    labels = rng.integers(3, size=(7, 1))
    network, dense = Network((Embedding(3, 2), Dense(2, 1)), 1), Network((Dense(3, 2, bias=False), Dense(2, 1)), 3)
    theta, v = network.init(rng), rng.standard_normal(network.size)
    one_hot = numpy.eye(3)[labels[:, 0]]
    numpy.testing.assert_allclose(network(theta, labels), dense(theta, one_hot), rtol=1e-15)
    hvps = [n.hvp(theta, x, v, numpy.sinh, numpy.cosh) for n, x in ((network, labels), (dense, one_hot))]
    numpy.testing.assert_allclose(*hvps, rtol=1e-13)
    assert not network.vjp(theta, labels, numpy.ones((7, 1)))[1].any()


def test_ensembles_share_labels(rng, library):
    tables, labels = rng.standard_normal((4, 3, 2)), numpy.array([[2.0], [0.0]])
    y, _ = Embedding(3, 2).forward((library.asarray(tables),), library.asarray(labels))
    numpy.testing.assert_array_equal(library.host(y), tables[:, [2, 0]])


@pytest.mark.parametrize(("dtype", "count"), [("uint8", 300), ("int8", 200), ("bool", 3)])
def test_labels_of_narrow_dtypes_in_wide_tables(dtype, count):
    # Every label of the table is not of the dtype.
    table = numpy.arange(count, dtype=float)[:, None]
    y, tape = Embedding(count, 1).forward((table,), numpy.array([[1, 0]], dtype=dtype))
    assert y.tolist() == [[1.0, 0.0]]
    assert tape.sum() == 2


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ([[0.0, 1.0], [3.0, 0.0]], r"from 0 to 2, got 3.0 in row 1, at index \(1, 0\) of an array of shape \(2, 2\)"),
        ([[0, -1]], r"got -1 in row 0, at index \(0, 1\)"),
        ([[0.5]], r"got 0.5 in row 0"),
        ([[numpy.nan]], r"got nan in row 0"),
    ],
)
def test_what_is_no_label_is_refused_with_value_and_row(x, message, library):
    x = numpy.array(x)
    with pytest.raises(ValueError, match=message):
        Embedding(3, 2).forward((library.asarray(TABLE),), library.asarray(x, dtype=str(x.dtype)))


def test_messages():
    with pytest.raises(ValueError, match=r"takes inputs of shape \(labels,\), got \(2, 2\)"):
        Embedding(3, 2).output_shape((2, 2))
    with pytest.raises(ValueError, match=r"takes inputs whose last axis has one entry, got \(2,\)"):
        SinusoidalEmbedding(4).output_shape((2,))
    with pytest.raises(ValueError, match="`size` must be even, got 3"):
        SinusoidalEmbedding(3)
    with pytest.raises(ValueError, match=r"`base` must lie in \(1, inf\), got 1.0"):
        SinusoidalEmbedding(4, base=1.0)


def test_times_are_encoded_as_published(library):
    # PE(t, 2 i) = sin(t / 10000^(2 i / d)), PE(t, 2 i + 1) = cos of the same, sines and cosines apart.
    t = numpy.array([[0.0], [3.0], [999.5]])
    y, _ = SinusoidalEmbedding(6).forward((), library.asarray(t))
    for i in range(3):
        phase = t[:, 0] / 10000 ** (2 * i / 6)
        numpy.testing.assert_allclose(library.host(y)[:, i], numpy.sin(phase), rtol=1e-11, atol=1e-13)
        numpy.testing.assert_allclose(library.host(y)[:, 3 + i], numpy.cos(phase), rtol=1e-11, atol=1e-13)


def test_derivatives_in_time_by_hand():
    # At t = 0 with frequencies 1 and 1/10: slopes (1, 1/10, 0, 0), second derivatives (0, 0, -1, -1/100).
    layer, one = SinusoidalEmbedding(4, base=100.0), numpy.ones((1, 1))
    _, tape = layer.forward((), 0 * one)
    slopes, _ = layer.jvp((), tape, one, ())
    numpy.testing.assert_allclose(slopes, [[1.0, 0.1, 0.0, 0.0]], rtol=1e-15)
    bends = [layer.backward_jvp((), tape, one, row[None], 0 * row[None], ())[0][0, 0] for row in numpy.eye(4)]
    numpy.testing.assert_allclose(bends, [0.0, 0.0, -1.0, -0.01], rtol=1e-15)
