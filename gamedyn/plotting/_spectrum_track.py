"""Spectra of a game before, during and after a training, side by side."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.experiments import SpectrumPoint, SpectrumTrack
from gamedyn.plotting._style import INK, PALETTE, new_axes, set_alt_text

__all__ = ["plot_spectrum_track"]


def plot_spectrum_track(track: SpectrumTrack, *, ax: Any = None) -> Any:
    """Eigenvalues of J in the complex plane, one panel for each point of the track, on one scale.

    The flow leaves along eigenvalues left of the line, the imaginary axis; those off the real line turn.

    Parameters
    ----------
    track : SpectrumTrack
        As `gamedyn.experiments.track_spectrum` gives it.
    ax : matplotlib Axes, optional
        Its place holds the panels, which are its `child_axes`.

    Returns
    -------
    matplotlib Axes
    """
    count = len(track.points)
    ax = new_axes(ax, size=(1.0 + 2.3 * count, 3.1))
    ax.set_axis_off()
    everything = numpy.concatenate([point.eigenvalues for point in track.points])
    x, y = (_limits(part) for part in (everything.real, everything.imag))
    # The panels' own ticks and titles must find room inside.
    left, gap = 0.45 / count, 0.18 / count
    width = (0.985 - left - gap * (count - 1)) / count
    for k, point in enumerate(track.points):
        panel = new_axes(ax.inset_axes((left + k * (width + gap), 0.16, width, 0.66)), xlabel="real part")
        panel.axvspan(x[0], 0, color="#D55E00", alpha=0.07, linewidth=0, zorder=0)
        panel.axvline(0, color="#6b6b6b", linewidth=0.9, zorder=1)
        values = point.eigenvalues
        panel.scatter(values.real, values.imag, s=16, color=PALETTE[0], alpha=0.6, linewidths=0)
        panel.set_xlim(*x)
        panel.set_ylim(*y)
        panel.locator_params(axis="x", nbins=4)
        panel.set_title(_title(point, k, count), fontsize=9, color=INK)
        if k == 0:
            panel.set_ylabel("imaginary part", fontsize=10, color=INK)
        else:
            panel.tick_params(labelleft=False)
    told = "; ".join(
        f"at step {point.step} least real part {point.smallest_real:.3g}, greatest imaginary part "
        f"{point.largest_imaginary:.3g}"
        for point in track.points
    )
    set_alt_text(ax, f"Eigenvalues of the game's Jacobian along a path, side by side: {told}.")
    return ax


def _limits(parts: numpy.ndarray) -> tuple[float, float]:
    """With 0 inside, and a margin."""
    low, high = min(float(parts.min()), 0.0), max(float(parts.max()), 0.0)
    margin = 0.08 * (high - low) or 1.0
    return low - margin, high + margin


def _title(point: SpectrumPoint, k: int, count: int) -> str:
    when = "before" if k == 0 and point.step == 0 else "after" if k == count - 1 else "during"
    # Of a large game the others are not known.
    those = "" if point.eigenvalue_residuals is None else "found: "
    return f"{when}: step {point.step:,}\n{those}Re ≥ {point.smallest_real:.2g}, |Im| ≤ {point.largest_imaginary:.2g}"
