"""Trajectories and phase portraits in the plane of two coordinates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy

from gamedyn.backend import default_namespace, require, to_device, to_host
from gamedyn.dynamics import Status, Trajectory
from gamedyn.equilibria import classify
from gamedyn.games import Game
from gamedyn.plotting._kinds import draw_kinds, say_kinds
from gamedyn.plotting._style import INK, PALETTE, add_legend, new_axes, set_alt_text

__all__ = ["plot_distances", "plot_phase_portrait", "plot_trajectories"]

# Square axes, and the room that a legend takes beside them.
_SIZE, _SIZE_WITH_LEGEND = (4.4, 4.1), (5.8, 4.1)


def plot_trajectories(
    trajectories: Trajectory | Mapping[str, Trajectory],
    *,
    coordinates: tuple[int, int] = (0, 1),
    labels: tuple[str, str] | None = None,
    box: Sequence[Sequence[float]] | None = None,
    ax: Any = None,
) -> Any:
    """Paths of joint points in the plane of two coordinates.

    Parameters
    ----------
    trajectories : Trajectory or mapping of str to Trajectory
        A batch is drawn in one colour.
    coordinates : tuple of int
        Which entries of z to draw.
    labels : tuple of str, optional
        Of the axes; default $z_0$ and so on.
    box : ((x_low, x_high), (y_low, y_high)), optional
        Default 2.2 times the extent of the starting points, so that a path that diverges does not shrink the others.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    named = trajectories if isinstance(trajectories, Mapping) else {"": trajectories}
    i, j = coordinates
    first, second = labels or (_name(i), _name(j))
    ax = new_axes(ax, size=_SIZE_WITH_LEGEND if any(named) else _SIZE, xlabel=first, ylabel=second)
    starts, endings = [], []
    # Later paths are thinner, so that those that coincide can all be seen.
    widths = numpy.linspace(2.8, 1.0, len(named)) if len(named) > 2 else [1.6] * len(named)
    for colour, width, (name, path) in zip(PALETTE * 3, widths, named.items(), strict=False):
        lines = numpy.asarray(to_host(path.points), dtype=float)
        lines = lines.reshape(lines.shape[0], -1, lines.shape[-1])[..., [i, j]]
        starts.append(lines[0])
        for k in range(lines.shape[1]):
            label = name if k == 0 and name else None
            ax.plot(lines[:, k, 0], lines[:, k, 1], color=colour, linewidth=width, label=label)
        # A dot where a path ended, if it did not blow up.
        diverged = numpy.asarray(path.status).ravel() == Status.DIVERGED
        ax.scatter(*lines[-1, ~diverged].T, s=26, color=colour, zorder=4, edgecolors="white", linewidths=0.7)
        endings.append(f"{name or 'the path'} {_ending(lines)}")
    start = numpy.concatenate(starts)
    ax.scatter(*numpy.unique(start, axis=0).T, s=34, marker="s", color="white", edgecolors="#222222", zorder=5)
    if box is None:
        reach = 2.2 * float(numpy.max(numpy.abs(start))) or 1.0
        box = ((-reach, reach), (-reach, reach))
    ax.set_xlim(*box[0])
    ax.set_ylim(*box[1])
    ax.set_aspect("equal")
    if any(named):
        add_legend(ax, "right")
    set_alt_text(ax, f"Trajectories from the square in the plane of z[{i}] and z[{j}]: {'; '.join(endings)}.")
    return ax


