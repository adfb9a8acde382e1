"""Update rules: how players move.

===========================  =====================================  ====================================  ==============
class                        step                                   matrix or symbol on linear games      cost
===========================  =====================================  ====================================  ==============
SimultaneousGradientDescent  z - h xi(z)                            1 - h l                               1 gradient
AlternatingGradientDescent   z_i - h xi_i(z), in turn, k_i times    product of I - h P_i J                sum k_i / n
HeavyBall                    z - h xi + b (z - z_-)                 r^2 - (1 + b - h l) r + b = 0         1
Nesterov                     u = z + b (z - z_-); u - h xi(u)       r^2 - (1 + b) q r + b q, q = 1 - h l  1
Extragradient                z - h xi(z - g xi(z))                  1 - h l + h g l^2                     2
ExtragradientPlus            z - alpha h xi(z - h xi(z))            1 - alpha h l (1 - h l)               2
CurvatureExtragradientPlus   extragradient+, h and alpha adaptive   not linear                            2 and more
DoubleStepExtragradient      z - h_k xi(z - g_k xi(z))              time-varying                          2
PastExtragradient            z~ = z - h xi(z~_-); z - h xi(z~)      r^2 - (1 - 2 h l) r - h l = 0         1
OptimisticGradient           z - (h + b) xi_k + b xi_{k-1}          r^2 - (1 - (h + b) l) r - b l = 0     1
ReflectedGradient            z - h xi(2 z - z_-)                    r^2 - (1 - 2 h l) r - h l = 0         1
ForwardReflectedBackward     P(z - h (2 xi_k - xi_{k-1}))           r^2 - (1 - 2 h l) r - h l = 0         1
ForwardBackwardForward       y = P(z - h xi); y - h (xi(y) - xi)    1 - h l + h^2 l^2                     2
PrimalDualHybridGradient     x steps, then y against 2 x+ - x       rows of I - h J in turn               1
AnchoredExtragradient        two steps, drawn to z_0 by 1/(k + 2)   time-varying                          2
FastExtragradient            two steps, drawn to z_0 by 1/(k + 1)   time-varying                          2
ProximalPoint                z+ = z - h xi(z+)                      1 / (1 + h l)                         solves
KrasnoselskiiMann            T z = z + c (R z - z), R z implicit    1 - c h l / (1 + h l)                 solves
Halpern                      z_0 / (k + 2) + (k + 1) T z / (k + 2)  time-varying                          solves
RungeKutta                   Runge-Kutta step of z' = -xi           R(-h l)                               2 or 4
Consensus                    z - h (xi + gamma J^T xi)              I - h (I + gamma J^T) J               1 and 1 vjp
HamiltonianDescent           z - h J^T xi                           I - h J^T J                           1 and 1 vjp
SymplecticAdjustment         z - h (xi + lambda A^T xi)             I - h (I + lambda A^T) J              1, jvp, vjp
LookaheadOpponent            z - h (xi - a H_o xi)                  I - h (I - a H_o) J                   1 and 1 jvp
Lola                         z - h (xi - a H_o xi - a chi)          I - h (J - a H_o J - a C)             n, jvp, n vjps
StableOpponentShaping        z - h (xi - a H_o xi - p a chi)        I - h (I - a H_o) J                   n, jvp, n vjps
Competitive                  z - h (I + h H_o)^-1 xi                I - h (I + h H_o)^-1 J                1 and a solve
AdaptiveCompetitive          z - (I + S H_o)^-1 S xi                not linear                            1 and a solve
LocalSymplecticSurgery       z - (h / 2) (xi + J^T J^-1 xi)         I - h (J + J^T) / 2                   1 and a solve
FollowTheRidge               y - h (xi_y - J_yy^-1 J_yx xi_x)       multipliers of J_yy, Schur complement  1 and a solve
StackelbergGradient          x - h total derivative of L_x          likewise in zero-sum games            2 and a solve
DriftCancelling              z - h (xi - (h / 2) J xi)              1 - h l + (h l)^2 / 2                 1 and 1 jvp
RMSProp                      z - h xi / (sqrt(v) + eps)             not linear                            1
Adam                         z - h m^ / (sqrt(v^) + eps)            not linear                            1
OptimisticAdam               z - 2 h u + h u_-, u Adam's direction  not linear                            1
ExtraAdam                    extragradient with Adam's directions   not linear                            2
Lookahead                    k steps, then z_old + a (z - z_old)    diag(a, 1) M^k + diag(1 - a, 0)       k times
Averaged                     mean of the rule's points w            [[b I, (1 - b) M_w], [0, M]] for ema  the rule's
TimescaleSeparation          the rule with tau_i xi_i               M at T J                              the rule's
InnerSteps                   players in turn, k_i steps each         not linear                            sum k_i / n
Preconditioned               the rule with xi / (sqrt(v^) + eps)    not linear                            the rule's + 1
===========================  =====================================  ====================================  ==============

On mixed strategies, where every player's block of z is a probability vector x; `ProjectedGradient` and `MirrorProx`
play on boxes, products and R^d, too, as simultaneous descent and extragradient on the last. All cost 1 gradient,
mirror-prox 2.

===============================  =====================================================================================
class                            step
===============================  =====================================================================================
MultiplicativeWeights            x exp(-h xi) / sum
OptimisticMultiplicativeWeights  x exp(-h (2 xi_k - xi_{k-1})) / sum
MirrorProx                       w = x exp(-h xi(x)) / sum; x exp(-h xi(w)) / sum
ProjectedGradient                P(x - h xi)
BestResponse                     x + h (b(x) - x), b the cheapest pure strategy
FictitiousPlay                   x + (b(x) - x) / (k + w + 1)
SmoothFictitiousPlay             x + (softmax(-xi / T) - x) / (k + w + 1)
RegretMatching                   x in proportion to max(sum of regrets, 0); also regret matching+
===============================  =====================================================================================

`StochasticVarianceReducedExtragradient` plays finite sums: in epochs of extragradient steps with the gradients
xi_i(z) - xi_i(s) + xi(s) of minibatches, s the epoch's first point; 1 gradient of the whole, 4 of minibatches a step.

Rules whose `heeds_domain` is true project on the game's domain, P, or move in its dual coordinates; all others step as
on R^d and leave it.

xi is the simultaneous gradient, J its Jacobian, l an eigenvalue of J, h the step size; H_o is J without the players'
own blocks, A its antisymmetric part, a the length that the others are expected to step. `StepMap` is a step as a map of
[z, memories], with its derivative; `extended_point` and `step_extended` are its parts. `UpdateRule` and
`LinearUpdateRule` are the protocols, `Cost` the work of one step; `per_point`, `per_matrix`, `identity_like`,
`as_eigenvalue`, `as_linear`, `natural_residual`, `check_players`, `check_hyper_parameters`, `check_linearizable`,
`check_jvp`, `takes_step_size` and `map_hyper_parameters` serve whoever writes or wraps a rule.
"""

