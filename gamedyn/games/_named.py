"""The games that go by a name, for the command line and for sweeps over all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gamedyn._checks import nearest
from gamedyn.games import _elementary_quadratics, _landscape_games, _limit_cycle_games, _minimax_examples
from gamedyn.games._base import Game

__all__ = ["NAMED", "named_game"]

NAMED: dict[str, Callable[..., Game]] = {
    name: getattr(family, name)
    for family in (_elementary_quadratics, _minimax_examples, _landscape_games, _limit_cycle_games)
    for name in family.__all__
}
"""Name -> the function that makes the game; its parameters have the published values by default."""


def named_game(name: str, **parameters: Any) -> Game:
    """The game of that name: `named_game("forsaken")` is `forsaken()`.

    Parameters
    ----------
    name : str
        A key of `NAMED`; hyphens may stand for underscores.
    **parameters
        Handed to the function of that name.

    Raises
    ------
    ValueError
        If there is no such game; the message offers the nearest names.

    Examples
    --------
    >>> named_game("grimmer-quartic", coupling=1)
    grimmer_quartic(coupling=1)
    """
    key = str(name).replace("-", "_")
    if key not in NAMED:
        close = nearest(key, NAMED)
        hint = f"Did you mean {' or '.join(close)}?" if close else f"The names are {', '.join(NAMED)}."
        raise ValueError(f"`name` must be the name of a game, got {name!r}. {hint}")
    return NAMED[key](**parameters)
