"""GANInspection: what `inspect_gan` found, as text and as plain values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy

from gamedyn.equilibria import Classification, DifferentialNashGap
from gamedyn.experiments._gan_inspection_words import PLAYERS, meaning_of, tables_of
from gamedyn.models import SampleMeasures
from gamedyn.numerics import Estimate

__all__ = ["GANInspection", "OwnCurvature", "RestPoint", "Spectrum"]

# Of the largest modulus: below this an eigenvalue, or its real part, is taken for 0. The square root of the roundoff is
# how far rounding moves a double eigenvalue without a basis of eigenvectors.
_ZERO = 1.5e-8
_ESTIMATES = (
    "high_quality",
    "kl_of_high_quality",
    "kl_of_all",
    "wasserstein",
    "js",
    "log_density",
)


class Spectrum(NamedTuple):
    """Eigenvalues of J, sorted by real part."""

    values: numpy.ndarray
    """(m,), complex: all of them, or those at the ends."""
    residuals: numpy.ndarray | None
    """(m,): |J v - lambda v| of those at the ends; None where all are there, by a dense solver."""

    @property
    def is_whole(self) -> bool:
        """Whether these are all eigenvalues."""
        return self.residuals is None

    @property
    def scale(self) -> float:
        """The largest modulus."""
        return float(numpy.max(numpy.abs(self.values))) if len(self.values) else 0.0

    def count(self, sign: int) -> int:
        """How many real parts are negative (-1), 0 (0), or positive (1).

        What counts as 0 is within 1.5e-8 of the largest modulus, or within its residual.
        """
        floor = numpy.maximum(_ZERO * self.scale, 0.0 if self.residuals is None else self.residuals)
        real = self.values.real
        return int(numpy.sum(numpy.where(numpy.abs(real) <= floor, 0, numpy.sign(real)) == sign))

    @property
    def rotating_share(self) -> float:
        """The share of these eigenvalues, those that are 0 left out, with |imaginary part| > |real part|."""
        moving = self.values[numpy.abs(self.values) > _ZERO * self.scale]
        return float(numpy.mean(numpy.abs(moving.imag) > numpy.abs(moving.real))) if len(moving) else math.nan

    @property
    def rotation(self) -> float:
        """sum |imaginary part| / sum (|real part| + |imaginary part|): 0 in a potential, 1 on the imaginary axis."""
        real, imaginary = numpy.abs(self.values.real).sum(), numpy.abs(self.values.imag).sum()
        return float(imaginary / (real + imaginary)) if real + imaginary > 0 else math.nan


class OwnCurvature(NamedTuple):
    """Eigenvalues of one player's own Hessian, in rising order."""

    values: numpy.ndarray
    """(d_i,), or (2,): the smallest and the largest."""
    residuals: numpy.ndarray | None
    """(2,): of these two; None where all are there."""


class RestPoint(NamedTuple):
    """A point where xi = 0, found by Newton's method."""

    distance: float
    classification: Classification


@dataclass(frozen=True, eq=False)
class GANInspection:
    """A trained GAN as a game and as a sampler.

    Parameters
    ----------
    setting : mapping
        The game that it was judged on: objective, penalty, sizes, rows and latent samples.
    losses : tuple of float
        Of both players, with the penalty.
    classification : Classification or None
        At the trained point.
    at_rest : RestPoint or None
        The stationary point nearby, where Newton's method found one.
    gap : DifferentialNashGap or None
    spectrum : Spectrum or None
        Of J at the trained point.
    curvatures : pair of OwnCurvature or None
        Of the generator and of the discriminator.
    measures : mapping of str to SampleMeasures
        Of the samples, against "the data" and "the target".
    exact : mapping of str to float
        Divergences in closed form, in nats, of an affine generator and a Gaussian target.
    critic_estimate : float
        By how much the discriminator beats the best constant, see `TrainingHistory`.
    refused : mapping of str to str
        What could not be found, and why.
    """

    setting: Mapping[str, Any]
    losses: tuple[float, ...]
    classification: Classification | None
    at_rest: RestPoint | None
    gap: DifferentialNashGap | None
    spectrum: Spectrum | None
    curvatures: tuple[OwnCurvature | None, OwnCurvature | None]
    measures: Mapping[str, SampleMeasures]
    exact: Mapping[str, float]
    critic_estimate: float
    refused: Mapping[str, str]

    @property
    def own_hessians(self) -> dict[str, OwnCurvature | None]:
        """Curvatures by the player's name."""
        return dict(zip(PLAYERS, self.curvatures, strict=True))

    def sentences(self) -> tuple[str, ...]:
        """What it means, in plain words."""
        return meaning_of(self)

    def document(self) -> dict[str, Any]:
        """Plain values for JSON, unrounded; what is not finite becomes None."""
        spectrum, rest = self.spectrum, self.at_rest
        return {
            "schema": "gamedyn.inspect/1",
            "setting": {key: list(v) if isinstance(v, tuple) else v for key, v in self.setting.items()},
            "losses": [_finite(x) for x in self.losses],
            "classification": None if self.classification is None else self.classification.document(),
            "at_rest": None
            if rest is None
            else {"distance": rest.distance, "classification": rest.classification.document()},
            "gap": None if self.gap is None else self.gap.document(),
            "spectrum": None
            if spectrum is None
            else {
                "eigenvalues": [[float(v.real), float(v.imag)] for v in spectrum.values],
                "residuals": _listed(spectrum.residuals),
                "is_whole": spectrum.is_whole,
                "rotating_share": _finite(spectrum.rotating_share),
                "rotation": _finite(spectrum.rotation),
            },
            "own_hessians": {
                name: None if own is None else {"eigenvalues": _listed(own.values), "residuals": _listed(own.residuals)}
                for name, own in self.own_hessians.items()
            },
            "measures": {name.removeprefix("the "): _measured(each) for name, each in self.measures.items()},
            "exact": {name: _finite(value) for name, value in self.exact.items()},
            "critic_estimate": _finite(self.critic_estimate),
            "sentences": list(self.sentences()),
            "refused": dict(self.refused),
        }

    def __str__(self) -> str:
        """The game, its derivatives, the samples, and what it all means."""
        return "\n".join(tables_of(self))


def _measured(found: SampleMeasures) -> dict[str, Any]:
    plain: dict[str, Any] = {"n": found.n, "captured": found.captured}
    plain["modes"] = None if found.modes is None else len(found.modes.centers)
    plain |= {name: _estimate(getattr(found, name)) for name in _ESTIMATES}
    near = found.neighbours
    plain |= {name: _estimate(getattr(near, name)) for name in ("precision", "recall", "coverage")}
    return plain | {"density": _finite(near.density), "wasserstein_floor": _finite(found.wasserstein_floor)}


def _estimate(found: Estimate | None) -> dict[str, Any] | None:
    if found is None:
        return None
    plain = {name: _finite(getattr(found, name)) for name in ("value", "standard_error", "lower", "upper")}
    return {**plain, "method": found.method}


def _listed(values: numpy.ndarray | None) -> list[float | None] | None:
    return None if values is None else [_finite(x) for x in values]


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