def plot_distances(
    trajectories: Mapping[str, Trajectory],
    target: Any,
    *,
    per: str = "gradient",
    rates: Mapping[str, float] | None = None,
    ax: Any = None,
) -> Any:
    """Distances to a point, on a logarithmic scale, over the work that each rule has done.

    Parameters
    ----------
    trajectories : mapping of str to Trajectory
        The mean over a batch is drawn.
    target : array_like, shape (d,) or a number
    per : {"gradient", "step"}
        Unit of the horizontal axis. Rules are compared fairly per gradient, since some use two in a step.
    rates : mapping of str to float, optional
        Predicted factors per step, `spectral_radius` for instance: dashed, through the middle of what was measured.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    label = {"gradient": "gradient evaluations", "step": "steps"}
    if per not in label:
        raise ValueError(f"`per` must be 'gradient' or 'step', got {per!r}.")
    ax = new_axes(ax, xlabel=label[per], ylabel="distance to the equilibrium")
    ends = []
    for colour, (name, path) in zip(PALETTE * 3, trajectories.items(), strict=False):
        distance = numpy.asarray(to_host(path.distance_to(target)), dtype=float).reshape(len(path.times), -1).mean(1)
        work = path.gradient_calls if per == "gradient" else path.times
        ax.semilogy(work, numpy.where(distance > 0, distance, numpy.nan), color=colour, linewidth=1.6, label=name)
        said = f"{name} ends at {distance[-1]:.1e}"
        if rates is not None and name in rates:
            _draw_rate(ax, work, numpy.asarray(path.times, dtype=float), distance, float(rates[name]))
            said += f" (predicted factor {float(rates[name]):.4g} per step, dashed)"
        ends.append(said)
    if rates is not None:
        ax.plot([], [], color=INK, linewidth=1.0, linestyle=(0, (5, 4)), label="predicted rate")
    add_legend(ax)
    set_alt_text(ax, f"Distance to the equilibrium against {label[per]}, logarithmic: {'; '.join(ends)}.")
    return ax


def plot_phase_portrait(
    game: Game,
    box: Sequence[Sequence[float]] = ((-2.0, 2.0), (-2.0, 2.0)),
    *,
    trajectories: Trajectory | Mapping[str, Trajectory] | None = None,
    points: Any = None,
    orbits: Sequence[Any] = (),
    labels: tuple[str, str] | None = None,
    ax: Any = None,
) -> Any:
    """The gradient flow -xi of a game with two coordinates: streamlines, darker where it is faster.

    Parameters
    ----------
    game : Game
        With d = 2.
    box : ((x_low, x_high), (y_low, y_high))
    trajectories : Trajectory or mapping of str to Trajectory, optional
        Drawn on top.
    points : array_like, shape (m, 2), optional
        Stationary points: each is drawn as what `classify` finds it to be.
    orbits : sequence of PeriodicOrbit
        Cycles: solid where they are stable, dashed where they are not, dotted where that is open.
    labels : tuple of str, optional
        Of the axes, for instance ("θ", "ψ"); default $z_0$ and $z_1$.
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
        raise ValueError(f"`game` must have two coordinates for a phase portrait, got players of sizes {game.dims}.")
    first, second = labels or (_name(0), _name(1))
    has_legend = isinstance(trajectories, Mapping) or points is not None or bool(orbits)
    ax = new_axes(ax, size=_SIZE_WITH_LEGEND if has_legend else _SIZE, xlabel=first, ylabel=second)
    x, y = (numpy.linspace(low, high, 41) for low, high in box)
    grid = numpy.stack(numpy.meshgrid(x, y), axis=-1)
    velocity = -numpy.asarray(to_host(game.simultaneous_gradient(_on_default(grid))), dtype=float)
    speed = numpy.hypot(velocity[..., 0], velocity[..., 1])
    from_numpy = {"linewidth": 0.9, "arrowsize": 0.8, "density": 0.9}
    shade = speed / (float(numpy.max(speed)) or 1.0)
    ax.streamplot(x, y, velocity[..., 0], velocity[..., 1], color=shade, cmap=_greys(), **from_numpy)
    ax.grid(False)
    if trajectories is not None:
        plot_trajectories(trajectories, labels=(first, second), box=box, ax=ax)
        ax.grid(False)
    ax.set_xlim(*box[0])
    ax.set_ylim(*box[1])
    ax.set_aspect("equal")
    slow = numpy.unravel_index(int(numpy.argmin(speed)), speed.shape)
    sentence = f"Phase portrait of the gradient flow, slowest near ({grid[slow][0]:.2g}, {grid[slow][1]:.2g})."
    if trajectories is not None:
        sentence = f"{sentence} {ax.get_label()}"
    if orbits:
        sentence = f"{sentence} {_draw_orbits(ax, orbits)}"
    if points is not None:
        at = numpy.asarray(to_host(points), dtype=float).reshape(-1, 2)
        kinds: Any = numpy.asarray(classify(game, _on_default(at)).kind).reshape(-1) if len(at) else []
        draw_kinds(ax, at, kinds)
        sentence = f"{sentence} Marked: {say_kinds(at, kinds)}."
    if ax.get_legend_handles_labels()[0]:
        add_legend(ax, "right")
    set_alt_text(ax, sentence)
    return ax


def _draw_orbits(ax: Any, orbits: Sequence[Any]) -> str:
    """Closed lines, one legend entry for each kind of stability; what they are, in words."""
    styles = {
        "yes": ("stable cycle", "solid", PALETTE[0]),
        "no": ("unstable cycle", (0, (4, 2)), PALETTE[1]),
        "undecided": ("cycle", (0, (1, 1.5)), INK),
    }
    told, known = [], set()
    for orbit in orbits:
        answer = str(orbit.stable.answer)
        name, style, colour = styles[answer]
        closed = numpy.concatenate([orbit.points, orbit.points[:1]])
        ax.plot(*closed.T, linestyle=style, color=colour, linewidth=1.9, label=None if answer in known else name)
        known.add(answer)
        told.append(f"{name} of period {orbit.period:.4g}")
    return f"Drawn: {', '.join(told)}."


def _draw_rate(ax: Any, work: Any, steps: numpy.ndarray, distance: numpy.ndarray, rate: float) -> None:
    """C rate^k, with C such that the logarithms of the later half agree on average, above rounding."""
    later = numpy.arange(len(steps)) >= len(steps) // 2
    kept = (distance > 1e-14 * numpy.max(distance[numpy.isfinite(distance)])) & numpy.isfinite(distance)
    used = kept & later if numpy.any(kept & later) else kept
    if rate <= 0 or not numpy.any(used):
        return
    offset = numpy.mean(numpy.log(distance[used]) - steps[used] * numpy.log(rate))
    line = numpy.exp(offset + steps[kept] * numpy.log(rate))
    ax.semilogy(numpy.asarray(work)[kept], line, color=INK, linewidth=1.0, linestyle=(0, (5, 4)))


def _on_default(host: numpy.ndarray) -> Any:
    xp = default_namespace()
    return to_device(host, xp, dtype=xp.float64)


def _name(index: int) -> str:
    return f"$z_{{{index}}}$"


def _greys() -> Any:
    colours = require("matplotlib.colors")
    return colours.LinearSegmentedColormap.from_list("speed", ["#c9d6e3", "#5b7a99"])


def _ending(lines: numpy.ndarray) -> str:
    """How the paths (T, k, 2) end, seen from their start."""
    first, last = (float(numpy.mean(numpy.hypot(*part.T))) for part in (lines[0], lines[-1]))
    word = "moves inward" if last < 0.9 * first else "moves outward" if last > 1.1 * first else "keeps its distance"
    return f"{word} from {first:.2g} to {last:.2g}"
