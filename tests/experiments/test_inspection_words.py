"""What a GANInspection says: every sentence where it is true, and only there."""

from dataclasses import replace

import numpy
import pytest

from gamedyn.data import named_target, target_modes
from gamedyn.equilibria import classify, differential_nash_gap
from gamedyn.experiments import inspect_gan
from gamedyn.experiments._gan_inspection import OwnCurvature, Spectrum
from gamedyn.games import Quadratic
from gamedyn.models import GAN, measure_samples
from gamedyn.numerics import Verdict

DATA = numpy.random.default_rng(3).normal(size=(12, 1))
BOUND = "half of which bounds the Jensen-Shannon divergence"


@pytest.fixture(scope="module")
def affine():
    """Of a GAN with two parameters to a player, at rest nowhere."""
    gan = GAN("minimax", generator=(), discriminator=(), latent_dim=1, steps=0, batch_size=4, rng=0)
    return inspect_gan(gan.fit(DATA), samples=20)


def found_of(affine, jacobian, point=(0.0, 0.0), eigenvalues=None, residuals=None):
    """An inspection of the quadratic game of two players with that J, by all of its eigenvalues or by some."""
    game = Quadratic.from_jacobian(numpy.array(jacobian), (1, 1))
    values = numpy.linalg.eigvals(game.jacobian(numpy.zeros(2))).astype(complex) if eigenvalues is None else eigenvalues
    own = [numpy.array([float(jacobian[i][i])]) for i in (0, 1)]
    return replace(
        affine,
        setting={**affine.setting, "dims": (1, 1)},
        classification=classify(game, numpy.array(point)),
        gap=differential_nash_gap(game, numpy.array(point)),
        spectrum=Spectrum(numpy.sort_complex(values), residuals),
        curvatures=tuple(OwnCurvature(each, residuals) for each in own),
    )


def text_of(*arguments, **options):
    return " ".join(found_of(*arguments, **options).sentences())


# Attracting, trace 2 and determinant 1; the generator alone would leave.
ROTATING = [[-1.0, 2.0], [-2.0, 3.0]]


def test_attraction_is_said_of_points_of_rest_with_all_eigenvalues_only(affine):
    assert "keeps it there: attraction without a Nash equilibrium" in text_of(affine, ROTATING)
    away = text_of(affine, ROTATING, point=(1.0, 0.0))
    assert "keeps it there" not in away
    assert "were it at rest here, it would be attracted without a Nash equilibrium" in away
    some = text_of(affine, ROTATING, eigenvalues=numpy.array([1.0 + 0j]), residuals=numpy.array([1e-9]))
    assert "attract" not in some
    assert "None of the 1 eigenvalues found has a negative real part" in some
    # J = [[-1, 1], [-1, 1]] is nilpotent: both eigenvalues are 0.
    assert "outweighs" not in text_of(affine, [[-1.0, 1.0], [-1.0, 1.0]])
    assert "outweighs" not in text_of(affine, [[1.0, 2.0], [-2.0, 1.0]])


def test_sentences_leave_open_what_the_verdicts_leave_open(affine):
    found = found_of(affine, ROTATING)
    reason = "not twice differentiable here: slopes of xi differ on both sides along direction 0"
    bent = Verdict("undecided", 0.0, reason)
    at_kink = replace(found.classification, kind="undecided", stationary=bent, differential_nash=bent)
    text = " ".join(replace(found, classification=at_kink).sentences())
    assert f"Whether it is at rest is open ({reason}): relative gradients are " in text
    assert "not at rest" not in text
    assert "On its side of the kink not a differential Nash equilibrium, whatever its gradients" in text
    away = text_of(affine, ROTATING, point=(1.0, 0.0))
    assert "It is not at rest, and so no equilibrium of this sample: relative gradients are " in away
    assert "Not a differential Nash equilibrium" in away
    assert "kink" not in away


def test_signs_within_residuals_are_open(affine):
    values = numpy.array([-2.0 + 0j, -0.1 - 6j, -0.1 + 6j, 5.0 + 0j])
    spectrum = Spectrum(values, numpy.array([0.2, 0.2, 0.2, 0.2]))
    assert [spectrum.count(sign) for sign in (-1, 0, 1)] == [1, 2, 1]
    assert [Spectrum(values, None).count(sign) for sign in (-1, 0, 1)] == [3, 0, 1]
    found = replace(affine, spectrum=spectrum)
    assert "1 negative, 2 zero within their residuals, 1 positive" in str(found)
    assert "1 of the 4 eigenvalues found has a negative real part, down to -2" in str(found)
    found = replace(affine, spectrum=Spectrum(values[1:], numpy.full(3, 0.2)))
    assert "of 2 of them the sign is open within their residuals" in str(found)


def test_the_share_that_turns_faster_than_it_pulls():
    values = numpy.array([-3.0, 1e-9 + 1e-8j, 1e-9 - 1e-8j, 1 - 1.5j, 1 + 1.5j, 2 - 1j, 2 + 1j])
    # Two of five, as two are 0.
    assert Spectrum(values, None).rotating_share == 0.4


def test_products_prove_no_flatness(affine):
    flat = [[0.0, 1.0], [-1.0, 0.0]]
    assert "The generator's loss is flat along some" in text_of(affine, flat)
    assert "which proves nothing" in text_of(affine, flat, residuals=numpy.full(2, 1e-9))


@pytest.mark.parametrize(
    ("packing", "classes", "what"),
    [
        (1, 0, " from below"),
        (3, 0, " of packs of 3 samples from below"),
        (1, 2, " of samples with their labels from below"),
        (2, 2, " of packs of 2 samples with their labels from below"),
    ],
)
def test_what_the_discriminator_tells_apart(affine, packing, classes, what):
    setting = {**affine.setting, "packing": packing, "classes": classes}
    assert BOUND + what in " ".join(replace(affine, setting=setting, critic_estimate=0.5).sentences())


def test_a_discriminator_that_does_worse_than_a_constant(affine):
    assert "loses 0.1 against the best constant answer." in str(replace(affine, critic_estimate=-0.1))
    assert "does as well as the best constant answer." in str(replace(affine, critic_estimate=0.0))


def test_modes_are_reached_by_a_share_of_the_samples(affine):
    ring = named_target("ring")
    # One of twenty samples is at a mode, and the others are far from all.
    samples = numpy.concatenate([[target_modes(ring).centers[3]], numpy.full((19, 2), 9.0)])
    found = replace(affine, measures={"the target": measure_samples(samples, ring, rng=0)})
    assert "The samples reach 1 of 8 modes, 5% of them near one, and are " in " ".join(found.sentences())


def test_clipping_is_named_where_it_holds_parameters():
    gan = GAN("wasserstein", generator=(), discriminator=(3,), activation="tanh", latent_dim=1, penalty="clip",
              penalty_weight=0.05, steps=0, batch_size=4, rng=0).fit(DATA)  # fmt: skip
    gan.z_[3:5] = 0.05
    text = " ".join(inspect_gan(gan, samples=20).sentences())
    held = sum(gan.as_game().dims) - inspect_gan(gan, samples=20).gap.dimension
    assert held > 0
    assert f"also of the {held} parameters that clipping holds" in text
    assert ("own Hessian, along the parameters that clipping leaves free, has" in text) == ("whatever its" in text)
