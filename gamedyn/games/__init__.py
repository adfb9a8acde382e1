"""Games: players minimise their own losses over their own slices of one joint point.

=====================  ==============================================================================
name                   losses
=====================  ==============================================================================
Bilinear               f = x^T A y + b^T x + c^T y and -f
Quadratic              L_i = z^T Q_i z / 2 + q_i^T z, n players; also from blocks or from a Jacobian
random_quadratic_game  a zero-sum Quadratic whose J is normal with a given or drawn spectrum
DiracGAN               c(psi theta) and a(0) + b(psi theta), for any objective
NormalFormGame         -E payoff_i under mixed strategies, n players, from a table of pure strategies
MatrixGame             -x^T A y and -x^T B y, two tables of payoffs; B = -A where left out
SoftmaxParametrized    L_i(softmax(w_1), ..., softmax(w_n)): a game on simplices through logits
SigmoidParametrized    the same with one logit per player, for two actions each
SymbolicGame           SymPy expressions
Regularized            a GANGame plus R1, R2, WGAN-GP's or DRAGAN's penalty for the discriminator
ConsensusRegularized   L_i + (gamma / 2) |xi|^2
Clipped                the same game with one player's parameters in a box
TimescaleSeparated     tau_i L_i
Counted                the same game, counting evaluations
WrappedDraws           any of these three around every draw of a stochastic game
Game, GANGame          the protocols of a game, and of one between a generator and a discriminator
StochasticGame         a game whose losses are expectations
on_simplices           whether players choose mixed strategies
player_slices          the slice of z that each player owns
replace_block          z with one player's block replaced
Reals, Box, Simplex    domains with projection, mirror map and tangent projection
Product                of domains, usually one per player
Domain                 their protocol
=====================  ==============================================================================
"""

from gamedyn.games._base import Game, StochasticGame, player_slices, replace_block
from gamedyn.games._bilinear import Bilinear
from gamedyn.games._box import Box
from gamedyn.games._clipped import Clipped
from gamedyn.games._consensus_regularized import ConsensusRegularized
from gamedyn.games._counted import Counted
from gamedyn.games._dirac_gan import DiracGAN
from gamedyn.games._domain import Domain, Reals
from gamedyn.games._gan import GANGame
from gamedyn.games._matrix_game import MatrixGame
from gamedyn.games._normal_form import NormalFormGame
from gamedyn.games._product import Product
from gamedyn.games._quadratic import Quadratic
from gamedyn.games._random_quadratic import random_quadratic_game
from gamedyn.games._regularized import Regularized
from gamedyn.games._reparametrized import SigmoidParametrized, SoftmaxParametrized
from gamedyn.games._simplex import Simplex
from gamedyn.games._simplices import on_simplices
from gamedyn.games._symbolic import SymbolicGame
from gamedyn.games._timescale_separated import TimescaleSeparated
from gamedyn.games._wrapped_draws import WrappedDraws

__all__ = [
    "Bilinear",
    "Box",
    "Clipped",
    "ConsensusRegularized",
    "Counted",
    "DiracGAN",
    "Domain",
    "GANGame",
    "Game",
    "MatrixGame",
    "NormalFormGame",
    "Product",
    "Quadratic",
    "Reals",
    "Regularized",
    "SigmoidParametrized",
    "Simplex",
    "SoftmaxParametrized",
    "StochasticGame",
    "SymbolicGame",
    "TimescaleSeparated",
    "WrappedDraws",
    "on_simplices",
    "player_slices",
    "random_quadratic_game",
    "replace_block",
]
