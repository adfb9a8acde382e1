"""What a rule makes of the singular modes of a bilinear game: ends of 20 steps, radii, and the largest stable step."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Evidence
from gamedyn.claims._game_instances import bilinear_modes
from gamedyn.claims._instances import within_rounding
from gamedyn.dynamics import simulate
from gamedyn.equilibria import spectral_radius
from gamedyn.games import Bilinear

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["STEPS", "largest_stable_step", "played"]

STEPS = 20


def played(
    rng: Generator, make: Any, modulus: Any, limit: Any = None, reach: float = 1.0, gain: Any = None
) -> Evidence:
    """Step sizes up to reach / s_max: norms after 20 steps, spectral radii, and the largest stable step.

    `modulus(h, s)` is the largest multiplier of a mode with singular value s, `gain(h, s)` what 20 steps make of it:
    modulus^20 unless the rule remembers. `limit(s)` is the largest stable step of that mode.
    """
    game, s, u, v = bilinear_modes(rng)
    h, start = rng.uniform(0.1, reach, 8) / s.max(), rng.standard_normal((8, 6))
    modes = (start[:, :3] @ u) ** 2 + (start[:, 3:] @ v) ** 2
    gains = modulus(h[:, None], s) ** STEPS if gain is None else gain(h[:, None], s)
    ends, radii = numpy.sqrt((modes * gains**2).sum(-1)), modulus(h[:, None], s).max(-1)
    # Radii are those of the rule's matrix: the ends must not be played by its powers as well.
    final = simulate(game, make(h), start, STEPS, record_every=STEPS, engine="step").final
    predicted = [ends, radii, [] if limit is None else [limit(s).min()]]
    measured = [numpy.linalg.norm(final, axis=-1), spectral_radius(make(h), game, numpy.zeros((8, 6)))]
    measured.append([] if limit is None else [largest_stable_step(make, game)])
    expected = numpy.concatenate(predicted)
    return within_rounding(expected, numpy.concatenate(measured), terms=1024, size=1 + expected)


def largest_stable_step(make: Callable[[float], Any], game: Bilinear, slack: float = 0.0) -> float:
    """Where the spectral radius passes 1 + slack, by bisection."""
    lower, upper = 1e-3, 10.0
    for _ in range(60):
        middle = (lower + upper) / 2
        stable = spectral_radius(make(middle), game, numpy.zeros(6)) <= 1 + slack
        lower, upper = (middle, upper) if stable else (lower, middle)
    return lower
