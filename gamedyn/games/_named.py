"""The games that go by a name, for the command line and for sweeps over all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gamedyn._checks import nearest
from gamedyn.games import (
    _elementary_quadratics,
    _landscape_games,
    _limit_cycle_games,
    _matching_pennies,
    _minimax_examples,
    _oligopoly,
    _two_by_two,
)
from gamedyn.games._aggregative import KellyAuction, PublicGoods, TullockContest
from gamedyn.games._base import Game
from gamedyn.games._blotto import blotto
from gamedyn.games._dirac_gan import DiracGAN
from gamedyn.games._gaussian_gan import GaussianGAN
from gamedyn.games._iterated_prisoners_dilemma import IteratedPrisonersDilemma
from gamedyn.games._kuhn_poker import KuhnPoker
from gamedyn.games._lq_gan import LQGAN
from gamedyn.games._rock_paper_scissors import rock_paper_scissors
from gamedyn.games._shapley_game import shapley_game

__all__ = ["NAMED", "named_game"]

NAMED: dict[str, Callable[..., Game]] = {
    **{
        name: getattr(family, name)
        for family in (
            _elementary_quadratics,
            _minimax_examples,
            _landscape_games,
            _limit_cycle_games,
            _matching_pennies,
            _two_by_two,
            _oligopoly,
        )
        for name in family.__all__
    },
    "rock_paper_scissors": rock_paper_scissors,
    "shapley_game": shapley_game,
    "blotto": blotto,
    "kuhn_poker": KuhnPoker,
    "iterated_prisoners_dilemma": IteratedPrisonersDilemma,
    "tullock_contest": TullockContest,
    "kelly_auction": KellyAuction,
    "public_goods": PublicGoods,
    "dirac_gan": DiracGAN,
    "lq_gan": LQGAN,
    "gaussian_gan": GaussianGAN,
}
"""Name -> the function or class that makes the game; its parameters have the published values by default."""


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
