"""The GANs of the tests, and one whose checkpoints are stopped, killed and damaged; as a script, a run of it."""

import sys

import numpy

from gamedyn.models import GAN
from gamedyn.updates import ExtraAdam

DATA = numpy.random.default_rng(5).normal(size=(50, 2))
LABELS = numpy.arange(50) % 3


def run(steps, **options):
    """An unfitted GAN with all that a checkpoint has to hold: labels, packs, noise, moments, an average, a seed."""
    parts = {"generator": (5,), "discriminator": (4,), "activation": "tanh", "packing": 2, "instance_noise": 0.1}
    given = {"rule": ExtraAdam(0.01), "steps": steps, "batch_size": 6, "ema_decay": 0.9, "rng": 7, "evaluate_every": 5}
    return GAN("least-squares", **(parts | given | options))


def small(**options):
    """An unfitted GAN of 22 and 13 parameters on two features."""
    given = {"generator": (4,), "discriminator": (3,), "activation": "tanh", "steps": 6, "batch_size": 8, "rng": 0}
    return GAN(**(given | options))


def same(a, b):
    """Whether two fitted GANs have the same bits in all that a run makes, but for the time that it took."""
    states = ((g.z_, g.average_, *(g._fit.point.state.inner or ())) for g in (a, b))
    equal = all(numpy.array_equal(x, y) for x, y in zip(*states, strict=True))
    pairs = zip(a._fit.point.records, b._fit.point.records, strict=True)
    alike = all(str({**x, "seconds": 0}) == str({**y, "seconds": 0}) for x, y in pairs)
    bits = [g._fit.point.generator_state for g in (a, b)]
    return equal and alike and bits[0] == bits[1] and a.steps_ == b.steps_


if __name__ == "__main__":
    file, steps = sys.argv[1], int(sys.argv[2])
    gan = run(steps, checkpoint=file, checkpoint_every=3)
    try:
        gan.fit(DATA, LABELS, resume=file)
    except FileNotFoundError:
        gan.fit(DATA, LABELS)
