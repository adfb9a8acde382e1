"""GANs on the 8 x 8 digits, with settings of our own."""

from __future__ import annotations

from typing import Any

from gamedyn.experiments._gan_networks import convolutional_discriminator, convolutional_generator, relu_network
from gamedyn.experiments._gan_preset import labelled_digits, plain_digits
from gamedyn.experiments._gan_published import Builder
from gamedyn.models import GAN
from gamedyn.updates import Adam

__all__ = ["digits_gan"]


def digits_gan(kind: str) -> Builder:
    """full -> a GAN on the 8 x 8 digits: "mlp", "convolutional" or "conditional".

    Parameters
    ----------
    kind : str
    """

    def build(full: bool) -> dict[str, Any]:
        convolutional = kind == "convolutional"
        steps = (20_000 if full else 3000) if convolutional else (40_000 if full else 8000)
        labels = 10 if kind == "conditional" else 0
        if convolutional:
            networks = convolutional_generator(16, 32), convolutional_discriminator(32)
            texts = "16-4x4x32-8x8x16-8x8x1, ReLU", "8x8x1-8x8x16-4x4x32-1, leaky ReLU"
        else:
            networks = (
                relu_network(16 + labels, (128, 128), 64, "he", "he"),
                relu_network(64 + labels, (128, 128), 1, "he", "he"),
            )
            texts = f"{16 + labels}-128-128-64, ReLU", f"{64 + labels}-128-128-1, ReLU"
        gan = GAN(
            "non-saturating",
            generator=networks[0],
            discriminator=networks[1],
            latent_dim=16,
            rule=Adam(5e-4, first_decay=0.5, second_decay=0.99, schedule="alternating"),
            batch_size=64,
            penalty="r1",
            penalty_weight=1.0,
            ema_decay=0.995,
        )
        return {
            "gan": gan,
            "target": None,
            "steps": (steps, 20_000 if convolutional else 40_000),
            "source": "our own settings",
            "differences": [],
            "published": (),
            "draw": labelled_digits if labels else plain_digits,
            "settings": {
                "data": "1,797 digits of 8 x 8 pixels" + (" with labels" if labels else ""),
                "generator": texts[0],
                "discriminator": texts[1],
                "objective": "non-saturating, R1 with weight 1",
                "rule": "Adam 5e-4 (0.5, 0.99), alternating; moving average 0.995",
                "batch": "64",
            },
        }

    return build
