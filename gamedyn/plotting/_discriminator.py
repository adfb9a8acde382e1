"""The optimal discriminator against the two densities, and the value of the GAN game against the divergence."""

from __future__ import annotations

import math
from typing import Any

import numpy

from gamedyn.backend import to_host
from gamedyn.distributions import Distribution
from gamedyn.objectives import optimal_discriminator
from gamedyn.plotting._densities import density_on, plot_range
from gamedyn.plotting._style import PALETTE, add_legend, new_axes, set_alt_text

__all__ = ["plot_optimal_discriminator", "plot_value_against_js"]


def plot_optimal_discriminator(p: Distribution, q: Distribution, *, x: Any = None, ax: Any = None) -> Any:
    """D*(x) = p(x) / (p(x) + q(x)) over the densities of data p and generator q.

    Parameters
    ----------
    p, q : Distribution
        With densities on the line.
    x : array_like, optional
        Where to draw; default an interval that holds both.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
        Of the densities; D* has its own scale on the right.
    """
    points = plot_range([p, q]) if x is None else numpy.asarray(to_host(x), dtype=float)
    ax = new_axes(ax, xlabel="x", ylabel="density")
    for law, colour, name in ((p, PALETTE[0], "data p"), (q, PALETTE[1], "generator q")):
        density = density_on(law, points)
        ax.fill_between(points, density, color=colour, alpha=0.18, linewidth=0)
        ax.plot(points, density, color=colour, linewidth=1.6, label=name)
    chance = to_host(optimal_discriminator(p, q).probability(points))
    right = ax.twinx()
    right.plot(points, chance, color=PALETTE[6], linewidth=1.8, linestyle=(0, (5, 2)))
    right.axhline(0.5, color="#999999", linewidth=0.8)
    right.set_ylim(0, 1.05)
    right.set_yticks([0, 0.25, 0.5, 0.75, 1])
    right.set_ylabel("D*(x)", fontsize=10, color="#222222")
    right.tick_params(labelsize=9, colors="#6b6b6b", labelcolor="#222222", width=0.8, length=3.5)
    for side in ("top", "left", "bottom"):
        right.spines[side].set_visible(False)
    right.spines["right"].set_color("#6b6b6b")
    ax.set_ylim(bottom=0)
    ax.set_xlim(points[0], points[-1])
    ax.grid(False)
    ax.plot([], [], color=PALETTE[6], linewidth=1.8, linestyle=(0, (5, 2)), label="optimal D*")
    add_legend(ax, "above")
    low, high = float(chance.min()), float(chance.max())
    set_alt_text(
        ax,
        "Densities of the data and of the generator, and the optimal discriminator, which ranges from "
        f"{low:.2f} to {high:.2f} and is one half where the densities cross.",
    )
    return ax


def plot_value_against_js(divergence: Any, value: Any, *, ax: Any = None) -> Any:
    """Values V(D*, G) against JS(p, q): on the line V = 2 JS - log 4.

    Parameters
    ----------
    divergence : array_like, shape (n,)
        Jensen-Shannon divergences in nats.
    value : array_like, shape (n,)
        Values of the game at the optimal discriminator, in nats.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    js, v = (numpy.asarray(to_host(a), dtype=float).ravel() for a in (divergence, value))
    if js.shape != v.shape:
        raise ValueError(f"`divergence` and `value` must have one shape, got {js.shape} and {v.shape}.")
    ax = new_axes(ax, xlabel="Jensen-Shannon divergence (nats)", ylabel="value V(D*, G) (nats)")
    line = numpy.asarray([0.0, math.log(2)])
    ax.plot(line, 2 * line - math.log(4), color=PALETTE[6], linewidth=1.2, label="V = 2 JS − log 4")
    ax.plot(js, v, "o", color=PALETTE[0], markersize=5, markeredgecolor="white", markeredgewidth=0.6, label="measured")
    ends = (
        (0.0, -math.log(4), "p = q:  V = −log 4", (12, -1), "left"),
        (math.log(2), 0.0, "disjoint:  V = 0", (-12, -1), "right"),
    )
    for x, y, text, offset, side in ends:
        ax.plot([x], [y], "o", markersize=8, markerfacecolor="none", markeredgecolor="#6b6b6b")
        ax.annotate(text, (x, y), offset, textcoords="offset points", fontsize=9, color="#444444", ha=side, va="center")
    add_legend(ax, loc="upper left")
    gap = float(numpy.max(numpy.abs(v - 2 * js + math.log(4)))) if len(js) else 0.0
    set_alt_text(
        ax,
        f"{len(js)} measured values of the GAN game against the Jensen-Shannon divergence; the largest distance from "
        f"the line V = 2 JS - log 4 is {gap:.1e} nats.",
    )
    return ax
