"""Every member of every family, one line each: laws run over these lists, and a house test finds what is missing."""

import numpy

from gamedyn import distributions, divergences, games, objectives, updates
from tests.density_cases import CRITERIA, DENSITY_MODELS, LIKELIHOOD_GAMES  # noqa: F401 (handed on)
from tests.economic_games import ECONOMIC_GAMES
from tests.gan_games import GAN_GAMES
from tests.layer_cases import LAYERS, LOSSES  # noqa: F401 (handed on)
from tests.named_finite_games import FINITE_GAMES
from tests.named_games import NAMED_GAMES

# One line each: an instance, or several where one parameter changes the formula.
DISTRIBUTIONS = [
    distributions.Normal(0.3, 1.7),
    distributions.Normal([[-1.0], [40.0]], [0.2, 1.0, 30.0]),
    distributions.MultivariateNormal([0.5, -1.0], [[2.0, 0.6], [0.6, 0.5]]),
    distributions.MultivariateNormal([[0.0, 0.0], [3.0, -1.0]], [[1.0, -0.9], [-0.9, 1.0]]),
    distributions.LowRankMultivariateNormal([0.5, -1.0], [[1.2], [-0.4]], [0.3, 0.8]),
    distributions.LowRankMultivariateNormal([[0.0, 0.0], [3.0, -1.0]], [[1.0, -0.9, 0.0], [0.3, 2.0, 1.0]], [0.5, 0.1]),
    distributions.Dirichlet([0.8, 1.0, 3.5]),
    distributions.Dirichlet([[2.0, 30.0], [5.0, 400.0]]),
    distributions.Laplace(-0.4, 0.6),
    distributions.Laplace([0.0, 1.0], [[0.1], [5.0]]),
    distributions.Uniform(-1.5, 2.0),
    distributions.Uniform([0.0, -3.0], [[1.0], [40.0]]),
    distributions.Exponential(1.3),
    distributions.Exponential([0.02, 1.0, 50.0]),
    distributions.Cauchy(0.7, 1.3),
    distributions.Cauchy([0.0, 20.0], [[0.1], [8.0]]),
    distributions.Gumbel(-0.6, 1.4),
    distributions.Gumbel([1.0, -30.0], [[0.2], [6.0]]),
    distributions.Weibull(2.0, 0.6),
    distributions.Weibull([0.1, 30.0], [[1.0], [4.0]]),
    distributions.Pareto(1.5, 3.5),
    distributions.Pareto([0.2, 40.0], [[0.8], [6.0]]),
    distributions.Rayleigh(1.2),
    distributions.Rayleigh([0.01, 50.0]),
    distributions.HalfNormal(0.7),
    distributions.HalfNormal([0.01, 50.0]),
    distributions.LogNormal(0.4, 0.9),
    distributions.LogNormal([-3.0, 1.0], [[0.1], [1.5]]),
    distributions.InverseGaussian(1.5, 2.0),
    distributions.InverseGaussian([0.1, 4.0], [[0.5], [60.0]]),
    distributions.Gamma(2.5, 0.7),
    distributions.Gamma([0.7, 1.0, 60.0], [[0.1], [7.0]]),
    distributions.InverseGamma(2.5, 0.7),
    distributions.InverseGamma([1.5, 40.0], [[0.1], [7.0]]),
    distributions.Beta(2.5, 1.8),
    distributions.Beta([0.7, 1.0, 30.0], [[1.0], [400.0]]),
    distributions.StudentT(4.5, -0.3, 1.2),
    distributions.StudentT([1.6, 5.0, 300.0], [[0.0], [9.0]], [[0.1], [7.0]]),
    distributions.VonMises(0.5, 1.7),
    distributions.VonMises([0.0, 2.0], [[0.1], [25.0]]),
    distributions.Bernoulli(probs=0.3),
    distributions.Bernoulli(logits=[-40.0, -1.0, 0.0, 3.0]),
    distributions.Categorical(probs=[0.2, 0.0, 0.5, 0.3]),
    distributions.Categorical(logits=[[0.0, 1.0, -2.0], [5.0, 5.0, -30.0]]),
    distributions.Geometric(probs=0.3),
    distributions.Geometric(logits=[-3.0, 0.5, 3.0]),
    distributions.Poisson(3.5),
    distributions.Poisson([0.0, 0.1, 150.0]),
    distributions.Binomial(7, 0.3),
    distributions.Binomial([12.0, 20.0], logits=[-0.5, 0.8]),
    distributions.NegativeBinomial(2.5, 0.4),
    distributions.NegativeBinomial([0.6, 30.0], logits=[0.5, -1.0]),
    distributions.Mixture([0.3, 0.7], [distributions.Normal(-2.0, 0.5), distributions.Normal(3.0, 1.5)]),
    distributions.Mixture(
        [0.5, 0.25, 0.25],
        [distributions.Normal([0.0, 1.0], 1.0), distributions.Laplace(2.0, 0.3), distributions.Uniform(0.0, 3.0)],
    ),
    distributions.Mixture(
        [0.6, 0.4],
        [
            distributions.MultivariateNormal([0.0, 0.0], [[1.0, 0.5], [0.5, 1.0]]),
            distributions.MultivariateNormal([3.0, -2.0], [[0.3, 0.0], [0.0, 0.8]]),
        ],
    ),
    distributions.Mixture(
        [0.5, 0.5], [distributions.Categorical([0.0, 1.0]), distributions.Categorical([0.5, 0.2, 0.3])]
    ),
    distributions.Empirical([3.0, 1.0, 1.0, -2.5]),
    distributions.Empirical([[0.0, 1.0], [2.0, -1.0], [0.0, 1.0]], [0.2, 0.5, 0.3]),
]


