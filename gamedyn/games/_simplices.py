"""Whether the players of a game choose mixed strategies."""

from __future__ import annotations

from gamedyn.games._base import Game, player_slices
from gamedyn.games._product import Product
from gamedyn.games._simplex import Simplex

__all__ = ["on_simplices"]


def on_simplices(game: Game, *, several: bool = False) -> bool:
    """Whether the domain of `game` is one probability simplex per player.

    Parameters
    ----------
    game : Game
    several : bool
        Whether one or more simplices per player will do, as one for each card in `KuhnPoker`.

    Examples
    --------
    >>> from gamedyn.games import Bilinear, KuhnPoker, MatrixGame
    >>> on_simplices(MatrixGame([[1.0, 2.0]])), on_simplices(Bilinear([[1.0, 2.0]]))
    (True, False)
    >>> on_simplices(KuhnPoker()), on_simplices(KuhnPoker(), several=True)
    (False, True)
    """
    domain, dims = game.domain, tuple(game.dims)
    if not isinstance(domain, Product):
        return isinstance(domain, Simplex) and len(dims) == 1
    ends = {block.stop for block in player_slices(domain.sizes)}
    fits = domain.sizes == dims or (several and {block.stop for block in player_slices(dims)} <= ends)
    return fits and sum(domain.sizes) == sum(dims) and all(isinstance(part, Simplex) for part in domain.domains)
