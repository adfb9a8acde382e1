"""TrainingHistory: what was measured during a training, as one small frozen record."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

import numpy

__all__ = ["MOST_RECORDS", "TrainingHistory"]

MOST_RECORDS = 1024
"""Records that a history holds at most: then every second one goes, and half as many are made from there on."""

_EXACT = ("critic_optimum", "jensen_shannon", "kullback_leibler", "wasserstein_2")


@dataclass(frozen=True, eq=False)
class TrainingHistory:
    """What a training measured, at a few of its steps; NumPy arrays, one entry or row per record.

    Losses, gradients and the critic's estimate are those of one fixed sample, so that records can be compared.

    Parameters
    ----------
    steps : array of int, shape (T,)
        Steps made until the record.
    losses : array, shape (T, 2)
        L_0 of the generator and L_1 of the discriminator, without penalties.
    gradient_norms : array, shape (T, 2)
        Euclidean norms of each player's gradient of its own loss, with penalties.
    critic_estimate : array, shape (T,)
        By how much the discriminator beats the best constant: a lower bound, up to the sample, on the divergence that
        its loss stands for: 2 JS for minimax and non-saturating, D_f for an f-GAN, 2 TV for hinge; W_1 times the
        critic's Lipschitz constant for Wasserstein.
    wasserstein : array, shape (T,)
        Exact W_1 between generated samples and the target's law, in one dimension, or as many samples of the data.
    modes : array, shape (T,)
        Modes of the target that the samples reach; NaN where no target with modes is known.
    high_quality : array, shape (T,)
        Share of the samples near a mode; NaN likewise.
    critic_optimum : array, shape (T,)
        What the critic's estimate would be of the best discriminator, the divergence itself: exact, where the target
        and the law of the generator are known; NaN elsewhere. What `critic_estimate` lacks of it is the critic's gap.
    jensen_shannon, kullback_leibler, wasserstein_2 : array, shape (T,)
        JS, KL(target, generator) and W_2 of the target and the law of an affine generator, exact to quadrature, in nats
        and units of the data; NaN where they are not known (see the notes).
    seconds : array, shape (T,)
        Time spent training until the record.

    Notes
    -----
    The exact quantities need a `target`, no labels, and a generator of affine layers alone, whose law is Gaussian. On
    the line all are known for any target that can be integrated (W_2 for `Normal`), in the plane for a
    `MultivariateNormal` (the optimum not under hinge), in more dimensions KL and W_2 are. The optimum is that of
    minimax, non-saturating, least squares, hinge and f-GANs, without packing or instance noise.
    """

    steps: Any
    losses: Any
    gradient_norms: Any
    critic_estimate: Any
    wasserstein: Any
    modes: Any
    high_quality: Any
    critic_optimum: Any
    jensen_shannon: Any
    kullback_leibler: Any
    wasserstein_2: Any
    seconds: Any

    @classmethod
    def from_records(cls, records: list[dict[str, Any]]) -> TrainingHistory:
        """Of dictionaries that have the names of the fields.

        Parameters
        ----------
        records : list of dict
        """
        shapes = {"losses": (0, 2), "gradient_norms": (0, 2)}
        columns = {}
        for field in fields(cls):
            # Checkpoints may be older than the exact measures.
            unknown = dict.fromkeys(_EXACT, math.nan)
            values = [{**unknown, **record}[field.name] for record in records]
            kind = numpy.int64 if field.name == "steps" else numpy.float64
            columns[field.name] = numpy.array(values or numpy.zeros(shapes.get(field.name, (0,))), dtype=kind)
        return cls(**columns)

    def __len__(self) -> int:
        return len(self.steps)

    def __str__(self) -> str:
        if not len(self):
            return "TrainingHistory of 0 records"
        rows = [f"TrainingHistory of {len(self)} records, steps {self.steps[0]} to {self.steps[-1]}"]
        for name in [field.name for field in fields(self) if field.name != "steps"]:
            values = getattr(self, name)
            if not numpy.isnan(values).all():
                rows.append(f"  {name:<16} {_text(values[0])} -> {_text(values[-1])}")
        return "\n".join(rows)


def _text(value: Any) -> str:
    return ", ".join(f"{part:.4g}" for part in numpy.atleast_1d(value))
