"""Criteria and density models for the laws, one entry each."""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy

from gamedyn import models, nn

BITS = (numpy.random.default_rng(0).random((40, 5)) < [0.3, 0.5, 0.7, 0.2, 0.6]).astype(float)
# The last bit is likely to be the first one, so that there is something to learn.
BITS[::2, 4] = BITS[::2, 0]
LABELS = numpy.array(["a", "b"] * 20)

_SMALL = nn.Network((nn.Dense(3, 4), nn.Tanh(), nn.Dense(4, 3)), 3)
_REALS = numpy.random.default_rng(1).standard_normal((7, 3))
_WIDE = numpy.random.default_rng(2).standard_normal((40, 3)) * [1.0, 5.0, 0.2] + [0.0, 10.0, 0.0]

# (criterion, rows)
CRITERIA = [
    (models.NetworkCriterion(_SMALL, nn.SquaredError()), _REALS),
    (models.NetworkCriterion(nn.mlp((3, 2)), nn.BinaryCrossEntropy(), 2), (_REALS > 0).astype(float)),
]

# (game of one player, a point, no stationary point), as in `tests/cases.py`
LIKELIHOOD_GAMES = [
    (models.LikelihoodGame(CRITERIA[0][0], _REALS).full(), CRITERIA[0][0].network.init(0), None),
    (models.LikelihoodGame(CRITERIA[1][0], CRITERIA[1][1], batch_size=3).draw(1), CRITERIA[1][0].network.init(0), None),
]


class ModelCase(NamedTuple):
    """A model of few and short steps, and data of its kind."""

    model: Any
    X: Any
    y: Any = None
    bad: float = 0.5
    """A number that X may not hold; NaN where all may be."""


@dataclass(eq=False, repr=False)
class Coins(models.ClosedFormModel):
    """Independent bits, with `count` throws of either side added: a closed form as a user would write one."""

    count: float = 1.0
    data_kind = "binary"

    def _learn(self, rows, labels):
        ones = numpy.ones((len(rows), 1)) if labels is None else numpy.eye(labels.max() + 1)[labels]
        return {"probs": (ones.T @ rows + self.count) / (ones.sum(axis=0)[:, None] + 2 * self.count)}

    def _probs(self, labels, n):
        probs = self.state_["probs"]
        return numpy.broadcast_to(probs, (n, probs.shape[1])) if labels is None else labels @ probs

    def _log_prob(self, rows):
        d = self.n_features_in_
        p = self._probs(rows[:, d:] if self.classes_ is not None else None, len(rows))
        return numpy.log(numpy.where(rows[:, :d] == 1, p, 1 - p)).sum(axis=1)

    def _sample(self, n, labels, rng):
        probs = self._probs(labels, n)
        return (rng.random(probs.shape) < probs).astype(float)


class Bounded(models.FVSBN):
    """A model that admits to a bound only."""

    density = "bound"

    def _importance_weighted_bound(self, rows, k, rng):
        return self._log_prob(rows) - rng.random((len(rows), k)).min(axis=1)


class Implicit(models.FVSBN):
    """A model that only draws."""

    density = "none"


DENSITY_MODELS = [
    ModelCase(models.FVSBN(steps=8, batch_size=10, rng=0), BITS),
    ModelCase(models.FVSBN([2, 0, 4, 1, 3], steps=8, ema_decay=0.5, validation=0.25, rng=0), BITS, LABELS),
    ModelCase(models.MADE(hidden=(8,), steps=8, batch_size=10, rng=0), BITS),
    ModelCase(models.MADE([2, 0, 4, 1, 3], (6, 5), steps=8, rng=0), BITS, LABELS),
    ModelCase(Coins(), BITS),
    ModelCase(Coins(0.5), BITS, LABELS),
    ModelCase(models.EmpiricalModel(), BITS, None, math.nan),
    ModelCase(models.GaussianMixtureModel(2, tolerance=1e-2, rng=0), _WIDE, None, math.nan),
    ModelCase(models.KernelDensityModel(), _WIDE, None, math.nan),
    ModelCase(models.KernelDensityModel(0.3, kernel="isotropic"), _WIDE, None, math.nan),
    ModelCase(models.PPCA(1, noise_variance=0.5), _WIDE, None, math.nan),
    ModelCase(Bounded(steps=4, rng=0), BITS),
    ModelCase(Implicit(steps=4, rng=0), BITS),
]


def case_names(cases):
    """What identifies a case in a test's name."""
    return [f"{type(case[0]).__name__}{i}" for i, case in enumerate(cases)]
