"""A step on the line: its graph, the diagonal, and the staircase between them."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.dynamics import Cobweb
from gamedyn.plotting._style import INK, PALETTE, add_legend, new_axes, set_alt_text

__all__ = ["plot_cobweb"]


def plot_cobweb(cobweb: Cobweb, *, ax: Any = None) -> Any:
    """The graph of one step against the diagonal, with the staircase that iterates climb.

    Parameters
    ----------
    cobweb : Cobweb
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    ax = new_axes(ax, size=(4.6, 4.6), xlabel="z", ylabel="z after one step")
    x, y, grid, graph = (numpy.asarray(part, dtype=float) for part in cobweb)
    ax.plot(grid, grid, color=INK, linewidth=1.0, linestyle=(0, (4, 2)), label="no move")
    ax.plot(grid, graph, color=PALETTE[0], linewidth=2.0, label="step")
    ax.plot(x, y, color=PALETTE[1], linewidth=1.0, zorder=4, label="iterates")
    ax.scatter(x[:1], y[:1], s=34, color=PALETTE[1], edgecolors="white", linewidths=0.9, zorder=5, label="start")
    ax.set_aspect("equal", adjustable="datalim")
    add_legend(ax, "above")
    steps = len(x) // 2
    set_alt_text(ax, f"Cobweb: {steps} steps from {x[0]:.4g} to {x[-1]:.4g}, within [{x.min():.4g}, {x.max():.4g}].")
    return ax
