"""Attractors over a hyper-parameter, with the branches that theory follows through it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy

from gamedyn._checks import check_integer
from gamedyn.backend import to_host
from gamedyn.dynamics import Bifurcation, BifurcationDiagram, Branch
from gamedyn.plotting._style import INK, PALETTE, add_legend, new_axes, set_alt_text

__all__ = ["plot_bifurcation_diagram"]

_BLUE, _ORANGE, _GREEN, _PINK, _YELLOW, _, _BLACK = PALETTE

_STYLES = {
    "fold": (">", _ORANGE),
    "branch point": ("P", _PINK),
    "flip": ("D", _GREEN),
    "Neimark-Sacker": ("o", _YELLOW),
}
"""Kind of a `Bifurcation`: marker and colour."""


def plot_bifurcation_diagram(
    diagram: BifurcationDiagram | None = None,
    *,
    branch: Branch | Sequence[Branch] | None = None,
    bifurcations: Sequence[Bifurcation] = (),
    coordinate: int = 0,
    label: str | None = None,
    ax: Any = None,
) -> Any:
    """Points that trajectories come to, as dots; stable branches solid, unstable ones dashed, bifurcations marked.

    Parameters
    ----------
    diagram : BifurcationDiagram, optional
    branch : Branch or sequence of Branch, optional
        Cycles are drawn as one curve for each of their points.
    bifurcations : sequence of Bifurcation
    coordinate : int
        Of z, on the upright axis.
    label : str, optional
        Of the hyper-parameter; default its name in the diagram.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        If there is neither a diagram nor a branch, or they have no such coordinate.
    """
    branches = [] if branch is None else [branch] if isinstance(branch, Branch) else list(branch)
    if diagram is None and not branches:
        raise ValueError("`diagram` must be given where no `branch` is.")
    check_integer("coordinate", coordinate, minimum=0)
    size = min(numpy.asarray(points).shape[-1] for points in _points(diagram, branches))
    if coordinate >= size:
        raise ValueError(f"`coordinate` must be below {size}, the coordinates of z, got {coordinate}.")
    name = label or ("parameter" if diagram is None else diagram.name.replace("_", " "))
    ax = new_axes(ax, size=(6.0, 4.0), xlabel=name, ylabel=f"coordinate {coordinate}" if size > 1 else "z")
    if diagram is not None:
        points = numpy.asarray(to_host(diagram.points), dtype=float)[..., coordinate]
        x = numpy.broadcast_to(numpy.asarray(diagram.values)[:, None], points.shape)
        seen = numpy.isfinite(points)
        ax.scatter(
            x[seen],
            points[seen],
            s=3.0 if seen.sum() > 2000 else 9.0,
            color=_BLUE,
            alpha=0.35,
            linewidths=0,
            rasterized=True,
            label="attractor",
        )
    named: set[str] = set()
    for curve in branches:
        _draw_branch(ax, curve, coordinate, named)
    for kind, (marker, colour) in _STYLES.items():
        here = [(one.parameter, float(one.point[coordinate])) for one in bifurcations if one.kind == kind]
        if here:
            ax.scatter(
                *numpy.asarray(here).T,
                marker=marker,
                s=58,
                color=colour,
                edgecolors="white",
                linewidths=0.9,
                zorder=6,
                label=kind,
            )
    add_legend(ax, "above", ncols=5)
    handles = ax.get_legend().legend_handles
    if diagram is not None:
        # Dots as small and pale as in the picture cannot be made out in a legend.
        handles[0].set_alpha(1.0)
        handles[0].set_sizes([16.0])
    set_alt_text(ax, _said(diagram, branches, bifurcations))
    return ax


def _draw_branch(ax: Any, branch: Branch, coordinate: int, named: set[str]) -> None:
    """Each stretch of one stability as one line for each point of the cycle, joined to the next at its ends."""
    x, y = numpy.asarray(branch.parameters), numpy.asarray(branch.orbits)[..., coordinate]
    stable = numpy.asarray(branch.stable)
    ends = [0, *(1 + numpy.nonzero(numpy.diff(stable.astype(int)))[0]), len(stable)]
    for first, end in itertools.pairwise(ends):
        word = "stable" if stable[first] else "unstable"
        for k in range(branch.period):
            ax.plot(
                x[first : end + 1],
                y[first : end + 1, k],
                color=INK,
                linewidth=1.6 if stable[first] else 1.2,
                linestyle="-" if stable[first] else (0, (4, 2)),
                zorder=4,
                label=None if word in named else word,
            )
            named.add(word)


def _points(diagram: BifurcationDiagram | None, branches: Sequence[Branch]) -> list[Any]:
    return [*([] if diagram is None else [diagram.points]), *(curve.points for curve in branches)]


def _said(diagram: BifurcationDiagram | None, branches: Sequence[Branch], bifurcations: Sequence[Bifurcation]) -> str:
    said = [] if diagram is None else [str(diagram)]
    said += [str(curve) for curve in branches]
    said += [f"{one.kind} at {one.parameter:.6g}" for one in bifurcations[:6]]
    if len(bifurcations) > 6:
        said.append(f"and {len(bifurcations) - 6} more")
    return "Bifurcation diagram: " + "; ".join(said) + "."
