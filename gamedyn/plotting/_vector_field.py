"""A velocity field as arrows, with trajectories on top."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy

from gamedyn.backend import default_namespace, to_device, to_host
from gamedyn.dynamics import Trajectory
from gamedyn.games import Game
from gamedyn.plotting._dynamics import plot_trajectories
from gamedyn.plotting._style import new_axes, set_alt_text

__all__ = ["plot_vector_field"]


def plot_vector_field(
    game: Game,
    box: Sequence[Sequence[float]] = ((-2.0, 2.0), (-2.0, 2.0)),
    *,
    field: Callable[[Game, Any], Any] | None = None,
    trajectories: Trajectory | Mapping[str, Trajectory] | None = None,
    resolution: int = 17,
    labels: tuple[str, str] = ("$z_{0}$", "$z_{1}$"),
    ax: Any = None,
) -> Any:
    """Arrows of a velocity field on a grid: all of one length, darker where it is faster.

    Parameters
    ----------
    game : Game
        With d = 2.
    box : ((x_low, x_high), (y_low, y_high))
    field : callable, optional
        field(game, z) -> velocity; the gradient flow -xi by default, or a rule's `flow`, or a modified field.
    trajectories : Trajectory or mapping of str to Trajectory, optional
        Drawn on top.
    resolution : int
        Arrows along each axis.
    labels : tuple of str
        Of the axes.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ValueError
        If the game does not have two coordinates.
    """
    if sum(game.dims) != 2:
        raise ValueError(f"`game` must have two coordinates for arrows, got players of sizes {game.dims}.")
    size = (5.8, 4.1) if isinstance(trajectories, Mapping) else (4.4, 4.1)
    ax = new_axes(ax, size=size, xlabel=labels[0], ylabel=labels[1])
    x, y = (numpy.linspace(low, high, resolution) for low, high in box)
    grid = numpy.stack(numpy.meshgrid(x, y), axis=-1)
    xp = default_namespace()
    points = to_device(grid, xp, dtype=xp.float64)
    velocity = -game.simultaneous_gradient(points) if field is None else field(game, points)
    host = numpy.asarray(to_host(velocity), dtype=float)
    speed = numpy.hypot(host[..., 0], host[..., 1])
    # Directions at equal lengths: where the field is slow an arrow to scale could not be seen.
    unit = host / numpy.where(speed > 0, speed, 1.0)[..., None]
    shade = speed / (float(numpy.max(speed)) or 1.0)
    ax.quiver(x, y, unit[..., 0], unit[..., 1], shade, cmap="Blues", clim=(-0.6, 1.0), pivot="mid", width=0.0045)
    ax.grid(False)
    if trajectories is not None:
        plot_trajectories(trajectories, labels=labels, box=box, ax=ax)
        ax.grid(False)
    ax.set_xlim(*box[0])
    ax.set_ylim(*box[1])
    ax.set_aspect("equal")
    sentence = f"Velocity field, slowest {numpy.min(speed):.2g} and fastest {numpy.max(speed):.2g}."
    set_alt_text(ax, sentence if trajectories is None else f"{sentence} {ax.get_label()}")
    return ax
