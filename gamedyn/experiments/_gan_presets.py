"""gan_preset: published GAN experiments, and our own on digits, ready to be fitted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gamedyn._checks import check_choice, nearest
from gamedyn.data import gaussian_grid, gaussian_ring, swiss_roll
from gamedyn.experiments._gan_digits import digits_gan
from gamedyn.experiments._gan_preset import GANPreset, PublishedRow, drawn_rows
from gamedyn.experiments._gan_published import VEEGAN, Builder, pacgan, unrolled, veegan, wgan_gp

__all__ = ["GAN_PRESETS", "gan_preset"]

_RING, _GRID = "ring of 8, radius 1, deviation 0.01", "grid of 25, spacing 2, deviation 0.05"
_RING_ROWS = {1: (6.3, 0.982, 0.45), 2: (7.9, 0.956, 0.07)}
_GRID_ROWS = {1: (17.3, 0.948, 0.70), 4: (24.8, 0.936, 0.04)}


def _packed(packing: int, ring: bool) -> Builder:
    if ring:
        return pacgan(gaussian_ring(), _RING, packing, _RING_ROWS.get(packing))
    return pacgan(gaussian_grid(), _GRID, packing, _GRID_ROWS.get(packing))


_BUILDERS: dict[str, Callable[[], Builder]] = {
    "wgan-gp-8gaussians": lambda: wgan_gp(
        gaussian_ring(8, radius=2 / 1.414, scale=0.02 / 1.414),
        "ring of 8, radius 2, deviation 0.02, divided by 1.414",
        True,
    ),
    "wgan-gp-25gaussians": lambda: wgan_gp(
        gaussian_grid(5, spacing=2 / 2.828, scale=0.05 / 2.828),
        "grid of 25, spacing 2, deviation 0.05, divided by 2.828",
        False,
    ),
    "wgan-gp-swissroll": lambda: wgan_gp(swiss_roll(), "swiss roll, noise 0.25, divided by 7.5", True),
    "unrolled-gan-ring": lambda: unrolled(5),
    "unrolled-gan-ring-0": lambda: unrolled(0),
    "veegan-ring": lambda: veegan(
        gaussian_ring(), _RING, 1.0, 0.993, (PublishedRow("VEEGAN", 8.0, 0.529, None, 5, VEEGAN),)
    ),
    "veegan-grid": lambda: veegan(
        gaussian_grid(), _GRID, 3.3, 0.005, (PublishedRow("VEEGAN", 24.6, 0.40, None, 5, VEEGAN),)
    ),
    "pacgan-ring": lambda: _packed(2, True),
    "pacgan-ring-1": lambda: _packed(1, True),
    "pacgan-ring-4": lambda: _packed(4, True),
    "pacgan-grid": lambda: _packed(2, False),
    "pacgan-grid-1": lambda: _packed(1, False),
    "pacgan-grid-4": lambda: _packed(4, False),
    "digits-mlp": lambda: digits_gan("mlp"),
    "digits-convolutional": lambda: digits_gan("convolutional"),
    "digits-conditional": lambda: digits_gan("conditional"),
}

GAN_PRESETS: tuple[str, ...] = tuple(_BUILDERS)
"""The names, published experiments first."""


def gan_preset(name: str, *, budget: str = "short", rng: Any = None) -> GANPreset:
    """An experiment by its name, with an unfitted GAN, its data, and the published figures to set beside its own.

    Parameters
    ----------
    name : str
        One of `GAN_PRESETS`. "pacgan-ring" and "pacgan-grid" pack 2 samples, "-1" and "-4" after them 1 and 4;
        "unrolled-gan-ring" unrolls 5 steps, "unrolled-gan-ring-0" none.
    budget : {"short", "full"}
        "full" has the published networks, step sizes and steps, hours on one core for most; "short" takes a minute or
        a few, on smaller networks where that is needed, and `differences` says so.
    rng : None, int or numpy.random.Generator
        Of the GAN: initial parameters and batches.

    Returns
    -------
    GANPreset

    Raises
    ------
    ValueError
        For an unknown name, with the nearest ones, or an unknown budget.

    Notes
    -----
    The figures of such short runs depend on seed, budget and networks: never print one without `settings`, and compare
    means of several seeds. The plain GANs of the two papers disagree on the same data, because their networks differ.

    References
    ----------
    Gulrajani et al. (2017), Improved training of Wasserstein GANs. Metz et al. (2017), Unrolled generative adversarial
    networks. Srivastava et al. (2017), VEEGAN. Lin et al. (2018), PacGAN.

    Examples
    --------
    >>> preset = gan_preset("pacgan-ring", rng=0)
    >>> preset.gan.packing, preset.published[0].modes
    (2, 7.9)
    """
    if name not in _BUILDERS:
        close = nearest(str(name), GAN_PRESETS)
        hint = f"Did you mean {' or '.join(close)}?" if close else f"The names are {', '.join(GAN_PRESETS)}."
        raise ValueError(f"`name` must be the name of a preset, got {name!r}. {hint}")
    check_choice("budget", budget, ("short", "full"))
    parts = _BUILDERS[name]()(budget == "full")
    steps, full_steps = parts["steps"]
    target = parts["target"]
    gan = parts["gan"].set_params(steps=steps, target=target, rng=rng)
    return GANPreset(
        name=name,
        budget=budget,
        gan=gan,
        target=target,
        steps=steps,
        full_steps=full_steps,
        source=parts["source"],
        settings={**parts["settings"], "steps": f"{steps:,}"},
        differences=tuple(parts["differences"]),
        published=parts["published"],
        draw=parts["draw"] if "draw" in parts else drawn_rows(target, 100_000),
    )
