"""inspect_gan: GANs whose game is known in closed form, every kind of GAN that fits, and what is refused."""

import json
import math
from dataclasses import dataclass

import numpy
import pytest

from gamedyn.distributions import Normal
from gamedyn.experiments import _inspect_gan, inspect_gan
from gamedyn.models import GAN
from gamedyn.nn import BatchNormalization, Concatenate, Dense, Layer, Network, Sequential, Tanh

RNG = numpy.random.default_rng(3)
DATA = RNG.normal(size=(40, 2))


@dataclass(frozen=True)
class Square(Layer):
    """y = x^2."""

    def forward(self, params, x):
        return x * x, x

    def backward(self, params, tape, y_bar):
        return 2 * tape * y_bar, ()

    def jvp(self, params, tape, x_dot, params_dot):
        return 2 * tape * x_dot, x_dot

    def backward_jvp(self, params, tape, tape_dot, y_bar, y_bar_dot, params_dot):
        return 2 * (tape * y_bar_dot + tape_dot * y_bar), ()


def linear_quadratic(objective, point, **options):
    """A fitted GAN at (a, b, w_1, w_2): G(e) = a e + b against D(x) = w_1 x + w_2 x^2, and its latent sample."""
    critic = Network((Concatenate((Sequential(()), Square())), Dense(2, 1, bias=False)), 1)
    parts = {"generator": (), "discriminator": critic, "latent_dim": 1, "steps": 0, "batch_size": 8, "rng": 0}
    gan = GAN(objective, dtype="float64", **(parts | options)).fit(RNG.normal(0.5, 2.0, size=(30, 1)))
    e = gan.as_game().latent_samples[:, 0]
    gan.z_ = numpy.asarray(point(e) if callable(point) else point, dtype=float)
    return gan, gan.as_game().real_samples[:, 0], e


def sorted_close(found, expected, tolerance=1e-9):
    order = numpy.lexsort((numpy.round(expected.imag, 9), numpy.round(expected.real, 9)))
    mine = numpy.lexsort((numpy.round(found.imag, 9), numpy.round(found.real, 9)))
    numpy.testing.assert_allclose(found[mine], expected[order], atol=tolerance)


def test_a_linear_quadratic_gan_at_its_equilibrium():
    # The generator has the data's first two moments, and D = 0: with h = (x, x^2) the minimax losses' derivatives of
    # second order are M = E h h^T (real and fake) / 4 of the discriminator, 0 of the generator, and -K^T / 2 and K / 2
    # between them, K = E D h(a e + b) in (a, b) = [[m, 1], [2 E x e, 2 E x]].
    gan, x, e = linear_quadratic("minimax", numpy.zeros(4))
    a = x.std() / e.std()
    b = x.mean() - a * e.mean()
    gan.z_ = numpy.array([a, b, 0.0, 0.0])
    fake = a * e + b
    moments = [numpy.stack([s, s * s]) @ numpy.stack([s, s * s]).T / len(s) for s in (x, fake)]
    k = numpy.array([[e.mean(), 1.0], [2 * (fake * e).mean(), 2 * fake.mean()]])
    jacobian = numpy.block([[numpy.zeros((2, 2)), -k.T / 2], [k / 2, sum(moments) / 4]])
    found = inspect_gan(gan, samples=60)
    sorted_close(found.spectrum.values, numpy.linalg.eigvals(jacobian))
    assert found.classification.stationary.is_yes
    # K is invertible and M positive definite, so that the field turns inwards; the generator has no curvature.
    assert found.classification.kind == "attractor"
    assert found.classification.attracting.is_yes
    assert found.classification.differential_nash.is_no
    numpy.testing.assert_allclose(found.own_hessians["discriminator"].values, numpy.linalg.eigvalsh(sum(moments) / 4))
    assert found.gap.curvature_deficits == (0.0, 0.0)
    assert max(found.gap.gradient_norms) < 1e-12
    assert found.losses == pytest.approx((-math.log(2), 2 * math.log(2)))
    assert found.critic_estimate == pytest.approx(0.0, abs=1e-14)
    assert "It is at rest" in str(found)
    assert "leaves along none of them" in str(found)
    assert "attraction without a Nash equilibrium" not in str(found)
    # K and M are regular, so that this point of rest is found again from nearby.
    shift = numpy.array([1e-3, -2e-3, 1e-3, 2e-3])
    gan.z_ = gan.z_ + shift
    nearby = inspect_gan(gan, samples=60)
    assert nearby.at_rest.distance == pytest.approx(numpy.linalg.norm(shift), rel=1e-9)
    assert nearby.at_rest.classification.attracting.is_yes
    assert "finds a point of rest 0.00316 away, of kind" in str(nearby)


