"""Which kind of point of a game a point is, and how update rules behave around it.

==============================  =========================================================================
name                            equation
==============================  =========================================================================
classify                        all of the following at once, and one word for the kind
check_differential_nash         xi = 0, every own Hessian positive definite
differential_nash_gap           |xi_i|, max(0, -lambda_min(D_i^2 L_i)) and |J^+ xi|: how far a point is from one
check_differential_stackelberg  the same for a leader along the follower's reaction
game_spectrum                   eigenvalues of J = D xi
iteration_matrix                the derivative of one step of a rule, on [z, memories]
spectral_radius                 its largest absolute eigenvalue
stability_region                the eigenvalues of J with all multipliers of a rule below 1
certify                         a proof of how many zeros of xi a box holds, none or one, and of which kind
certify_all                     all zeros of xi in a box, with a proof that there are no others
stable_step_sizes               the step sizes with a radius below 1, and the best one
find_stationary_point           a zero of xi near a point, by Newton's method
find_critical_points            the zeros of xi in a box, by Newton's method from many starts
support_enumeration             all Nash equilibria of a bimatrix game, exactly
lemke_howson                    one of them by complementary pivoting, exactly
zero_sum_equilibrium            max_x min_y x^T A y by linear programming
correlated_equilibrium          the best distribution over joint actions that nobody disobeys
nash_gaps                       every player's gain from a best response
exploitability                  their sum
best_response                   a pure strategy of least loss
regret                          against the best fixed strategy in hindsight
is_dominated                    another strategy pays more against everything
eliminate_dominated             such actions removed until none is left
split_jacobian                  J = S + A, symmetric and antisymmetric, and the share of S
check_potential                 J = J^T everywhere; with weights on the players, too
check_hamiltonian               J = -J^T everywhere
timescale_threshold             how much faster a player must move for a point to attract
critical_regularization         how strong a regulariser must be for it
monotonicity_constants          mu, L and beta of S >= mu I, |J| <= L and S >= beta J^T J
numerical_range                 the boundary of {x* M x : |x| = 1}
numerical_abscissa              its largest real part
departure_from_normality        sqrt(|M|^2 - sum |l_i|^2)
stationary_covariance           X = M X M^T + sum_j B_j C B_j^T: where noise on the gradient keeps a rule
noise_floor                     its trace, E |z - z*|^2 in the long run
best_step_under_noise           the constant step with the least E |z_k - z*|^2 after k steps
Classification                  what `classify` returns
DifferentialNashGap             what `differential_nash_gap` returns
Certifier                       a game's certificates, its code made once
Certificate                     what `certify` returns: it prints its proof and can be checked again
CertifiedPoints                 what `certify_all` returns
StepSizes                       what `stable_step_sizes` returns
StabilityRegion                 what `stability_region` returns
StationaryPoint                 what `find_stationary_point` returns
CriticalPoints                  what `find_critical_points` returns
FiniteEquilibria                what `support_enumeration` returns
MixedProfile                    one equilibrium, in rationals
ZeroSumSolution                 what `zero_sum_equilibrium` returns
CorrelatedEquilibrium           what `correlated_equilibrium` returns
Elimination                     what `eliminate_dominated` returns
JacobianSplit                   what `split_jacobian` returns
TimescaleThreshold              what `timescale_threshold` returns
TimescaleCrossing               one of its crossings
CriticalRegularization          what `critical_regularization` returns
MonotonicityConstants           what `monotonicity_constants` returns
StationaryNoise                 what `stationary_covariance` returns
BestStep                        what `best_step_under_noise` returns
best_reply                      min of a player's loss over its box or simplex, with a proved lower bound
deviation_gains                 every player's gain from a best reply, between two bounds
check_nash                      whether nobody gains more than a tolerance
local_duality_gap               the sum of gains within a radius
BestReply                       what `best_reply` returns
DeviationGains                  what `deviation_gains` returns
LocalDualityGap                 what `local_duality_gap` returns
==============================  =========================================================================
"""

