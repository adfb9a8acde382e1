"""Which kind of point of a game a point is, and how update rules behave around it.

=======================  ==================================================================
name                     equation
=======================  ==================================================================
classify                 all of the following at once, and one word for the kind
check_differential_nash  xi = 0, every own Hessian positive definite
game_spectrum            eigenvalues of J = D xi
iteration_matrix         the derivative of one step of a rule, on [z, memories]
spectral_radius          its largest absolute eigenvalue
stable_step_sizes        the step sizes with a radius below 1, and the best one
find_stationary_point    a zero of xi near a point, by Newton's method
Classification           what `classify` returns
StepSizes                what `stable_step_sizes` returns
StationaryPoint          what `find_stationary_point` returns
=======================  ==================================================================
"""

from gamedyn.equilibria._classification import Classification
from gamedyn.equilibria._classify import check_differential_nash, classify
from gamedyn.equilibria._refine import StationaryPoint, find_stationary_point
from gamedyn.equilibria._spectrum import game_spectrum, iteration_matrix, spectral_radius
from gamedyn.equilibria._step_sizes import StepSizes, stable_step_sizes

__all__ = [
    "Classification",
    "StationaryPoint",
    "StepSizes",
    "check_differential_nash",
    "classify",
    "find_stationary_point",
    "game_spectrum",
    "iteration_matrix",
    "spectral_radius",
    "stable_step_sizes",
]
