"""Eigenvalues of the players' own Hessians, in order."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy

from gamedyn.backend import to_host
from gamedyn.plotting._style import PALETTE, add_legend, new_axes, set_alt_text

__all__ = ["plot_own_curvatures"]


def plot_own_curvatures(eigenvalues: Mapping[str, Any], *, only_ends: bool = False, ax: Any = None) -> Any:
    """Eigenvalues of each player's own Hessian in order; below 0 the player can lower its loss alone.

    Parameters
    ----------
    eigenvalues : mapping of str to array_like, shape (m,)
        Player -> all of them, or some with those at the ends.
    only_ends : bool
        Show from where to where they reach, instead of each in its place.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
        With a scale that is linear next to 0 and logarithmic beyond.
    """
    named = {name: numpy.sort(numpy.asarray(to_host(v), dtype=float).ravel()) for name, v in eigenvalues.items()}
    if not named or not all(len(values) for values in named.values()):
        raise ValueError("`eigenvalues` must have some for every player, got none.")
    across = "" if only_ends else "share of the player's directions"
    ax = new_axes(ax, xlabel=across, ylabel="eigenvalue of its own Hessian")
    largest = max(float(numpy.max(numpy.abs(values))) for values in named.values())
    told = []
    for k, (colour, marker, (name, values)) in enumerate(zip(PALETTE, "oD^sv" * 2, named.items(), strict=False)):
        if only_ends:
            place = numpy.full(2, (k + 0.5) / len(named))
            ax.plot(place, values[[0, -1]], f"{marker}-", color=colour, markersize=6, linewidth=2)
            for value, side in ((values[0], "top"), (values[-1], "bottom")):
                offset = (0, 7 if side == "bottom" else -7)
                ax.annotate(
                    f"{value:.4g}",
                    (place[0], value),
                    offset,
                    textcoords="offset points",
                    ha="center",
                    va=side,
                    fontsize=9,
                )
        else:
            share = (numpy.arange(len(values)) + 0.5) / len(values)
            size = 3.5 if len(values) > 20 else 6
            ax.plot(share, values, marker, color=colour, markersize=size, alpha=0.75, markeredgewidth=0, label=name)
        told.append(f"{name} from {values[0]:.3g} to {values[-1]:.3g}")
    if largest > 0:
        # A power of ten, below which there is no tick but 0: others would lie on one another there.
        ax.set_yscale("symlog", linthresh=10.0 ** math.ceil(math.log10(1e-3 * largest)))
    low, high = ax.get_ylim()
    # The line between up and down is always in the picture, and the numbers at the ends have room.
    room = 4.0 if only_ends else 1.0
    low, high = room * min(low, -1e-3 * largest or -1.0), room * max(high, 1e-3 * largest or 1.0)
    ax.axhspan(low, 0, color="#D55E00", alpha=0.07, linewidth=0, zorder=0)
    ax.axhline(0, color="#6b6b6b", linewidth=0.9, zorder=1)
    ax.set_ylim(low, high)
    ax.set_xlim(0, 1)
    if only_ends:
        ax.set_xticks([(k + 0.5) / len(named) for k in range(len(named))], list(named))
    else:
        add_legend(ax, "above")
    set_alt_text(ax, f"Eigenvalues of the players' own Hessians in order: {'; '.join(told)}.")
    return ax
