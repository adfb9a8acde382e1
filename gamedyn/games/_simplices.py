"""Whether the players of a game choose mixed strategies."""

from __future__ import annotations

from gamedyn.games._base import Game
from gamedyn.games._product import Product
from gamedyn.games._simplex import Simplex

__all__ = ["on_simplices"]


def on_simplices(game: Game) -> bool:
    """Whether the domain of `game` is one probability simplex per player.

    Examples
    --------
    >>> from gamedyn.games import Bilinear, MatrixGame
    >>> on_simplices(MatrixGame([[1.0, 2.0]])), on_simplices(Bilinear([[1.0, 2.0]]))
    (True, False)
    """
    domain, dims = game.domain, tuple(game.dims)
    if isinstance(domain, Product):
        return domain.sizes == dims and all(isinstance(part, Simplex) for part in domain.domains)
    return isinstance(domain, Simplex) and len(dims) == 1
