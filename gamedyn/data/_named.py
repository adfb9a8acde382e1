"""The targets that go by a name, for the command line and for sweeps over all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gamedyn._checks import nearest
from gamedyn.data._bars_and_stripes import bars_and_stripes
from gamedyn.data._checkerboard import checkerboard
from gamedyn.data._curves import swiss_roll, two_moons
from gamedyn.data._parallel_lines import parallel_lines
from gamedyn.data._pinwheel import pinwheel
from gamedyn.data._targets import gaussian_grid, gaussian_ring
from gamedyn.data._two_gaussians import two_gaussians
from gamedyn.distributions import Distribution

__all__ = ["TARGETS", "named_target"]

TARGETS: dict[str, Callable[..., Distribution]] = {
    "ring": gaussian_ring,
    "grid": gaussian_grid,
    "two_gaussians": two_gaussians,
    "two_moons": two_moons,
    "swiss_roll": swiss_roll,
    "checkerboard": checkerboard,
    "pinwheel": pinwheel,
    "parallel_lines": parallel_lines,
    "bars_and_stripes": bars_and_stripes,
}
"""Name -> the function that makes the law; its parameters have defaults."""


def named_target(name: str, **parameters: Any) -> Distribution:
    """The target of that name: `named_target("ring")` is `gaussian_ring()`.

    Parameters
    ----------
    name : str
        A key of `TARGETS`; hyphens may stand for underscores.
    **parameters
        Handed to the function of that name.

    Returns
    -------
    Distribution

    Raises
    ------
    ValueError
        If there is no such target; the message offers the nearest names.

    Examples
    --------
    >>> named_target("two-gaussians", dimension=2).event_shape
    (2,)
    """
    key = str(name).replace("-", "_")
    if key not in TARGETS:
        close = nearest(key, TARGETS)
        hint = f"Did you mean {' or '.join(close)}?" if close else f"The names are {', '.join(TARGETS)}."
        raise ValueError(f"`name` must be the name of a target, got {name!r}. {hint}")
    return TARGETS[key](**parameters)
