"""The GAN-shaped games of `tests/cases.py`, with a point and, where one is known, a stationary point."""

import numpy

from gamedyn import divergences, games, models, nn, objectives


def neural_gan(objective=None, **options):
    """Two small networks on five fixed points of the plane: 7 + 9 parameters."""
    data = numpy.array([[0.5, -1.0], [1.5, 0.25], [-0.75, 0.5], [2.0, 1.0], [0.0, -0.5]])
    generator, discriminator = nn.mlp((1, 1, 2), nn.Softplus()), nn.mlp((2, 2, 1))
    objective = objectives.NonSaturating() if objective is None else objective
    own = {"data": data, "latent_dim": 1, "batch_size": 4}
    return models.NeuralGAN(generator, discriminator, objective, **own | options)


def shown_gan(packing, classes, **options):
    """The same on labelled points, or on packs: the discriminator's inputs differ."""
    labels = [0, classes - 1, 0, 0, classes - 1] if classes else None
    networks = nn.mlp((1 + classes, 2), nn.Softplus()), nn.mlp((packing * (2 + classes), 2, 1))
    own = {"objective": objectives.NonSaturating(), "data": neural_gan().data, "latent_dim": 1, "batch_size": 2}
    return models.NeuralGAN(*networks, **own | {"labels": labels, "packing": packing} | options)


def normalized_gan(objective=None):
    """Both networks with batch normalisation, so that samples of a batch see each other."""
    plain = neural_gan()
    middle = nn.BatchNormalization(2, eps=0.1), nn.Tanh()
    generator = nn.Network((nn.Dense(1, 2), *middle, nn.Dense(2, 2)), input_size=1)
    discriminator = nn.Network((nn.Dense(2, 2, bias=False), *middle, nn.Dense(2, 1)), input_size=2)
    objective = objectives.Minimax() if objective is None else objective
    return models.NeuralGAN(generator, discriminator, objective, plain.data, latent_dim=1, batch_size=4)


def semi_supervised_gan(objective=None, **options):
    """Three classes, two rows whose class is known, and a critic made of their logits."""
    plain = neural_gan()
    discriminator = nn.Network((nn.Dense(2, 2), nn.Tanh(), nn.Dense(2, 3), nn.LogSumExp()), input_size=2)
    networks = nn.mlp((1, 2)), discriminator
    objective = objectives.NonSaturating() if objective is None else objective
    gan = models.NeuralGAN(*networks, objective, plain.data, latent_dim=1, batch_size=4)
    return models.SemiSupervisedGAN(gan, [-1, 2, 0, -1, -1], weight=0.7, **options)


AT, ZERO = [0.8, -0.6], [0.0, 0.0]
PARAMETERS = neural_gan().init(0)

GAN_GAMES = [
    (games.DiracGAN(), AT, ZERO),
    (games.DiracGAN(objectives.NonSaturating()), AT, ZERO),
    (games.DiracGAN(objectives.Wasserstein()), AT, ZERO),
    (games.DiracGAN(objectives.LeastSquares()), AT, ZERO),
    (games.DiracGAN(objectives.Hinge()), [0.5, 0.4], ZERO),
    (games.DiracGAN(objectives.FGAN(divergences.KullbackLeibler())), AT, ZERO),
    (games.DiracGAN(objectives.FGAN(divergences.Pearson(), saturating=False)), AT, ZERO),
    (games.DiracGAN(instance_noise=0.7), AT, ZERO),
    (games.DiracGAN(objectives.NonSaturating(), instance_noise=1.2), AT, ZERO),
    (games.Regularized(games.DiracGAN(), r1=0.7), AT, ZERO),
    (games.Regularized(games.DiracGAN(), r2=0.4), AT, ZERO),
    (games.Regularized(games.DiracGAN(), gradient_penalty=(0.7, 1.0)), AT, None),
    (games.Regularized(games.DiracGAN(instance_noise=0.3), r1=0.1, dragan=(0.5, 0.2)), AT, None),
    (games.ConsensusRegularized(games.DiracGAN(), gamma=0.7), AT, ZERO),
    (games.Clipped(games.DiracGAN(objectives.Wasserstein()), bound=1.0), AT, ZERO),
    (neural_gan().full(), PARAMETERS, None),
    (neural_gan(instance_noise=0.3).full(), PARAMETERS, None),
    (games.Regularized(neural_gan().full(), r1=0.2, r2=0.3), PARAMETERS, None),
    (games.Regularized(neural_gan().full(), gradient_penalty=(0.5, 1.0), dragan=(0.4, 0.3)), PARAMETERS, None),
    (games.ConsensusRegularized(neural_gan(objectives.Minimax()).full(), gamma=0.3), PARAMETERS, None),
    (shown_gan(1, 2, full_size=7).full(), shown_gan(1, 2).init(0), None),
    (shown_gan(2, 0, full_size=3, instance_noise=0.3).full(), shown_gan(2, 0).init(0), None),
    (games.Regularized(shown_gan(2, 2).full(), r1=0.2, r2=0.3, dragan=(0.4, 0.3)), shown_gan(2, 2).init(0), None),
    (games.Regularized(shown_gan(1, 2).full(), gradient_penalty=(0.5, 1.0)), shown_gan(1, 2).init(0), None),
    (games.Unrolled(neural_gan().full(), steps=3, step_size=0.2), PARAMETERS, None),
    (games.Unrolled(games.Regularized(games.DiracGAN(), r1=0.7), 1, steps=2), AT, ZERO),
    (games.Unrolled(games.LQGAN(mean=0.5, deviation=1.5), steps=4), [0.7, 0.2, -0.3, 0.4], [1.5, 0.5, 0.0, 0.0]),
    (normalized_gan().full(), normalized_gan().init(0), None),
    (semi_supervised_gan().full(), semi_supervised_gan().init(0), None),
    (games.Regularized(semi_supervised_gan().full(), r1=0.3), semi_supervised_gan().init(0), None),
    (games.LQGAN(mean=0.5, deviation=1.5), [0.7, 0.2, -0.3, 0.4], [1.5, 0.5, 0.0, 0.0]),
    (games.LQGAN(objectives.NonSaturating(), mean=0.5), [0.7, 0.2, -0.3, 0.4], [1.0, 0.5, 0.0, 0.0]),
    (games.GaussianGAN(mean=0.5, deviation=0.8), [0.2, 1.1, 0.1, -0.3, 0.2], [0.5, 0.8, 0.0, 0.0, 0.0]),
    (games.GaussianGAN(objectives.LeastSquares()), [0.2, 1.1, 0.1, -0.3, 0.2], [0.0, 1.0, 0.5, 0.0, 0.0]),
    (games.CovarianceWGAN([[2.0, 0.5], [0.5, 1.0]], rank=1), [0.3, -0.8, 0.5, 0.2, -0.4, 1.0], None),
    (games.CovarianceWGAN([[4.0, 0.0], [0.0, 1.0]]), [0.1 * k for k in range(8)], [2.0, 0.0, 0.0, 1.0] + [0.0] * 4),
]