from gamedyn.equilibria._best_reply import BestReply, best_reply
from gamedyn.equilibria._best_step_under_noise import BestStep, best_step_under_noise
from gamedyn.equilibria._certificate import Certificate
from gamedyn.equilibria._certified_points import CertifiedPoints, certify_all
from gamedyn.equilibria._certifier import Certifier, certify
from gamedyn.equilibria._classification import Classification
from gamedyn.equilibria._classify import check_differential_nash, classify
from gamedyn.equilibria._correlated import CorrelatedEquilibrium, correlated_equilibrium
from gamedyn.equilibria._critical_points import CriticalPoints, find_critical_points
from gamedyn.equilibria._critical_regularization import CriticalRegularization, critical_regularization
from gamedyn.equilibria._dominance import Elimination, eliminate_dominated, is_dominated
from gamedyn.equilibria._duality_gap import LocalDualityGap, local_duality_gap
from gamedyn.equilibria._exploitability import best_response, exploitability, nash_gaps, regret
from gamedyn.equilibria._finite_profiles import FiniteEquilibria, MixedProfile
from gamedyn.equilibria._jacobian_split import JacobianSplit, split_jacobian
from gamedyn.equilibria._lemke_howson import lemke_howson
from gamedyn.equilibria._monotonicity import MonotonicityConstants, monotonicity_constants
from gamedyn.equilibria._nash_gains import DeviationGains, check_nash, deviation_gains
from gamedyn.equilibria._nash_gap import DifferentialNashGap, differential_nash_gap
from gamedyn.equilibria._noise import StationaryNoise, noise_floor, stationary_covariance
from gamedyn.equilibria._numerical_range import departure_from_normality, numerical_abscissa, numerical_range
from gamedyn.equilibria._potential import check_hamiltonian, check_potential
from gamedyn.equilibria._refine import StationaryPoint, find_stationary_point
from gamedyn.equilibria._spectrum import game_spectrum, iteration_matrix, spectral_radius
from gamedyn.equilibria._stability_region import StabilityRegion, stability_region
from gamedyn.equilibria._stackelberg import check_differential_stackelberg
from gamedyn.equilibria._step_sizes import StepSizes, stable_step_sizes
from gamedyn.equilibria._support_enumeration import support_enumeration
from gamedyn.equilibria._timescale_threshold import TimescaleCrossing, TimescaleThreshold, timescale_threshold
from gamedyn.equilibria._zero_sum import ZeroSumSolution, zero_sum_equilibrium

__all__ = [
    "BestReply",
    "BestStep",
    "Certificate",
    "CertifiedPoints",
    "Certifier",
    "Classification",
    "CorrelatedEquilibrium",
    "CriticalPoints",
    "CriticalRegularization",
    "DeviationGains",
    "DifferentialNashGap",
    "Elimination",
    "FiniteEquilibria",
    "JacobianSplit",
    "LocalDualityGap",
    "MixedProfile",
    "MonotonicityConstants",
    "StabilityRegion",
    "StationaryNoise",
    "StationaryPoint",
    "StepSizes",
    "TimescaleCrossing",
    "TimescaleThreshold",
    "ZeroSumSolution",
    "best_reply",
    "best_response",
    "best_step_under_noise",
    "certify",
    "certify_all",
    "check_differential_nash",
    "check_differential_stackelberg",
    "check_hamiltonian",
    "check_nash",
    "check_potential",
    "classify",
    "correlated_equilibrium",
    "critical_regularization",
    "departure_from_normality",
    "deviation_gains",
    "differential_nash_gap",
    "eliminate_dominated",
    "exploitability",
    "find_critical_points",
    "find_stationary_point",
    "game_spectrum",
    "is_dominated",
    "iteration_matrix",
    "lemke_howson",
    "local_duality_gap",
    "monotonicity_constants",
    "nash_gaps",
    "noise_floor",
    "numerical_abscissa",
    "numerical_range",
    "regret",
    "spectral_radius",
    "split_jacobian",
    "stability_region",
    "stable_step_sizes",
    "stationary_covariance",
    "support_enumeration",
    "timescale_threshold",
    "zero_sum_equilibrium",
]
