"""Densities on the line, and fits that cover modes or seek one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy

from gamedyn.backend import to_host
from gamedyn.distributions import Distribution
from gamedyn.plotting._style import PALETTE, add_legend, new_axes, set_alt_text

__all__ = ["density_on", "plot_mode_fits", "plot_range"]


def density_on(law: Distribution, x: numpy.ndarray) -> numpy.ndarray:
    """The density of a law on the line at x, on the host."""
    if law.event_shape != () or law.batch_shape != () or law.is_discrete:
        raise ValueError(
            f"only one law with a density on the line can be drawn, got {type(law).__name__} with batch shape "
            f"{law.batch_shape} and event shape {law.event_shape}."
        )
    density: numpy.ndarray = numpy.exp(numpy.asarray(to_host(law.log_prob(x)), dtype=float))
    return density


def plot_range(laws: Sequence[Distribution], points: int = 801) -> numpy.ndarray:
    """Equally spaced points over four standard deviations on either side of each mean."""
    means = [float(to_host(law.mean)) for law in laws]
    widths = [4 * float(to_host(law.variance)) ** 0.5 for law in laws]
    low = min(m - w for m, w in zip(means, widths, strict=True))
    high = max(m + w for m, w in zip(means, widths, strict=True))
    return numpy.linspace(low, high, points)


def plot_mode_fits(data: Distribution, fits: Mapping[str, Distribution], *, x: Any = None, ax: Any = None) -> Any:
    """Fits of a simple family to data with several modes, one for each divergence that was minimised.

    Parameters
    ----------
    data : Distribution
        On the line.
    fits : mapping of str to Distribution
        The divergence's name -> its fit.
    x : array_like, optional
        Where to draw; default an interval that holds all.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    points = plot_range([data, *fits.values()]) if x is None else numpy.asarray(to_host(x), dtype=float)
    ax = new_axes(ax, xlabel="x", ylabel="density")
    shape = density_on(data, points)
    ax.fill_between(points, shape, color="#bdbdbd", alpha=0.6, linewidth=0, label="data")
    for colour, (name, law) in zip(PALETTE * 2, fits.items(), strict=False):
        ax.plot(points, density_on(law, points), color=colour, linewidth=1.8, label=name)
    ax.set_xlim(points[0], points[-1])
    ax.set_ylim(bottom=0)
    ax.grid(False)
    add_legend(ax)
    places = ", ".join(
        f"{name} at {float(to_host(law.mean)):.2f} with deviation {float(to_host(law.variance)) ** 0.5:.2f}"
        for name, law in fits.items()
    )
    set_alt_text(ax, f"Density of the data and fits that minimise different divergences: {places}.")
    return ax