from gamedyn.updates._adam import Adam, AdamState
from gamedyn.updates._adaptive_competitive import AdaptiveCompetitive, AdaptiveCompetitiveState
from gamedyn.updates._alternating import AlternatingGradientDescent
from gamedyn.updates._anchored_extragradient import AnchoredExtragradient, AnchoredState
from gamedyn.updates._averaged import Averaged, AveragedState
from gamedyn.updates._base import (
    Cost,
    LinearUpdateRule,
    UpdateRule,
    as_eigenvalue,
    as_linear,
    check_linearizable,
    check_players,
    identity_like,
    map_hyper_parameters,
    natural_residual,
    per_matrix,
    per_point,
)
from gamedyn.updates._best_response import BestResponse
from gamedyn.updates._competitive import Competitive
from gamedyn.updates._consensus import Consensus
from gamedyn.updates._curvature_extragradient_plus import CurvatureExtragradientPlus
from gamedyn.updates._double_step_extragradient import DoubleStepExtragradient, DoubleStepState
from gamedyn.updates._drift_cancelling import DriftCancelling
from gamedyn.updates._extended import extended_point, step_extended
from gamedyn.updates._extra_adam import ExtraAdam
from gamedyn.updates._extragradient import Extragradient
from gamedyn.updates._extragradient_plus import ExtragradientPlus
from gamedyn.updates._fast_extragradient import FastExtragradient, FastExtragradientState
from gamedyn.updates._fictitious_play import FictitiousPlay, FictitiousPlayState
from gamedyn.updates._follow_the_ridge import FollowTheRidge
from gamedyn.updates._forward_backward_forward import ForwardBackwardForward
from gamedyn.updates._forward_reflected_backward import ForwardReflectedBackward
from gamedyn.updates._halpern import Halpern, HalpernState
from gamedyn.updates._hamiltonian import HamiltonianDescent
from gamedyn.updates._heavy_ball import HeavyBall, HeavyBallState
from gamedyn.updates._hyper_parameters import check_hyper_parameters, takes_step_size
from gamedyn.updates._inner_steps import InnerSteps
from gamedyn.updates._krasnoselskii_mann import KrasnoselskiiMann
from gamedyn.updates._lola import Lola
from gamedyn.updates._lookahead import Lookahead
from gamedyn.updates._lookahead_opponent import LookaheadOpponent
from gamedyn.updates._matrix_free import SolveState
from gamedyn.updates._mirror_prox import MirrorProx
from gamedyn.updates._multiplicative_weights import MultiplicativeWeights
from gamedyn.updates._nesterov import Nesterov, NesterovState
from gamedyn.updates._optimistic import OptimisticGradient, OptimisticState
from gamedyn.updates._optimistic_adam import OptimisticAdam, OptimisticAdamState
from gamedyn.updates._optimistic_multiplicative_weights import OptimisticMultiplicativeWeights
from gamedyn.updates._past_extragradient import PastExtragradient, PastExtragradientState
from gamedyn.updates._preconditioned import Preconditioned, PreconditionedState
from gamedyn.updates._primal_dual_hybrid_gradient import PrimalDualHybridGradient
from gamedyn.updates._projected_gradient import ProjectedGradient
from gamedyn.updates._proximal_point import ProximalPoint, ProximalState
from gamedyn.updates._reflected_gradient import ReflectedGradient, ReflectedState
from gamedyn.updates._regret_matching import RegretMatching, RegretState
from gamedyn.updates._rmsprop import RMSProp, RMSPropState
from gamedyn.updates._runge_kutta import RungeKutta
from gamedyn.updates._second_order import check_jvp
from gamedyn.updates._simultaneous import SimultaneousGradientDescent
from gamedyn.updates._smooth_fictitious_play import SmoothFictitiousPlay
from gamedyn.updates._stable_opponent_shaping import StableOpponentShaping
from gamedyn.updates._stackelberg import StackelbergGradient
from gamedyn.updates._step_map import StepMap
from gamedyn.updates._symplectic_adjustment import SymplecticAdjustment
from gamedyn.updates._symplectic_surgery import LocalSymplecticSurgery
from gamedyn.updates._timescale_separation import TimescaleSeparation
from gamedyn.updates._variance_reduced_extragradient import StochasticVarianceReducedExtragradient, VarianceReducedState

