"""Games: players minimise their own losses over their own slices of one joint point."""

from gamedyn.games._base import Game, StochasticGame, player_slices, replace_block
from gamedyn.games._domain import Box, Domain, Reals
from gamedyn.games._gan import GANGame

__all__ = ["Box", "Domain", "GANGame", "Game", "Reals", "StochasticGame", "player_slices", "replace_block"]
