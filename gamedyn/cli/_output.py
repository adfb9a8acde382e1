"""Output files named on the command line, looked at before the work and not after it, and news of long work."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from gamedyn.cli._exit import UsageError

__all__ = ["PLOTS", "Progress", "check_animation", "check_output", "check_plot"]

PLOTS = (".png", ".svg", ".pdf")
"""Suffixes of pictures."""


def check_output(flag: str, name: str | None, suffixes: tuple[str, ...], force: bool) -> None:
    """Raise unless the file that `flag` names can be written: its suffix, what is there already, its folder."""
    if name is None:
        return
    path = Path(name)
    if path.suffix.lower() not in suffixes:
        ends = suffixes[0] if len(suffixes) == 1 else f"{', '.join(suffixes[:-1])} or {suffixes[-1]}"
        raise UsageError(f"`{flag}` must end in {ends}, got {name!r}.")
    if path.exists() and not force:
        raise UsageError(f"`{flag}`: {path} is there already. Choose another name, or add --force.")
    if not path.parent.is_dir():
        raise UsageError(f"`{flag}`: the folder {path.parent} is not there. Make it first.")


def check_plot(name: str | None, force: bool) -> None:
    """The same for `--plot`, and that pictures can be drawn at all."""
    if name is None:
        return
    check_output("--plot", name, PLOTS, force)
    from gamedyn.plotting import check_available

    check_available()


def check_animation(name: str | None, force: bool) -> None:
    """The same for `--animate`."""
    if name is None:
        return
    check_output("--animate", name, (".gif",), force)
    from gamedyn.plotting import check_available

    check_available()


class Progress:
    """How far a long run is, on stderr: a line that rewrites itself on a terminal, lines elsewhere; silent at first.

    Parameters
    ----------
    what : str
        Which work, as `play`.
    unit : str
        What is counted.
    """

    def __init__(self, what: str, unit: str = "step") -> None:
        self._what, self._unit = what, unit
        self._live = sys.stderr.isatty()
        self._pause = 0.2 if self._live else 5.0
        # Who waits for less than two seconds needs no news.
        self._next = time.monotonic() + max(2.0, self._pause)
        self._shown = False

    def show(self, done: int, total: int) -> None:
        """Tell, unless it was told a moment ago."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next, self._shown = now + self._pause, True
        if self._live:
            filled = 24 * done // max(total, 1)
            print(
                f"\r\x1b[K[{'#' * filled}{'.' * (24 - filled)}] {self._unit} {done} of {total}",
                end="",
                file=sys.stderr,
                flush=True,
            )
        else:
            print(f"{self._what}: {self._unit} {done} of {total}", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Take the line away."""
        if self._live and self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
