"""Argument checks for the public border: one sentence naming the argument, the rule and what was given."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable
from typing import Any

__all__ = [
    "check_choice",
    "check_in_interval",
    "check_integer",
    "check_nonnegative",
    "check_positive",
    "describe",
    "nearest",
]


def describe(value: Any) -> str:
    """A short text for `value` in an error message: scalars as they are, arrays by their offending kind."""
    if hasattr(value, "shape") and not isinstance(value, type) and value.shape != ():
        return f"an array of shape {tuple(value.shape)} and dtype {value.dtype}"
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def nearest(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """The names of `known` that look most like `name`."""
    import difflib

    return difflib.get_close_matches(name, list(known), n=count, cutoff=0.4)


def _everywhere(condition: Any) -> bool:
    if hasattr(condition, "__array_namespace__"):
        return bool(condition.__array_namespace__().all(condition))
    return bool(condition.all()) if hasattr(condition, "all") else bool(condition)


def _check_real(name: str, value: Any, rule: str) -> None:
    if isinstance(value, bool) or (not isinstance(value, numbers.Real) and not hasattr(value, "dtype")):
        raise TypeError(f"`{name}` must be {rule}, got {describe(value)} of type {type(value).__name__}.")


def check_positive(name: str, value: Any) -> None:
    """Raise unless `value`, a number or an array, is finite and > 0 everywhere."""
    _check_real(name, value, "a positive number or array")
    if not _everywhere((value > 0) & (value < math.inf)):
        raise ValueError(f"`{name}` must be positive and finite, got {describe(value)}.")


def check_nonnegative(name: str, value: Any) -> None:
    """Raise unless `value`, a number or an array, is finite and >= 0 everywhere."""
    _check_real(name, value, "a non-negative number or array")
    if not _everywhere((value >= 0) & (value < math.inf)):
        raise ValueError(f"`{name}` must be non-negative and finite, got {describe(value)}.")


def check_in_interval(name: str, value: Any, lower: float, upper: float, *, closed: str = "both") -> None:
    """Raise unless `value` lies in the interval; `closed` is "both", "left", "right" or "neither"."""
    _check_real(name, value, "a number or array")
    above = value >= lower if closed in ("both", "left") else value > lower
    below = value <= upper if closed in ("both", "right") else value < upper
    if not _everywhere(above & below):
        left = "[" if closed in ("both", "left") else "("
        right = "]" if closed in ("both", "right") else ")"
        raise ValueError(f"`{name}` must lie in {left}{lower:g}, {upper:g}{right}, got {describe(value)}.")


def check_integer(name: str, value: Any, minimum: int | None = None) -> None:
    """Raise unless `value` is an integer, at least `minimum` where one is given."""
    if type(value) is not int and (isinstance(value, bool) or not isinstance(value, numbers.Integral)):
        raise TypeError(f"`{name}` must be an integer, got {describe(value)} of type {type(value).__name__}.")
    if minimum is not None and value < minimum:
        raise ValueError(f"`{name}` must be at least {minimum}, got {value}.")


def check_choice(name: str, value: Any, choices: Iterable[Any]) -> None:
    """Raise unless `value` is one of `choices`; the message offers the nearest."""
    options = list(choices)
    if value not in options:
        close = nearest(str(value), [str(option) for option in options], 1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        listed = ", ".join(repr(option) for option in options)
        raise ValueError(f"`{name}` must be one of {listed}, got {describe(value)}.{hint}")
