"""Generative models: games of networks on data.

==============  =====================================================================================
class           what it is
==============  =====================================================================================
NeuralGAN       min_theta E c(D(G(e))), min_phi E a(D(x)) + E b(D(G(e))), a stochastic game on data
NeuralGANGame   the same on one frozen sample, with exact gradients, Jacobian products and Hessians
==============  =====================================================================================
"""

from gamedyn.models._neural_gan import NeuralGAN
from gamedyn.models._neural_gan_game import NeuralGANGame

__all__ = ["NeuralGAN", "NeuralGANGame"]
