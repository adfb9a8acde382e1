"""Generative models: games of networks on data.

======================  ===================================================================================
name                    what it is
======================  ===================================================================================
ClosedFormModel         the base of density models that are fitted at once
Criterion               mean l(theta; x, e) over rows x with noise e: what a model of one player minimises
DensityModel            a law fitted to rows: sample, and log_prob, a bound on it, or neither
DiffusionBound          the variational bound of a diffusion, term by term
EmpiricalModel          the law of the training rows themselves
ExactDiffusion          the diffusion of a Gaussian mixture or of atoms, with the best denoiser
FVSBN                   prod_i Bernoulli(x_i; sigmoid(b_i + sum_j W_ji x_j, j before i)) on binary rows
FrozenLikelihoodGame    a LikelihoodGame on one frozen sample, with exact gradients and Hessian products
GAN                     the estimator: fit, sample, discriminate, as_game, checkpoints
GANEnsemble             GANs that differ in nothing but their seeds
GaussianMixtureModel    sum_j w_j N(m_j, S_j), by expectation maximization
KernelDensityModel      mean_i N(x_i, h^2 S), the width by rule or by likelihood
LikelihoodGame          min_theta E l(theta; x, e), a criterion on data as a stochastic game of one player
LikelihoodHistory       loss, held-out loss, excess over the floor and gradient during a training
MADE                    prod_i Bernoulli(x_i; sigmoid(f_i(x_j, j before i))), f a masked network, on binary rows
NGram                   p(x_t | the last order - 1 symbols) by counting, with smoothing
NetworkCriterion        a loss of what a network makes of each row
NeuralGAN               min_theta E c(D(G(e))), min_phi E a(D(x)) + E b(D(G(e))), a stochastic game on data
NeuralGANGame           the same on one frozen sample, with exact gradients, Jacobian products and Hessians
NoiseSchedule           betas of a diffusion: signal, noise, posterior variances at every t
PPCA                    N(mean, W W^T + s^2 I) at the maximum of its likelihood, the floor of linear VAEs
PrecisionRecall         precision, recall, density, coverage
PrecisionRecallCurve    precision, recall, F scores
SampleMeasures          what measure_samples found
SemiSupervisedGAN       a NeuralGAN whose discriminator also names the classes of labelled rows
SemiSupervisedGame      the same on one frozen sample
TrainedModel            the base of density models that any update rule trains
TrainingHistory         losses, gradients, critic's estimate, distances and modes during a training
affine_generator_law    N(b, A A^T), the exact law of an affine generator
captured_modes          how many modes have samples within 3 deviations
cosine_schedule         the schedule whose signal is a cosine of t
fit_seeds               one GAN fitted from many seeds at once
high_quality_share      the share of samples within 3 deviations of a mode
linear_schedule         the schedule whose beta is linear in t
load_model              the fitted model of a checkpoint, whatever its class
measure_samples         all measures of samples against a target, in one table
mode_kl                 KL of the histogram of samples over modes to their weights
own_hessian_extremes    smallest and largest eigenvalue of D_i^2 L_i, by Lanczos on products
precision_recall        shares within balls to the k-th nearest neighbour of the other sample
precision_recall_curve  the trade-offs between precision and recall of discrete laws, with F scores
reverse_diffusion       from noise to data with any denoiser: ancestral, DDIM, Euler, Heun
======================  ===================================================================================
"""

from gamedyn.models._affine_law import affine_generator_law
from gamedyn.models._closed_form_model import ClosedFormModel
from gamedyn.models._criterion import Criterion
from gamedyn.models._density_model import DensityModel
from gamedyn.models._diffusion_bound import DiffusionBound
from gamedyn.models._empirical_model import EmpiricalModel
from gamedyn.models._exact_diffusion import ExactDiffusion
from gamedyn.models._frozen_likelihood_game import FrozenLikelihoodGame
from gamedyn.models._fvsbn import FVSBN
from gamedyn.models._gan import GAN
from gamedyn.models._gan_ensemble import GANEnsemble, fit_seeds
from gamedyn.models._gaussian_mixture_model import GaussianMixtureModel
from gamedyn.models._kernel_density_model import KernelDensityModel
from gamedyn.models._likelihood_game import LikelihoodGame
from gamedyn.models._likelihood_history import LikelihoodHistory
from gamedyn.models._load_model import load_model
from gamedyn.models._made import MADE
from gamedyn.models._measure_samples import SampleMeasures, measure_samples
from gamedyn.models._mode_measures import captured_modes, high_quality_share, mode_kl
from gamedyn.models._network_criterion import NetworkCriterion
from gamedyn.models._neural_gan import NeuralGAN
from gamedyn.models._neural_gan_game import NeuralGANGame
from gamedyn.models._ngram import NGram
from gamedyn.models._noise_schedule import NoiseSchedule
from gamedyn.models._noise_schedules import cosine_schedule, linear_schedule
from gamedyn.models._own_hessian_extremes import own_hessian_extremes
from gamedyn.models._ppca import PPCA
from gamedyn.models._precision_recall import PrecisionRecall, precision_recall
from gamedyn.models._precision_recall_curve import PrecisionRecallCurve, precision_recall_curve
from gamedyn.models._reverse_diffusion import reverse_diffusion
from gamedyn.models._semi_supervised_game import SemiSupervisedGame
from gamedyn.models._semi_supervised_gan import SemiSupervisedGAN
from gamedyn.models._trained_model import TrainedModel
from gamedyn.models._training_history import TrainingHistory

__all__ = [
    "FVSBN",
    "GAN",
    "MADE",
    "PPCA",
    "ClosedFormModel",
    "Criterion",
    "DensityModel",
    "DiffusionBound",
    "EmpiricalModel",
    "ExactDiffusion",
    "FrozenLikelihoodGame",
    "GANEnsemble",
    "GaussianMixtureModel",
    "KernelDensityModel",
    "LikelihoodGame",
    "LikelihoodHistory",
    "NGram",
    "NetworkCriterion",
    "NeuralGAN",
    "NeuralGANGame",
    "NoiseSchedule",
    "PrecisionRecall",
    "PrecisionRecallCurve",
    "SampleMeasures",
    "SemiSupervisedGAN",
    "SemiSupervisedGame",
    "TrainedModel",
    "TrainingHistory",
    "affine_generator_law",
    "captured_modes",
    "cosine_schedule",
    "fit_seeds",
    "high_quality_share",
    "linear_schedule",
    "load_model",
    "measure_samples",
    "mode_kl",
    "own_hessian_extremes",
    "precision_recall",
    "precision_recall_curve",
    "reverse_diffusion",
]
