"""GAN objectives: losses on critic outputs, optimal outputs, and the divergence that each minimises.

=====================  ==============================================================================
name                   equation
=====================  ==============================================================================
Minimax                a = softplus(-s), b = softplus(s), c = -softplus(s): 2 JS
NonSaturating          a = softplus(-s), b = softplus(s), c = softplus(-s): KL(q||p) - 2 JS
LeastSquares           a = (s - real)^2 / 2, b = (s - fake)^2 / 2, c = (s - target)^2 / 2: Pearson
Wasserstein            a = -s, b = s, c = -s: W_1
Hinge                  a = max(0, 1 - s), b = max(0, 1 + s), c = -s: 2 TV
FGAN                   a = -T(s), b = f*(T(s)), c = -b or -T(s), T(s) = f'(e^s): D_f
optimal_discriminator  log p - log q, the logit of D* = p / (p + q)
value_function         V(D) = E_p log D + E_q log(1 - D)
value_at_optimum       V(D*) = -log 4 + 2 JS(p, q)
=====================  ==============================================================================
"""

from gamedyn.objectives._base import Objective
from gamedyn.objectives._discriminator import OptimalDiscriminator, optimal_discriminator
from gamedyn.objectives._f_gan import FGAN
from gamedyn.objectives._hinge import Hinge
from gamedyn.objectives._least_squares import LeastSquares
from gamedyn.objectives._minimax import Minimax
from gamedyn.objectives._nonsaturating import NonSaturating
from gamedyn.objectives._value import value_at_optimum, value_function
from gamedyn.objectives._wasserstein import Wasserstein

__all__ = [
    "FGAN",
    "Hinge",
    "LeastSquares",
    "Minimax",
    "NonSaturating",
    "Objective",
    "OptimalDiscriminator",
    "Wasserstein",
    "optimal_discriminator",
    "value_at_optimum",
    "value_function",
]
