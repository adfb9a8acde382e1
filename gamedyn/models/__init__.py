"""Generative models: games of networks on data.

====================  =====================================================================================
name                  what it is
====================  =====================================================================================
NeuralGAN             min_theta E c(D(G(e))), min_phi E a(D(x)) + E b(D(G(e))), a stochastic game on data
NeuralGANGame         the same on one frozen sample, with exact gradients, Jacobian products and Hessians
own_hessian_extremes  smallest and largest eigenvalue of D_i^2 L_i, by Lanczos on products
====================  =====================================================================================
"""

from gamedyn.models._neural_gan import NeuralGAN
from gamedyn.models._neural_gan_game import NeuralGANGame
from gamedyn.models._own_hessian_extremes import own_hessian_extremes

__all__ = ["NeuralGAN", "NeuralGANGame", "own_hessian_extremes"]
