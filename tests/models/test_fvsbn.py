"""FVSBN: it sums to 1, sees only what is before, and has its floor in logistic regressions by another method."""

import itertools
import math

import numpy
import pytest
from scipy.optimize import minimize

from gamedyn.models import FVSBN
from gamedyn.updates import Adam
from tests.density_cases import BITS, LABELS

ORDER = [2, 0, 4, 1, 3]
ALL = numpy.array(list(itertools.product([0.0, 1.0], repeat=5)))
# With every row once, no bit can be told from others for sure, and the optimum is finite.
ROWS = numpy.concatenate([BITS, ALL])


def trained(**options):
    given = {"rule": Adam(0.1), "steps": 400, "batch_size": None, "dtype": "float64", "evaluate_every": 400}
    return FVSBN(ORDER, **(given | options)).fit(ROWS)


@pytest.fixture(scope="module")
def model():
    return trained()


def random_model(rng, order=ORDER, y=None):
    """At parameters that are large and nowhere 0, those that the mask hides among them."""
    model = FVSBN(order, steps=0, dtype="float64").fit(BITS, y)
    model.z_ = 2 * rng.standard_normal(model.z_.shape)
    return model


def direct_log_prob(model, x, classes=0, label=0):
    """By the definition, one bit at a time."""
    d = len(x)
    weight, bias = model.z_[: (d + classes) * d].reshape(-1, d), model.z_[(d + classes) * d :]
    total, order = 0.0, list(model.order)
    for k, i in enumerate(order):
        logit = bias[i] + sum(weight[j, i] * x[j] for j in order[:k]) + (weight[d + label, i] if classes else 0.0)
        total += -math.log1p(math.exp(-logit if x[i] else logit))
    return total


def regression(inputs, bits):
    """The least mean loss of a logistic regression, by SciPy's quasi-Newton method."""
    design = numpy.column_stack([inputs, numpy.ones(len(bits))])

    def loss(w):
        a = design @ w
        slope = design.T @ (1 / (1 + numpy.exp(-a)) - bits) / len(bits)
        return numpy.logaddexp(0, (1 - 2 * bits) * a).mean(), slope

    return minimize(loss, numpy.zeros(design.shape[1]), jac=True, method="BFGS", options={"gtol": 1e-9}).fun


def test_probabilities_sum_to_one(rng):
    assert abs(numpy.exp(random_model(rng).log_prob(ALL)).sum() - 1) < 1e-12
    labelled = random_model(rng, y=LABELS)
    for label in "ab":
        assert abs(numpy.exp(labelled.log_prob(ALL, label)).sum() - 1) < 1e-12


def test_log_prob_is_the_definition(rng):
    model, labelled = random_model(rng), random_model(rng, y=LABELS)
    for i in (0, 7, 30):
        assert model.log_prob(ALL[i : i + 1])[0] == pytest.approx(direct_log_prob(model, ALL[i]), rel=1e-13)
        found = labelled.log_prob(ALL[i : i + 1], "b")[0]
        assert found == pytest.approx(direct_log_prob(labelled, ALL[i], 2, 1), rel=1e-13)


def test_each_bit_sees_only_those_before_it(rng):
    model = random_model(rng)
    jacobian = model.criterion_.network.input_jacobian(model.z_, ALL)
    for bit, other in itertools.product(range(5), repeat=2):
        before = ORDER.index(other) < ORDER.index(bit)
        assert (jacobian[:, bit, other] != 0).all() == before
        assert before or (jacobian[:, bit, other] == 0).all()
    logits = model.conditional_logits(ALL)
    numpy.testing.assert_allclose(
        model.log_prob(ALL), -numpy.logaddexp(0, (1 - 2 * ALL) * logits).sum(axis=1), rtol=1e-13
    )
    for bit in range(5):
        numpy.testing.assert_allclose(model._logit(model.z_, ALL, bit), logits[:, bit], rtol=1e-13)