def triangular(u):
    """The generator of Le Cam's divergence, as a user would give it."""
    return (u - 1) ** 2 / (u + 1)


DIVERGENCES = [
    divergences.KullbackLeibler(),
    divergences.ReverseKullbackLeibler(),
    divergences.JensenShannon(),
    divergences.JensenShannon(weight=0.3),
    divergences.TotalVariation(),
    divergences.SquaredHellinger(),
    divergences.Pearson(),
    divergences.Neyman(),
    divergences.Jeffreys(),
    divergences.LeCam(),
    divergences.AlphaDivergence(0.0),
    divergences.AlphaDivergence(0.3),
    divergences.AlphaDivergence(1.0),
    divergences.AlphaDivergence(2.5),
    divergences.AlphaDivergence(-1.5),
    divergences.GANDivergence(),
    divergences.GeneratedDivergence(triangular, slope_at_infinity=1.0),
]

# Those whose own forms keep every digit; a generator that is known by its values alone cannot.
PRECISE = [d for d in DIVERGENCES if not isinstance(d, divergences.GeneratedDivergence)]

OBJECTIVES = [
    objectives.Minimax(),
    objectives.NonSaturating(),
    objectives.Wasserstein(),
    objectives.LeastSquares(),
    objectives.LeastSquares(real_label=1.0, fake_label=-1.0, generator_target=0.0),
    objectives.Hinge(),
    *(
        objectives.FGAN(divergence, saturating)
        for divergence in DIVERGENCES
        if not isinstance(divergence, divergences.TotalVariation | divergences.GeneratedDivergence)
        for saturating in (True, False)
    ),
]


