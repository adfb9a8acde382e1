"""measure_samples: every measure of generated samples against a target, with errors, in one table."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy

from gamedyn._checks import check_integer, describe
from gamedyn.backend import as_generator, to_host
from gamedyn.data import Modes, target_modes
from gamedyn.distributions import Distribution, Empirical
from gamedyn.divergences import estimate_divergence
from gamedyn.models._mode_measures import captured_modes, high_quality_share, mode_kl, sample_rows
from gamedyn.models._precision_recall import PrecisionRecall, precision_recall
from gamedyn.numerics import Estimate
from gamedyn.transport import wasserstein_between_laws, wasserstein_distance

__all__ = ["SampleMeasures", "measure_samples"]


@dataclass(frozen=True, eq=False)
class SampleMeasures:
    """What `measure_samples` found; None stands for what the target does not allow.

    Parameters
    ----------
    n, dimension : int
        Of the samples.
    modes : Modes or None
        Those of the target, where they are known.
    captured : int or None
        Modes with a sample within 3 deviations.
    high_quality : Estimate or None
        Share of samples within 3 deviations of the nearest mode.
    kl_of_high_quality, kl_of_all : Estimate or None
        Reverse KL of the mode histogram to the weights, in nats, in both published forms.
    neighbours : PrecisionRecall
        Precision, recall, density, coverage against draws from the target.
    wasserstein : Estimate
        W_1 to the target, in the unit of the samples.
    wasserstein_floor : float
        What W_1 is where draws of the target, as many, stand for the samples; nan where the target is a sample.
    js : Estimate or None
        Jensen-Shannon divergence in nats, by nearest neighbours, cut to [0, log 2]; None for a target of atoms.
    log_density : Estimate or None
        Mean log density of the target at the samples, in nats; -inf where one lies outside its support.
    """

    n: int
    dimension: int
    modes: Modes | None
    captured: int | None
    high_quality: Estimate | None
    kl_of_high_quality: Estimate | None
    kl_of_all: Estimate | None
    neighbours: PrecisionRecall
    wasserstein: Estimate
    wasserstein_floor: float
    js: Estimate | None
    log_density: Estimate | None

    def __str__(self) -> str:
        """A table of one measure per line."""
        lines = [f"{self.n} samples in {self.dimension} dimension{'s' if self.dimension > 1 else ''}"]

        def line(title: str, text: str) -> None:
            lines.append(f"  {title:<26}{text}")

        if self.modes is not None:
            line("modes captured", f"{self.captured} of {len(self.modes.centers)}")
        for title, value in (
            ("high-quality share", self.high_quality),
            ("mode KL, high quality", self.kl_of_high_quality),
            ("mode KL, all samples", self.kl_of_all),
            ("precision", self.neighbours.precision),
            ("recall", self.neighbours.recall),
            ("coverage", self.neighbours.coverage),
        ):
            if value is not None:
                line(title, _shown(value))
        line("density", f"{self.neighbours.density:.4g}")
        floor = "" if math.isnan(self.wasserstein_floor) else f", {self.wasserstein_floor:.4g} for the target itself"
        line("W1", f"{_shown(self.wasserstein)}{floor}")
        for title, value in (("JS in nats", self.js), ("mean log density in nats", self.log_density)):
            if value is not None:
                line(title, _shown(value))
        return "\n".join(lines)


def measure_samples(
    samples: Any, target: Any, *, modes: Modes | None = None, k: int = 3, transport_size: int = 1000, rng: Any = None
) -> SampleMeasures:
    """All measures of generated samples against a target law or a sample of the data; host-only work.

    Parameters
    ----------
    samples : array_like, shape (n, d), or (n,) on the line
        Generated, at least 10. The published tables of VEEGAN and PacGAN use 2,500.
    target : Distribution, or array_like of shape (m, d) or (m,)
        The law to be met, of which n draws are taken where a measure needs them, or rows of the data.
    modes : Modes, optional
        Modes of the target; found by `gamedyn.data.target_modes` where they can be.
    k : int
        Neighbours for precision and recall.
    transport_size : int
        Rows of each side for exact transport in two dimensions and more, which costs O(n^3) at worst.
    rng : None, int or numpy.random.Generator
        For the draws of the target.

    Returns
    -------
    SampleMeasures

    Raises
    ------
    TypeError
        If the modes are none.
    ValueError
        For shapes that do not fit, values that are not finite, or fewer than 10 rows.

    Notes
    -----
    W_1 of a sample exceeds that of its law: compare it with `wasserstein_floor`, what draws of the target have. On the
    line W_1 is to the law itself, elsewhere to as many draws of it; there its standard error is that of the means of
    the optimal potentials, taken as given. Samples on the line may come with shape (n, 1).

    Examples
    --------
    >>> from gamedyn.data import gaussian_ring
    >>> ring = gaussian_ring()
    >>> found = measure_samples(ring.sample(500, rng=0), ring, rng=1)
    >>> found.captured, len(found.modes.centers)
    (8, 8)
    """
    check_integer("transport_size", transport_size, minimum=10)
    if modes is not None and not isinstance(modes, Modes):
        raise TypeError(f"`modes` must be Modes, as those of `target_modes`, got {describe(modes)}.")
    rows = sample_rows("samples", samples, 10)
    generator = as_generator(rng)
    law = target if isinstance(target, Distribution) else None
    if law is not None:
        _check_law(law, rows)
        real, again = (sample_rows("target", law.sample(len(rows), rng=generator)) for _ in range(2))
    else:
        real, again = sample_rows("target", target, 10), None
        if real.shape[1] != rows.shape[1]:
            raise ValueError(
                f"`samples` and `target` must have as many coordinates, got {rows.shape[1]} and {real.shape[1]}."
            )
    if modes is None and law is not None:
        modes = _known_modes(law)
    on_modes = None if modes is None else (rows, modes)
    w1, floor = _transport(rows, real, again, law, transport_size)
    return SampleMeasures(
        n=len(rows),
        dimension=rows.shape[1],
        modes=modes,
        captured=None if on_modes is None else captured_modes(*on_modes),
        high_quality=None if on_modes is None else high_quality_share(*on_modes),
        kl_of_high_quality=None if on_modes is None else mode_kl(*on_modes),
        kl_of_all=None if on_modes is None else mode_kl(*on_modes, counted="all"),
        neighbours=precision_recall(rows, real, k=k),
        wasserstein=w1,
        wasserstein_floor=floor,
        js=None if law is not None and law.is_discrete else estimate_divergence(rows, real, "js", rng=generator),
        log_density=None if law is None or law.is_discrete else _log_density(rows, law),
    )


def _check_law(law: Distribution, rows: numpy.ndarray) -> None:
    if law.batch_shape != () or len(law.event_shape) > 1:
        raise ValueError(
            f"`target` must be one law of scalars or vectors, got batch shape {law.batch_shape} and event shape "
            f"{law.event_shape}."
        )
    size = law.event_shape[0] if law.event_shape else 1
    if size != rows.shape[1]:
        raise ValueError(f"`samples` and `target` must have as many coordinates, got {rows.shape[1]} and {size}.")


def _known_modes(law: Distribution) -> Modes | None:
    try:
        return target_modes(law)
    except ValueError:
        return None


def _transport(
    rows: numpy.ndarray, real: numpy.ndarray, again: numpy.ndarray | None, law: Distribution | None, size: int
) -> tuple[Estimate, float]:
    """(W_1, W_1 between draws of the target)."""
    if law is not None and law.event_shape == ():
        found, floor = (
            wasserstein_between_laws(Empirical(side[:, 0]), law, return_estimate=True) for side in (rows, real)
        )
        value, what = float(found), "W_1 between the law of the samples and the target, in the unit of the samples"
        return Estimate(value, math.nan, value, value, 1.0, found.method, len(rows), what), float(floor)
    x, y = rows[:size], real[:size]
    result = wasserstein_distance(x, y, return_result=True)
    value = float(result.value)
    variance = sum(float(numpy.var(potential)) / len(potential) for potential in result.potentials)
    error = math.sqrt(variance)
    what = "W_1 between the samples and draws of the target, in the unit of the samples"
    bounds = (max(value - 1.96 * error, 0.0), value + 1.96 * error)
    estimate = Estimate(value, error, *bounds, 0.95, f"exact transport, {result.method}", (len(x), len(y)), what)
    return estimate, math.nan if again is None else float(wasserstein_distance(y, again[: len(y)]))


def _log_density(rows: numpy.ndarray, law: Distribution) -> Estimate:
    values = to_host(law.log_prob(rows if law.event_shape else rows[:, 0])).astype(numpy.float64)
    what = "mean log density of the target at the samples, in nats"
    value = float(values.mean())
    if not math.isfinite(value):
        return Estimate(value, math.nan, value, value, 0.95, "mean", len(values), what)
    error = float(values.std(ddof=1)) / len(values) ** 0.5
    return Estimate(value, error, value - 1.96 * error, value + 1.96 * error, 0.95, "mean", len(values), what)


def _shown(estimate: Estimate) -> str:
    if estimate.n == 0:
        return "undefined: no sample is near a mode"
    error = "" if math.isnan(estimate.standard_error) else f" ± {estimate.standard_error:.2g}"
    return f"{estimate.value:.4g}{error}"
