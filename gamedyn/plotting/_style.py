"""One look for all figures: axes, palette, alt text, and saving."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from gamedyn._checks import check_choice
from gamedyn._files import write_atomically
from gamedyn.backend import require

__all__ = ["INK", "PALETTE", "add_legend", "alt_text", "check_available", "new_axes", "save_figure", "set_alt_text"]

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's colours, told apart with any colour vision; in the order in which series take them."""

INK = "#222222"
"""Of text, and of lines that are no data."""

_SOFT, _FAINT = "#6b6b6b", "#e4e4e4"
_FORMATS = ("png", "svg", "pdf")


def check_available() -> None:
    """Raise unless figures can be drawn, so that long work does not end in a missing package.

    Raises
    ------
    MissingExtraError
        Naming the extra to install.
    """
    require("matplotlib.figure")


def new_axes(ax: Any = None, *, size: tuple[float, float] = (5.6, 3.7), xlabel: str = "", ylabel: str = "") -> Any:
    """`ax`, or the Axes of a new Figure, in the common style.

    Figures are made without pyplot: nothing global is touched and nothing stays open.

    Parameters
    ----------
    ax : matplotlib Axes, optional
    size : tuple of float
        Width and height of a new figure in inches.
    xlabel, ylabel : str
        With the unit, where there is one.
    """
    if ax is None:
        figure = require("matplotlib.figure").Figure(figsize=size, layout="constrained", dpi=150)
        ax = figure.add_subplot()
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        ax.spines[side].set_color(_SOFT)
        ax.spines[side].set_linewidth(0.8)
    ax.tick_params(colors=_SOFT, labelcolor=INK, labelsize=9, width=0.8, length=3.5)
    ax.grid(True, color=_FAINT, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.set_xlabel(xlabel, fontsize=10, color=INK)
    ax.set_ylabel(ylabel, fontsize=10, color=INK)
    return ax


_PLACES = {
    "inside": {},
    "above": {
        "loc": "lower left",
        "bbox_to_anchor": (0.0, 1.0),
        "borderaxespad": 0.2,
        "ncols": 4,
        "columnspacing": 1.4,
    },
    "right": {"loc": "upper left", "bbox_to_anchor": (1.01, 1.0), "borderaxespad": 0.0},
}


def add_legend(ax: Any, place: str = "inside", **options: Any) -> None:
    """A frameless legend: inside where there is room, above or right of the axes where it would cover data."""
    style = {"frameon": False, "fontsize": 9, "labelcolor": INK, "handlelength": 1.6}
    ax.legend(**{**style, **_PLACES[place], **options})


def set_alt_text(ax: Any, sentence: str) -> None:
    """Keep one plain sentence that says what the picture shows."""
    ax.set_label(sentence)


def alt_text(ax: Any) -> str:
    """The sentence that describes the picture on `ax`, for readers who do not see it.

    Parameters
    ----------
    ax : matplotlib Axes
        As a plotting function of this package returned it.
    """
    return str(ax.get_label())


def save_figure(ax: Any, path: str | os.PathLike[str]) -> None:
    """Write the figure of `ax` as .png, .svg or .pdf, by the suffix; whole or not at all.

    The alt text goes into the file's description, and no date into the file: the same figure gives the same bytes.

    Parameters
    ----------
    ax : matplotlib Axes or Figure
    path : path

    Raises
    ------
    ValueError
        If the suffix names none of these formats.
    """
    path = Path(path)
    kind = path.suffix.lower().removeprefix(".")
    check_choice("path suffix", kind, _FORMATS)
    figure = ax.get_figure(root=True) if hasattr(ax, "get_figure") and ax.get_figure() is not None else ax
    sentence = " ".join(filter(None, (alt_text(part) for part in figure.axes)))
    if kind == "svg":
        metadata: dict[str, Any] = {"Date": None, "Description": sentence}
    elif kind == "pdf":
        metadata = {"CreationDate": None, "Subject": sentence}
    else:
        metadata = {"Description": sentence}
    # Ids in an SVG are drawn at random unless salted.
    with require("matplotlib").rc_context({"svg.hashsalt": "gamedyn"}):
        write_atomically(path, lambda file: figure.savefig(file, format=kind, metadata=metadata, facecolor="white"))