# (game, a point of the right size and, where one is known, a stationary point)
GAMES = [
    (games.Bilinear([[1.0, 2.0], [0.5, -1.0], [3.0, 0.0]]), [0.3, -0.2, 0.5, 1.0, -0.7], [0.0] * 5),
    (games.Bilinear([[2.0]], [4.0], [-6.0]), [1.0, 1.0], [3.0, -2.0]),
    (games.Quadratic([[[2, 1], [1, -1]], [[0, -1], [-1, 4]]], (1, 1), [[1, 0], [0, 3]]), [0.4, 0.9], None),
    (
        games.Quadratic.from_blocks(
            [
                [[[2.0, 1.0], [1.0, 3.0]], [[1.0], [-2.0]], [[0.5], [0.0]]],
                [[[-1.0, 4.0]], [[1.5]], [[2.0]]],
                [[[0.0, -1.0]], [[-3.0]], [[0.5]]],
            ]
        ),
        [0.1, -0.6, 0.7, 1.1],
        [0.0] * 4,
    ),
    (games.random_quadratic_game([1 + 2j, 0.5 + 0j, 3j], rng=1), [0.2, -0.4, 0.6, -0.8, 1.0, 1.2], [0.0] * 6),
    (games.TimescaleSeparated(games.DiracGAN(), tau=3.0), [0.8, -0.6], [0.0, 0.0]),
    (games.TimescaleSeparated(games.DiracGAN(), tau=(0.5, 3.0)), [0.8, -0.6], [0.0, 0.0]),
    (games.Restricted(games.LQGAN(), numpy.array([0.7, 0.2, -0.3, 0.4]), 0), [0.4, -0.5], [0.0, 0.375]),
    (
        games.FiniteSum([games.DiracGAN(), games.Bilinear([[2.0]], [0.5], [1.0])], batch_size=3).draw(0),
        [0.8, -0.6],
        None,
    ),
    (games.FiniteSum([games.DiracGAN(), games.Bilinear([[2.0]])]).full(), [0.8, -0.6], [0.0, 0.0]),
    (games.NoisyGame(games.Regularized(games.DiracGAN(), r1=0.7), 0.3).draw(0), [0.8, -0.6], None),
    (games.Counted(games.DiracGAN()), [0.8, -0.6], [0.0, 0.0]),
    (games.MatrixGame([[1.0, -1.0], [-1.0, 1.0]]), [0.7, 0.3, 0.4, 0.6], [0.5] * 4),
    (games.MatrixGame([[3.0, 0.0, 1.0], [5.0, 1.0, -2.0]], [[3.0, 5.0, 0.5], [0.0, 1.0, 2.0]]), [0.2] * 5, [0.0] * 5),
    (
        games.NormalFormGame(numpy.sin(numpy.arange(36.0)).reshape(3, 2, 3, 2)),
        [0.4, 0.6, 0.2, 0.3, 0.5, 0.9, 0.1],
        None,
    ),
    (
        games.SoftmaxParametrized(games.MatrixGame([[1.0, -1.0], [-1.0, 1.0]])),
        [0.7, 0.3, -0.4, 0.6],
        [1.0, 1.0, 0.0, 0.0],
    ),
    (games.SigmoidParametrized(games.MatrixGame([[1.0, -1.0], [-1.0, 1.0]])), [0.7, -0.4], [0.0, 0.0]),
    *NAMED_GAMES,
    *GAN_GAMES,
    *LIKELIHOOD_GAMES,
    *FINITE_GAMES,
    *ECONOMIC_GAMES,
]

