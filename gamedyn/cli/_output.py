"""Output files named on the command line: looked at before the work, not after it."""

from __future__ import annotations

from pathlib import Path

from gamedyn.cli._exit import UsageError

__all__ = ["PLOTS", "check_output", "check_plot"]

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
