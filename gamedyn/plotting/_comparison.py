"""The figures of a comparison of two samples, with their intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from gamedyn.experiments import Figure
from gamedyn.plotting._style import PALETTE, add_legend, new_axes, set_alt_text

__all__ = ["plot_comparison"]

_TITLES = {"kl_a_b": "KL(A || B)", "kl_b_a": "KL(B || A)", "js": "JS(A, B)"}


def plot_comparison(figures: Sequence[Figure], *, ax: Any = None) -> Any:
    """KL both ways and JS of a comparison in nats, with their intervals, one row for each and a colour for each method.

    Parameters
    ----------
    figures : sequence of Figure
        Those of `gamedyn.experiments.compare_samples`; figures in other units are left out.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes
    """
    shown = [figure for figure in figures if figure.name in _TITLES]
    names = [name for name in _TITLES if any(figure.name == name for figure in shown)]
    methods = list(dict.fromkeys(figure.method for figure in shown))
    ax = new_axes(ax, size=(5.6, 0.9 + 0.7 * len(names)), xlabel="nats")
    for i, (method, colour, marker) in enumerate(zip(methods, PALETTE, "osD^v<>", strict=False)):
        mine = [figure for figure in shown if figure.method == method]
        # Methods share a row, side by side around its middle.
        rows = [names.index(figure.name) + 0.22 * (i - (len(methods) - 1) / 2) for figure in mine]
        values = [figure.value for figure in mine]
        arms = [
            [max(figure.value - figure.interval[0], 0.0) for figure in mine],
            # An interval that is open above has no arm there.
            [max(f.interval[1] - f.value, 0.0) if math.isfinite(f.interval[1]) else 0.0 for f in mine],
        ]
        ax.errorbar(values, rows, xerr=arms, fmt=marker, color=colour, markersize=5, capsize=3, label=method)
    ax.axvline(0.0, color="#6b6b6b", linewidth=0.9, zorder=1)
    if "js" in names:
        row = names.index("js")
        ax.plot([math.log(2.0)] * 2, [row - 0.4, row + 0.4], color="#6b6b6b", linestyle=":", label="log 2")
    ax.set_yticks(range(len(names)), [_TITLES[name] for name in names])
    ax.set_ylim(len(names) - 0.5, -0.5)
    add_legend(ax, "above", ncols=2)
    told = "; ".join(
        f"{_TITLES[f.name]} by {f.method} {f.value:.3g} [{f.interval[0]:.3g}, {f.interval[1]:.3g}]" for f in shown
    )
    set_alt_text(ax, f"Divergences of two samples in nats with their intervals. {told}.")
    return ax
