"""Checks and Hypothesis strategies for a user's own layers, games and rules.

===================  ======================================================================
name                 what it checks or draws
===================  ======================================================================
check_layer          jvp, backward and backward_jvp against complex step and adjointness
check_game           gradients and Jacobian products against differences and each other
check_rule           the declared iteration matrix against steps; rest; batches
simplex_points       pmfs with exact zeros, ties and subnormals
definite_matrices    symmetric positive definite matrices with bounded spectrum
games_with_spectrum  quadratic games whose Jacobian has given eigenvalues
===================  ======================================================================
"""

from gamedyn.testing._check_game import check_game
from gamedyn.testing._check_layer import check_layer
from gamedyn.testing._check_rule import check_rule
from gamedyn.testing._strategies import definite_matrices, games_with_spectrum, simplex_points

__all__ = ["check_game", "check_layer", "check_rule", "definite_matrices", "games_with_spectrum", "simplex_points"]
