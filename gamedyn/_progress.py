"""What long work tells its user: a bar where tqdm is installed, plain lines on stderr where it is not."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from gamedyn._checks import describe
from gamedyn.backend import MissingExtraError, require

__all__ = ["Progress", "reporting"]

Progress = Callable[..., object]
_SECONDS_BETWEEN_LINES = 5.0


@contextlib.contextmanager
def reporting(
    progress: Any, steps: int, *, name: str = "simulate", only_on_terminal: bool = False
) -> Iterator[Progress | None]:
    """The function (step, steps, note="") that tells how far a run is, or None.

    Parameters
    ----------
    progress : None, bool or callable
        A function of one's own gets what it is told.
    steps : int
    name : str
        What runs.
    only_on_terminal : bool
        Whether a stderr that is no terminal gets lines in the place of the bar.
    """
    if progress is None or progress is False:
        yield None
    elif progress is not True:
        if not callable(progress):
            raise TypeError(f"`progress` must be a bool or a function (step, steps, note), got {describe(progress)}.")
        yield progress
    elif only_on_terminal and not sys.stderr.isatty():
        yield _lines(name)
    else:
        try:
            bar = require("tqdm").tqdm(total=steps, desc=name, unit=" steps")
        except MissingExtraError:
            yield _lines(name)
            return

        def advance(step: int, _: int, note: str = "") -> None:
            if note:
                bar.set_postfix_str(note, refresh=False)
            bar.update(step - bar.n)

        try:
            yield advance
        finally:
            bar.close()


def _lines(name: str) -> Progress:
    last = time.monotonic()

    def tell(step: int, steps: int, note: str = "") -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _SECONDS_BETWEEN_LINES or step == steps:
            last = now
            sys.stderr.write(f"{name}: step {step} of {steps}{', ' if note else ''}{note}\n")

    return tell