def test_away_from_it_the_generator_s_own_curvature_is_in_closed_form():
    # Under Wasserstein L_0 = -w_1 E G - w_2 E G^2 and L_1 = E D(G) - E D(x): own Hessians -2 w_2 [[E e^2, m], [m, 1]]
    # and 0, and D_phi xi_0 = -K^T.
    gan, x, e = linear_quadratic("wasserstein", [0.7, 0.2, -0.4, 0.3])
    fake = 0.7 * e + 0.2
    own = -0.6 * numpy.array([[(e * e).mean(), e.mean()], [e.mean(), 1.0]])
    k = numpy.array([[e.mean(), 1.0], [2 * (fake * e).mean(), 2 * fake.mean()]])
    jacobian = numpy.block([[own, -k.T], [k, numpy.zeros((2, 2))]])
    found = inspect_gan(gan, samples=60)
    sorted_close(found.spectrum.values, numpy.linalg.eigvals(jacobian))
    deficit = -numpy.linalg.eigvalsh(own)[0]
    assert found.gap.curvature_deficits == pytest.approx((deficit, 0.0), rel=1e-12)
    slopes = -k.T @ [-0.4, 0.3]
    gains = [fake.mean() - x.mean(), (fake**2).mean() - (x**2).mean()]
    assert found.gap.gradient_norms == pytest.approx([numpy.linalg.norm(slopes), numpy.linalg.norm(gains)], rel=1e-12)
    assert found.critic_estimate == pytest.approx(-numpy.dot([-0.4, 0.3], gains), rel=1e-12)
    text = str(found)
    assert f"the generator's own Hessian has the eigenvalue {-deficit:.4g}, so that it can lower its loss" in text
    assert found.classification.kind == "nonstationary"


@pytest.mark.parametrize("weight", [None, 0.3])
def test_the_dirac_gan_turns_and_r1_damps_it(weight):
    # G(e) = t e and D(x) = w x on data at 0: at rest in 0, J = [[0, -m / 2], [m / 2, gamma]] with m = mean e.
    line = Network((Dense(1, 1, bias=False),), 1)
    options = {"penalty": "r1", "penalty_weight": weight} if weight else {}
    gan = GAN(
        "minimax", generator=line, discriminator=line, latent_dim=1, steps=0, batch_size=4, rng=0, dtype="float64",
        **options,
    ).fit(numpy.zeros((12, 1)))  # fmt: skip
    gan.z_ = numpy.zeros(2)
    found = inspect_gan(gan, samples=20)
    game = gan.as_game()
    m = getattr(game, "game", game).latent_samples.mean()
    gamma = weight or 0.0
    half = numpy.sqrt(complex(gamma**2 - m * m)) / 2
    sorted_close(found.spectrum.values, numpy.array([gamma / 2 - half, gamma / 2 + half]), 1e-12)
    if weight is None:
        assert found.spectrum.rotation == pytest.approx(1.0, abs=1e-15)
        assert found.spectrum.rotating_share == 1.0
        assert found.classification.kind == "marginal"
    else:
        assert found.classification.attracting.is_yes
        assert found.spectrum.count(1) == 2
    assert found.gap.gradient_norms == (0.0, 0.0)


