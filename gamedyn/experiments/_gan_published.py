"""Published GAN experiments: WGAN-GP's toy sets, Unrolled GAN's ring, the plain GANs of VEEGAN's table, PacGAN."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gamedyn.data import gaussian_ring
from gamedyn.distributions import Distribution
from gamedyn.experiments._gan_networks import maxout_discriminator, normalized_generator, relu_network
from gamedyn.experiments._gan_preset import PublishedRow
from gamedyn.models import GAN
from gamedyn.nn import Orthogonal, Tanh, mlp
from gamedyn.updates import Adam, InnerSteps

__all__ = ["VEEGAN", "Builder", "pacgan", "unrolled", "veegan", "wgan_gp"]

Builder = Callable[[bool], dict[str, Any]]
"""full budget or not -> what `GANPreset` is made of."""

VEEGAN = "VEEGAN, Srivastava et al. 2017, Table 1"
_PACGAN = "PacGAN, Lin et al. 2018, Table 1"
_NO_TABLE = "the paper's text was not found, its table is a picture there"

_WGAN_SOURCE = "igul222/improved_wgan_training, gan_toy.py and tflib/ops/linear.py"
_UNROLLED_SOURCE = (
    "poolio/unrolled_gan, Unrolled GAN demo.ipynb, by the paper's authors, who say that its settings are not those of "
    "the paper; the paper's appendix was not found"
)
_VEEGAN_SOURCE = (
    "measures and runs: akashgit/VEEGAN, index.md; networks, batch and rule: a public adaptation to TensorFlow 2 of "
    f"its VEEGAN_2D_RING.ipynb, which was not found itself; the objective of the plain GAN is our choice; {_NO_TABLE}"
)
_PACGAN_SOURCE = (
    "fjxmlzn/PacGAN, synthetic_data_experiments: config.py, pacgan_task.py, bricks.py, datasets.py, and "
    f"IshmaelBelghazi/ALI, ali/algorithms.py; {_NO_TABLE}"
)
_FINITE = "batches are drawn with replacement from 100,000 fixed points; the original draws new ones"
_NARROW = "short budget: hidden layers of {} instead of {} units, step size {:g} instead of {:g}, {:,} of {:,} steps"
_FEWER = "short budget: {:,} of {:,} steps"


def wgan_gp(target: Distribution, data: str, fresh: bool) -> Builder:
    """full -> Gulrajani et al. on a target; `fresh` where the original draws new points for every batch.

    Parameters
    ----------
    target : Distribution
    data : str
        Of the settings.
    fresh : bool
    """

    def build(full: bool) -> dict[str, Any]:
        width, step_size, steps = (512, 1e-4, 100_000) if full else (128, 5e-4, 3000)
        generator, critic = (relu_network(2, (width,) * 3, k, "he-uniform", "glorot") for k in (2, 1))
        gan = GAN(
            "wasserstein",
            generator=generator,
            discriminator=critic,
            latent_dim=2,
            rule=Adam(step_size, first_decay=0.5, second_decay=0.9),
            batch_size=256,
            discriminator_steps=5,
            penalty="gradient-penalty",
            # The penalty is (weight / 2) E (|g| - 1)^2 here, 0.1 E (|g| - 1)^2 there.
            penalty_weight=0.2,
        )
        differences = [_FINITE] if fresh else ["every mode has 4,000 points there, a random number here"]
        if not full:
            differences.append(_NARROW.format(width, 512, step_size, 1e-4, steps, 100_000))
        return {
            "gan": gan,
            "target": target,
            "steps": (steps, 100_000),
            "source": _WGAN_SOURCE,
            "differences": differences,
            "published": (),
            "settings": {
                "data": data,
                "generator": f"2-{width}-{width}-{width}-2, ReLU",
                "discriminator": f"2-{width}-{width}-{width}-1, ReLU",
                "objective": "wasserstein, penalty 0.1 E (|grad D| - 1)^2",
                "rule": f"Adam {step_size:g} (0.5, 0.9), 5 critic steps",
                "batch": "256",
            },
        }

    return build


def unrolled(unrolled_steps: int) -> Builder:
    """full -> Metz et al. on a ring, with so many unrolled steps.

    Parameters
    ----------
    unrolled_steps : int
    """

    def build(full: bool) -> dict[str, Any]:
        batch, steps = (512, 25_000) if full else (128, 3000)
        initializer = Orthogonal(1.4)
        gan = GAN(
            "minimax",
            generator=mlp((256, 128, 128, 2), Tanh(), initializer=initializer),
            discriminator=mlp((2, 128, 128, 1), Tanh(), initializer=initializer),
            latent_dim=256,
            rule=InnerSteps(Adam(1e-4, first_decay=0.5), (1, 1), step_factors=(10.0, 1.0)),
            batch_size=batch,
            unrolled_steps=unrolled_steps,
            unrolled_step_size=0.1,
        )
        differences = [
            _FINITE,
            "8 modes; the original's angles include both ends, so that it has 7, one of them twice as heavy",
            "the generator moves before the discriminator; the original runs both updates at once",
        ]
        if unrolled_steps:
            differences.append("unrolled steps are plain descent of length 0.1; the original unrolls Adam's")
        if not full:
            differences.append(f"short budget: batch {batch} instead of 512, {steps:,} of 25,000 steps")
        rows = (
            (PublishedRow("Unrolled GAN, 5 steps, as run there", 7.6, 0.356, None, 5, VEEGAN),)
            if unrolled_steps
            else ()
        )
        return {
            "gan": gan,
            "target": gaussian_ring(),
            "steps": (steps, 25_000),
            "source": _UNROLLED_SOURCE,
            "differences": differences,
            "published": rows,
            "settings": {
                "data": "ring of 8, radius 1, deviation 0.01",
                "generator": "256-128-128-2, tanh, orthogonal weights of gain 1.4",
                "discriminator": "2-128-128-1, tanh, orthogonal weights of gain 1.4",
                "objective": f"minimax, {unrolled_steps} unrolled steps",
                "rule": "Adam (0.5, 0.999), 1e-3 for the generator, 1e-4 for the discriminator",
                "batch": str(batch),
            },
        }

    return build


def veegan(target: Distribution, data: str, modes: float, quality: float, more: tuple[PublishedRow, ...]) -> Builder:
    """full -> the plain GAN of VEEGAN's Table 1, its modes and share of high quality.

    Parameters
    ----------
    target : Distribution
    data : str
        Of the settings.
    modes, quality : float
    more : tuple of PublishedRow
    """

    def build(full: bool) -> dict[str, Any]:
        steps = 100_000 if full else 10_000
        gan = GAN(
            "non-saturating",
            generator=relu_network(254, (128, 128), 2, "glorot", "glorot"),
            discriminator=relu_network(2, (128,), 1, "glorot", "glorot"),
            latent_dim=254,
            rule=Adam(1e-3, first_decay=0.5, schedule="alternating"),
            batch_size=500,
        )
        differences = [_FINITE] + ([] if full else [_FEWER.format(steps, 100_000)])
        return {
            "gan": gan,
            "target": target,
            "steps": (steps, 100_000),
            "source": _VEEGAN_SOURCE,
            "differences": differences,
            "published": (PublishedRow("GAN", modes, quality, None, 5, VEEGAN), *more),
            "settings": {
                "data": data,
                "generator": "254-128-128-2, ReLU",
                "discriminator": "2-128-1, ReLU",
                "objective": "non-saturating",
                "rule": "Adam 1e-3 (0.5, 0.999), alternating",
                "batch": "500",
            },
        }

    return build


def pacgan(target: Distribution, data: str, packing: int, row: tuple[float, float, float] | None) -> Builder:
    """full -> Lin et al. with so many samples in a pack; `row` has modes, share and reverse KL.

    Parameters
    ----------
    target : Distribution
    data : str
        Of the settings.
    packing : int
    row : tuple of float, or None
    """

    def build(full: bool) -> dict[str, Any]:
        widths, step_size, steps = ((400, 200), 1e-4, 400_000) if full else ((100, 50), 5e-4, 8000)
        gan = GAN(
            "non-saturating",
            generator=normalized_generator(2, widths[0], 2),
            discriminator=maxout_discriminator(2 * packing, widths[1], 5),
            latent_dim=2,
            rule=Adam(step_size, first_decay=0.8),
            batch_size=100,
            packing=packing,
        )
        differences = [
            "packs are drawn with replacement; an epoch of the original joins each of 1,000 fixed batches once",
            "samples come from batch statistics of 4,096 latent points; the original keeps a moving average",
        ]
        if packing > 1:
            differences.append(
                "batch statistics are of all samples of a batch, the original's of one slot of the packs"
            )
        if not full:
            differences.append(_NARROW.format("100 and 50", "400 and 200", step_size, 1e-4, steps, 400_000))
        method = "GAN" if packing == 1 else f"PacGAN{packing}"
        return {
            "gan": gan,
            "target": target,
            "steps": (steps, 400_000),
            "source": _PACGAN_SOURCE,
            "differences": differences,
            "published": () if row is None else (PublishedRow(method, *row, 10, _PACGAN),),
            "settings": {
                "data": f"{data}, 100,000 points",
                "generator": f"2-{widths[0]}x4-2, batch normalisation, ReLU, weights N(0, 0.02^2)",
                "discriminator": f"{2 * packing}-{widths[1]}x3-1, maxout of 5, weights N(0, 0.02^2)",
                "objective": "non-saturating",
                "rule": f"Adam {step_size:g} (0.8, 0.999), simultaneous",
                "batch": f"100 packs of {packing}",
            },
        }

    return build
