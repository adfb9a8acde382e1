"""Losses against their definitions in mpmath, far tails and near-ties included, and what they refuse."""

import itertools

import mpmath
import numpy
import pytest

from gamedyn.nn import (
    BernoulliKL,
    BinaryCrossEntropy,
    DiscretizedLogistic,
    GaussianNegativeLogLikelihood,
    SoftmaxCrossEntropy,
    SquaredError,
    UnitNormalKL,
)

# e^-1000 has 434 zeros; a second difference with steps of 1e-160, wrong by 1e-320, keeps 50 digits of it beside 1000.
DIGITS = 810
STEP = mpmath.mpf("1e-160")
LOGITS = [-1000.0, -40.0, -1e-9, 0.3, 37.0, 1000.0]


def sigmoid(a):
    return 1 / (1 + mpmath.exp(-a))


def cross_entropy(a, y):
    return -y * mpmath.log(sigmoid(a)) - (1 - y) * mpmath.log(sigmoid(-a))


def bernoulli_kl(a, b):
    p, q = sigmoid(a), sigmoid(b)
    return p * mpmath.log(p / q) + (1 - p) * mpmath.log(sigmoid(-a) / sigmoid(-b))


def differences(function, row):
    """Gradient and Hessian of a function of mpmath numbers, by central differences."""

    def at(*moves):
        moved = list(row)
        for place, sign in moves:
            moved[place] += sign * STEP
        return function(moved)

    places, signs = range(len(row)), (1, -1)
    gradient = [sum(s * at((i, s)) for s in signs) / (2 * STEP) for i in places]
    hessian = [
        [sum(s * t * at((i, s), (j, t)) for s in signs for t in signs) / (4 * STEP**2) for j in places] for i in places
    ]
    return numpy.array(gradient, dtype=float), numpy.array(hessian, dtype=float)


def check(loss, definition, a, target, rtol=1e-12, digits=DIGITS):
    """Value, first and second derivatives of a loss of one row a."""
    with mpmath.workdps(digits):
        row, exact = [mpmath.mpf(x) for x in a], [mpmath.mpf(x) for x in target]
        value = float(definition(row, exact))
        gradient, hessian = differences(lambda moved: definition(moved, exact), row)
    close = {"rtol": rtol, "atol": 1e-300, "err_msg": f"{a}, {target}"}
    numpy.testing.assert_allclose(loss.value(a, target), value, **close)
    numpy.testing.assert_allclose(loss.derivative(a, target), gradient, **close)
    numpy.testing.assert_allclose(loss.derivative_jvp(a, target, numpy.eye(len(a))), hessian, **close)


@pytest.mark.parametrize("a", LOGITS)
def test_binary_cross_entropy(a):
    for y in (0.0, 0.25, 1.0):
        check(BinaryCrossEntropy(), lambda row, t: cross_entropy(row[0], t[0]), [a], [y])


def test_no_digit_of_a_small_loss_is_lost():
    # softplus(a) - a and sigmoid(a) - 1 are 0 in double precision at a = 40; both are e^-40 in truth.
    loss = BinaryCrossEntropy()
    numpy.testing.assert_allclose(loss.value([40.0], [1.0]), numpy.exp(-40.0), rtol=1e-15)
    numpy.testing.assert_allclose(loss.derivative([40.0], [1.0]), [-numpy.exp(-40.0)], rtol=1e-15)


@pytest.mark.parametrize(
    "a",
    [[50.0, 1.0, -2.0], [0.0, 0.0, 0.0], [-1000.0, 1000.0, 990.0]],
)
def test_softmax_cross_entropy(a):
    def definition(row, y):
        total = sum(mpmath.exp(x) for x in row)
        return -sum(weight * (x - mpmath.log(total)) for x, weight in zip(row, y, strict=True))

    for y in ([1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.5, 1.5, 0.25]):  # the last one weighs its classes
        check(SoftmaxCrossEntropy(), definition, a, y)


def test_softmax_of_two_classes_is_the_binary_one(rng):
    a = rng.standard_normal((5, 1))
    y = rng.random((5, 1))
    two = numpy.concatenate([a, 0 * a], axis=-1), numpy.concatenate([y, 1 - y], axis=-1)
    numpy.testing.assert_allclose(SoftmaxCrossEntropy().value(*two), BinaryCrossEntropy().value(a, y), rtol=1e-14)


@pytest.mark.parametrize("b", LOGITS)
def test_bernoulli_kl(b):
    # Near-ties, where every term of the definition is larger than their sum by many orders.
    for a in (*LOGITS, b + 1e-7, b - 1e-3, b + 0.9, b - 1.1):
        check(BernoulliKL(), lambda row, t: bernoulli_kl(row[0], t[0]), [a], [b], rtol=1e-11)


def test_near_ties_keep_their_digits_under_complex_step():
    loss, a, b = BernoulliKL(), numpy.array([0.3]), numpy.array([0.3 + 1e-7])
    stepped = loss.value(a + 1e-20j, b)
    numpy.testing.assert_allclose(stepped.real, loss.value(a, b), rtol=1e-12)
    numpy.testing.assert_allclose(stepped.imag / 1e-20, loss.derivative(a, b)[0], rtol=1e-6)


