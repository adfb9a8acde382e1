"""Performance profiles of update rules."""

from __future__ import annotations

from textwrap import fill
from typing import Any

import numpy

from gamedyn.experiments import RuleComparison
from gamedyn.plotting._style import PALETTE, add_legend, new_axes, set_alt_text

__all__ = ["plot_performance_profile"]

_LINES = ("-", "--", ":", "-.")


def plot_performance_profile(comparison: RuleComparison, *, most: int = 12, ax: Any = None) -> Any:
    """Share of the problems that each rule solves within x times the evaluations of the best rule.

    The height at the left end is how often the rule is the best, at the right end how often it comes to the tolerance.

    Parameters
    ----------
    comparison : RuleComparison
    most : int
        Rules drawn: those with the largest area under their curves.
    ax : matplotlib Axes, optional

    Returns
    -------
    matplotlib Axes

    References
    ----------
    Dolan, More (2002), Benchmarking optimization software with performance profiles.
    """
    grid, profile = comparison.performance_profile()
    end = max(2.0, float(grid[-1]) * 1.3)
    areas = {rule: _area(grid, row, end) for rule, row in profile.items()}
    ranked = sorted(profile, key=lambda rule: -areas[rule])
    ax = new_axes(
        ax,
        size=(8.4, 4.2),
        xlabel="gradient evaluations, in multiples of the best rule's",
        ylabel="share of problems solved",
    )
    for k, rule in enumerate(ranked[:most]):
        colour, line = PALETTE[k % len(PALETTE)], _LINES[k // len(PALETTE) % len(_LINES)]
        x, y = numpy.append(grid, end), numpy.append(profile[rule], profile[rule][-1])
        ax.step(x, y, where="post", color=colour, linestyle=line, linewidth=1.6, label=fill(rule, 30))
    ax.set_xscale("log", base=2)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.set_xlim(1.0, end)
    ax.set_ylim(-0.02, 1.02)
    add_legend(ax, "right")
    left = f", {len(ranked) - most} more are not drawn" if len(ranked) > most else ""
    parts = [f"{rule} {profile[rule][0]:.0%} and {profile[rule][-1]:.0%}" for rule in ranked[:most]]
    set_alt_text(
        ax,
        "Performance profile: the share of problems on which each rule is the best, and the share that it solves at "
        f"all: {'; '.join(parts)}{left}.",
    )
    return ax


def _area(grid: numpy.ndarray, shares: numpy.ndarray, end: float) -> float:
    """Under the curve over the logarithm of the ratio."""
    return float(numpy.sum(numpy.diff(numpy.log(numpy.append(grid, end))) * shares))
