"""GAN presets: settings against the numbers of their sources, a few steps of each, and what an unknown name says."""

import numpy
import pytest

from gamedyn.data import target_modes
from gamedyn.experiments import GAN_PRESETS, GANPreset, gan_preset
from gamedyn.nn import BatchNormalization, Dense, Maxout
from gamedyn.updates import Adam, InnerSteps

WGAN = [name for name in GAN_PRESETS if name.startswith("wgan-gp")]
PACGAN = [name for name in GAN_PRESETS if name.startswith("pacgan")]


def dense_shapes(network):
    return [(layer.inputs, layer.outputs) for layer in network.layers if isinstance(layer, Dense)]


@pytest.mark.parametrize("name", WGAN)
def test_gradient_penalty_toys_have_the_numbers_of_the_original(name):
    # gan_toy.py: DIM 512, LAMBDA .1, CRITIC_ITERS 5, BATCH_SIZE 256, ITERS 100000, Adam 1e-4 (0.5, 0.9).
    preset = gan_preset(name, budget="full")
    gan = preset.gan
    assert dense_shapes(gan.generator) == [(2, 512), (512, 512), (512, 512), (512, 2)]
    assert dense_shapes(gan.discriminator) == [(2, 512), (512, 512), (512, 512), (512, 1)]
    assert (gan.batch_size, gan.discriminator_steps, gan.steps, gan.penalty_weight / 2) == (256, 5, 100_000, 0.1)
    rule = gan.rule
    assert (type(rule), rule.step_size, rule.first_decay, rule.second_decay) == (Adam, 1e-4, 0.5, 0.9)
    assert gan.objective == "wasserstein"
    assert gan.penalty == "gradient-penalty"


def test_gradient_penalty_targets_are_those_of_the_original():
    ring, grid = (target_modes(gan_preset(name).target) for name in WGAN[:2])
    assert numpy.allclose(numpy.linalg.norm(ring.centers, axis=1), 2 / 1.414)
    assert numpy.allclose(ring.scale, 0.02 / 1.414)
    assert len(ring.centers) == 8
    assert numpy.allclose(numpy.unique(grid.centers), numpy.array([-4, -2, 0, 2, 4]) / 2.828)
    assert numpy.allclose(grid.scale, 0.05 / 2.828)
    assert len(grid.centers) == 25


@pytest.mark.parametrize("name", PACGAN)
def test_packed_gans_have_the_numbers_of_the_original(name):
    # config.py: gen_hidden_size 400, disc_hidden_size 200, 5 pieces, 0.02, 1e-4, beta1 0.8, batch 100, 400 epochs.
    preset = gan_preset(name, budget="full")
    gan, packing = preset.gan, int(name[-1]) if name[-1].isdigit() else 2
    assert gan.packing == packing
    assert dense_shapes(gan.generator) == [(2, 400), *[(400, 400)] * 3, (400, 2)]
    assert dense_shapes(gan.discriminator) == [(2 * packing, 1000), (200, 1000), (200, 1000), (200, 1)]
    dense = [layer for layer in gan.generator.layers if isinstance(layer, Dense)]
    assert [layer.bias for layer in dense] == [False] * 4 + [True]
    assert {layer.initializer.scale for layer in dense} == {0.02}
    assert sum(isinstance(layer, BatchNormalization) for layer in gan.generator.layers) == 4
    assert [layer.pieces for layer in gan.discriminator.layers if isinstance(layer, Maxout)] == [5] * 3
    rule = gan.rule
    assert (rule.step_size, rule.first_decay, rule.second_decay, rule.schedule) == (1e-4, 0.8, 0.999, "simultaneous")
    assert (gan.batch_size, gan.steps) == (100, 400 * 1000)
    assert preset.data(0)[0].shape == (100_000, 2)


def test_unrolled_gan_has_the_numbers_of_the_authors_notebook():
    # batch 512, lr 1e-4 and 1e-3, beta1 0.5, 25000 iterations, z of 256, 5 steps, gain 1.4, two layers of 128.
    for name, steps in (("unrolled-gan-ring", 5), ("unrolled-gan-ring-0", 0)):
        gan = gan_preset(name, budget="full").gan
        assert dense_shapes(gan.generator) == [(256, 128), (128, 128), (128, 2)]
        assert dense_shapes(gan.discriminator) == [(2, 128), (128, 128), (128, 1)]
        assert {layer.initializer.gain for layer in gan.generator.layers if isinstance(layer, Dense)} == {1.4}
        assert (gan.unrolled_steps, gan.batch_size, gan.steps, gan.latent_dim) == (steps, 512, 25_000, 256)
        rule = gan.rule
        assert isinstance(rule, InnerSteps)
        assert rule.inner_steps == (1, 1)
        assert rule.rule.first_decay == 0.5
        assert [rule.rule.step_size * factor for factor in rule.step_factors] == pytest.approx([1e-3, 1e-4])