def test_the_optimum_is_that_of_independent_regressions(model):
    floor = sum(regression(ROWS[:, ORDER[:k]], ROWS[:, i]) for k, i in enumerate(ORDER))
    assert -model.score(ROWS) == pytest.approx(floor, abs=1e-6)
    assert model.criterion_.floor(ROWS) == pytest.approx(floor, abs=1e-8)
    assert model.excess_ == pytest.approx(-model.score(ROWS) - floor, abs=1e-8)
    assert -1e-12 < model.excess_ < 1e-6
    # Each of the 2^5 rows has its own frequency, whose entropy no model can beat.
    _, counts = numpy.unique(ROWS, axis=0, return_counts=True)
    shares = counts / counts.sum()
    assert floor > -(shares * numpy.log(shares)).sum()


def test_floors_where_the_optimum_lies_at_infinity():
    # The last bit is the first one: it costs nothing in the end; the others are coins of their own.
    X = numpy.array([[0, 0, 0], [0, 1, 0], [1, 0, 1], [1, 1, 1.0]])
    model = FVSBN(steps=3, rng=0).fit(X)
    assert model.criterion_.floor(X) == pytest.approx(2 * math.log(2), abs=1e-9)
    assert model.excess_ > 0


def test_samples_have_the_models_law(rng):
    for model, label in ((random_model(rng), None), (random_model(rng, y=LABELS), "a")):
        n = 20_000
        codes = model.sample(n, label, rng=5) @ (2.0 ** numpy.arange(4, -1, -1))
        expected = n * numpy.exp(model.log_prob(ALL, label))
        counts = numpy.bincount(codes.astype(int), minlength=32)
        kept = expected > 5
        chi = ((counts - expected)[kept] ** 2 / expected[kept]).sum()
        # At most 31 degrees of freedom: beyond 86 once in 10^6.
        assert chi < 86
        assert counts[~kept].sum() < 2 * expected[~kept].sum() + 30


def test_inpainting_is_conditioning(rng):
    model, n = random_model(rng), 20_000
    X = numpy.full((n, 5), numpy.nan)
    X[:, 2], X[:, 0] = 1.0, 0.0  # the first two in the order
    drawn = model.inpaint(X, rng=6)
    numpy.testing.assert_array_equal(drawn[:, [2, 0]], X[:, [2, 0]])
    of_these = (ALL[:, 2] == 1) & (ALL[:, 0] == 0)
    probs = numpy.exp(model.log_prob(ALL)) * of_these
    probs /= probs.sum()
    found = numpy.bincount((drawn @ (2.0 ** numpy.arange(4, -1, -1))).astype(int), minlength=32) / n
    numpy.testing.assert_allclose(found, probs, atol=5 * numpy.sqrt(0.25 / n))
    # Rows may know more than others, and one that knows all stays.
    mixed = numpy.array([[0, 1, 1, 0, 1], [numpy.nan] * 5])
    numpy.testing.assert_array_equal(model.inpaint(mixed, rng=0)[0], mixed[0])
    X[3, 1] = 1.0  # after column 4 in the order
    with pytest.raises(ValueError, match="NaN only after its bits in `order`, got a bit in row 3, column 1"):
        model.inpaint(X)
    with pytest.raises(ValueError, match="`X` must hold zeros and ones, for FVSBN, got 2 at row 0, column 2"):
        model.inpaint([[numpy.nan, numpy.nan, 2.0, numpy.nan, numpy.nan]])


def test_inpainting_stays_in_its_library(game_library):
    model = FVSBN(steps=3, rng=0).fit(BITS)
    X = BITS.copy()
    X[:, 3:] = numpy.nan
    drawn = model.inpaint(game_library.asarray(X), rng=0)
    assert game_library.owns(drawn)
    numpy.testing.assert_array_equal(game_library.host(drawn), model.inpaint(X, rng=0))


@pytest.mark.parametrize("order", [[0, 1, 2], [0, 1, 2, 3, 3], [1, 2, 3, 4, 5]])
def test_other_orders_are_refused(order):
    with pytest.raises(ValueError, match="`order` must name each of the 5 columns once"):
        FVSBN(order).fit(BITS)


def test_float32_training_reaches_the_floor():
    model = trained(dtype="float32", rule=None, steps=1500, evaluate_every=1500)
    # Losses of about 3 nats, each good to 2^-24 of itself.
    assert -1e-6 < model.excess_ < 1e-3


def test_a_fit_keeps_its_order(rng):
    model = random_model(rng)
    before = model.sample(50, rng=0)
    model.set_params(order=[0, 1, 2, 3, 4])
    numpy.testing.assert_array_equal(model.sample(50, rng=0), before)
