"""Stability over two hyper-parameters, with the boundary that theory gives on top."""

from __future__ import annotations

from typing import Any

import numpy

from gamedyn.backend import require
from gamedyn.dynamics import PhaseDiagram
from gamedyn.plotting._style import INK, PALETTE, add_legend, new_axes, set_alt_text

__all__ = ["plot_phase_diagram"]

# Blue where distances fall, orange where they grow, white between: both ends are dark in print.
_FALLS, _GROWS = PALETTE[0], PALETTE[1]
# In the order in which a diagram's limit sets are numbered.
_KINDS = {
    "point": PALETTE[0],
    "cycle": PALETTE[2],
    "torus": PALETTE[5],
    "chaos": PALETTE[1],
    "divergence": "#d9d9d9",
    "undecided": "#ffffff",
}
_EDGE = "#6b6b6b"


def plot_phase_diagram(diagram: PhaseDiagram, *, labels: tuple[str, str] | None = None, ax: Any = None) -> Any:
    """Factor per step in every cell, measured where the rule was played, else predicted; the line is radius 1.

    With limit sets, cells have a colour for their kind instead.

    Parameters
    ----------
    diagram : PhaseDiagram
    labels : tuple of str, optional
        Of the axes; default the names of the hyper-parameters.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    first, second = labels or (diagram.x_name, diagram.y_name)
    ax = new_axes(ax, size=(6.0, 4.0), xlabel=first.replace("_", " "), ylabel=second.replace("_", " "))
    if diagram.limit_set is not None:
        return _draw_kinds(ax, diagram)
    measured = diagram.rate is not None
    factor = numpy.asarray(diagram.rate if measured else diagram.radius, dtype=float)
    logs = numpy.log(numpy.where(numpy.isfinite(factor) & (factor > 0), factor, numpy.nan))
    seen = numpy.abs(logs[numpy.isfinite(logs)])
    # Half of the cells are within the range, so that outliers do not bleach the rest.
    reach = float(numpy.quantile(seen, 0.8)) if len(seen) else 1.0
    colours = require("matplotlib.colors").LinearSegmentedColormap.from_list("growth", [_FALLS, "#ffffff", _GROWS])
    if measured and diagram.outcome is not None:
        # Too fast to be measured: the ends of the scale. Index into OUTCOMES: 0 converged, 2 diverged.
        ends = numpy.choose(diagram.outcome, [-2 * reach, 0.0, 2 * reach])
        logs = numpy.where(numpy.isfinite(logs), logs, ends)
    elif not measured:
        logs = numpy.where(numpy.asarray(factor) == 0, -2 * reach, numpy.where(numpy.isposinf(factor), 2 * reach, logs))
    shown = numpy.ma.masked_invalid(logs)
    mesh = ax.pcolormesh(
        diagram.x, diagram.y, shown, cmap=colours, vmin=-reach or -1, vmax=reach or 1, shading="nearest"
    )
    for k, curve in enumerate(diagram.boundary):
        ax.plot(*numpy.asarray(curve).T, color=INK, linewidth=1.8, label=None if k else "radius 1, by theory")
    if measured and diagram.outcome is not None:
        _mark_disagreement(ax, diagram)
    ax.grid(False)
    bar = ax.figure.colorbar(mesh, ax=ax, pad=0.02, extend="both")
    bar.set_label(f"log of the factor per step ({'measured' if measured else 'predicted'})", fontsize=9, color=INK)
    bar.ax.tick_params(labelsize=8)
    bar.outline.set_visible(False)
    if ax.get_legend_handles_labels()[0]:
        add_legend(ax, "above")
    set_alt_text(ax, "Phase diagram: " + " ".join(str(diagram).split()) + ".")
    return ax


def _draw_kinds(ax: Any, diagram: PhaseDiagram) -> Any:
    """A colour for every word, the words that occur in the legend, and the boundary on top."""
    chart = require("matplotlib.colors").ListedColormap(list(_KINDS.values()))
    last = len(_KINDS) - 0.5
    ax.pcolormesh(diagram.x, diagram.y, diagram.limit_set, cmap=chart, vmin=-0.5, vmax=last, shading="nearest")
    for number, (word, colour) in enumerate(_KINDS.items()):
        if numpy.any(diagram.limit_set == number):
            ax.scatter([], [], marker="s", s=60, color=colour, edgecolors=_EDGE, label=word)
    for k, curve in enumerate(diagram.boundary):
        ax.plot(*numpy.asarray(curve).T, color=INK, linewidth=1.8, label=None if k else "radius 1, by theory")
    ax.grid(False)
    add_legend(ax, "right")
    set_alt_text(ax, "Phase diagram: " + " ".join(str(diagram).split()) + ".")
    return ax


def _mark_disagreement(ax: Any, diagram: PhaseDiagram) -> None:
    """Crosses where a run diverged although theory says it converges, or the other way round."""
    falls, grows = diagram.radius < 1, diagram.radius > 1
    # Index into OUTCOMES: 0 converged, 2 diverged.
    odd = (falls & (diagram.outcome == 2)) | (grows & (diagram.outcome == 0))
    if numpy.any(odd):
        y, x = numpy.nonzero(odd)
        ax.scatter(
            diagram.x[x], diagram.y[y], marker="x", s=16, color=INK, linewidths=0.9, label="theory and run differ"
        )
