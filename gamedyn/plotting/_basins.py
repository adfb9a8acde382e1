"""Basins of attraction as a map of starts."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.backend import require
from gamedyn.dynamics import Basins
from gamedyn.plotting._kinds import mark_kind
from gamedyn.plotting._style import INK, PALETTE, add_legend, new_axes, set_alt_text

__all__ = ["plot_basins"]

_UNFINISHED, _DIVERGED = "#ffffff", "#d9d9d9"
_MOST = 2 * (len(PALETTE) - 1)


def plot_basins(
    basins: Basins,
    *,
    coordinates: tuple[int, int] = (0, 1),
    labels: tuple[str, str] | None = None,
    ax: Any = None,
) -> Any:
    """Every start of a grid in the colour of the limit it is led to; the limits marked by their kind.

    Grey starts diverge, white ones are not decided. Pale and full tones of a colour are two different limits.

    Parameters
    ----------
    basins : Basins
        Of a grid, or of random starts: then each start is a dot.
    coordinates : tuple of int
        Which entries of z the grid's axes are, as they were given to `basins`.
    labels : tuple of str, optional
        Of the axes.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        If there are more limits than colours that can be told apart.
    """
    if len(basins.limits) > _MOST:
        raise ValueError(f"`basins` must have at most {_MOST} limits for a picture, got {len(basins.limits)}.")
    i, j = coordinates
    first, second = labels or (f"$z_{{{i}}}$", f"$z_{{{j}}}$")
    ax = new_axes(ax, size=(6.6, 4.2), xlabel=first, ylabel=second)
    colours = [_UNFINISHED, _DIVERGED, *_tones(len(basins.limits))]
    chart = require("matplotlib.colors").ListedColormap(colours)
    shown = basins.labels + 2
    if basins.x is None:
        ax.scatter(*basins.starts[:, [i, j]].T, c=shown, cmap=chart, vmin=-0.5, vmax=len(colours) - 0.5, s=7)
    else:
        # Cells around starts: the picture reaches half a cell beyond the box.
        ax.pcolormesh(basins.x, basins.y, shown, cmap=chart, vmin=-0.5, vmax=len(colours) - 0.5, shading="nearest")
    for label, limit in enumerate(basins.limits):
        ax.scatter(
            [], [], marker="s", s=60, color=colours[label + 2], label=f"{limit.kind}, {basins.share(label).value:.1%}"
        )
    for word, count, colour in (
        ("diverged", basins.diverged, _DIVERGED),
        ("undecided", basins.unfinished, _UNFINISHED),
    ):
        if count:
            share = count / basins.labels.size
            ax.scatter([], [], marker="s", s=60, color=colour, edgecolors="#6b6b6b", label=f"{word}, {share:.1%}")
    add_legend(ax, "right")
    for limit in basins.limits:
        if limit.orbit is None:
            kind = "marginal" if limit.kind == "continuum" else limit.kind
            mark_kind(ax, numpy.asarray(limit.point)[[i, j]], kind)
        else:
            ax.plot(*numpy.asarray(limit.orbit)[:, [i, j]].T, ".", color=INK, markersize=2.5)
    if basins.x is not None:
        ax.set_xlim(float(basins.x[0]), float(basins.x[-1]))
        ax.set_ylim(float(basins.y[0]), float(basins.y[-1]))
        ratio = float(basins.y[-1] - basins.y[0]) / float(basins.x[-1] - basins.x[0])
        # Circles look like circles, unless that made a strip of the picture.
        if 1 / 3 <= ratio <= 3:
            ax.set_aspect("equal")
    ax.grid(False)
    set_alt_text(ax, "Basins of attraction. " + " ".join(str(basins).split()) + ".")
    return ax


def _tones(count: int) -> list[str]:
    """The palette, then the palette mixed with white: told apart by lightness where hues are not seen."""
    full = list(PALETTE[:-1])
    pale = ["#" + "".join(f"{(int(colour[k : k + 2], 16) + 2 * 255) // 3:02x}" for k in (1, 3, 5)) for colour in full]
    # Full and pale in turn would put like hues side by side; first all full ones.
    return (full + pale)[:count]
