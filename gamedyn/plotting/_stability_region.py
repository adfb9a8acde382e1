"""Where a rule contracts, in the plane of eigenvalues, with spectra on top."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy

from gamedyn.backend import require, to_host
from gamedyn.equilibria import StabilityRegion
from gamedyn.plotting._style import INK, PALETTE, add_legend, new_axes, set_alt_text

__all__ = ["plot_stability_region"]


def plot_stability_region(region: StabilityRegion, *, spectra: Any = None, ax: Any = None) -> Any:
    """The eigenvalues of J for which every multiplier of a rule is below 1, shaded by the largest one.

    Parameters
    ----------
    region : StabilityRegion
        Its window is the picture's.
    spectra : array_like of complex, or mapping of str to such, optional
        Eigenvalues of games: filled markers where the rule contracts, crosses where it does not.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    # A figure as wide as the window at equal scales, with room for the bar of shades.
    width = 3.2 * float(region.x[-1] - region.x[0]) / float(region.y[-1] - region.y[0])
    ax = new_axes(
        ax, size=(min(max(width, 3.2), 6.0) + 1.7, 4.1), xlabel="real part of λ", ylabel="imaginary part of λ"
    )
    levels = numpy.linspace(0, 1, 11)
    finite = numpy.where(numpy.isfinite(region.radius), region.radius, 9.0)
    colours = require("matplotlib.colors").LinearSegmentedColormap.from_list("radius", ["#2a6ea6", "#e3edf6"])
    shades = ax.contourf(region.x, region.y, finite, levels=levels, cmap=colours)
    for k, curve in enumerate(region.boundary):
        ax.plot(*numpy.asarray(curve).T, color=INK, linewidth=1.4, label=None if k else "largest multiplier 1")
    ax.axhline(0, color="#6b6b6b", linewidth=0.7)
    ax.axvline(0, color="#6b6b6b", linewidth=0.7)
    told = _draw_spectra(ax, region, spectra)
    ax.set_xlim(float(region.x[0]), float(region.x[-1]))
    ax.set_ylim(float(region.y[0]), float(region.y[-1]))
    ax.set_aspect("equal")
    ax.grid(False)
    bar = ax.figure.colorbar(shades, ax=ax, shrink=0.8, pad=0.02)
    bar.set_label("largest multiplier", fontsize=9, color=INK)
    bar.ax.tick_params(labelsize=8)
    bar.outline.set_visible(False)
    if ax.get_legend_handles_labels()[0]:
        add_legend(ax, "above", ncols=2)
    set_alt_text(ax, f"Eigenvalues for which {type(region.rule).__name__} contracts.{told}")
    return ax


def _draw_spectra(ax: Any, region: StabilityRegion, spectra: Any) -> str:
    """Markers for every eigenvalue, and what they tell."""
    if spectra is None:
        return ""
    named = spectra if isinstance(spectra, Mapping) else {"eigenvalues": spectra}
    told = []
    for colour, marker, (name, values) in zip(PALETTE[1:] * 2, "oD^sv" * 3, named.items(), strict=False):
        host = numpy.asarray(to_host(values), dtype=complex).ravel()
        inside = numpy.asarray(region.contains(host))
        ax.scatter(
            host[inside].real,
            host[inside].imag,
            s=30,
            color=colour,
            marker=marker,
            zorder=4,
            edgecolors="white",
            linewidths=0.6,
            label=name,
        )
        ax.scatter(host[~inside].real, host[~inside].imag, s=34, color=colour, marker="x", zorder=4, linewidths=1.6)
        told.append(f"{name}: {int(inside.sum())} of {len(host)} inside")
    return " " + "; ".join(told) + "."