def test_gaussian_likelihood_and_divergence():
    def likelihood(row, x):
        m, v = row
        return mpmath.log(2 * mpmath.pi) / 2 + v / 2 + (x[0] - m) ** 2 / (2 * mpmath.exp(v))

    def divergence(row, _):
        m, v = row
        return (m**2 + mpmath.exp(v) - 1 - v) / 2

    for m, v in itertools.product((-1000.0, 0.5), (-40.0, 1e-8, 3.0, 300.0)):
        check(GaussianNegativeLogLikelihood(), likelihood, [m, v], [0.2])
        check(UnitNormalKL(), divergence, [m, v], [0.0])
    numpy.testing.assert_allclose(UnitNormalKL().value([0.0, 1e-9]), 2.5e-19, rtol=1e-9)  # v^2 / 4


def test_squared_error_is_the_gaussian_of_unit_variance(rng):
    a, y = rng.standard_normal((2, 4))
    together = GaussianNegativeLogLikelihood().value(numpy.concatenate([a, 0 * a]), y)
    assert abs(SquaredError().value(a, y) + 2 * numpy.log(2 * numpy.pi) - together) < 1e-14


@pytest.mark.parametrize("s", [-3.0, 0.0, 2.0, 8.0, 30.0, 1000.0])
def test_discretized_logistic(s):
    def definition(row, x):
        m, scale = row[0], mpmath.exp(row[1])
        upper = sigmoid((x[0] + mpmath.mpf(1) / 4 - m) / scale) if x[0] < 1 else 1
        lower = sigmoid((x[0] - mpmath.mpf(1) / 4 - m) / scale) if x[0] > -1 else 0
        return -mpmath.log(upper - lower)

    # The difference of sigmoids, too, has 434 zeros.
    for m, x in ((0.1, -1.0), (0.1, 0.5), (-0.7, 1.0), (5.0, 0.0)):
        check(DiscretizedLogistic(levels=5), definition, [m, s], [x], rtol=1e-10, digits=DIGITS + 440)


def test_cells_have_mass_one_together(rng):
    loss = DiscretizedLogistic(levels=256)
    grid = numpy.linspace(-1, 1, 256)
    for m, s in rng.standard_normal((5, 2)) * (0.5, 2.0):
        masses = numpy.exp(-loss.value(numpy.array([m, s]), grid[:, None]))
        assert abs(masses.sum() - 1) < 1e-13


def test_a_cell_far_out_keeps_its_mass():
    # sigmoid(u) - sigmoid(v) of the obvious form is 0 from 37 scales on.
    loss = DiscretizedLogistic(levels=3)
    value = loss.value([0.0, -numpy.log(100.0)], [0.0 + 0.0])
    numpy.testing.assert_allclose(
        value, 2 * numpy.log1p(numpy.exp(-50.0)) - numpy.log1p(-numpy.exp(-100.0)), rtol=1e-13
    )
    far = loss.value([1000.0, 0.0], [0.0])
    # P = e^-999.5 (1 - e^-1).
    numpy.testing.assert_allclose(far, 999.5 - numpy.log(-numpy.expm1(-1.0)), rtol=1e-14)


def test_a_class_that_is_ruled_out_costs_nothing():
    # Logits log 1, log 3 and none: shares 1/4 and 3/4; 0 log 0 = 0.
    loss, a = SoftmaxCrossEntropy(), numpy.array([0.0, numpy.log(3.0), -numpy.inf])
    target = numpy.array([1.0, 0.0, 0.0])
    numpy.testing.assert_allclose(loss.value(a, target), numpy.log(4.0), rtol=1e-15)
    numpy.testing.assert_allclose(loss.derivative(a, target), [-0.75, 0.75, 0.0], rtol=1e-15)
    moved = loss.derivative_jvp(a, target, numpy.array([1.0, 0.0, 5.0]))
    numpy.testing.assert_allclose(moved, [3 / 16, -3 / 16, 0.0], rtol=1e-15)
    assert loss.value(a, numpy.array([0.5, 0.0, 0.5])) == numpy.inf
    # A sample without a label is ignored.
    assert loss.value(a, numpy.zeros(3)) == 0.0
    assert not loss.derivative(a, numpy.zeros(3)).any()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: BinaryCrossEntropy().value(numpy.ones((4, 1)), numpy.ones(4)),
            "`target` must have shape (..., 1) for `a` of shape (4, 1), got (4,).",
        ),
        (
            lambda: SquaredError().derivative(numpy.ones((4, 2)), numpy.ones((3, 2))),
            "for `a` of shape (4, 2), got (3, 2)",
        ),
        (lambda: SquaredError().value(1.0, 1.0), "`a` must have shape (..., n), got one number."),
        (
            lambda: GaussianNegativeLogLikelihood().value(numpy.ones((5, 4)), numpy.ones((5, 4))),
            "`target` must have shape (..., 2) for `a` of shape (5, 4), got (5, 4).",
        ),
        (
            lambda: SoftmaxCrossEntropy().value(numpy.ones((3, 3)), numpy.array([2, 0, 1])),
            "of shape (..., 3), got integers of shape (3,). A label is a one-hot row.",
        ),
        (
            lambda: SoftmaxCrossEntropy().derivative(numpy.ones((4, 3)), numpy.ones((4, 1))),
            "must hold the classes' probabilities, of shape (..., 3), got shape (4, 1). A label is a one-hot row.",
        ),
        (lambda: UnitNormalKL().value([1.0, 2.0, 3.0]), "`a` must hold means and log-variances side by side, an even"),
        (lambda: DiscretizedLogistic().value([1.0], [0.0]), "`a` must hold means and log-scales side by side"),
        (lambda: DiscretizedLogistic(levels=1), "`levels` must be at least 2, got 1."),
        (
            lambda: DiscretizedLogistic(low=1.0),
            "`low` must be less than `high`, both finite, got low=1.0 and high=1.0.",
        ),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError) as caught:
        call()
    assert message in str(caught.value)
