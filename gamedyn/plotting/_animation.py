"""Trajectories in motion, written as an animated GIF."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy

from gamedyn._checks import check_choice, check_integer, check_positive
from gamedyn._files import write_atomically
from gamedyn.backend import require, to_host
from gamedyn.dynamics import Trajectory
from gamedyn.games import Game
from gamedyn.plotting._dynamics import plot_phase_portrait
from gamedyn.plotting._style import INK, PALETTE, add_legend, new_axes

__all__ = ["save_animation"]


def save_animation(
    trajectories: Trajectory | Mapping[str, Trajectory],
    path: str | os.PathLike[str],
    *,
    game: Game | None = None,
    box: Sequence[Sequence[float]] | None = None,
    coordinates: tuple[int, int] = (0, 1),
    labels: tuple[str, str] | None = None,
    frames: int = 60,
    trail: int = 40,
    seconds: float = 6.0,
) -> None:
    """Write a GIF in which points move along their trajectories, each with a fading trail; it plays in a loop.

    Parameters
    ----------
    trajectories : Trajectory or mapping of str to Trajectory
        Drawn by record: all of them move at one pace in records. A batch is drawn in one colour.
    path : path
        With the suffix .gif; written whole or not at all.
    game : Game, optional
        With d = 2: its phase portrait is the background.
    box : ((x_low, x_high), (y_low, y_high)), optional
        Default 1.1 times the extent of what is within ten times the starting points' reach.
    coordinates : tuple of int
        Which entries of z to draw.
    labels : tuple of str, optional
        Of the axes.
    frames : int
        Number of pictures, at least 2; the last one is the last record.
    trail : int
        Records that stay visible behind each point.
    seconds : float
        Length of one loop.

    Raises
    ------
    ValueError
        If the suffix is another one, or there are no records to move between.

    Notes
    -----
    Written by Pillow, which comes with matplotlib. No date goes into the file.
    """
    path = Path(path)
    check_choice("path suffix", path.suffix.lower().removeprefix("."), ("gif",))
    check_integer("frames", frames, minimum=2)
    check_integer("trail", trail, minimum=0)
    check_positive("seconds", seconds)
    named = trajectories if isinstance(trajectories, Mapping) else {"": trajectories}
    paths = {name: _lines(path, coordinates) for name, path in named.items()}
    longest = max(len(lines) for lines in paths.values())
    if longest < 2:
        raise ValueError("`trajectories` must hold at least two records, got one. Record more points.")
    box = _default_box(list(paths.values())) if box is None else box
    first, second = labels or (f"$z_{{{coordinates[0]}}}$", f"$z_{{{coordinates[1]}}}$")
    pictures = []
    ax = new_axes(None, size=(5.4, 4.4) if any(named) else (4.4, 4.4), xlabel=first, ylabel=second)
    ax.figure.set_dpi(90)
    if game is not None:
        plot_phase_portrait(game, box, labels=(first, second), ax=ax)
    heads, trails = [], []
    for colour, (name, lines) in zip(PALETTE * 3, paths.items(), strict=False):
        heads.append(ax.scatter([], [], s=34, color=colour, edgecolors="white", linewidths=0.7, zorder=5, label=name))
        trails.append([ax.plot([], [], color=colour, linewidth=1.4, alpha=0.8)[0] for _ in range(lines.shape[1])])
    ax.set_xlim(*box[0])
    ax.set_ylim(*box[1])
    ax.set_aspect("equal")
    if any(named):
        add_legend(ax, "right")
    title = ax.set_title("", fontsize=10, loc="left", color=INK)
    times = numpy.asarray(next(iter(named.values())).times)
    for record in numpy.unique(numpy.linspace(0, longest - 1, frames).round().astype(int)):
        for head, tails, lines in zip(heads, trails, paths.values(), strict=True):
            here = min(int(record), len(lines) - 1)
            head.set_offsets(lines[here])
            for k, tail in enumerate(tails):
                tail.set_data(*lines[max(0, here - trail) : here + 1, k].T)
        title.set_text(f"step {times[min(int(record), len(times) - 1)]:g}")
        pictures.append(_picture(ax.figure))
    _write(path, pictures, seconds)


def _lines(path: Trajectory, coordinates: tuple[int, int]) -> numpy.ndarray:
    """(T + 1, k, 2), of one batch axis."""
    points = numpy.asarray(to_host(path.points), dtype=float)
    return points.reshape(points.shape[0], -1, points.shape[-1])[..., list(coordinates)]


def _default_box(paths: Sequence[numpy.ndarray]) -> tuple[tuple[float, float], tuple[float, float]]:
    reach = 10 * max(float(numpy.max(numpy.abs(lines[0]))) for lines in paths) or 1.0
    seen = numpy.concatenate([lines.reshape(-1, 2) for lines in paths])
    seen = seen[numpy.all(numpy.abs(seen) <= reach, axis=-1)]
    low, high = seen.min(axis=0), seen.max(axis=0)
    centre, half = (low + high) / 2, 0.55 * float(numpy.max(high - low)) or 1.0
    (left, right), (bottom, top) = ((float(c - half), float(c + half)) for c in centre)
    return (left, right), (bottom, top)


def _picture(figure: Any) -> Any:
    """The figure as it stands, as a Pillow image."""
    canvas = require("matplotlib.backends.backend_agg").FigureCanvasAgg(figure)
    canvas.draw()
    image = require("PIL.Image")
    return image.fromarray(numpy.asarray(canvas.buffer_rgba())[..., :3].copy())


def _write(path: Path, pictures: list[Any], seconds: float) -> None:
    # One palette for all frames, so that colours do not flicker.
    few = [numpy.asarray(picture) for picture in pictures[:: max(1, len(pictures) // 6)]]
    palette = require("PIL.Image").fromarray(numpy.concatenate(few)).quantize(256, kmeans=1)
    # Paper is white, and not the mean of what is nearly so.
    colours = numpy.asarray(palette.getpalette()).reshape(-1, 3)
    colours[colours.min(axis=-1) >= 248] = 255
    palette.putpalette(colours.ravel().tolist())
    frames = [picture.quantize(palette=palette, dither=0) for picture in pictures]
    # GIF counts in hundredths of a second.
    pause = max(20, 10 * round(100 * seconds / len(frames)))
    write_atomically(
        path,
        lambda file: frames[0].save(
            file, format="GIF", save_all=True, append_images=frames[1:], duration=pause, loop=0, optimize=False
        ),
    )
