"""Checks and Hypothesis strategies for a user's own layers, games and rules.

===========  ==================================================================
name         what it checks or draws
===========  ==================================================================
check_layer  jvp, backward and backward_jvp against complex step and adjointness
===========  ==================================================================
"""

from gamedyn.testing._check_layer import check_layer

__all__ = ["check_layer"]
