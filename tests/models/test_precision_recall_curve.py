"""The curve of precision and recall: ends, total variation, and F scores against a dense grid."""

import math

import numpy
import pytest

from gamedyn.models import precision_recall_curve


def test_middle_and_ends(rng):
    q, p = rng.dirichlet(numpy.ones(6)), rng.dirichlet(numpy.ones(6))
    q[:2], p[4:] = 0.0, 0.0
    q, p = q / q.sum(), p / p.sum()
    curve = precision_recall_curve(q, p, angles=10_001)
    # The middle angle has slope 1.
    for side in (curve.precision, curve.recall):
        assert side[5000] == pytest.approx(1 - 0.5 * numpy.abs(p - q).sum(), rel=1e-12)
    assert curve.precision[-1] == pytest.approx(q[p > 0].sum(), rel=1e-12)
    assert curve.recall[0] == pytest.approx(p[q > 0].sum(), rel=1e-12)
    assert numpy.all(numpy.diff(curve.precision) >= -1e-15)
    assert numpy.all(numpy.diff(curve.recall) <= 1e-15)
    # Exchanged laws exchange the two, and the curve runs the other way.
    other = precision_recall_curve(p, q, angles=10_001)
    numpy.testing.assert_allclose(other.precision, curve.recall[::-1], rtol=1e-9)


def test_f_scores_against_a_dense_grid(rng):
    for _ in range(5):
        q, p = rng.dirichlet(numpy.full(5, 0.7)), rng.dirichlet(numpy.full(5, 0.7))
        curve = precision_recall_curve(q, p, angles=100_001)
        for beta in (0.125, 1.0, 8.0):
            a, b = curve.precision, curve.recall
            dense = ((1 + beta**2) * a * b / (beta**2 * a + b)).max()
            assert dense <= curve.f_score(beta) * (1 + 1e-12)
            assert curve.f_score(beta) == pytest.approx(dense, rel=1e-3)


def test_lost_and_invented_modes_by_hand(library):
    # Half of 4 modes: precision 1, recall 1/2 at slope 2. F_b = (1 + b^2) / (1 + 2 b^2).
    counts = library.asarray(numpy.asarray([5.0, 5.0, 0.0, 0.0]), "float32")
    lost = precision_recall_curve(counts, library.asarray(numpy.ones(4), "float32"))
    assert lost.f_score(8.0) == pytest.approx(65 / 129, rel=1e-12)
    assert lost.f_score(1 / 8) == pytest.approx((1 + 1 / 64) / (1 + 2 / 64), rel=1e-12)
    # And 4 modes of which half are none: the two scores change places.
    invented = precision_recall_curve([1.0] * 4, [1.0, 1.0, 0.0, 0.0])
    assert invented.f_score(1 / 8) == pytest.approx(65 / 129, rel=1e-12)
    assert str(invented) == f"F_8 {(1 + 1 / 64) / (1 + 2 / 64):.4g} (recall), F_1/8 {65 / 129:.4g} (precision)"
    apart = precision_recall_curve([1.0, 0.0], [0.0, 1.0])
    assert apart.precision.max() == apart.recall.max() == apart.f_score() == 0.0
    same = precision_recall_curve([1.0, 3.0], [0.25, 0.75])
    assert same.f_score(0.3) == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: precision_recall_curve([1.0], [0.5, 0.5]), "`generated` and `real` must have as many entries"),
        (lambda: precision_recall_curve([[1.0]], [1.0]), "`generated` must have shape (k,), got (1, 1)."),
        (
            lambda: precision_recall_curve([1.0, -1.0], [1.0, 1.0]),
            "`generated` must be non-negative and finite, got -1 at index 1",
        ),
        (lambda: precision_recall_curve([1.0, 1.0], [0.0, 0.0]), "`real` must have a positive sum, got 0 throughout"),
        (lambda: precision_recall_curve([1.0], [math.nan]), "`real` must be non-negative and finite"),
        (lambda: precision_recall_curve([1.0], [1.0], angles=2), "`angles` must be at least 3, got 2."),
        (lambda: precision_recall_curve([1.0], [1.0]).f_score(0.0), "`beta` must be positive and finite, got 0.0."),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match="must") as caught:
        call()
    assert str(caught.value).startswith(message)
