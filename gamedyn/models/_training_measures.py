"""What is measured at a point of a training: losses, gradients, the critic's estimate, exact divergences, modes."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy

from gamedyn.backend import Array, array_namespace, as_generator, device_of, to_device, to_host
from gamedyn.data import Modes, target_modes
from gamedyn.distributions import Distribution, Empirical
from gamedyn.games import Game
from gamedyn.models._exact_measures import ExactMeasures
from gamedyn.models._mode_measures import captured_modes, high_quality_share
from gamedyn.models._neural_gan import NeuralGAN
from gamedyn.transport import wasserstein_between_laws, wasserstein_distance, wasserstein_on_line

__all__ = ["TrainingMeasures"]

_ROWS = 1024
_SAMPLES = 2500
# Exact transport in the plane costs some milliseconds at this size.
_PAIRS = 256


class TrainingMeasures:
    """Measures on one fixed sample of at most 1,024 rows of the data and as many latent ones; on the host.

    Parameters
    ----------
    model : NeuralGAN
    wrap : callable
        wrap(game) -> the game with its penalties.
    target : Distribution, optional
        The law of the data, where it is known.
    """

    players: tuple[str, ...] = ("the generator", "the discriminator")

    def __init__(self, model: NeuralGAN, wrap: Callable[[Any], Game], target: Distribution | None) -> None:
        self.model = _smaller(model)
        self.plain = self.model.full()
        # The noise of the instances belongs to the game, not to the samples that a user draws.
        self.modes = _modes_of(target)
        # Modes are counted as in the published tables.
        size = None if self.modes is None else -(-_SAMPLES // model.packing)
        self.clean = dataclasses.replace(self.model, instance_noise=0.0, full_size=size).full()
        self.played = wrap(self.plain)
        self.target = target
        self.exact = ExactMeasures(model, target)
        # Data are often sorted, and their first rows then no sample of them.
        count = self.clean.real_samples.shape[0]
        self.pairs = as_generator(0).permutation(count)[:_PAIRS]

    def __call__(self, z: Array, average: Array | None) -> dict[str, Any]:
        """The fields of a record of `TrainingHistory`, but for steps and seconds.

        Parameters
        ----------
        z : array, shape (d,)
        average : array, shape (d_0,), optional
            Parameters of the generator whose samples are judged; those of z where None.
        """
        xp, size, exact = array_namespace(z), self.model.dims[0], self.exact(z, average)
        # A training on its way to infinity may be measured, too.
        with numpy.errstate(all="ignore"):
            losses = to_host(self.plain.losses(z))
            xi = to_host(self.played.simultaneous_gradient(z)).astype(numpy.float64)
            if average is not None:
                z = xp.concat([average, z[..., size:]], axis=-1)
            fake, real = (to_host(samples(z)).astype(numpy.float64) for samples in (self.clean.fake, self.clean.real))
        return {
            "losses": [float(loss) for loss in losses],
            "gradient_norms": [float(numpy.linalg.norm(part)) for part in (xi[:size], xi[size:])],
            "critic_estimate": float(self._blind_loss(z) - losses[1]),
            "wasserstein": self._wasserstein(fake, real),
            **self._near_modes(fake),
            **exact,
        }

    def note(self, record: dict[str, Any]) -> str:
        """A record in words.

        Parameters
        ----------
        record : dict
        """
        # A checkpoint may be older than the exact measures.
        js, best = (record.get(name, math.nan) for name in ("jensen_shannon", "critic_optimum"))
        parts = [] if math.isnan(js) else [f"JS {js:.3g}"]
        parts.append(f"W1 {record['wasserstein']:.3g}")
        parts.append(f"critic {record['critic_estimate']:.3g}" + ("" if math.isnan(best) else f" of {best:.3g}"))
        parts.append("|grad| " + " ".join(f"{norm:.2g}" for norm in record["gradient_norms"]))
        if not math.isnan(record["modes"]):
            parts.append(f"modes {record['modes']:.0f}, {record['high_quality']:.0%} near them")
        return ", ".join(parts)

    def _blind_loss(self, z: Array) -> float:
        """min over constants s of a(s) + b(s)."""
        xp, objective = array_namespace(z), self.model.objective
        zero = xp.zeros_like(z[:1])
        try:
            best = objective.optimal_output(zero)
        except ValueError:
            # An integral probability metric's a(s) + b(s) is the same for all constants.
            best = zero
        on_real, on_fake = objective.discriminator_loss(best, best)
        return float(to_host(on_real + on_fake)[0])

    def _near_modes(self, fake: Any) -> dict[str, float]:
        if self.modes is None or not numpy.isfinite(fake).all():
            return {"modes": math.nan, "high_quality": math.nan}
        count, share = captured_modes(fake, self.modes), high_quality_share(fake, self.modes)
        return {"modes": float(count), "high_quality": float(share.value)}

    def _wasserstein(self, fake: Any, real: Any) -> float:
        if not numpy.isfinite(fake).all():
            return float("nan")
        if fake.shape[1] > 1:
            n = min(len(self.pairs), len(fake))
            return float(wasserstein_distance(fake[:n], real[self.pairs[:n]]))
        if self.target is not None:
            try:
                return float(wasserstein_between_laws(Empirical(fake[:, 0]), self.target))
            except NotImplementedError:
                # A law without a quantile function.
                pass
        return float(wasserstein_on_line(fake[:, 0], real[:, 0]))


def _modes_of(target: Distribution | None) -> Modes | None:
    if target is None:
        return None
    try:
        return target_modes(target)
    except ValueError:
        # A law without modes of that kind.
        return None


def _smaller(model: NeuralGAN) -> NeuralGAN:
    """The model on at most 1,024 of its rows."""
    if isinstance(model.data, Distribution) or model.data.shape[0] <= _ROWS:
        return model
    # Any seed serves, as long as it is always the same.
    rows = numpy.sort(as_generator(0).choice(model.data.shape[0], size=_ROWS, replace=False))
    xp = array_namespace(model.data)
    changed: dict[str, Any] = {"data": xp.take(model.data, to_device(rows, xp, device=device_of(model.data)), axis=0)}
    if model.labels is not None:
        changed["labels"] = model.labels[rows]
    return dataclasses.replace(model, **changed)
