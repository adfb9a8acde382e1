"""The path angle of a game between two points."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.dynamics import PathAngle
from gamedyn.plotting._style import INK, PALETTE, add_legend, new_axes, set_alt_text

__all__ = ["plot_path_angle"]


def plot_path_angle(angle: PathAngle, *, ax: Any = None) -> Any:
    """The cosine between xi and the path, and the size of xi, along start + a (end - start).

    A change of sign from - to + tells of attraction to what lies between, a bump of rotation around it.

    Parameters
    ----------
    angle : PathAngle
        Of one path, or of a batch: then each path is a line.
    ax : matplotlib Axes, optional
        The size of xi is drawn on a second axis at its right.

    Returns
    -------
    matplotlib Axes
    """
    ax = new_axes(ax, xlabel="position a on start + a (end − start)", ylabel="cosine of the path angle")
    right = ax.twinx()
    new_axes(right, ylabel="|ξ|")
    right.grid(False)
    right.spines["right"].set_visible(True)
    a = numpy.asarray(angle.positions, dtype=float)
    for values, axes, colour, style, label in (
        (angle.norm, right, PALETTE[1], (0, (5, 3)), "|ξ| (right)"),
        (angle.cosine, ax, PALETTE[0], "solid", "cosine"),
    ):
        curves = numpy.asarray(values, dtype=float).reshape(len(a), -1)
        for k in range(curves.shape[1]):
            axes.plot(a, curves[:, k], color=colour, linestyle=style, linewidth=1.8)
        # One legend for both axes.
        ax.plot([], [], color=colour, linestyle=style, linewidth=1.8, label=label)
    ax.axhline(0, color=INK, linewidth=0.8)
    for end in (0, 1):
        ax.axvline(end, color="#6b6b6b", linewidth=0.8, linestyle=(0, (1, 2)))
    ax.set_ylim(-1.08, 1.08)
    right.set_ylim(bottom=0)
    add_legend(ax, "above")
    set_alt_text(ax, f"Cosine of the angle between the field and the path, and the field's size: {angle}.")
    return ax
