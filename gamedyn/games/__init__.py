"""Games: players minimise their own losses over their own slices of one joint point.

`NAMED` holds those that have values of their own for all parameters: `named_game("forsaken")` makes one by name.

Protocols, and what every game is built on:

===================  ===========================================================================
name                 what it is
===================  ===========================================================================
Game, GANGame        the protocols of a game, and of one between a generator and a discriminator
StochasticGame       a game whose losses are expectations
player_slices        the slice of z that each player owns
replace_block        z with one player's block replaced
Domain               where points live: the protocol of a convex set
Reals, Box, Simplex  domains with projection, mirror map and tangent projection
Product              of domains, usually one per player
on_simplices         whether players choose mixed strategies
===================  ===========================================================================

Of your own:

============  ======================================================
name          losses
============  ======================================================
SymbolicGame  SymPy expressions; `from_field` from a vector field xi
FunctionGame  callables of your own
============  ======================================================

Quadratic, with constant J:

=====================  =============================================================================
name                   losses
=====================  =============================================================================
Bilinear               f = x^T A y + b^T x + c^T y and -f
Quadratic              L_i = z^T Q_i z / 2 + q_i^T z, n players; also from blocks or from a Jacobian
random_quadratic_game  a Quadratic with a given or drawn spectrum; two players: f and -f, J normal
random_monotone_game   a general-sum Quadratic with given constants mu and L
=====================  =============================================================================

Shaped like a GAN:

==============  =======================================================================
name            losses
==============  =======================================================================
DiracGAN        c(psi theta) and a(0) + b(psi theta), for any objective; instance noise
LQGAN           G = a e + b against D = w1 x + w2 x^2 on normal data, for any objective
GaussianGAN     N(m, s^2) against D = w0 + w1 x + w2 x^2, which can be optimal
mean_wgan       f = <w, v - theta>, a Bilinear
CovarianceWGAN  f = sum W_ij (Sigma_ij - (V V^T)_ij)
==============  =======================================================================

Finite, on simplices or through logits:

========================  ==============================================================================
name                      losses, or payoffs of the row player
========================  ==============================================================================
NormalFormGame            -E payoff_i under mixed strategies, n players, from a table of pure strategies
MatrixGame                -x^T A y and -x^T B y, two tables of payoffs; B = -A where left out
SoftmaxParametrized       L_i(softmax(w_1), ..., softmax(w_n)): a game on simplices through logits
SigmoidParametrized       the same with one logit per player, for two actions each
HiddenBilinear            the bilinear game of sigmoid(theta) and sigmoid(phi)
matching_pennies          1 for a match, -1 otherwise; zero-sum
jordan_matching_pennies   three players in a circle: two want to match the next, one not to
rock_paper_scissors       1 for a win, -1 for a loss; payoffs for ties
shapley_game              the 3 x 3 game in which fictitious play cycles
prisoners_dilemma         [[R, S], [T, P]], T > R > P > S
stag_hunt                 [[R, S], [T, P]], R > T >= P > S
chicken                   [[R, S], [T, P]], T > R > S > P
coordination_game         both get the same, and something only where they agree
battle_of_the_sexes       something only where they agree, most for one's favourite
blotto                    soldiers on fields; `blotto_allocations` lists the actions
congestion_game           whose multiplicative weights are x / (x + (1 - x) exp(a (x - b)))
KuhnPoker                 -x^T U y and x^T U y on the sequence-form polytope
IteratedPrisonersDilemma  -p_0^T (I - discount P)^-1 r_i, memory-one policies through sigmoids
========================  ==============================================================================

Economics, regression and control:

====================  ======================================================================
name                  losses
====================  ======================================================================
cournot, bertrand     -(price - c_i) quantity_i, linear demand; Quadratic
AggregativeGame       c_i z_i - u_i(z_i, sum z): the base of the next three
TullockContest        c_i z_i - V z_i^r / sum_j z_j^r
KellyAuction          z_i - G_i Q z_i / (Z + sum z)
PublicGoods           z_i - a_i log(1 + sum z)
robust_least_squares  f = |A x - y|^2 - lam |y - y0|^2 and -f; Quadratic
RobustRegression      f = mean ((a_i + s_i)^T x - b_i)^2 - lam mean |s_i|^2 and -f
LinearQuadraticGame   f(K, L) = E sum x^T Q x + u^T R u - v^T S v and -f, u = -K x, v = -L x
====================  ======================================================================

Wrappers, around a game or around the draws of a stochastic one:

====================  ==========================================================================
name                  what they change
====================  ==========================================================================
Regularized           a GANGame plus R1, R2, WGAN-GP's or DRAGAN's penalty for the discriminator
ConsensusRegularized  L_i + (gamma / 2) |xi|^2
Clipped               the same game with one player's parameters in a box
TimescaleSeparated    tau_i L_i
Restricted            one player's own problem, while the others stand still
Unrolled              L_i after k descent steps of the other players
Counted               nothing: it counts evaluations
Delegating            nothing: the start of a wrapper of your own
FiniteSum             the mean of games, drawn in minibatches
NoisyGame             L_i + e_i^T z_i, e Gaussian: noise on the gradient
WrappedDraws          any of the first four, or Unrolled, around every draw of a stochastic game
====================  ==========================================================================

In the plane (and one of four players), with the published values as defaults:

==========================  ==================================================================
name                        f of min over x, max over y; or losses; or the field xi
==========================  ==================================================================
strongly_monotone_game      (mu/2) x^2 + s x y - (mu/2) y^2
potential_saddle            L_1 = L_2 = x y
hamiltonian_game            x y
maximum_trap                L_1 = L_2 = -(x^2 + y^2)/2
weak_attractor              L_1 = x^2/2 + 10 x y, L_2 = y^2/2 - 10 x y
four_player_weak_attractor  J = eps I + A, A antisymmetric
rosca_rotation              (eps/2) x^2 - x y - (eps/2) y^2
tandem                      L_1 = (x + y)^2 - 2 x, L_2 = (x + y)^2 - 2 y
jin_minimax                 -x^2 + 5 x y - y^2
jin_nonstationary_minimax   x y/5 - cos y on a box
jin_no_local_minimax        y^2 - 2 x y on a box
wang_local_minimax          -3 x^2 + 4 x y - y^2
wang_spurious_attractor     3 x^2 + 4 x y + y^2
wang_sixth_order            (2 x^2/5 - (y - 3 x + x^3/20)^2/10 - y^4/100) exp(-r^2/100)
daskalakis_minimax          -x^2/8 - y^2/2 + 3 x y/5
daskalakis_center           x^2/2 + y^2/2 + 4 x y
adolphs_game                2 x^2 + y^2 + 4 x y + 4 y^3/3 - y^4/4
two_sided_pl                x^2 + 3 sin^2 x sin^2 y - 4 y^2 - 10 sin^2 y
grimmer_quartic             q(x) + A x y - q(y), q(t) = (t + 3)(t + 1)(t - 1)(t - 3)
mazumdar_polynomial         -((a x^2 + y)^2 + (b y^2 + x)^2) exp(-r^2/100)
mertikopoulos_game          (x - 1/2)(y - 1/2) + exp(-(x - 1/4)^2 - (y - 3/4)^2)/3 on [0, 1]^2
torus_location_game         L_i = -a_i cos(t_i - phi_i) + cos(t_1 - t_2)
forsaken                    x (y - 0.45) + phi(x) - phi(y) on a box: a stable cycle
almost_bilinear             x y + eps (y^2/2 - y^4/4)
polar_game                  xi = (-b y + x g(r), b x + y g(r)): cycles of radius 3/4 and 1
global_forsaken             x y + psi(x) - psi(y) on a box
letcher_game                x y - x^2/2 + y^2/2 + x^4/4 - y^4/4
market_game                 coercive losses, the only stationary point a strict maximum
==========================  ==================================================================
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
from gamedyn.games._covariance_wgan import CovarianceWGAN
from gamedyn.games._delegating import Delegating
from gamedyn.games._dirac_gan import DiracGAN
from gamedyn.games._domain import Domain, Reals
from gamedyn.games._elementary_quadratics import (
    four_player_weak_attractor,
    hamiltonian_game,
    maximum_trap,
    potential_saddle,
    rosca_rotation,
    strongly_monotone_game,
    tandem,
    weak_attractor,
)
from gamedyn.games._finite_sum import FiniteSum
from gamedyn.games._function_game import FunctionGame
from gamedyn.games._gan import GANGame
from gamedyn.games._gaussian_gan import GaussianGAN
from gamedyn.games._hidden_bilinear import HiddenBilinear
from gamedyn.games._iterated_prisoners_dilemma import IteratedPrisonersDilemma
from gamedyn.games._kuhn_poker import KuhnPoker
from gamedyn.games._landscape_games import (
    adolphs_game,
    grimmer_quartic,
    mazumdar_polynomial,
    mertikopoulos_game,
    torus_location_game,
    two_sided_pl,
)
from gamedyn.games._limit_cycle_games import (
    almost_bilinear,
    forsaken,
    global_forsaken,
    letcher_game,
    market_game,
    polar_game,
)
from gamedyn.games._linear_quadratic import LinearQuadraticGame
from gamedyn.games._lq_gan import LQGAN
from gamedyn.games._matching_pennies import jordan_matching_pennies, matching_pennies
from gamedyn.games._matrix_game import MatrixGame
from gamedyn.games._mean_wgan import mean_wgan
from gamedyn.games._minimax_examples import (
    daskalakis_center,
    daskalakis_minimax,
    jin_minimax,
    jin_no_local_minimax,
    jin_nonstationary_minimax,
    wang_local_minimax,
    wang_sixth_order,
    wang_spurious_attractor,
)
from gamedyn.games._named import NAMED, named_game
from gamedyn.games._noisy_game import NoisyGame
from gamedyn.games._normal_form import NormalFormGame
from gamedyn.games._oligopoly import bertrand, cournot
from gamedyn.games._product import Product
from gamedyn.games._quadratic import Quadratic
from gamedyn.games._random_monotone import random_monotone_game
from gamedyn.games._random_quadratic import random_quadratic_game
from gamedyn.games._regularized import Regularized
from gamedyn.games._reparametrized import SigmoidParametrized, SoftmaxParametrized
from gamedyn.games._restricted import Restricted
from gamedyn.games._robust_regression import RobustRegression, robust_least_squares
from gamedyn.games._rock_paper_scissors import rock_paper_scissors
from gamedyn.games._shapley_game import shapley_game
from gamedyn.games._simplex import Simplex
from gamedyn.games._simplices import on_simplices
from gamedyn.games._symbolic import SymbolicGame
from gamedyn.games._timescale_separated import TimescaleSeparated
from gamedyn.games._two_by_two import battle_of_the_sexes, chicken, coordination_game, prisoners_dilemma, stag_hunt
from gamedyn.games._unrolled import Unrolled
from gamedyn.games._wrapped_draws import WrappedDraws

__all__ = [
    "LQGAN",
    "NAMED",
    "AggregativeGame",
    "Bilinear",
    "Box",
    "Clipped",
    "ConsensusRegularized",
    "Counted",
    "CovarianceWGAN",
    "Delegating",
    "DiracGAN",
    "Domain",
    "FiniteSum",
    "FunctionGame",
    "GANGame",
    "Game",
    "GaussianGAN",
    "HiddenBilinear",
    "IteratedPrisonersDilemma",
    "KellyAuction",
    "KuhnPoker",
    "LinearQuadraticGame",
    "MatrixGame",
    "NoisyGame",
    "NormalFormGame",
    "Product",
    "PublicGoods",
    "Quadratic",
    "Reals",
    "Regularized",
    "Restricted",
    "RobustRegression",
    "SigmoidParametrized",
    "Simplex",
    "SoftmaxParametrized",
    "StochasticGame",
    "SymbolicGame",
    "TimescaleSeparated",
    "TullockContest",
    "Unrolled",
    "WrappedDraws",
    "adolphs_game",
    "almost_bilinear",
    "battle_of_the_sexes",
    "bertrand",
    "blotto",
    "blotto_allocations",
    "chicken",
    "congestion_game",
    "coordination_game",
    "cournot",
    "daskalakis_center",
    "daskalakis_minimax",
    "forsaken",
    "four_player_weak_attractor",
    "global_forsaken",
    "grimmer_quartic",
    "hamiltonian_game",
    "jin_minimax",
    "jin_no_local_minimax",
    "jin_nonstationary_minimax",
    "jordan_matching_pennies",
    "letcher_game",
    "market_game",
    "matching_pennies",
    "maximum_trap",
    "mazumdar_polynomial",
    "mean_wgan",
    "mertikopoulos_game",
    "named_game",
    "on_simplices",
    "player_slices",
    "polar_game",
    "potential_saddle",
    "prisoners_dilemma",
    "random_monotone_game",
    "random_quadratic_game",
    "replace_block",
    "robust_least_squares",
    "rock_paper_scissors",
    "rosca_rotation",
    "shapley_game",
    "stag_hunt",
    "strongly_monotone_game",
    "tandem",
    "torus_location_game",
    "two_sided_pl",
    "wang_local_minimax",
    "wang_sixth_order",
    "wang_spurious_attractor",
    "weak_attractor",
]
