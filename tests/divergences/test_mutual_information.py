"""Mutual information: known tables, nearly independent ones to the last digit, axes and bad input."""

import math

import mpmath
import numpy
import pytest

from gamedyn.divergences import entropy, kl_divergence, mutual_information
from tests.divergences.oracles import relative_error


def exact(table, digits=50):
    """From the definition, of table / sum table."""
    with mpmath.workdps(digits):
        p = [[mpmath.mpf(float(x)) for x in row] for row in table]
        total = mpmath.fsum(x for row in p for x in row)
        rows = [mpmath.fsum(row) for row in p]
        columns = [mpmath.fsum(column) for column in zip(*p, strict=True)]
        return mpmath.fsum(
            x / total * mpmath.log(x * total / (r * c))
            for row, r in zip(p, rows, strict=True)
            for x, c in zip(row, columns, strict=True)
            if x > 0
        )


def test_known_tables():
    # Y = X: the entropy; a channel that flips a fair bit with probability 1/4: log 2 - H(1/4).
    assert float(mutual_information(numpy.diag([0.5, 0.25, 0.25]), base=2)) == pytest.approx(1.5, rel=1e-15)
    value = float(mutual_information([[0.375, 0.125], [0.125, 0.375]]))
    assert value == pytest.approx(math.log(2) - float(entropy([0.25, 0.75])), rel=1e-15, abs=0.0)
    assert float(mutual_information([[1.0]])) == 0.0
    assert float(mutual_information([[0.5, 0.5], [0.0, 0.0]])) == 0.0
    joint = numpy.array([[0.1, 0.2], [0.3, 0.4]])
    product = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0)
    expected = float(kl_divergence(joint.ravel(), product.ravel()))
    assert float(mutual_information(joint)) == pytest.approx(expected, rel=1e-12, abs=0.0)


def worst_errors(rng):
    """Relative errors over random, sparse, nearly independent and extreme tables."""
    errors = []
    for _ in range(20):
        table = rng.dirichlet(numpy.full(12, 10.0 ** rng.uniform(-1.5, 1))).reshape(3, 4)
        table *= rng.random((3, 4)) < 0.9
        table[0, 0] += 0.1
        errors.append(relative_error(mutual_information(table, normalize=True), exact(table)))
    for step in (1e-2, 1e-4, 1e-6, 1e-8, 1e-9):
        for shape in ((2, 2), (3, 5), (20, 30)):
            product = rng.dirichlet(numpy.full(shape[0], 3.0))[:, None] * rng.dirichlet(numpy.full(shape[1], 3.0))
            table = product * (1 + step * rng.uniform(-1, 1, shape))
            errors.append(relative_error(mutual_information(table, normalize=True), exact(table)))
    for table in (
        [[1.0, 1e-300], [1e-200, 1e-100]],
        [[0.5, 5e-324], [0.0, 0.5]],
        [[1 - 2.0**-53, 0.0], [0.0, 2.0**-53]],
        # The product of two margins underflows.
        [[1.0, 0.0], [0.0, 1e-200]],
        [[1.0, 1e-305, 0.0], [0.0, 1e-200, 1e-160]],
    ):
        errors.append(relative_error(mutual_information(table, normalize=True), exact(table, 700)))
    return numpy.array(errors)


def test_every_digit_of_nearly_independent_tables(rng):
    # Down to 1e-18, where rounding of the margins or of their products alone would leave none.
    errors = worst_errors(rng)
    assert len(errors) >= 38
    assert errors.max() < 1e-14


def test_normalisation():
    table = numpy.array([[2.0, 1.0], [1.0, 4.0]])
    normal = float(mutual_information(table / 8))
    assert float(mutual_information(table, normalize=True)) == pytest.approx(normal, rel=1e-14)
    assert float(mutual_information(table, normalize=None)) == pytest.approx(8 * normal, rel=1e-14)
    logs = numpy.log(table)
    assert float(mutual_information(logs, normalize=True, log=True)) == pytest.approx(normal, rel=1e-14)
    shifted = float(mutual_information(logs - 3000.0, normalize=True, log=True))
    assert shifted == pytest.approx(normal, rel=1e-11)
    bit = mutual_information([[math.log(0.5), -math.inf], [-math.inf, math.log(0.5)]], log=True, base=2)
    assert float(bit) == pytest.approx(1.0, rel=1e-15)


def test_axes(library, rng):
    tables = rng.dirichlet(numpy.ones(12), size=5).reshape(5, 3, 4)
    expected = numpy.array([float(exact(table)) for table in tables])
    for dtype, rel in (("float64", 1e-13), ("float32", 1e-4)):
        value = mutual_information(library.asarray(tables, dtype), normalize=True)
        assert library.owns(value, dtype)
        numpy.testing.assert_allclose(library.host(value), expected, rtol=rel)
    turned = library.asarray(numpy.moveaxis(tables, 0, 1))
    numpy.testing.assert_allclose(library.host(mutual_information(turned, axes=(0, 2))), expected, rtol=1e-13)
    numpy.testing.assert_allclose(library.host(mutual_information(turned, axes=(-1, 0))), expected, rtol=1e-13)
    assert mutual_information(turned, axes=(0, 2), keepdims=True).shape == (1, 5, 1)
    estimate = mutual_information(library.asarray(tables), base=2, return_estimate=True)
    assert estimate.value.shape == (5,)
    assert estimate.definition == "sum p log(p / (r c)), in units of 0.693147181 nats"


def test_faint_margins_in_single_precision():
    # log(p / (p p)) at the faint outcome, where p p underflows.
    joint = numpy.array([[1.0, 0.0], [0.0, 1e-30]], dtype="float32")
    faint = float(joint[1, 1])
    assert float(mutual_information(joint)) == pytest.approx(faint * (1 - math.log(faint)), rel=1e-5)


def test_batches_may_be_empty():
    assert mutual_information(numpy.zeros((0, 2, 3))).shape == (0,)


@pytest.mark.parametrize(
    ("joint", "options", "error", "message"),
    [
        ([[0.5, 0.6], [0.0, 0.0]], {}, ValueError, r"`joint` must sum to 1 over its outcomes, got 1\.1"),
        ([[0.5, -0.5], [0.5, 0.5]], {}, ValueError, r"`joint` must hold finite non-negative probabilities, got -0\.5"),
        ([[0.5, math.nan], [0.5, 0.5]], {}, ValueError, "`joint` must not hold NaN"),
        ([[0.5, 0.5]], {"axes": (0, 0)}, ValueError, r"two different axes of `joint`, got \(0, 0\) for shape \(1, 2\)"),
        ([[0.5, 0.5]], {"axes": (1, -1)}, ValueError, "two different axes"),
        ([[0.5, 0.5]], {"axes": (0, 2)}, ValueError, "two different axes"),
        ([[0.5, 0.5]], {"axes": 1}, TypeError, "`axes` must be two integers, got 1"),
        ([0.5, 0.5], {}, ValueError, r"two different axes of `joint`, got \(-2, -1\) for shape \(2,\)"),
        (numpy.zeros((0, 3)), {}, ValueError, r"at least one pair of outcomes, got shape \(0, 3\)"),
    ],
)
def test_bad_input(joint, options, error, message):
    with pytest.raises(error, match=message):
        mutual_information(joint, **options)
