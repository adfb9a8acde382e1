"""MADE: it sums to 1, sees only what is before, has FVSBN within it, and learns what FVSBN cannot."""

import itertools
import math

import numpy
import pytest

from gamedyn.models import FVSBN, MADE
from gamedyn.updates import Adam
from tests.density_cases import BITS, LABELS

ORDER = [2, 0, 4, 1, 3]
ALL = numpy.array(list(itertools.product([0.0, 1.0], repeat=5)))


def random_model(rng, hidden=(16, 12), y=None):
    """At parameters nowhere 0, those that the masks hide among them."""
    model = MADE(ORDER, hidden, steps=0, dtype="float64").fit(BITS, y)
    model.z_ = rng.standard_normal(model.z_.shape)
    return model


def test_probabilities_sum_to_one(rng):
    assert abs(numpy.exp(random_model(rng).log_prob(ALL)).sum() - 1) < 1e-12
    labelled = random_model(rng, y=LABELS)
    for label in "ab":
        assert abs(numpy.exp(labelled.log_prob(ALL, label)).sum() - 1) < 1e-12


@pytest.mark.parametrize("y", [None, LABELS])
def test_each_bit_sees_all_before_it_and_no_other(rng, y):
    model = random_model(rng, (40, 30), y)
    labels = numpy.zeros((32, 0)) if y is None else numpy.eye(2)[numpy.arange(32) % 2]
    jacobian = model.criterion_.network.input_jacobian(model.z_, numpy.concatenate([ALL, labels], axis=1))
    for bit, other in itertools.product(range(5), repeat=2):
        before = ORDER.index(other) < ORDER.index(bit)
        assert (jacobian[:, bit, other] != 0).any() == before
    assert (jacobian[:, :, 5:] != 0).any(axis=0).all()  # labels reach every bit, the first one too


@pytest.mark.parametrize("y", [None, LABELS])
def test_every_hidden_unit_serves_some_bit(rng, y):
    mask = numpy.array(random_model(rng, (40, 30), y).criterion_.network.layers[-1].mask)
    assert mask.any(axis=1).all()
    # As many degrees as bits that have one before them, and one more where units see labels only.
    assert len(set(mask.sum(axis=1).tolist())) == (4 if y is None else 5)


def test_log_prob_is_a_sum_over_bits(rng):
    model = random_model(rng)
    signed = (1 - 2 * ALL) * model.conditional_logits(ALL)
    numpy.testing.assert_allclose(model.log_prob(ALL), -numpy.logaddexp(0, signed).sum(axis=1), rtol=1e-13)


@pytest.mark.parametrize("y", [None, LABELS])
def test_without_hidden_layers_it_is_an_fvsbn(rng, y):
    model, other = random_model(rng, (), y), FVSBN(ORDER, steps=0, dtype="float64").fit(BITS, y)
    other.z_ = model.z_
    numpy.testing.assert_allclose(model.log_prob(BITS, y), other.log_prob(BITS, y), rtol=1e-13)


def test_it_learns_a_parity():
    # Pairs of bits tell nothing: independent pixels, and logistic regressions too, stay at 3 log 2.
    X = numpy.array([[a, b, a ^ b] for a in (0, 1) for b in (0, 1)])
    model = MADE(hidden=32, rule=Adam(0.03), steps=400, batch_size=None, rng=0).fit(X)
    assert 2 * math.log(2) - 1e-5 < -model.score(X) < 2 * math.log(2) + 0.05


def test_samples_and_inpainting_have_the_models_law(rng):
    model, n, powers = random_model(rng), 10_000, 2 ** numpy.arange(4, -1, -1)
    probs = numpy.exp(model.log_prob(ALL))
    known = numpy.full((n, 5), numpy.nan)
    known[:, 2], known[:, 0] = 1.0, 0.0  # the first two in the order
    given = probs * ((ALL[:, 2] == 1) & (ALL[:, 0] == 0))
    for drawn, expected in ((model.sample(n, rng=5), probs), (model.inpaint(known, rng=6), given / given.sum())):
        found = numpy.bincount((drawn @ powers).astype(int), minlength=32) / n
        numpy.testing.assert_allclose(found, expected, atol=5 * numpy.sqrt(0.25 / n))


@pytest.mark.parametrize("hidden", [0, (8, -1), "64", (2.5,), (True,)])
def test_other_sizes_are_refused(hidden):
    with pytest.raises(ValueError, match="`hidden` must hold positive integers"):
        MADE(hidden=hidden).fit(BITS)
