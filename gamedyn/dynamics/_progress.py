"""What a long simulation tells its user: a bar where tqdm is installed, plain lines on stderr where it is not."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from gamedyn.backend import MissingExtraError, require

__all__ = ["Progress", "reporting"]

Progress = Callable[[int, int], object]
_SECONDS_BETWEEN_LINES = 5.0


@contextlib.contextmanager
def reporting(progress: Any, steps: int) -> Iterator[Progress | None]:
    """The function (step, steps) that tells how far a run is, or None.

    Parameters
    ----------
    progress : None, bool or callable
    steps : int
    """
    if progress is None or progress is False:
        yield None
    elif progress is not True:
        yield progress
    else:
        try:
            bar = require("tqdm").tqdm(total=steps, desc="simulate", unit=" steps")
        except MissingExtraError:
            yield _lines()
            return
        try:
            yield lambda step, _: bar.update(step - bar.n)
        finally:
            bar.close()


def _lines() -> Progress:
    last = time.monotonic()

    def tell(step: int, steps: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= _SECONDS_BETWEEN_LINES or step == steps:
            last = now
            sys.stderr.write(f"simulate: step {step} of {steps}\n")

    return tell
