"""Samples in the plane over the density they should have, and sheets of small images."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy

from gamedyn.backend import to_host
from gamedyn.distributions import Distribution
from gamedyn.plotting._style import INK, PALETTE, add_legend, new_axes, set_alt_text

__all__ = ["plot_sample_sheet", "plot_samples"]

_SIDE = 160  # points of the grid, each way, on which a density or critic is drawn
_FLOOR = 1e-3  # of the largest density: what is drawn of it


def plot_samples(
    samples: Any,
    *,
    target: Distribution | None = None,
    data: Any = None,
    critic: Callable[[numpy.ndarray], Any] | None = None,
    box: Any = None,
    ax: Any = None,
) -> Any:
    """Samples in the plane as points, over the density of their target, real data, or the level lines of a critic.

    Parameters
    ----------
    samples : array_like, shape (n, 2)
    target : Distribution, optional
        A law on the plane; its density is shaded.
    data : array_like, shape (m, 2), optional
        Real samples, drawn below the others.
    critic : callable, optional
        critic(x) with x (k, 2) gives (k,): a logit or critic value, drawn as level lines.
    box : array_like, shape (2, 2), optional
        ((low, high), (low, high)) of what is drawn; default what holds samples, data and most of the target.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    points = _in_the_plane(samples, "samples")
    real = None if data is None else _in_the_plane(data, "data")
    ax = new_axes(ax, size=(4.6, 4.4), xlabel="x₀", ylabel="x₁")
    limits = _limits(points, real, target) if box is None else numpy.asarray(to_host(box), dtype=float)
    if limits.shape != (2, 2) or not (limits[:, 0] < limits[:, 1]).all():
        raise ValueError(f"`box` must be ((low, high), (low, high)) with low < high, got {limits.tolist()}.")
    x, y = (numpy.linspace(low, high, _SIDE) for low, high in limits)
    grid = numpy.stack(numpy.meshgrid(x, y, indexing="xy"), axis=-1).reshape(-1, 2)
    if target is not None:
        log_density = numpy.asarray(to_host(target.log_prob(grid)), dtype=float).reshape(_SIDE, _SIDE)
        # On a log scale: a narrow mode would otherwise be a dot, and a wide one nothing.
        shade = numpy.clip((log_density - log_density.max()) / -math.log(_FLOOR) + 1, 0, 1)
        ax.imshow(shade, origin="lower", extent=limits.ravel(), cmap="Greys", vmin=0, vmax=1.8, aspect="auto")
        ax.plot([], [], "s", color="0.55", label="target")
    if critic is not None:
        values = numpy.asarray(to_host(critic(grid)), dtype=float).reshape(_SIDE, _SIDE)
        lines = ax.contour(x, y, values, levels=9, cmap="viridis", linewidths=0.8)
        ax.clabel(lines, fontsize=6)
        ax.plot([], [], "-", color="#21918c", linewidth=0.8, label="critic")
    if real is not None:
        ax.plot(*real.T, "o", color=PALETTE[1], markersize=2.5, alpha=0.5, markeredgewidth=0, label="data")
    ax.plot(*points.T, "o", color=PALETTE[0], markersize=2.5, alpha=0.6, markeredgewidth=0, label="generated")
    ax.set_xlim(*limits[0])
    ax.set_ylim(*limits[1])
    ax.set_aspect("equal")
    ax.grid(False)
    add_legend(ax, "above", markerscale=1.5)
    inside = float(((points >= limits[:, 0]) & (points <= limits[:, 1])).all(axis=1).mean())
    below = " over the density of the target" if target is not None else ""
    below += f" beside {len(real)} real ones" if real is not None else ""
    below += ", with level lines of the critic" if critic is not None else ""
    set_alt_text(ax, f"{len(points)} generated points in the plane{below}; {inside:.0%} of them are in the picture.")
    return ax


def plot_sample_sheet(
    images: Any,
    shape: tuple[int, int],
    *,
    columns: int = 10,
    titles: Any = None,
    limits: tuple[float, float] | None = None,
    ax: Any = None,
) -> Any:
    """Grey images in rows on one sheet, black for the smallest value of all and white for the largest.

    Parameters
    ----------
    images : array_like, shape (n, height * width) or (n, height, width)
    shape : tuple of int
        (height, width) of one image.
    columns : int
        Images per row.
    titles : sequence of str, optional
        One for each row, to its left.
    limits : (float, float), optional
        Values drawn black and white instead, for instance the ends of the data; what is beyond is drawn as these.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    values = numpy.asarray(to_host(images), dtype=float)
    height, width = shape
    if values.ndim < 2 or values[0].size != height * width or not len(values):
        raise ValueError(f"`images` must have shape (n, {height * width}), got {values.shape}.")
    if columns < 1:
        raise ValueError(f"`columns` must be at least 1, got {columns}.")
    values = values.reshape(len(values), height, width)
    columns = min(columns, len(values))
    rows = -(-len(values) // columns)
    if titles is not None and len(titles) != rows:
        raise ValueError(f"`titles` must have one entry per row, got {len(titles)} for {rows} rows.")
    low, high = (float(values.min()), float(values.max())) if limits is None else map(float, limits)
    if not low <= high:
        raise ValueError(f"`limits` must be (black, white) with black <= white, got {limits}.")
    # One pixel of nan, drawn white, between neighbours.
    sheet = numpy.full((rows * (height + 1) - 1, columns * (width + 1) - 1), numpy.nan)
    for i, image in enumerate(values):
        top, left = (i // columns) * (height + 1), (i % columns) * (width + 1)
        sheet[top : top + height, left : left + width] = image
    ax = new_axes(ax, size=(0.55 * columns + 0.3, 0.55 * rows + 0.2))
    ax.imshow(sheet, cmap="gray", vmin=low, vmax=max(high, low + 1e-12), interpolation="nearest")
    ax.grid(False)
    ax.set_xticks([])
    ticks = [row * (height + 1) + (height - 1) / 2 for row in range(rows)] if titles is not None else []
    ax.set_yticks(ticks, titles or [], color=INK, fontsize=9)
    ax.tick_params(length=0)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    kinds = "" if titles is None else f", one row for each of {', '.join(map(str, titles))}"
    set_alt_text(ax, f"A sheet of {len(values)} grey images of {height} by {width} pixels{kinds}.")
    return ax


def _in_the_plane(samples: Any, name: str) -> numpy.ndarray:
    points = numpy.asarray(to_host(samples), dtype=float)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise ValueError(f"`{name}` must have shape (n, 2), got {points.shape}. Choose two columns.")
    return points


def _limits(points: numpy.ndarray, real: numpy.ndarray | None, target: Distribution | None) -> numpy.ndarray:
    held = [points[numpy.isfinite(points).all(axis=1)]]
    if real is not None:
        held.append(real)
    if target is not None:
        mean, deviation = numpy.asarray(to_host(target.mean)), numpy.sqrt(numpy.asarray(to_host(target.variance)))
        held += [(mean - 2 * deviation)[None], (mean + 2 * deviation)[None]]
    low, high = (end(numpy.concatenate(held), axis=0) for end in (numpy.min, numpy.max))
    centre, half = (low + high) / 2, max(float((high - low).max()) / 2, 1e-6) * 1.08
    return numpy.stack([centre - half, centre + half], axis=-1)
