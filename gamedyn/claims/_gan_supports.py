"""Claims on GANs whose laws do not overlap, hold few atoms, or lose a mode."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy

from gamedyn.claims._base import Claim, Evidence
from gamedyn.claims._instances import pmfs, pmfs_with_gaps, within_rounding
from gamedyn.claims._oracles import jensen_shannon, summed_logs
from gamedyn.divergences import total_variation_distance
from gamedyn.objectives import Minimax, optimal_discriminator, value_at_optimum, value_function

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["CLAIMS"]

_LOG4 = math.log(4)


def _apart(rng: Generator, overlap: float) -> Evidence:
    """V(D*), V of D* through the logits, and the generator's slopes; p and q share `overlap` of their mass."""
    width = 5
    p = numpy.pad(pmfs(rng, 20, width), ((0, 0), (0, width)))
    q = numpy.pad(pmfs(rng, 20, width), ((0, 0), (width, 0)))
    p, q = (1 - overlap) * p + overlap * q, q
    logit = optimal_discriminator(p, q)
    slopes = q * Minimax().generator_derivative(logit)
    value = numpy.stack([value_at_optimum(p, q), value_function(logit, p, q)], -1)
    return within_rounding(0.0, numpy.concatenate([value, slopes], -1), terms=16)


def _disjoint(rng: Generator) -> Evidence:
    """Disjoint supports. V(D*) = 0, D* is perfect and the saturating generator's slope is 0 everywhere (equality)."""
    return _apart(rng, 0.0)


def _disjoint_control(rng: Generator) -> Evidence:
    """A thousandth of the mass is shared."""
    return _apart(rng, 1e-3)


def _common_support(p: Any, q: Any, constant: float) -> Any:
    """constant + 2 JS with the sums taken only where both p and q are positive."""
    both = (p > 0) & (q > 0)
    return constant + 2 * jensen_shannon(numpy.where(both, p, 0.0), numpy.where(both, q, 0.0))


def _assumption(rng: Generator) -> Evidence:
    """Pairs with bins that one law leaves empty. As if only the common support counted in -log 4 + 2 JS.

    Refuted by log 2 times the mass outside of the common support: p + q > 0 is enough for D* and its value.
    """
    p, q = pmfs_with_gaps(rng)
    return within_rounding(_common_support(p, q, -_LOG4), value_at_optimum(p, q), terms=32, size=summed_logs(p, q))


def _assumption_control(rng: Generator) -> Evidence:
    """Also with a wrong constant where nothing is empty."""
    p, q = pmfs(rng, 2, 6)
    return within_rounding(_common_support(p, q, -math.log(2)), value_at_optimum(p, q), terms=32, size=10.0)


def _pure_strategies(rng: Generator) -> tuple[int, Any]:
    """K equally likely modes, and V of discriminators near D = 1/2 against each generator with one atom."""
    modes = int(rng.integers(2, 7))
    uniform, atoms = numpy.full(modes, 1 / modes), numpy.eye(modes)
    logits = numpy.concatenate(
        [numpy.zeros((1, modes)), 10.0 ** rng.uniform(-3, 1, (99, 1)) * rng.normal(size=(99, modes))]
    )
    against = value_function(logits[:, None, :], uniform, atoms[None])  # (logits, atoms)
    both = [value_at_optimum(uniform, atoms).min(), against.min(-1).max(), value_at_optimum(uniform, uniform)]
    return modes, numpy.stack(both)


def _minmax(rng: Generator) -> Evidence:
    """K modes, a generator with one atom. min max V = log(K/(K+1)) - log(K+1)/K, max min V = -log 4 (equality).

    A generator that may mix its atoms closes the gap: min max V = -log 4.
    """
    modes, measured = _pure_strategies(rng)
    predicted = [math.log(modes / (modes + 1)) - math.log(modes + 1) / modes, -_LOG4, -_LOG4]
    return within_rounding(predicted, measured, terms=16, size=4.0)


def _minmax_control(rng: Generator) -> Evidence:
    """As if the minimax theorem held for pure strategies."""
    _, measured = _pure_strategies(rng)
    return within_rounding(measured[1], measured[0], terms=16, size=4.0)


def _product(p: Any, m: int) -> Any:
    """The law of m independent draws, flat."""
    out = numpy.ones(1)
    for _ in range(m):
        out = numpy.multiply.outer(out, p).reshape(-1)
    return out


def _packs(rng: Generator) -> tuple[float, Any]:
    """TV of m = 1..4 packed draws, for a generator that drops mass e and for one that tilts by e."""
    lost = float(rng.uniform(0.05, 0.45))
    dropped = (numpy.array([lost, 1 - lost]), numpy.array([0.0, 1.0]))
    tilted = (numpy.array([0.5, 0.5]), numpy.array([0.5 - lost, 0.5 + lost]))
    pairs = [[(_product(p, m), _product(q, m)) for m in range(1, 5)] for p, q in (dropped, tilted)]
    return lost, numpy.array([[total_variation_distance(p, q) for p, q in row] for row in pairs])


def _packing(rng: Generator) -> Evidence:
    """A lost mode of mass e, a tilt of the same TV. Packed in m: 1 - (1-e)^m, and a TV of binomials (equality)."""
    lost, measured = _packs(rng)
    counts = [[math.comb(m, k) for k in range(m + 1)] for m in range(1, 5)]
    tilt = [
        sum(c * abs(0.5**m - (0.5 - lost) ** k * (0.5 + lost) ** (m - k)) for k, c in enumerate(row)) / 2
        for m, row in enumerate(counts, 1)
    ]
    return within_rounding([[1 - (1 - lost) ** m for m in range(1, 5)], tilt], measured, terms=64)


def _packing_control(rng: Generator) -> Evidence:
    """As if packing changed nothing."""
    lost, measured = _packs(rng)
    return within_rounding(lost, measured, terms=64)


CLAIMS = (
    Claim(
        id="gan.disjoint-supports",
        statement="disjoint supports: V(D*) = 0, D* is perfect, the saturating slope is 0 everywhere",
        source="Arjovsky & Bottou 2017",
        relation="==",
        check=_disjoint,
        control=_disjoint_control,
    ),
    Claim(
        id="gan.support-assumption",
        statement="p and q must be nonzero everywhere: V(D*) = -log 4 + 2 JS over the common support",
        source="a common assumption; p + q > 0 is enough",
        relation="==",
        expected="refuted",
        check=_assumption,
        control=_assumption_control,
    ),
    Claim(
        id="gan.minmax-maxmin",
        statement="K modes, one-atom generator: min max V = log(K/(K+1)) - log(K+1)/K > max min V = -log 4",
        source="from Goodfellow et al. 2014",
        relation="==",
        check=_minmax,
        control=_minmax_control,
    ),
    Claim(
        id="gan.packing",
        statement="TV of m packed draws: 1 - (1-e)^m for a lost mode of mass e, binomial for a tilt",
        source="Lin, Khetan, Fanti & Oh 2018 (PacGAN)",
        relation="==",
        check=_packing,
        control=_packing_control,
    ),
)
