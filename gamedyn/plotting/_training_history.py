"""What a training measured, over its steps: a panel for each kind of quantity."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy

from gamedyn._checks import check_choice
from gamedyn.backend import require
from gamedyn.models import TrainingHistory
from gamedyn.plotting._style import INK, PALETTE, add_legend, new_axes, set_alt_text

__all__ = ["plot_training_history"]

_BLUE, _ORANGE, _GREEN, _PINK = PALETTE[:4]
_DASHED = (0, (5, 2))


class _Curve(NamedTuple):
    field: str
    label: str
    colour: str
    column: int | None = None
    style: Any = "solid"
    on_right: bool = False


_PANELS = {
    "losses": ("loss", False, (_Curve("losses", "generator", _ORANGE, 0), _Curve("losses", "discriminator", _BLUE, 1))),
    "gradients": (
        "gradient norm",
        True,
        (
            _Curve("gradient_norms", "generator", _ORANGE, 0),
            _Curve("gradient_norms", "discriminator", _BLUE, 1),
        ),
    ),
    "critic": (
        "gain on the best constant",
        False,
        (
            _Curve("critic_optimum", "best critic, exact", INK, None, _DASHED),
            _Curve("critic_estimate", "critic, on samples", _BLUE),
        ),
    ),
    "divergences": (
        "nats",
        True,
        (
            _Curve("kullback_leibler", "KL(target, generator), exact", _PINK, None, _DASHED),
            _Curve("jensen_shannon", "JS, exact", _GREEN),
        ),
    ),
    "distances": (
        "unit of the data",
        True,
        (
            _Curve("wasserstein_2", "W₂, exact", INK, None, _DASHED),
            _Curve("wasserstein", "W₁, of samples", _GREEN),
        ),
    ),
    "modes": (
        "modes reached",
        False,
        (
            _Curve("modes", "modes", _BLUE),
            _Curve("high_quality", "share near a mode", _ORANGE, None, _DASHED, True),
        ),
    ),
}


def plot_training_history(history: TrainingHistory, *, panel: str | None = None, ax: Any = None) -> Any:
    """Losses, gradient norms, the critic's estimate, distances to the target and modes, over the steps of a training.

    A curve is drawn where its quantity is known at some step. Where the best critic's gain is known, the distance of
    the two curves of "critic" is what the discriminator lacks of its optimum, up to the sample.

    Parameters
    ----------
    history : TrainingHistory
        `history_` of a fitted GAN.
    panel : {"losses", "gradients", "critic", "divergences", "distances", "modes"}, optional
        The one panel to draw; all of which something is known where None.
    ax : matplotlib Axes, optional
        For one panel.

    Returns
    -------
    matplotlib Axes
        Of the panel, or of the first one; `ax.figure.axes` has the others.

    Raises
    ------
    ValueError
        If nothing of the panel is known, there is no record, or `ax` is given without `panel`.
    """
    if not isinstance(history, TrainingHistory):
        raise TypeError(f"`history` must be a TrainingHistory, got {type(history).__name__}. Pass `gan.history_`.")
    if not len(history):
        raise ValueError("`history` must hold at least one record, got none.")
    known = {name: curves for name in _PANELS if (curves := _known(history, name))}
    if panel is not None:
        check_choice("panel", panel, tuple(_PANELS))
        if panel not in known:
            raise ValueError(f"`panel` must be one of which something is known, {', '.join(known)}, got {panel!r}.")
        return _draw(new_axes(ax), history, panel, known[panel])
    if ax is not None:
        raise ValueError(f"`ax` holds one panel. Name it: `panel` must be one of {', '.join(known)}.")
    rows = -(-len(known) // 2)
    figure = require("matplotlib.figure").Figure(figsize=(9.2, 2.7 * rows), layout="constrained", dpi=150)
    axes = [figure.add_subplot(rows, 2, i + 1) for i in range(len(known))]
    for each, (name, curves) in zip(axes, known.items(), strict=True):
        _draw(new_axes(each), history, name, curves)
    return axes[0]


def _values(history: TrainingHistory, curve: _Curve) -> Any:
    """(T,), with NaN for whatever is not finite."""
    values = numpy.asarray(getattr(history, curve.field), dtype=float)
    values = values if curve.column is None else values[:, curve.column]
    return numpy.where(numpy.isfinite(values), values, numpy.nan)


def _known(history: TrainingHistory, panel: str) -> list[_Curve]:
    return [curve for curve in _PANELS[panel][2] if numpy.isfinite(_values(history, curve)).any()]


def _draw(ax: Any, history: TrainingHistory, panel: str, curves: list[_Curve]) -> Any:
    """One panel with its legend and sentence."""
    unit, on_log_scale, _ = _PANELS[panel]
    ax.set_xlabel("step", fontsize=10, color=INK)
    ax.set_ylabel(unit, fontsize=10, color=INK)
    told, steps = [], numpy.asarray(history.steps)
    for curve in curves:
        values, axes = _values(history, curve), ax
        if curve.on_right:
            axes = new_axes(ax.twinx(), ylabel="share")
            axes.grid(False)
            axes.spines["right"].set_visible(True)
            axes.set_ylim(0, 1.05)
            # One legend for both axes.
            ax.plot([], [], color=curve.colour, linestyle=curve.style, linewidth=1.6, label=curve.label)
        # A point alone is no line.
        marker = "o" if numpy.isfinite(values).sum() == 1 else None
        style = {"color": curve.colour, "linestyle": curve.style, "linewidth": 1.6, "marker": marker}
        axes.plot(steps, values, label=None if curve.on_right else curve.label, **style)
        first, last = values[numpy.isfinite(values)][[0, -1]]
        told.append(f"{curve.label} from {first:.3g} to {last:.3g}")
        on_log_scale &= bool((values[numpy.isfinite(values)] > 0).all())
    ticker = require("matplotlib.ticker")
    if on_log_scale:
        ax.set_yscale("log")
        # Powers of ten alone would leave short ranges without a number.
        ax.yaxis.set_major_locator(ticker.LogLocator(subs=(1.0, 2.0, 5.0), numticks=9))
        ax.yaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:g}"))
        ax.yaxis.set_minor_formatter(ticker.NullFormatter())
    elif panel == "modes" and curves[0].field == "modes":
        # As high as the scale at its right, whose top is all samples.
        ax.set_ylim(0, 1.05 * max(1.0, numpy.nanmax(history.modes)))
        ax.yaxis.set_major_locator(ticker.MaxNLocator(integer=True))
    add_legend(ax, "above", ncols=2)
    where = f"{len(steps)} steps of a training, {steps[0]} to {steps[-1]}"
    set_alt_text(ax, f"{panel.capitalize()} at {where}: {'; '.join(told)}.")
    return ax