def test_veegans_plain_gan_has_the_numbers_of_the_adaptation():
    for name in ("veegan-ring", "veegan-grid"):
        gan = gan_preset(name, budget="full").gan
        assert dense_shapes(gan.generator) == [(254, 128), (128, 128), (128, 2)]
        assert dense_shapes(gan.discriminator) == [(2, 128), (128, 1)]
        assert (gan.batch_size, gan.rule.step_size, gan.rule.first_decay, gan.steps) == (500, 1e-3, 0.5, 100_000)
        assert gan.rule.schedule == "alternating"


@pytest.mark.parametrize("name", GAN_PRESETS)
def test_every_preset_takes_steps(name):
    if name.startswith("digits"):
        pytest.importorskip("sklearn")
    preset = gan_preset(name, rng=0)
    X, y = preset.data(1)
    rows = slice(None, None, max(1, len(X) // 400))
    gan = preset.gan.set_params(steps=2, batch_size=4)
    gan.fit(X[rows], None if y is None else y[rows])
    labels = None if y is None else numpy.arange(10)[:4]
    assert gan.steps_ == 2
    assert gan.sample(4, labels, rng=0).shape == (4, X.shape[1])
    assert numpy.isfinite(gan.z_).all()


@pytest.mark.parametrize("name", GAN_PRESETS)
def test_a_preset_prints_all_that_belongs_beside_a_figure(name):
    short, full = gan_preset(name), gan_preset(name, budget="full")
    text = str(short)
    assert isinstance(short, GANPreset)
    assert short.steps < full.steps == short.full_steps == full.gan.steps
    for word in (*short.settings, *short.settings.values(), *short.differences, short.source, f"{short.steps:,}"):
        assert word in text
    assert not any("short budget" in each for each in full.differences)
    if not name.startswith("digits"):
        assert any("short budget" in each for each in short.differences)
    for row in short.published:
        assert row.method in text
        assert f"{row.modes:g} modes" in text


def test_data_and_parameters_follow_the_seeds():
    one, same = (gan_preset("veegan-ring", rng=3).data(7)[0] for _ in range(2))
    assert numpy.array_equal(one, same)
    assert not numpy.array_equal(one, gan_preset("veegan-ring").data(8)[0])
    assert gan_preset("veegan-ring", rng=3).gan.rng == 3


def test_an_unknown_name_is_told_the_nearest():
    with pytest.raises(ValueError, match=r"'pacgan-rin'\. Did you mean pacgan-ring"):
        gan_preset("pacgan-rin")
    with pytest.raises(ValueError, match="The names are wgan-gp-8gaussians, "):
        gan_preset("zzzz")
    with pytest.raises(ValueError, match="budget"):
        gan_preset("pacgan-ring", budget="long")


def test_published_rows_are_those_of_the_tables():
    # Lin et al. 2018, Table 1, 10 trials; Srivastava et al. 2017, Table 1, 5 runs.
    found = {
        name: tuple((row.method, row.modes, row.high_quality, row.reverse_kl, row.runs) for row in preset.published)
        for name in GAN_PRESETS
        if (preset := gan_preset(name)).published
    }
    assert found == {
        "unrolled-gan-ring": (("Unrolled GAN, 5 steps, as run there", 7.6, 0.356, None, 5),),
        "veegan-ring": (("GAN", 1.0, 0.993, None, 5), ("VEEGAN", 8.0, 0.529, None, 5)),
        "veegan-grid": (("GAN", 3.3, 0.005, None, 5), ("VEEGAN", 24.6, 0.40, None, 5)),
        "pacgan-ring": (("PacGAN2", 7.9, 0.956, 0.07, 10),),
        "pacgan-ring-1": (("GAN", 6.3, 0.982, 0.45, 10),),
        "pacgan-grid-1": (("GAN", 17.3, 0.948, 0.70, 10),),
        "pacgan-grid-4": (("PacGAN4", 24.8, 0.936, 0.04, 10),),
    }


def test_digit_gans_pay_r1_and_keep_a_moving_average():
    for name, inputs in (("digits-mlp", 64), ("digits-conditional", 74), ("digits-convolutional", 64)):
        gan = gan_preset(name).gan
        assert (gan.penalty, gan.penalty_weight, gan.ema_decay, gan.batch_size) == ("r1", 1.0, 0.995, 64)
        assert (gan.generator.output_size, gan.discriminator.input_size) == (64, inputs)
    with_labels, without = (gan_preset(name).draw for name in ("digits-conditional", "digits-mlp"))
    assert with_labels is not without
