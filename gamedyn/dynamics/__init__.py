"""Simulation of games under update rules, and what is read off trajectories.

=======================  ===================================================================================
name                     equation
=======================  ===================================================================================
simulate                 (z, state) <- rule.step(game, z, state), `steps` times
flow                     z' = -xi(z), or z' = field(game, z)
replicator_field         x_a (sum_b x_b xi_b - xi_a), on mixed strategies
best_response_field      softmax(-xi_i / T) - x_i, on mixed strategies
integrate_flow           the same at every time, backwards, with events; blow-up is a status
FlowSolution             its points, with status, reason and the events' times
FlowStatus               FINISHED, EVENT, BLOW_UP, FAILED, MAX_STEPS
Event                    a function (t, z) whose zeros are found, and may end a trajectory
symplectic_flow          z' = -xi(z) by exact moves in turn, of order 1, 2 or 4
midpoint_flow            z+ = z - h xi((z + z+) / 2)
gradient_field           -xi
timescale_field          -tau_i xi_i
consensus_field          -(xi + gamma J^T xi)
hamiltonian_field        -J^T xi
modified_field           -xi + h (...) + h^2 (...): what the steps of a rule follow to second or third order
path_angle               cos of xi(start + a (end - start)) and end - start
PathAngle                that curve, |xi| along it, and whether it switches, bumps or both
detect_limit_set         what a trajectory tends to: point, cycle, torus, chaos or infinity
LimitSet                 that word, its points, period, evidence and reason; whether two are the same
find_periodic_orbit      u = F^p(u), or z(T) = z(0), by Newton's method
PeriodicOrbit            its points, minimal period, amplitude, multipliers and stability
lyapunov_spectrum        lim (1/t) log of the growth of separations
LyapunovSpectrum         the exponents, with their errors and the Kaplan-Yorke dimension
rotation_number          mean angle about a centre, in turns per step
fit_rate                 rho in distance_k ~ C rho^k
basins                   where every start of a box ends: limit points and cycles, with shares
phase_diagram            radius and outcome over two hyper-parameters, with the curves of radius 1
rule_family              a -> StepMap: a rule with a value of one of its hyper-parameters
continue_fixed_points    F_a^p(u) = u followed through a, around folds
Branch                   the curve, with multipliers and stability
find_bifurcations        where multipliers cross the unit circle on it: 1, -1 or a pair
Bifurcations             a tuple of them, which says whether all of the branch was searched
Bifurcation              its place, normal form, and whether what is born there is stable
continue_cycles          the cycles of twice the period born at a flip, as a Branch
period_doubling_cascade  flip after flip, to cycles of period 2, 4, 8, ...
Cascade                  their parameters, and the ratios of distances
bifurcation_diagram      what trajectories come to, value by value
BifurcationDiagram       the kept points, with periods
cobweb                   the staircase between a step's graph and the diagonal
Cobweb                   its corners, and the graph
track_divergences        KL, JS, GAN value, W_1, ... of every iterate from the target
DivergenceTrack          the curves, and whether each is flat, converges, oscillates or diverges
Behaviour                that word, its reason, rate and period
Basins                   what `basins` returns: labels, limits, Wilson's intervals
PhaseDiagram             what `phase_diagram` returns
DistanceTo               |z - point|, to observe without recording points
Trajectory               the recorded points, with the status and the last state of each
Status                   CONVERGED, MAX_STEPS, DIVERGED
=======================  ===================================================================================
"""

from gamedyn.dynamics._basins import Basins, basins
from gamedyn.dynamics._behaviour import Behaviour
from gamedyn.dynamics._bifurcation import Bifurcation, Bifurcations
from gamedyn.dynamics._bifurcation_diagram import BifurcationDiagram, bifurcation_diagram
from gamedyn.dynamics._bifurcation_search import find_bifurcations
from gamedyn.dynamics._cascade import Cascade, continue_cycles, period_doubling_cascade
from gamedyn.dynamics._cobweb import Cobweb, cobweb
from gamedyn.dynamics._continuation import Branch, continue_fixed_points, rule_family
from gamedyn.dynamics._divergence_track import DivergenceTrack, track_divergences
from gamedyn.dynamics._fields import (
    best_response_field,
    consensus_field,
    gradient_field,
    hamiltonian_field,
    replicator_field,
    timescale_field,
)
from gamedyn.dynamics._flow import flow
from gamedyn.dynamics._flow_solution import Event, FlowSolution, FlowStatus
from gamedyn.dynamics._integrate_flow import integrate_flow
from gamedyn.dynamics._limit_set import LimitSet
from gamedyn.dynamics._limit_set_detect import detect_limit_set
from gamedyn.dynamics._lyapunov import LyapunovSpectrum, lyapunov_spectrum
from gamedyn.dynamics._modified_field import modified_field
from gamedyn.dynamics._observables import DistanceTo
from gamedyn.dynamics._path_angle import PathAngle, path_angle
from gamedyn.dynamics._periodic_orbit import PeriodicOrbit
from gamedyn.dynamics._periodic_orbit_search import find_periodic_orbit
from gamedyn.dynamics._phase_diagram import PhaseDiagram, phase_diagram
from gamedyn.dynamics._rate import fit_rate
from gamedyn.dynamics._rotation_number import rotation_number
from gamedyn.dynamics._simulate import simulate
from gamedyn.dynamics._symplectic import midpoint_flow, symplectic_flow
from gamedyn.dynamics._trajectory import Status, Trajectory

__all__ = [
    "Basins",
    "Behaviour",
    "Bifurcation",
    "BifurcationDiagram",
    "Bifurcations",
    "Branch",
    "Cascade",
    "Cobweb",
    "DistanceTo",
    "DivergenceTrack",
    "Event",
    "FlowSolution",
    "FlowStatus",
    "LimitSet",
    "LyapunovSpectrum",
    "PathAngle",
    "PeriodicOrbit",
    "PhaseDiagram",
    "Status",
    "Trajectory",
    "basins",
    "best_response_field",
    "bifurcation_diagram",
    "cobweb",
    "consensus_field",
    "continue_cycles",
    "continue_fixed_points",
    "detect_limit_set",
    "find_bifurcations",
    "find_periodic_orbit",
    "fit_rate",
    "flow",
    "gradient_field",
    "hamiltonian_field",
    "integrate_flow",
    "lyapunov_spectrum",
    "midpoint_flow",
    "modified_field",
    "path_angle",
    "period_doubling_cascade",
    "phase_diagram",
    "replicator_field",
    "rotation_number",
    "rule_family",
    "simulate",
    "symplectic_flow",
    "timescale_field",
    "track_divergences",
]