def test_products_find_the_ends_of_the_dense_spectrum(monkeypatch):
    gan = GAN(generator=(6,), discriminator=(6,), activation="tanh", steps=5, batch_size=8, rng=0).fit(DATA)
    dense = inspect_gan(gan, samples=30)
    monkeypatch.setattr(_inspect_gan, "_DENSE", 10)
    large = inspect_gan(gan, samples=30)
    assert not large.spectrum.is_whole
    assert numpy.abs(large.spectrum.values[0] - dense.spectrum.values[0]) < 1e-6
    assert large.spectrum.values.real.max() == pytest.approx(dense.spectrum.values.real.max(), abs=1e-6)
    for mine, other in zip(large.curvatures, dense.curvatures, strict=True):
        assert mine.values == pytest.approx(other.values[[0, -1]], abs=1e-6)
    assert "at the ends" in str(large)
    # An eigenvalue that two searches have found is listed once.
    apart = numpy.abs(large.spectrum.values[:, None] - large.spectrum.values)
    assert apart[~numpy.eye(len(apart), dtype=bool)].min() > 1e-8


KINDS = {
    "labels": {"objective": "hinge", "activation": "leaky-relu"},
    "packs": {"packing": 2, "objective": "least-squares", "instance_noise": 0.1, "ema_decay": 0.5},
    "labelled packs": {"packing": 2, "discriminator_steps": 2},
    "gradient penalty": {"objective": "wasserstein", "penalty": "gradient-penalty"},
    "dragan": {"penalty": "dragan"},
    "clip": {"objective": "wasserstein", "penalty": "clip", "penalty_weight": 0.05},
    "spectral": {"objective": "hinge", "penalty": "spectral"},
    "unrolled": {"unrolled_steps": 2},
    "f-GAN": {"objective": "pearson"},
    "batch normalisation": {
        "generator": Network((Dense(2, 3), BatchNormalization((3,)), Tanh(), Dense(3, 2)), 2),
    },
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_gan_is_inspected(kind):
    parts = {"generator": (3,), "discriminator": (3,), "activation": "tanh", "steps": 2, "batch_size": 4, "rng": 0}
    labels = numpy.arange(40) % 3 if "label" in kind else None
    gan = GAN(**(parts | KINDS[kind])).fit(DATA, labels)
    found = inspect_gan(gan, samples=30)
    assert found.refused == {}
    assert len(found.spectrum.values) == sum(gan.as_game().dims)
    assert found.gap.dimension <= len(found.spectrum.values)
    # The spectrum's sum is that of both own Hessians.
    traces = sum(each.values.sum() for each in found.curvatures)
    assert found.spectrum.values.sum().real == pytest.approx(traces, rel=1e-8, abs=1e-8)
    assert "the data" in found.measures
    penalty = KINDS[kind].get("penalty")
    assert found.setting["penalty"] == (penalty or "none")
    assert (
        str(found).split("\n")[0].count(f" GAN with {penalty} after 2 steps" if penalty else " GAN after 2 steps") == 1
    )
    # All rows are taken, so that it is the game of the fit.
    losses = gan.as_game().losses(gan.z_.astype(numpy.float64))
    assert found.losses == pytest.approx(losses, rel=1e-6)
    document = json.loads(json.dumps(found.document(), allow_nan=False))
    assert document["schema"] == "gamedyn.inspect/1"
    assert document["own_hessians"]["generator"]["residuals"] is None
    text = " ".join(found.sentences()).replace(", along the parameters that clipping leaves free,", "")
    for name, deficit in zip(("generator", "discriminator"), found.gap.curvature_deficits, strict=True):
        assert (f"{name}'s own Hessian has the eigenvalue {-deficit:.4g}" in text) == (deficit > 1e-9)
    for sentence in found.sentences():
        assert sentence in str(found)


def test_what_is_undefined_is_named(monkeypatch):
    monkeypatch.setattr(_inspect_gan, "_CLASSIFIED", 5)
    gan = GAN("wasserstein", generator=(), discriminator=(3,), activation="tanh", penalty="gradient-penalty", steps=1,
              batch_size=4, rng=0).fit(DATA[:8])  # fmt: skip
    found = inspect_gan(gan, samples=30)
    assert "takes all" in found.refused["classification"]
    assert "at least 10" in found.refused["measures against the data"]
    assert "not found" in str(found)
    assert found.classification is None
    assert found.at_rest is None
    assert found.document()["refused"] == found.refused


def test_exact_divergences_of_an_affine_generator():
    target = Normal(1.0, 2.0)
    gan = GAN(generator=(), discriminator=(3,), latent_dim=1, steps=0, batch_size=4, rng=0, target=target)
    gan.fit(RNG.normal(size=(20, 1)))
    gan.z_[:2] = [1.5, 0.25]
    # KL(N(m, s), N(n, t)) = log(t / s) + (s^2 + (m - n)^2) / (2 t^2) - 1/2.
    expected = math.log(1.5 / 2.0) + (4.0 + 0.75**2) / (2 * 1.5**2) - 0.5
    assert inspect_gan(gan, samples=30).exact["KL(target | generator)"] == pytest.approx(expected, rel=1e-12)
    # With a moving average it is the law of that, whose samples are judged.
    gan.average_ = numpy.array([2.0, 1.0])
    assert inspect_gan(gan, samples=30).exact["KL(target | generator)"] == pytest.approx(0.0, abs=1e-12)


def test_rows_are_taken_at_random_and_always_the_same():
    gan = GAN(generator=(2,), discriminator=(2,), steps=1, batch_size=4, rng=0).fit(DATA)
    found, again, other = (inspect_gan(gan, samples=30, rows=10, rng=seed) for seed in (0, 0, 1))
    assert (found.setting["rows"], found.setting["rows_given"], found.setting["latent_samples"]) == (10, 40, 10)
    assert found.losses == again.losses
    assert found.losses != other.losses
    assert "10 of 40 rows" in str(found)
    # Fewer than a batch of the fit make no game of it.
    assert inspect_gan(gan, samples=30, rows=1).setting["rows"] == 4


def test_classes_are_drawn_as_often_as_the_data_have_them(monkeypatch):
    labels = numpy.array(["a"] * 36 + ["b"] * 3)
    gan = GAN(generator=(2,), discriminator=(2,), packing=2, steps=1, batch_size=4, rng=0).fit(DATA[:39], labels)
    drawn, sample = [], gan.sample
    monkeypatch.setattr(gan, "sample", lambda n, y, rng: drawn.append(y) or sample(n, y, rng=rng))
    found = inspect_gan(gan, samples=500)
    # 1/13 of them, within five deviations.
    assert (drawn[0] == "b").mean() == pytest.approx(1 / 13, abs=5 * math.sqrt(12 / 13**2 / 500))
    # The last row is in no pack.
    assert (found.setting["rows"], found.setting["latent_samples"]) == (38, 38)
    assert "full batch of 38 of 39 rows of data and 38 latent samples, in packs of 2" in str(found)


def test_errors(tmp_path):
    gan = GAN(generator=(2,), discriminator=(2,), steps=1, batch_size=4, rng=0)
    with pytest.raises(TypeError, match="`gan` must be a fitted GAN, got int"):
        inspect_gan(3)
    with pytest.raises(ValueError, match="not fitted"):
        inspect_gan(gan)
    gan.fit(DATA)
    with pytest.raises(ValueError, match="`samples`"):
        inspect_gan(gan, samples=5)
    with pytest.raises(ValueError, match="features"):
        inspect_gan(gan, numpy.zeros((20, 3)))
    gan.save(tmp_path / "g.npz")
    with pytest.raises(ValueError, match="checkpoint holds no data"):
        inspect_gan(GAN.load(tmp_path / "g.npz"))
