"""Kinds of data that likelihoods are of, and what is said about rows that are of another."""

from __future__ import annotations

import warnings
from typing import Any

import numpy

from gamedyn.backend import Array, to_host

__all__ = ["KINDS", "check_kind", "warn_of_columns"]

KINDS: dict[str, tuple[str, str]] = {
    "binary": ("zeros and ones", "Binarize it, by `X > threshold`, or draw bits with X for their probabilities."),
    "grey": ("numbers in [0, 1]", "Divide it by the largest value that there may be."),
    "real": ("numbers", ""),
    "counts": ("whole numbers from 0 on", "Round it, or take a model of real numbers."),
    "symbols": ("whole numbers from 0 on, one for each symbol", "Number the symbols."),
}
"""Name -> what rows hold, and the mend of others."""

# Columns whose mean or deviation are this far from those of standardized ones train badly.
_FAR = 100.0
_SHOWN = 8


def check_kind(kind: str, rows: Array, model: str, symbols: int = 0) -> None:
    """Refuse rows that are not of the kind.

    Parameters
    ----------
    kind : str
        Of `KINDS`.
    rows : array, shape (n, features)
        Finite.
    model : str
        The class, for the message.
    symbols : int
        How many symbols a fitted model knows; 0 for any number.

    Raises
    ------
    ValueError
        Naming what the model takes, the first place where X differs, and the mend.
    """
    host = to_host(rows)
    wrong = _wrong(kind, host)
    what, mend = KINDS[kind]
    if symbols and not wrong.any():
        wrong, what = host >= symbols, f"symbols that it was fitted on, 0 to {symbols - 1}"
        mend = "Fit it on data with all symbols."
    if wrong.any():
        row, column = (int(i) for i in numpy.argwhere(wrong)[0])
        raise ValueError(
            f"`X` must hold {what}, for {model}, got {host[row, column]:g} at row {row}, column {column}. {mend}"
        )


def _wrong(kind: str, host: Any) -> Any:
    """Where entries are not of the kind."""
    if kind == "binary":
        return (host != 0) & (host != 1)
    if kind == "grey":
        return (host < 0) | (host > 1)
    if kind in ("counts", "symbols"):
        return (host < 0) | (host != numpy.floor(host))
    return numpy.zeros(host.shape, dtype=bool)


def warn_of_columns(kind: str, rows: Array) -> None:
    """Warn of columns on which a likelihood has no finite optimum, or which train badly.

    Parameters
    ----------
    kind : str
    rows : array, shape (n, features)

    Warns
    -----
    UserWarning
        For constant columns; and of real numbers for whole numbers, whose density has no bound, and for columns that
        are far from standardized.
    """
    host = to_host(rows)
    if host.shape[0] < 2:
        return
    constant = numpy.all(host == host[:1, :], axis=0)
    if constant.any() and kind != "symbols":
        _warn(constant, "constant: the best parameters of their likelihood lie at infinity. Leave them out")
    if kind != "real":
        return
    whole = ~constant & numpy.all(host == numpy.floor(host), axis=0)
    if whole.any():
        _warn(
            whole, "of whole numbers, on which a density has no bound. Dequantize them: add uniform noise from [0, 1)"
        )
    wide = host.astype(numpy.float64)
    far = numpy.maximum(numpy.abs(wide.mean(axis=0)), wide.std(axis=0)) > _FAR
    if far.any():
        _warn(far, "far from mean 0 and deviation 1. Standardize them")


def _warn(columns: Any, what: str) -> None:
    numbers = [str(i) for i in numpy.flatnonzero(columns)]
    listed = ", ".join(numbers[:_SHOWN]) + (", ..." if len(numbers) > _SHOWN else "")
    warnings.warn(f"`X` has columns ({listed}) that are {what}.", UserWarning, stacklevel=2)
