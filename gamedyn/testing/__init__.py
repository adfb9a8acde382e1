"""Checks and Hypothesis strategies for a user's own layers, games and rules, and for any library's divergences.

===================  ======================================================================
name                 what it checks or draws
===================  ======================================================================
check_layer          jvp, backward and backward_jvp against complex step and adjointness
check_criterion      gradient and Hessian products of a model's loss against differences; rows apart
check_game           gradients and Jacobian products against differences and each other
check_rule           the declared iteration matrix against steps; rest; batches
conformance          a divergence or distance against 30-digit references on the edge cases
Conformance          the table of cases, and whether all passed
ConformanceCase      case, reference, found, relative error, passed
simplex_points       pmfs with exact zeros, ties and subnormals
definite_matrices    symmetric positive definite matrices with bounded spectrum
games_with_spectrum  quadratic games whose Jacobian has given eigenvalues
===================  ======================================================================
"""

from gamedyn.testing._check_criterion import check_criterion
from gamedyn.testing._check_game import check_game
from gamedyn.testing._check_layer import check_layer
from gamedyn.testing._check_rule import check_rule
from gamedyn.testing._conformance import Conformance, ConformanceCase, conformance
from gamedyn.testing._strategies import definite_matrices, games_with_spectrum, simplex_points

__all__ = [
    "Conformance",
    "ConformanceCase",
    "check_criterion",
    "check_game",
    "check_layer",
    "check_rule",
    "conformance",
    "definite_matrices",
    "games_with_spectrum",
    "simplex_points",
]
