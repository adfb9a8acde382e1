"""Games: players minimise their own losses over their own slices of one joint point.

========================  ==============================================================================
name                      losses
========================  ==============================================================================
Bilinear                  f = x^T A y + b^T x + c^T y and -f
Quadratic                 L_i = z^T Q_i z / 2 + q_i^T z, n players; also from blocks or from a Jacobian
random_quadratic_game     a zero-sum Quadratic whose J is normal with a given or drawn spectrum
DiracGAN                  c(psi theta) and a(0) + b(psi theta), for any objective
NormalFormGame            -E payoff_i under mixed strategies, n players, from a table of pure strategies
MatrixGame                -x^T A y and -x^T B y, two tables of payoffs; B = -A where left out
SoftmaxParametrized       L_i(softmax(w_1), ..., softmax(w_n)): a game on simplices through logits
SigmoidParametrized       the same with one logit per player, for two actions each
matching_pennies          1 for a match, -1 otherwise; zero-sum
jordan_matching_pennies   the same among three players, in a circle
rock_paper_scissors       with payoffs for ties
shapley_game              the 3 x 3 game in which fictitious play cycles
prisoners_dilemma         [[R, S], [T, P]], T > R > P > S
stag_hunt                 [[R, S], [T, P]], R > T >= P > S
chicken                   [[R, S], [T, P]], T > R > S > P
coordination_game         both get the same, and something only where they agree
battle_of_the_sexes       the same with different favourites
blotto                    soldiers on fields; `blotto_allocations` lists the actions
congestion_game           whose multiplicative weights are x / (x + (1 - x) exp(a (x - b)))
KuhnPoker                 -x^T U y and x^T U y on the sequence-form polytope
IteratedPrisonersDilemma  -p_0^T (I - discount P)^-1 r_i, memory-one policies through sigmoids
SymbolicGame              SymPy expressions
Regularized               a GANGame plus R1, R2, WGAN-GP's or DRAGAN's penalty for the discriminator
ConsensusRegularized      L_i + (gamma / 2) |xi|^2
Clipped                   the same game with one player's parameters in a box
TimescaleSeparated        tau_i L_i
Counted                   the same game, counting evaluations
WrappedDraws              any of these three around every draw of a stochastic game
Game, GANGame             the protocols of a game, and of one between a generator and a discriminator
StochasticGame            a game whose losses are expectations
on_simplices              whether players choose mixed strategies
player_slices             the slice of z that each player owns
replace_block             z with one player's block replaced
Reals, Box, Simplex       domains with projection, mirror map and tangent projection
Product                   of domains, usually one per player
Domain                    their protocol
cournot, bertrand         -(price - c_i) quantity_i, linear demand; Quadratic
AggregativeGame           l_i(z_i, sum z): the base of the next three
TullockContest            c_i z_i - V z_i^r / sum_j z_j^r
KellyAuction              z_i - G_i Q z_i / (Z + sum z)
PublicGoods               z_i - a_i log(1 + sum z)
robust_least_squares      f = |A x - y|^2 - lam |y - y0|^2 and -f; Quadratic
RobustRegression          f = mean ((a_i + s_i)^T x - b_i)^2 - lam mean |s_i|^2 and -f
LinearQuadraticGame       f(K, L) = E sum x^T Q x + u^T R u - v^T S v and -f, u = -K x, v = -L x
========================  ==============================================================================
"""

from gamedyn.games._aggregative import AggregativeGame, KellyAuction, PublicGoods, TullockContest
from gamedyn.games._base import Game, StochasticGame, player_slices, replace_block
from gamedyn.games._bilinear import Bilinear
from gamedyn.games._blotto import blotto, blotto_allocations
from gamedyn.games._box import Box
from gamedyn.games._clipped import Clipped
from gamedyn.games._congestion import congestion_game
from gamedyn.games._consensus_regularized import ConsensusRegularized
from gamedyn.games._counted import Counted
from gamedyn.games._dirac_gan import DiracGAN
from gamedyn.games._domain import Domain, Reals
from gamedyn.games._gan import GANGame
from gamedyn.games._iterated_prisoners_dilemma import IteratedPrisonersDilemma
from gamedyn.games._kuhn_poker import KuhnPoker
from gamedyn.games._linear_quadratic import LinearQuadraticGame
from gamedyn.games._matching_pennies import jordan_matching_pennies, matching_pennies
from gamedyn.games._matrix_game import MatrixGame
from gamedyn.games._normal_form import NormalFormGame
from gamedyn.games._oligopoly import bertrand, cournot
from gamedyn.games._product import Product
from gamedyn.games._quadratic import Quadratic
from gamedyn.games._random_quadratic import random_quadratic_game
from gamedyn.games._regularized import Regularized
from gamedyn.games._reparametrized import SigmoidParametrized, SoftmaxParametrized
from gamedyn.games._robust_regression import RobustRegression, robust_least_squares
from gamedyn.games._rock_paper_scissors import rock_paper_scissors
from gamedyn.games._shapley_game import shapley_game
from gamedyn.games._simplex import Simplex
from gamedyn.games._simplices import on_simplices
from gamedyn.games._symbolic import SymbolicGame
from gamedyn.games._timescale_separated import TimescaleSeparated
from gamedyn.games._two_by_two import battle_of_the_sexes, chicken, coordination_game, prisoners_dilemma, stag_hunt
from gamedyn.games._wrapped_draws import WrappedDraws

__all__ = [
    "AggregativeGame",
    "Bilinear",
    "Box",
    "Clipped",
    "ConsensusRegularized",
    "Counted",
    "DiracGAN",
    "Domain",
    "GANGame",
    "Game",
    "IteratedPrisonersDilemma",
    "KellyAuction",
    "KuhnPoker",
    "LinearQuadraticGame",
    "MatrixGame",
    "NormalFormGame",
    "Product",
    "PublicGoods",
    "Quadratic",
    "Reals",
    "Regularized",
    "RobustRegression",
    "SigmoidParametrized",
    "Simplex",
    "SoftmaxParametrized",
    "StochasticGame",
    "SymbolicGame",
    "TimescaleSeparated",
    "TullockContest",
    "WrappedDraws",
    "battle_of_the_sexes",
    "bertrand",
    "blotto",
    "blotto_allocations",
    "chicken",
    "congestion_game",
    "coordination_game",
    "cournot",
    "jordan_matching_pennies",
    "matching_pennies",
    "on_simplices",
    "player_slices",
    "prisoners_dilemma",
    "random_quadratic_game",
    "replace_block",
    "robust_least_squares",
    "rock_paper_scissors",
    "shapley_game",
    "stag_hunt",
]
