"""Facts about the least-squares objective."""

import numpy
import pytest

from gamedyn import objectives

P = numpy.array([0.5, 0.3, 0.2, 0.0])
Q = numpy.array([0.1, 0.2, 0.3, 0.4])


def mean_generator_loss(objective, p, q):
    """C = E_p c(D*) + E_q c(D*), with D* by arithmetic on p and q."""
    best = (objective.real_label * p + objective.fake_label * q) / (p + q)
    return numpy.sum((p + q) * (best - objective.generator_target) ** 2) / 2


def test_labels_of_mao_et_al_give_pearson():
    # real - target = 1 and real - fake = 2: 2 C = sum (p - q)^2 / (p + q).
    objective = objectives.LeastSquares(real_label=1.0, fake_label=-1.0, generator_target=0.0)
    pearson = numpy.sum((P - Q) ** 2 / (P + Q))
    assert 2 * mean_generator_loss(objective, P, Q) == pytest.approx(pearson, rel=1e-14, abs=0.0)


def test_best_output_is_the_weighted_label():
    v = numpy.log(P[:3] / Q[:3])
    expected = (1.0 * P[:3] + -1.0 * Q[:3]) / (P[:3] + Q[:3])
    numpy.testing.assert_allclose(objectives.LeastSquares(1.0, -1.0, 0.0).optimal_output(v), expected, rtol=1e-13)


def test_generator_wants_its_target():
    objective = objectives.LeastSquares(real_label=1.0, fake_label=-1.0, generator_target=0.25)
    assert float(objective.generator_loss(2.25)) == 2.0
    assert float(objective.generator_derivative(2.25)) == 2.0


def test_default_labels_answer_the_probability():
    numpy.testing.assert_array_equal(
        objectives.LeastSquares().optimal_output([-numpy.inf, 0.0, numpy.inf]), [0, 0.5, 1]
    )


def test_labels_must_differ():
    with pytest.raises(ValueError, match=r"`real_label` and `fake_label` must differ, got 1\.0 for both"):
        objectives.LeastSquares(1.0, 1.0)


@pytest.mark.parametrize("label", [numpy.nan, numpy.inf, 1e200])
def test_labels_must_be_finite(label):
    with pytest.raises(ValueError, match="`generator_target` must lie in"):
        objectives.LeastSquares(generator_target=label)
