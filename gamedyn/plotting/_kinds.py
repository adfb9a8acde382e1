"""One colour and one marker for each kind of point, in all pictures alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy

from gamedyn.backend import to_host
from gamedyn.plotting._style import PALETTE

__all__ = ["KIND_STYLES", "draw_kinds", "mark_kind", "say_kinds"]

_BLUE, _ORANGE, _GREEN, _PINK, _YELLOW, _, _BLACK = PALETTE

KIND_STYLES = {
    "nash": ("o", _GREEN),
    "minimax": ("D", _BLUE),
    "attractor": ("^", _YELLOW),
    "saddle": ("X", _ORANGE),
    "repeller": ("s", _PINK),
    "marginal": ("P", _BLACK),
    "undecided": ("P", _BLACK),
    "nonstationary": (".", _BLACK),
}
"""Kind of a `Classification`: marker and colour. Markers differ where colours do: print in grey can be read."""


def draw_kinds(ax: Any, points: Any, kinds: Sequence[str] | Any) -> None:
    """Points (m, 2), each with the marker of its kind and one legend entry for each kind.

    Parameters
    ----------
    ax : matplotlib Axes
    points : array_like, shape (m, 2)
    kinds : sequence of str, length m
    """
    host, words = numpy.asarray(to_host(points), dtype=float).reshape(-1, 2), numpy.asarray(kinds).reshape(-1)
    if len(host) != len(words):
        raise ValueError(f"`kinds` must hold one word for each point, got {len(words)} for {len(host)} points.")
    for kind, (marker, colour) in KIND_STYLES.items():
        here = words == kind
        if here.any():
            ax.scatter(
                *host[here].T,
                marker=marker,
                s=62,
                color=colour,
                edgecolors="white",
                linewidths=0.9,
                zorder=6,
                label=kind,
            )


def say_kinds(points: Any, kinds: Sequence[str] | Any) -> str:
    """The points and what they are, for alt text."""
    host, words = numpy.asarray(to_host(points), dtype=float).reshape(-1, 2), numpy.asarray(kinds).reshape(-1)
    told = [f"{kind} at ({x:.3g}, {y:.3g})" for (x, y), kind in zip(host[:6], words, strict=False)]
    more = f", and {len(host) - 6} more" if len(host) > 6 else ""
    return ", ".join(told) + more if told else "no stationary point"


def mark_kind(ax: Any, point: Any, kind: str) -> None:
    """One point (2,) with the marker of its kind, white with a dark edge so that it is seen on any colour.

    Parameters
    ----------
    ax : matplotlib Axes
    point : array_like, shape (2,)
    kind : str
    """
    marker, _ = KIND_STYLES[kind]
    ax.scatter(*point, marker=marker, s=56, color="white", edgecolors="#222222", linewidths=1.2, zorder=6)