# Rules on R^d with the step size 0.1 and numbers as hyper-parameters, small enough to contract a strongly monotone game
# of Lipschitz constant 1, and in their domain when multiplied by a number between 1/2 and 1.
RULES = [
    updates.SimultaneousGradientDescent(0.1),
    updates.AlternatingGradientDescent(0.1),
    updates.Extragradient(0.1),
    updates.Extragradient(0.1, extrapolation_step=0.3),
    updates.OptimisticGradient(0.1),
    updates.OptimisticGradient(0.1, optimism=0.04),
    updates.Consensus(0.1, gamma=0.4),
    updates.HamiltonianDescent(0.1),
    updates.SymplecticAdjustment(0.1, strength=0.4),
    updates.SymplecticAdjustment(0.1, strength=0.4, align=False),
    updates.LookaheadOpponent(0.1, alpha=0.3),
    updates.Lola(0.1, alpha=0.3),
    updates.StableOpponentShaping(0.1, alpha=0.3),
    updates.Competitive(0.1),
    updates.Competitive(0.1, dense_limit=0),
    updates.AdaptiveCompetitive(0.1, epsilon=1e-2),
    updates.AdaptiveCompetitive(0.1, epsilon=1e-2, dense_limit=0),
    updates.LocalSymplecticSurgery(0.1),
    updates.LocalSymplecticSurgery(0.1, regularisation=0.3),
    updates.FollowTheRidge(0.1),
    updates.StackelbergGradient(0.1),
    updates.StackelbergGradient(0.1, leader=1),
    updates.DriftCancelling(0.1),
    updates.DriftCancelling(0.1, terms="interaction"),
    updates.DriftCancelling(0.1, schedule="alternating"),
    updates.ProximalPoint(0.1, newton_steps=3),
    updates.Extragradient(0.1, extrapolation_step=0.3, schedule="alternating"),
    updates.PastExtragradient(0.1),
    updates.ReflectedGradient(0.1),
    updates.ForwardReflectedBackward(0.1),
    updates.ForwardBackwardForward(0.1),
    updates.PrimalDualHybridGradient(0.1),
    updates.HeavyBall(0.1, momentum=0.3),
    updates.HeavyBall(0.1, momentum=-0.4, schedule="alternating"),
    updates.Nesterov(0.1, momentum=0.3),
    updates.ExtragradientPlus(0.1, alpha=0.6),
    updates.CurvatureExtragradientPlus(0.1),
    updates.CurvatureExtragradientPlus(relaxation=0.8, backtracks=1),
    updates.DoubleStepExtragradient(0.1),
    updates.DoubleStepExtragradient(0.1, exponents=(0, 0)),
    updates.AnchoredExtragradient(0.1),
    updates.AnchoredExtragradient(0.1, variant="varying"),
    updates.FastExtragradient(0.1),
    updates.KrasnoselskiiMann(0.1, relaxation=0.7, newton_steps=3),
    updates.Halpern(0.1, newton_steps=3),
    updates.RungeKutta(0.1, order=2),
    updates.RungeKutta(0.1, order=4),
    updates.RungeKutta(0.1, order=4, regularisation=0.2),
    updates.RMSProp(0.1, epsilon=0.1),
    updates.RMSProp(0.1, decay=0.7, epsilon=0.1, schedule="alternating"),
    updates.Adam(0.1, epsilon=0.1),
    updates.Adam(0.1, first_decay=0.0, epsilon=0.1, schedule="alternating"),
    updates.OptimisticAdam(0.1, epsilon=0.1),
    updates.ExtraAdam(0.1, epsilon=0.1),
    updates.Preconditioned(updates.Extragradient(0.1), epsilon=0.1),
    updates.Lookahead(updates.Preconditioned(updates.OptimisticGradient(0.1), epsilon=0.1), k=2),
    updates.StochasticVarianceReducedExtragradient(0.1, epoch_length=2),
    updates.StochasticVarianceReducedExtragradient(0.1, epoch_length=2, restart_every=2),
    updates.Lookahead(updates.SimultaneousGradientDescent(0.1), k=3, alpha=0.4),
    updates.Lookahead(updates.OptimisticGradient(0.1), k=2, alpha=0.7),
    updates.Averaged(updates.AlternatingGradientDescent(0.1)),
    updates.Averaged(updates.Extragradient(0.1), kind="ema", decay=0.6),
    updates.Lookahead(updates.Averaged(updates.OptimisticGradient(0.1), kind="ema", decay=0.5), k=2, alpha=0.6),
    updates.TimescaleSeparation(updates.Consensus(0.1, gamma=0.4), tau=0.8),
    updates.TimescaleSeparation(updates.Lola(0.1, alpha=0.3), tau=(0.9, 0.7)),
    updates.TimescaleSeparation(updates.Lookahead(updates.OptimisticGradient(0.1), k=2), tau=0.7),
    updates.InnerSteps(updates.Adam(0.1, epsilon=0.1), (1, 2), player_order=(1, 0)),
    updates.InnerSteps(updates.OptimisticGradient(0.1), (2, 1), step_factors=(0.8, 0.6)),
    updates.ProjectedGradient(0.1),
    updates.MirrorProx(0.1),
]

# Rules that keep every player's block a probability vector.
SIMPLEX_RULES = [
    updates.MultiplicativeWeights(0.1),
    updates.OptimisticMultiplicativeWeights(0.1),
    updates.ProjectedGradient(0.1),
    updates.MirrorProx(0.1),
    updates.BestResponse(0.1),
    updates.BestResponse(0.1, schedule="alternating"),
    updates.FictitiousPlay(),
    updates.FictitiousPlay(2.5, schedule="alternating"),
    updates.SmoothFictitiousPlay(0.3),
    updates.SmoothFictitiousPlay(0.3, initial_weight=0.5, schedule="alternating"),
    updates.RegretMatching(),
    updates.RegretMatching(plus=True, schedule="alternating"),
]
