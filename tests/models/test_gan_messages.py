"""What GAN says about parameters, data and labels that it cannot use."""

import numpy
import pytest

from gamedyn.models import GAN
from gamedyn.nn import mlp
from gamedyn.updates import Extragradient
from tests.models.gan_runs import small

DATA = numpy.random.default_rng(0).normal([2.0, -1.0], 1.0, (40, 2))
LABELS = numpy.array(["a", "b"] * 20)

BAD = DATA.copy()
BAD[3, 1] = numpy.nan


class Sparse:
    """What sparse matrices have."""

    def toarray(self):
        return DATA


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: small().fit(DATA[:, 0]), r"`X` must have shape \(n, features\), got \(40,\). Reshape samples of one"),
        (lambda: small().fit(BAD), "`X` must be finite in float32, got nan at row 3, column 1"),
        (lambda: small().fit(1e39 * DATA), r"`X` must be finite in float32, got .*e\+39 at row 0, column 0"),
        (lambda: small().fit(DATA[:7]), "`X` must have at least 8 rows to fill a batch, got 7"),
        (lambda: small(packing=6).fit(DATA), "`X` must have at least 48 rows to fill a batch, got 40"),
        (lambda: small().fit(DATA, LABELS[:3]), r"`y` must have shape \(40,\), one label for each row, got \(3,\)"),
        (
            lambda: small().fit(DATA, 0 * BAD[:, 1]),
            "`y` must hold whole numbers or words, without gaps, got nan at row 3",
        ),
        (lambda: small().fit(DATA, [None] * 40), "`y` must hold .* got the dtype object"),
        (lambda: small(objective="nonsaturating").fit(DATA), "`objective` must be .* Did you mean 'non-saturating'"),
        (lambda: small(activation="relux").fit(DATA), "`activation` must be one of .* Did you mean 'relu'"),
        (lambda: small(penalty="r3").fit(DATA), "`penalty` must be one of"),
        (lambda: small(penalty="r1", penalty_weight=-1.0).fit(DATA), "`penalty_weight` must be positive"),
        (lambda: small(steps=-1).fit(DATA), "`steps` must be"),
        (lambda: small(batch_size=0).fit(DATA), "`batch_size` must be"),
        (lambda: small(evaluate_every=0).fit(DATA), "`evaluate_every` must be"),
        (lambda: small(dtype="float16").fit(DATA), "`dtype` must be one of 'float32', 'float64'"),
        (lambda: small(ema_decay=1.0).fit(DATA), r"`ema_decay` must lie in \[0, 1\)"),
        (lambda: small(generator=(4, 0)).fit(DATA), "`generator` must be"),
        (lambda: small(generator=mlp((2, 3))).fit(DATA), "`generator` must give one output per feature of `data`"),
        (lambda: small().fit([[1.0, 2.0], [3.0]]), "`X` must have rows of the same length"),
        (lambda: small().fit([[None, 1.0]] * 40), "`X` must be finite in float32, got nan at row 0, column 0"),
        (lambda: small().fit(DATA, BAD[:, 0]), "`y` must hold whole numbers or words, without gaps, got .* at row 0"),
        (lambda: small(dtype=numpy.float32).fit(DATA), "`dtype` must be one of .* Did you mean 'float32'"),
        (lambda: GAN.load("none.npz", step=3), "`params` must be one of .* got 'step'. Did you mean 'steps'"),
        (lambda: small().sample(3), "this GAN is not fitted yet"),
        (lambda: small().as_game(), "this GAN is not fitted yet"),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: small(rule=Extragradient).fit(DATA),
            "`rule` must be an UpdateRule, got .* Call it with its step size",
        ),
        (lambda: small(generator="big").fit(DATA), "`generator` must be a Network or the sizes of hidden layers"),
        (lambda: small(target=3.0).fit(DATA), "`target` must be a Distribution, got 3.0"),
        (lambda: small().fit(DATA + 1j), "`X` must hold real numbers, got the dtype complex128"),
        (lambda: small().fit([["a", "b"]]), "`X` must hold real numbers"),
        (lambda: small().fit(DATA.astype(str)), "`X` must hold real numbers, got the dtype <U"),
        (lambda: small().fit(None), "`X` must hold real numbers, got None"),
        (lambda: small().fit(Sparse()), r"`X` must be dense, got the sparse Sparse. Pass `X.toarray\(\)`"),
        (lambda: small(progress="yes").fit(DATA), "`progress` must be a bool or a function"),
        (lambda: small(checkpoint=3).fit(DATA), "a checkpoint must be the path of a file or a folder, got 3"),
        (lambda: small(rng="x").fit(DATA), "`rng` must be"),
    ],
)
def test_messages_about_kinds(call, message):
    with pytest.raises(TypeError, match=message):
        call()


def test_messages_of_a_fitted_one():
    fitted, labelled = small().fit(DATA), small().fit(DATA, LABELS)
    with pytest.raises(ValueError, match="`X` must have the 2 features that the GAN was fitted on, got 1"):
        fitted.discriminate(DATA[:, :1])
    with pytest.raises(ValueError, match="`y` must hold labels that the GAN was fitted on, a, b; got c at row 1"):
        labelled.sample(2, ["a", "c"])
    with pytest.raises(ValueError, match="`y` must be given to a GAN that was fitted with labels"):
        labelled.sample(2)
    with pytest.raises(ValueError, match="`y` must be given"):
        labelled.partial_fit(DATA)
    with pytest.raises(ValueError, match="`n` must be"):
        fitted.sample(0)
    with pytest.raises(ValueError, match="`y` must be None for a GAN that was fitted without labels"):
        fitted.sample(2, "a")


def test_tables_hold_words_and_numbers_as_objects():
    plain, table = small().fit(DATA, LABELS), small().fit(DATA.astype(object), LABELS.astype(object))
    numpy.testing.assert_array_equal(table.z_, plain.z_)
    assert table.classes_.tolist() == ["a", "b"]