__all__ = [
    "Adam",
    "AdamState",
    "AdaptiveCompetitive",
    "AdaptiveCompetitiveState",
    "AlternatingGradientDescent",
    "AnchoredExtragradient",
    "AnchoredState",
    "Averaged",
    "AveragedState",
    "BestResponse",
    "Competitive",
    "Consensus",
    "Cost",
    "CurvatureExtragradientPlus",
    "DoubleStepExtragradient",
    "DoubleStepState",
    "DriftCancelling",
    "ExtraAdam",
    "Extragradient",
    "ExtragradientPlus",
    "FastExtragradient",
    "FastExtragradientState",
    "FictitiousPlay",
    "FictitiousPlayState",
    "FollowTheRidge",
    "ForwardBackwardForward",
    "ForwardReflectedBackward",
    "Halpern",
    "HalpernState",
    "HamiltonianDescent",
    "HeavyBall",
    "HeavyBallState",
    "InnerSteps",
    "KrasnoselskiiMann",
    "LinearUpdateRule",
    "LocalSymplecticSurgery",
    "Lola",
    "Lookahead",
    "LookaheadOpponent",
    "MirrorProx",
    "MultiplicativeWeights",
    "Nesterov",
    "NesterovState",
    "OptimisticAdam",
    "OptimisticAdamState",
    "OptimisticGradient",
    "OptimisticMultiplicativeWeights",
    "OptimisticState",
    "PastExtragradient",
    "PastExtragradientState",
    "Preconditioned",
    "PreconditionedState",
    "PrimalDualHybridGradient",
    "ProjectedGradient",
    "ProximalPoint",
    "ProximalState",
    "RMSProp",
    "RMSPropState",
    "ReflectedGradient",
    "ReflectedState",
    "RegretMatching",
    "RegretState",
    "RungeKutta",
    "SimultaneousGradientDescent",
    "SmoothFictitiousPlay",
    "SolveState",
    "StableOpponentShaping",
    "StackelbergGradient",
    "StepMap",
    "StochasticVarianceReducedExtragradient",
    "SymplecticAdjustment",
    "TimescaleSeparation",
    "UpdateRule",
    "VarianceReducedState",
    "as_eigenvalue",
    "as_linear",
    "check_hyper_parameters",
    "check_jvp",
    "check_linearizable",
    "check_players",
    "extended_point",
    "identity_like",
    "map_hyper_parameters",
    "natural_residual",
    "per_matrix",
    "per_point",
    "step_extended",
    "takes_step_size",
]
