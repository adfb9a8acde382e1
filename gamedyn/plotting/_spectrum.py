"""Eigenvalues of games in the complex plane."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy

from gamedyn.backend import to_host
from gamedyn.plotting._style import PALETTE, add_legend, new_axes, set_alt_text

__all__ = ["plot_spectrum"]


def plot_spectrum(eigenvalues: Any, *, ax: Any = None) -> Any:
    """Eigenvalues of a game's Jacobian J; the flow leaves along those in the shaded half-plane.

    Parameters
    ----------
    eigenvalues : array_like of complex, or mapping of str to such
        For instance ``{"before": ..., "after": ...}`` training.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    named = eigenvalues if isinstance(eigenvalues, Mapping) else {"": eigenvalues}
    ax = new_axes(ax, xlabel="real part", ylabel="imaginary part")
    told, parts = [], []
    for colour, marker, (name, values) in zip(PALETTE * 2, "oD^sv" * 3, named.items(), strict=False):
        host = numpy.asarray(to_host(values), dtype=complex).ravel()
        ax.scatter(
            host.real, host.imag, s=24, color=colour, marker=marker, alpha=0.75, linewidths=0, label=name or None
        )
        parts.append(host)
        low = float(host.real.min()) if len(host) else 0.0
        told.append(f"{name + ': ' if name else ''}{len(host)} eigenvalues with smallest real part {low:.3g}")
    everything = numpy.concatenate(parts)
    reach = float(numpy.max(numpy.abs(everything.real))) if len(everything) else 1.0
    ax.autoscale_view()
    left, right = ax.get_xlim()
    # Both half-planes are always in the picture, with room for their words.
    room = 0.16 * max(right, -left, right - left) if reach else 1.0
    left, right = min(left, -room), max(right, room)
    ax.axvspan(left, 0, color="#D55E00", alpha=0.07, linewidth=0, zorder=0)
    ax.axvline(0, color="#6b6b6b", linewidth=0.9, zorder=1)
    ax.set_xlim(left, right)
    # Room for the two words above the eigenvalues; rounding beside the real axis is no height.
    bottom, top = ax.get_ylim()
    if reach and len(everything) and float(numpy.max(numpy.abs(everything.imag))) <= 1e-9 * reach:
        bottom, top = -0.2 * reach, 0.2 * reach
    ax.set_ylim(bottom, top + 0.08 * (top - bottom))
    for text, offset, side in (("repels", -5, "right"), ("attracts", 5, "left")):
        ax.annotate(
            text,
            (0, 1),
            (offset, -5),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha=side,
            va="top",
            fontsize=9,
            color="#444444",
        )
    if any(named):
        add_legend(ax, "above")
    set_alt_text(ax, f"Spectrum of the game's Jacobian in the complex plane. {'; '.join(told)}.")
    return ax
