"""Networks of the published GAN experiments and of those on digits."""

from __future__ import annotations

from itertools import pairwise

from gamedyn.nn import (
    BatchNormalization,
    Convolution,
    Dense,
    Initializer,
    Layer,
    LeakyReLU,
    Maxout,
    Network,
    NormalInitializer,
    ReLU,
    Reshape,
    TransposedConvolution,
)

__all__ = [
    "convolutional_discriminator",
    "convolutional_generator",
    "maxout_discriminator",
    "normalized_generator",
    "relu_network",
]

_SMALL = NormalInitializer(0.02)


def relu_network(
    inputs: int, hidden: tuple[int, ...], outputs: int, initializer: str | Initializer, last: str | Initializer
) -> Network:
    """Dense layers with ReLU between them, the last one with an initialiser of its own.

    Parameters
    ----------
    inputs, outputs : int
    hidden : tuple of int
    initializer, last : str or Initializer
    """
    layers: list[Layer] = []
    for a, b in pairwise((inputs, *hidden)):
        layers += [Dense(a, b, initializer=initializer), ReLU()]
    return Network((*layers, Dense(hidden[-1], outputs, initializer=last)), inputs)


def normalized_generator(latent: int, width: int, outputs: int) -> Network:
    """PacGAN's generator: four hidden layers without biases, batch normalised, ReLU; weights N(0, 0.02^2).

    Parameters
    ----------
    latent, width, outputs : int
    """
    layers: list[Layer] = []
    for a, b in pairwise((latent, *(width,) * 4)):
        layers += [Dense(a, b, bias=False, initializer=_SMALL), BatchNormalization(b), ReLU()]
    return Network((*layers, Dense(width, outputs, initializer=_SMALL)), latent)


def maxout_discriminator(inputs: int, width: int, pieces: int) -> Network:
    """PacGAN's discriminator: three maxout layers; weights N(0, 0.02^2).

    Parameters
    ----------
    inputs, width, pieces : int
    """
    layers: list[Layer] = []
    for a, b in pairwise((inputs, *(width,) * 3)):
        layers += [Dense(a, b * pieces, initializer=_SMALL), Maxout(pieces)]
    return Network((*layers, Dense(width, 1, initializer=_SMALL)), inputs)


def convolutional_generator(latent: int, channels: int) -> Network:
    """Latent numbers -> 4 x 4 images of so many channels -> 8 x 8 of half as many -> 8 x 8 pixels.

    Parameters
    ----------
    latent, channels : int
    """
    half = channels // 2
    layers = (
        Dense(latent, 16 * channels, initializer="he"),
        ReLU(),
        Reshape((4, 4, channels), inputs=(16 * channels,)),
        TransposedConvolution(channels, half, (4, 4), stride=2, padding=1, initializer="he"),
        ReLU(),
        Convolution(half, 1, (3, 3), padding=1),
        Reshape((64,), inputs=(8, 8, 1)),
    )
    return Network(layers, latent)


def convolutional_discriminator(channels: int) -> Network:
    """8 x 8 pixels -> 8 x 8 of half the channels -> 4 x 4 of all channels -> one number.

    Parameters
    ----------
    channels : int
    """
    half = channels // 2
    layers = (
        Reshape((8, 8, 1), inputs=(64,)),
        Convolution(1, half, (3, 3), padding=1, initializer="he"),
        LeakyReLU(),
        Convolution(half, channels, (4, 4), stride=2, padding=1, initializer="he"),
        LeakyReLU(),
        Reshape((16 * channels,), inputs=(4, 4, channels)),
        Dense(16 * channels, 1),
    )
    return Network(layers, 64)
